package check

import (
	"bytes"
	"fmt"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/perf/ledger"
	"haproxy/perf/stamp"
)

// Coverage is what Covered compared.
type Coverage struct {
	Segments int // times the T-Server was in step on a link that stood
	Live     int // events of them, each the next one the switch sent
	Known    int // of the switch's events that came outside of them: replayed, or held while comparing
	Made     int // events that the proxy made, all outside of the segments
}

// Covered checks the stream of one leg of a T-Server that monitors everything, over any number of link
// losses. While the T-Server is in step and the link stands, between normal and disabled, what it got
// is what the switch sent: event by event, over all monitors, none lost, doubled, changed or made.
// Outside of that an event is the proxy's, or one of the switch's, and that once. With complete the
// last segment reaches the last event that the switch sent.
func Covered(c codec.Codec, sw, ts *ledger.Ledger, complete bool) (Coverage, error) {
	v := coverage{
		codec: c, sent: sw.Entries(), got: ts.Entries(),
		places: make(map[uint64]int, sw.Count()), seen: make(map[uint64]bool, ts.Count()),
	}
	for at := range v.sent {
		if mark, ok := stamp.Find(v.sent[at].Frame); ok {
			v.places[mark.Count] = at
		}
	}
	inStep, disabled, from := false, false, 0
	next := -1
	for _, note := range append(turns(ts.Notes()), ledger.Note{At: ts.Count()}) {
		var err error
		if inStep && !disabled {
			next, err = v.segment(from, note.At)
		} else {
			err = v.between(from, note.At)
		}
		if err != nil {
			return v.Coverage, err
		}
		from = note.At
		switch note.What {
		case ledger.InStep:
			inStep = true
		case ledger.Disabled:
			disabled = true
		case ledger.Normal:
			disabled = false
		}
	}
	switch {
	case !complete:
	case !inStep || disabled:
		return v.Coverage, fmt.Errorf("at the end: in step %v, disabled %v", inStep, disabled)
	case next != len(v.sent):
		return v.Coverage, fmt.Errorf("the stream ends before event %d of %d that the switch sent",
			next, len(v.sent))
	}
	return v.Coverage, nil
}

// turns returns the notes that say something new: heartbeats tell the status again.
func turns(notes []ledger.Note) []ledger.Note {
	var kept []ledger.Note
	status := ledger.Normal
	for _, note := range notes {
		if note.What == ledger.InStep || note.What != status {
			kept = append(kept, note)
		}
		if note.What != ledger.InStep {
			status = note.What
		}
	}
	return kept
}

// coverage is one run of Covered.
type coverage struct {
	Coverage
	codec     codec.Codec
	sent, got []ledger.Entry
	places    map[uint64]int  // of the switch's events, by stamp
	seen      map[uint64]bool // stamps that the leg got
	buf       []byte
}

// segment checks the events from one place to another: they are the switch's, without a gap. It
// returns the place of the switch's event that has to follow, or -1.
func (v *coverage) segment(from, to int) (next int, err error) {
	next = -1
	v.Segments++
	refs, back := make(map[string]string), make(map[string]string)
	for i := from; i < to; i++ {
		got := v.got[i]
		mark, ok := stamp.Find(got.Frame)
		if next < 0 { // where the segment begins in the switch's stream is for the first event to say
			if !ok {
				return next, fmt.Errorf("event %d was made, while the link stood:\n%s", i, text(got.Frame))
			}
			if next, ok = v.places[mark.Count]; !ok {
				return next, fmt.Errorf("event %d was never sent:\n%s", i, text(got.Frame))
			}
		}
		if next == len(v.sent) {
			return next, fmt.Errorf("event %d comes after all that was sent:\n%s", i, text(got.Frame))
		}
		sent := v.sent[next]
		if err := v.equal(sent, got); err != nil {
			return next, fmt.Errorf("event %d, at event %d of the switch: %w", i, next, err)
		}
		if other, known := refs[sent.CrossRef]; known && other != got.CrossRef {
			return next, fmt.Errorf("event %d: monitor %s is named %s and %s", i, sent.CrossRef, other, got.CrossRef)
		}
		if other, known := back[got.CrossRef]; known && other != sent.CrossRef {
			return next, fmt.Errorf("event %d: monitors %s and %s are both named %s", i, sent.CrossRef, other,
				got.CrossRef)
		}
		refs[sent.CrossRef], back[got.CrossRef] = got.CrossRef, sent.CrossRef
		if ok && v.seen[mark.Count] {
			return next, fmt.Errorf("event %d came twice:\n%s", i, text(got.Frame))
		}
		v.seen[mark.Count] = true
		v.Live++
		next++
	}
	return next, nil
}

// between checks the events of a T-Server that joins, or is told that there is no link.
func (v *coverage) between(from, to int) error {
	for i := from; i < to; i++ {
		got := v.got[i]
		mark, ok := stamp.Find(got.Frame)
		if !ok {
			v.Made++
			continue
		}
		at, ok := v.places[mark.Count]
		switch {
		case !ok:
			return fmt.Errorf("event %d was never sent:\n%s", i, text(got.Frame))
		case v.seen[mark.Count]:
			return fmt.Errorf("event %d came twice:\n%s", i, text(got.Frame))
		}
		if err := v.equal(v.sent[at], got); err != nil {
			return fmt.Errorf("event %d: %w", i, err)
		}
		v.seen[mark.Count] = true
		v.Known++
	}
	return nil
}

// equal compares a frame with the one sent, which may have had another cross reference ID.
func (v *coverage) equal(sent, got ledger.Entry) error {
	frame := sent.Frame
	if sent.CrossRef != got.CrossRef {
		var err error
		if v.buf, err = v.codec.SetCrossRef(v.buf[:0], frame, csta.CrossRefID(got.CrossRef)); err != nil {
			return err
		}
		frame = v.buf
	}
	if !bytes.Equal(frame, got.Frame) {
		return fmt.Errorf("sent and received differ:\n%s\n%s", text(frame), text(got.Frame))
	}
	return nil
}

package check

import (
	"bytes"
	"fmt"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/perf/ledger"
)

// Replay is what a T-Server got that joined late, taken apart at the cut.
type Replay struct {
	Replayed int // events that were sent before it joined
	Live     int // events of the tail, each the next one the switch sent
	Monitors int
}

// Returned checks the stream of a T-Server that joined late, monitor by monitor, against what the
// switch sent: first a replay, in the switch's order and the switch's bytes, of exactly the calls
// that were open at the cut and of the latest feature states, then every event from the cut on.
// refs are the monitors it shares in; c decodes the switch's frames.
func Returned(
	c codec.Codec, sw, ts *ledger.Ledger, refs map[string]string,
) (Replay, error) {
	var sum Replay
	for ref, device := range refs {
		sent, got := sw.Frames(ref), ts.Frames(ref)
		live, err := cut(c, sent, got)
		if err != nil {
			return sum, fmt.Errorf("device %s: %w", device, err)
		}
		sum.Replayed += len(got) - live
		sum.Live += live
		sum.Monitors++
	}
	return sum, nil
}

// cutTries bounds how many places are tried for the cut.
const cutTries = 1000

// cut finds where the replay ends and the live stream begins, and returns the length of the latter.
// The longest equal tail may reach back into the replay, where that held everything that was sent
// last: then a later cut is the true one. The error is that of the first place.
func cut(c codec.Codec, sent, got [][]byte) (int, error) {
	longest := tail(sent, got)
	var first error
	for live := longest; live >= max(longest-cutTries, 0); live-- {
		before, replayed := sent[:len(sent)-live], got[:len(got)-live]
		places, err := ordered(before, replayed)
		if err == nil {
			err = judge(c, before, places)
		}
		if err == nil {
			return live, nil
		}
		if first == nil {
			first = fmt.Errorf("replay of %d before %d live events: %w", len(replayed), live, err)
		}
	}
	return 0, first
}

// Needed returns what a T-Server has to be given of the events sent so far on one device monitor,
// in order: those that Returned asks for.
func Needed(c codec.Codec, sent [][]byte) [][]byte {
	must, _ := read(c, sent).needed()
	var needed [][]byte
	for at, frame := range sent {
		if must[at] {
			needed = append(needed, frame)
		}
	}
	return needed
}

// tail returns how many of the last frames of both are equal, one by one.
func tail(sent, got [][]byte) int {
	n := 0
	for n < min(len(sent), len(got)) && bytes.Equal(sent[len(sent)-1-n], got[len(got)-1-n]) {
		n++
	}
	return n
}

// ordered checks that every replayed frame is one of the switch's, once, in the switch's order, and
// returns their places in what it sent.
func ordered(sent, replayed [][]byte) ([]int, error) {
	at := 0
	places := make([]int, 0, len(replayed))
	for i, frame := range replayed {
		for at < len(sent) && !bytes.Equal(sent[at], frame) {
			at++
		}
		if at == len(sent) {
			return nil, fmt.Errorf("replayed event %d is not the switch's, or out of order, or there"+
				" is a gap after it:\n%s", i, text(frame))
		}
		places = append(places, at)
		at++
	}
	return places, nil
}

// judge checks that a replay holds what it must and nothing that it must not. Nobody judges what
// nobody can read.
func judge(c codec.Codec, before [][]byte, replayed []int) error {
	h := read(c, before)
	must, may := h.needed()
	got := make(map[int]bool, len(replayed))
	for i, at := range replayed {
		got[at] = true
		if h.read[at] && !may[at] {
			return fmt.Errorf("replayed event %d belongs to what is over:\n%s", i, text(before[at]))
		}
	}
	for at, frame := range before {
		if must[at] && !got[at] {
			return fmt.Errorf("not replayed, but still needed:\n%s", text(frame))
		}
	}
	return nil
}

// read makes the history of frames; what nobody can read is not needed.
func read(c codec.Codec, frames [][]byte) *history {
	h := newHistory()
	var msg csta.Message
	for at, frame := range frames {
		if c.Decode(&msg, frame) == nil && msg.Event != csta.EventUnknown {
			h.add(&msg, at)
		}
	}
	return h
}

package capture

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
)

// flow is a TCP stream, or a plain one, that may be a CTI leg. Its sides are numbered as they were seen.
type flow struct {
	reader     *Reader
	number     int
	name       string
	standing   string // the leg of which it tells what stands
	record     string // what the record says of itself
	addresses  [2]string
	caller     int // the side that opened it; unknown is -1
	switchSide int // -1 until it is known
	dead       bool
	inPart     uint64 // packets of which but a beginning was captured
	midway     bool   // it had begun before the capture did
	amid       bool   // so that its sides may begin amid a message
	greets     bool   // its sides begin by the framing's preamble, where that has one
	ending     bool   // nothing comes any more

	// Until the protocol is found.
	likely []candidate
	trials []*trial // nil until bytes come
	held   []chunk
	bytes0 int // in held
	gaps   []gap

	// From then on.
	leg    *Leg
	told   bool      // a message of it was given away
	packet uint64    // that is cut into messages
	latest time.Time // of its messages that waited
	of     candidate
	codec  codec.Codec
	sides  [2]direction
	msg    csta.Message
	asked  map[dialogue]csta.Service
}

// chunk is what a side sent while the protocol was not known, owned, or a place where bytes are missing.
type chunk struct {
	side   int
	data   []byte // nil for a place
	at     time.Time
	packet uint64
}

// gap is a place where a stream lacks bytes, as many as are known.
type gap struct {
	missing int
	at      time.Time
}

// direction is the stream of one side.
type direction struct {
	splitter *frame.Splitter
	lost     bool // it has to be found where the next message begins
	seeker   seeker
}

// dialogue is what an answer belongs to: who asked, under which ID.
type dialogue struct {
	side   int
	invoke csta.InvokeID
}

const (
	heldMax   = 64 << 10 // bytes that may come before a protocol is found
	heldTotal = 8 << 20  // and of all streams together: each may be kept as often as there are candidates
	certain   = 8        // a score from which on a candidate far ahead is taken at once
	askedMax  = 1 << 14  // requests whose answers are awaited
)

func (r *Reader) newFlow(number int, name string, likely []candidate, addresses [2]string) *flow {
	return &flow{
		reader: r, number: number, name: printable(name), likely: likely, addresses: addresses, caller: -1,
		switchSide: -1, greets: true,
	}
}

// printable returns a name out of a capture without what would do something to a terminal.
func printable(name string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return '.'
	}, name)
}

// try begins to try what the flow may speak.
func (f *flow) try() {
	for _, c := range f.likely {
		t := newTrial(c, &f.reader.opts)
		t.only = len(f.likely) == 1
		t.amid = [2]bool{f.amid, f.amid}
		t.greets = [2]bool{f.greets, f.greets}
		f.trials = append(f.trials, t)
	}
}

// bytes takes what a side sent, in its order.
func (f *flow) bytes(side int, b []byte, at time.Time) {
	f.packet = f.reader.sum.Packets
	switch {
	case f.dead:
	case f.leg != nil:
		f.cut(side, b, at)
	default:
		f.hold(chunk{side, slices.Clone(b), at, f.packet})
		for _, t := range f.trials {
			if !t.failed {
				t.feed(side, b)
			}
		}
		f.decide(f.bytes0 >= heldMax || f.reader.held >= heldTotal)
	}
}

// hold keeps a chunk until the protocol is known.
func (f *flow) hold(c chunk) {
	if len(f.held) == 0 {
		f.try()
		f.reader.undecided++
		f.reader.unknown = c.at
	}
	f.held = append(f.held, c)
	f.bytes0 += len(c.data)
	f.reader.held += len(c.data)
}

// release returns what was kept, which is known for what it is now.
func (f *flow) release() []chunk {
	held := f.held
	if len(held) > 0 {
		f.reader.undecided--
	}
	f.reader.held -= f.bytes0
	f.held, f.trials, f.bytes0 = nil, nil, 0
	return held
}

// gap notes that bytes of a side are missing, as many as are known.
func (f *flow) gap(side, missing int, at time.Time) {
	switch {
	case f.dead:
	case f.leg != nil:
		f.sides[side].lose()
		f.reader.gap(f.leg, gap{missing, at})
	default:
		f.hold(chunk{side: side, at: at, packet: f.reader.sum.Packets})
		f.gaps = append(f.gaps, gap{missing, at})
		for _, t := range f.trials {
			t.lose(side)
		}
	}
}

// lose notes that it is not known where the next message of a side begins.
func (d *direction) lose() { d.lost, d.seeker = true, seeker{} }

// gap counts a gap of a leg.
func (r *Reader) gap(of *Leg, g gap) {
	if r.sum.Gaps == 0 {
		r.sum.GapOf, r.sum.GapAt = of, g.at
	}
	r.sum.Gaps++
	r.sum.Missing += uint64(g.missing)
}

// decide takes the candidate that explains best what came, if one is certain or it has to be now.
func (f *flow) decide(now bool) {
	var best, second *trial
	for _, t := range f.trials {
		switch {
		case t.failed || t.messages == 0 || t.score <= 0 && !t.of.recorded:
		case best == nil || t.score > best.score:
			best, second = t, best
		case second == nil || t.score > second.score:
			second = t
		}
	}
	open := slices.ContainsFunc(f.trials, func(t *trial) bool { return !t.failed })
	switch {
	case best != nil && (now || best.of.recorded && best.events[0] != best.events[1] ||
		best.score >= certain && (second == nil || best.score >= 2*second.score)):
		f.settle(best)
	case now && open && len(f.likely) == 1 && !f.reader.ended && !f.ending:
		f.trim() // there is nothing else that it may speak
	case now, !open:
		f.dead = true
		f.release()
	}
}

// trim forgets the first of what was kept: no message begins in it that could be found.
func (f *flow) trim() {
	for f.bytes0 > heldMax/2 && len(f.held) > 1 {
		f.bytes0 -= len(f.held[0].data)
		f.reader.held -= len(f.held[0].data)
		f.held = f.held[1:]
	}
	f.amid = true
}

// settle makes the flow a leg.
func (f *flow) settle(t *trial) {
	f.of, f.codec, f.asked = t.of, t.of.NewCodec(), make(map[dialogue]csta.Service)
	switch {
	case f.switchSide >= 0:
	case t.events[0] != t.events[1]:
		f.switchSide = 0
		if t.events[1] > t.events[0] {
			f.switchSide = 1
		}
	case f.caller >= 0:
		f.switchSide = 1 - f.caller
	default:
		f.switchSide = 0
	}
	for i := range f.sides {
		f.sides[i] = direction{splitter: f.newSplitter(), lost: f.amid}
	}
	f.leg = &Leg{
		Name: f.name, Protocol: f.of.Name, Framing: f.of.Framing.String(),
		Switch: f.addresses[f.switchSide], Computing: f.addresses[1-f.switchSide], Midway: f.midway || f.addresses[0] == "",
		Number: f.number, Standing: f.standing, Record: f.record,
	}
	f.expectPreambles()
	for _, g := range f.gaps {
		f.reader.gap(f.leg, g)
	}
	f.gaps = nil
	for _, c := range f.release() {
		if f.packet = c.packet; c.data == nil {
			f.sides[c.side].lose()
			continue
		}
		f.cut(c.side, c.data, c.at)
	}
}

// expectPreambles drops the preambles of a leg that is seen from its beginning on.
func (f *flow) expectPreambles() {
	for i := range f.sides {
		role := frame.Computing
		if i == f.switchSide {
			role = frame.Switching
		}
		send, _ := frame.Preamble(f.of.Framing, role)
		known := f.greets && !f.sides[i].lost
		first := slices.IndexFunc(f.held, func(c chunk) bool { return c.side == i })
		if known && (first < 0 && f.of.recorded || first >= 0 && bytes.HasPrefix(f.held[first].data, send)) {
			f.sides[i].splitter.Expect(send)
		}
	}
}

func (f *flow) newSplitter() *frame.Splitter {
	return frame.NewSplitter(f.of.Framing, f.of.frameMax(&f.reader.opts))
}

// cut cuts what a side sent into messages.
func (f *flow) cut(side int, b []byte, at time.Time) {
	d := &f.sides[side]
	if d.lost {
		if b = f.find(d, b); len(b) == 0 {
			return
		}
	}
	d.splitter.Feed(b)
	for f.reader.stopped == nil {
		frm, err := d.splitter.Next()
		if err != nil {
			d.lose()
			f.reader.gap(f.leg, gap{at: at})
			return
		}
		if frm == nil {
			return
		}
		f.reader.message(f, side, frm, at)
	}
}

// find returns the bytes of a side from the next message on; none where none is known to begin yet.
func (f *flow) find(d *direction, b []byte) []byte {
	rest, passed := d.seeker.seek(&f.of, f.codec, &f.msg, b, anchorLeast, &f.reader.opts)
	f.reader.sum.Skipped += uint64(passed)
	if len(rest) > 0 {
		d.lost, d.splitter = false, f.newSplitter()
	}
	return rest
}

// decode decodes one message and gives it away; none is the end of the leg.
func (f *flow) decode(side int, frm []byte, at time.Time) {
	if frm == nil {
		if f.told && f.reader.stopped == nil {
			f.reader.opts.Ended(f.leg, at)
		}
		return
	}
	if !f.told {
		f.told = true
		f.reader.sum.Legs = append(f.reader.sum.Legs, f.leg)
		if f.name == "" {
			f.leg.Name = fmt.Sprintf("leg %d", len(f.reader.sum.Legs))
		}
	}
	err := f.codec.Decode(&f.msg, frm)
	key := dialogue{side, f.msg.Invoke}
	switch {
	case err != nil:
	case f.msg.Kind == csta.KindRequest && f.msg.Service.HasResponse():
		if len(f.asked) >= askedMax {
			clear(f.asked)
		}
		f.asked[key] = f.msg.Service
	case f.msg.Kind == csta.KindResponse || f.msg.Kind == csta.KindError || f.msg.Kind == csta.KindReject:
		key.side = 1 - side
		if f.msg.Service == csta.ServiceUnknown {
			f.msg.Service = f.asked[key]
		}
		delete(f.asked, key)
	}
	f.reader.deliver(&Message{
		Time: at, Leg: f.leg, FromSwitch: side == f.switchSide, Frame: frm, Body: &f.msg, Err: err,
	})
}

// end takes the end of the stream.
func (f *flow) end() {
	if f.ending = true; !f.dead && f.leg == nil {
		f.decide(true)
	}
	if f.leg == nil {
		return
	}
	f.reader.sum.Cut += f.inPart
	if f.reader.ended && !f.dead && f.partial() > 0 {
		f.reader.sum.Amid++
	}
}

// partial returns how many bytes of unfinished messages are left, where these were known to begin.
func (f *flow) partial() int {
	n := 0
	for i := range f.sides {
		if s := f.sides[i].splitter; s != nil && !f.sides[i].lost {
			n += s.Partial()
		}
	}
	return n
}

package capture

import (
	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
	"haproxy/perf/protocols"
)

// candidate is a protocol over a framing that a leg may speak.
type candidate struct {
	protocols.Protocol
	named bool // the framing was named, so that a leg seen from its middle on needs no preamble
}

// candidatesFor returns what the options leave open. An error is the operator's.
func candidatesFor(opts Options) ([]candidate, error) {
	if opts.Protocol != "" || opts.Framing != "" {
		name := opts.Protocol
		if name == "" {
			name = protocols.XML
			if opts.Framing != frame.ECMA323.String() {
				name = protocols.Phase3
			}
		}
		if _, err := protocols.Find(name, opts.Framing); err != nil {
			return nil, err
		}
	}
	var all []candidate
	for _, name := range protocols.Names() {
		for _, framing := range protocols.Framings() {
			p, err := protocols.Find(name, framing)
			if err == nil && (opts.Protocol == "" || opts.Protocol == name) &&
				(opts.Framing == "" || opts.Framing == framing) {
				all = append(all, candidate{p, opts.Framing != ""})
			}
		}
	}
	return all, nil
}

// frameMax returns the longest PDU that is taken for one.
func (c *candidate) frameMax(opts *Options) int {
	if opts.FrameMax > 0 {
		return min(opts.FrameMax, c.Framing.MaxPDU())
	}
	return min(c.Framing.MaxPDU(), pduMax)
}

const pduMax = 1 << 20 // where the framing has no bound of its own

// trial is how far a candidate explains the bytes of a flow.
type trial struct {
	of       candidate
	codec    codec.Codec
	sides    [2]*frame.Splitter
	msg      csta.Message
	score    int
	messages int
	events   [2]int // told by each side, less what only a T-Server asks for
	begun    [2]bool
	failed   bool
}

func newTrial(c candidate, opts *Options) *trial {
	t := &trial{of: c, codec: c.NewCodec()}
	for i := range t.sides {
		t.sides[i] = frame.NewSplitter(c.Framing, c.frameMax(opts))
	}
	return t
}

// feed tries the bytes that a side sent.
func (t *trial) feed(side int, b []byte) {
	if !t.begun[side] && len(b) > 0 {
		t.begun[side] = true
		t.preamble(side, b[0])
	}
	if t.failed {
		return
	}
	t.sides[side].Feed(b)
	for !t.failed {
		f, err := t.sides[side].Next()
		if err != nil {
			t.failed = true
			return
		}
		if f == nil {
			return
		}
		t.messages++
		t.score += weight(&t.msg, t.codec.Decode(&t.msg, f))
		t.failed = t.score < -scoreLimit
		switch {
		case t.msg.Kind == csta.KindEvent:
			t.events[side]++
		case t.msg.Kind == csta.KindRequest && isTServers(t.msg.Service):
			t.events[side]--
		}
	}
}

// preamble takes the first byte of a side where the framing has a preamble, which tells the switch.
func (t *trial) preamble(side int, first byte) {
	computing, switching := frame.Preamble(t.of.Framing, frame.Computing)
	switch {
	case len(computing) == 0:
	case first == switching[0]:
		t.events[side] += preambleWeight
		t.sides[side].Expect(switching)
	case first == computing[0]:
		t.events[side] -= preambleWeight
		t.sides[side].Expect(computing)
	default:
		t.failed = !t.of.named
	}
}

// preambleWeight is how many events a preamble is worth that tells the switch.
const preambleWeight = 1 << 20

// isTServers reports whether only a T-Server asks for a service.
func isTServers(s csta.Service) bool {
	switch s {
	case csta.MonitorStart, csta.MonitorStop, csta.SnapshotDevice, csta.GetAgentState, csta.Associate, csta.MakeCall:
		return true
	default:
		return false
	}
}

// scoreLimit is how far below nothing a score may fall before its candidate is given up.
const scoreLimit = 12

// weight says how much a decoded message speaks for the candidate that decoded it.
func weight(msg *csta.Message, err error) int {
	switch {
	case err != nil:
		return -4
	case msg.Kind == csta.KindEvent && msg.Event != csta.EventUnknown && len(msg.CrossRef) > 0:
		if !msg.Subject.Present() && !msg.Device.Known() && len(msg.AgentID) == 0 {
			return 0 // the phases number their events differently, and then nothing is found in them
		}
		return 4
	case msg.Kind == csta.KindRequest && msg.Service != csta.ServiceUnknown:
		return 2
	case msg.Kind == csta.KindEvent || msg.Kind == csta.KindRequest || msg.Kind == csta.KindUnknown:
		return -2
	default:
		return 1
	}
}

package capture

import (
	"github.com/gopacket/gopacket/pcapgo"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
	"haproxy/fanout/pcapng"
	"haproxy/perf/protocols"
)

// candidate is a protocol over a framing that a leg may speak.
type candidate struct {
	protocols.Protocol
	named    bool // the framing was named, so that a leg seen from its middle on needs no preamble
	recorded bool // the capture is a record that says what all its legs speak, so that nonsense in it does not count
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
				all = append(all, candidate{Protocol: p, named: opts.Framing != ""})
			}
		}
	}
	return all, nil
}

// recordedAs returns the only candidate of a capture that says what its legs speak, and all of any other.
func recordedAs(info pcapgo.NgSectionInfo, all []candidate) []candidate {
	protocol, framing, ok := pcapng.Spoken(info)
	for _, c := range all {
		if ok && c.Name == protocol && c.Framing.String() == framing {
			c.recorded = true
			return []candidate{c}
		}
	}
	return all
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
	only     bool // there is no other
	opts     *Options
	codec    codec.Codec
	sides    [2]*frame.Splitter
	msg      csta.Message
	score    int
	messages int
	events   [2]int // told by each side, less what only a T-Server asks for
	begun    [2]bool
	amid     [2]bool // a side may begin amid a message
	greets   [2]bool // a side begins by the framing's preamble, where that has one
	lost     [2]bool // it has to be found where the next message begins
	gapped   [2]bool // it had to be before, where the capture lacks bytes
	seekers  [2]seeker
	sought   [2]int // bytes of a side in which that was sought, in vain
	failed   bool
}

const (
	eventWeight = 4
	anchorLeast = 1       // the weight of a message by which a stream is found again
	firstLeast  = 2       // while the protocol is not known
	soughtMax   = 1 << 15 // bytes of a side in which the first message of a leg is sought that had begun before
)

func newTrial(c candidate, opts *Options) *trial {
	t := &trial{of: c, codec: c.NewCodec(), opts: opts}
	for i := range t.sides {
		t.sides[i] = frame.NewSplitter(c.Framing, c.frameMax(opts))
	}
	return t
}

// feed tries the bytes that a side sent.
func (t *trial) feed(side int, b []byte) {
	if !t.begun[side] && len(b) > 0 {
		t.begun[side] = true
		if t.lost[side] = t.amid[side]; t.greets[side] {
			t.preamble(side, b[0])
		}
	}
	if b = t.found(side, b); t.failed || len(b) == 0 {
		return
	}
	t.sides[side].Feed(b)
	for !t.failed {
		f, err := t.sides[side].Next()
		switch {
		case err != nil && (t.of.recorded || t.gapped[side]): // it is found again from the next chunk on
			t.lose(side)
			t.judge(err)
			return
		case err != nil:
			t.failed = true
			return
		case f == nil:
			return
		}
		t.messages++
		t.judge(t.codec.Decode(&t.msg, f))
		switch {
		case t.msg.Kind == csta.KindEvent:
			t.events[side]++
		case t.msg.Kind == csta.KindRequest && isTServers(t.msg.Service):
			t.events[side]--
		}
	}
}

// judge weighs what was decoded, or what could not be.
func (t *trial) judge(err error) {
	t.score += weight(&t.msg, err)
	t.failed = t.score < -scoreLimit && !t.of.recorded
}

// lose notes that it is not known where the next message of a side begins.
func (t *trial) lose(side int) {
	t.amid[side], t.greets[side], t.lost[side], t.gapped[side] = true, false, true, true
	t.sought[side] = 0
	t.sides[side], t.seekers[side] = frame.NewSplitter(t.of.Framing, t.of.frameMax(t.opts)), seeker{}
}

// found returns the bytes of a side from where its messages are known to begin. It is not sought for ever where other
// candidates are sought too, unless a few bytes tell: the header of XML.
func (t *trial) found(side int, b []byte) []byte {
	if !t.lost[side] {
		return b
	}
	if t.sought[side] > soughtMax && !t.only && t.of.Framing != frame.ECMA323 {
		return nil
	}
	rest, _ := t.seekers[side].seek(&t.of, t.codec, &t.msg, b, firstLeast, t.opts)
	t.lost[side] = len(rest) == 0
	t.sought[side] += len(b)
	return rest
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
	case csta.MonitorStart, csta.MonitorStop, csta.ChangeMonitorFilter, csta.Associate, csta.StartApplicationSession:
		return true
	default:
	}
	switch s.Group() {
	case csta.GroupSnapshot, csta.GroupCallControl, csta.GroupPhysical, csta.GroupLogical:
		return s.HasResponse() // what has none carries an answer's segments
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
		return eventWeight
	case msg.Kind == csta.KindRequest && msg.Service != csta.ServiceUnknown:
		return 2
	case msg.Kind == csta.KindEvent || msg.Kind == csta.KindRequest || msg.Kind == csta.KindUnknown:
		return -2
	default:
		return 1
	}
}

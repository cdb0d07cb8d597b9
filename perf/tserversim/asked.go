package tserversim

import (
	"haproxy/codec/csta"
	"haproxy/perf/stamp"
)

// Asked is one request that a T-Server sent, for the judge of a run.
type Asked struct {
	Key     string // the frame, under the first invoke ID there is: what the switch gets of it is the same
	Marked  bool   // no other request has this key
	Service csta.Service
	Answers int
	Granted bool // its answer was positive
	Gone    bool // its leg ended before
}

// isMarked reports whether requests for a service are marked. What is shared with the other T-Server or
// answered by the proxy itself is not: monitors are known by their private data.
func isMarked(s csta.Service) bool {
	switch s {
	case csta.SnapshotDevice, csta.GetAgentState, csta.SetAgentState, csta.GetDoNotDisturb, csta.SetDoNotDisturb,
		csta.GetForwarding, csta.SetForwarding, csta.GetMessageWaitingIndicator, csta.SetMessageWaitingIndicator:
		return true
	default:
		return s.Group() == csta.GroupCallControl
	}
}

// mark gives a request private data that no other one has, where the protocol has room for it.
func (t *TServer) mark(msg *csta.Message) {
	if t.opts.Trace && isMarked(msg.Service) {
		msg.Private = t.opts.Mark(nil, stamp.Ask{
			Name: t.opts.Name, Leg: t.stats.Legs, Count: len(t.traced) + 1,
		})
	}
}

// trace notes the request that was sent last.
func (t *TServer) trace(r *request) {
	if !t.opts.Trace {
		return
	}
	frame := t.out[len(t.out)-1]
	first, _ := t.opts.Codec.InvokeIDs()
	key, err := t.opts.Codec.SetInvokeID(nil, frame, first)
	if err != nil {
		t.stats.Unencodable++
		t.stats.LastError = err
		return
	}
	r.traced = &Asked{Key: string(key), Marked: stamp.IsAsk(key), Service: r.service}
	t.traced = append(t.traced, r.traced)
}

// traceEnd notes that no answer can come any more.
func (t *TServer) traceEnd() {
	for _, r := range t.requests {
		if r.traced != nil {
			r.traced.Gone = true
		}
	}
}

// Asked returns every request that was sent on any leg, if Options.Trace says so.
func (t *TServer) Asked() []Asked {
	list := make([]Asked, len(t.traced))
	for i, asked := range t.traced {
		list[i] = *asked
	}
	return list
}

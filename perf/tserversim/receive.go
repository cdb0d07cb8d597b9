package tserversim

import (
	"bytes"

	"haproxy/codec/csta"
	"haproxy/perf/ledger"
	"haproxy/perf/stamp"
)

// heldMax bounds the events kept for monitors that are not known yet.
const heldMax = 1 << 16

// take treats one frame.
func (t *TServer) take(frame []byte) {
	t.stats.Frames++
	t.stats.Bytes += int64(len(frame))
	msg := &t.msg
	if err := t.opts.Codec.Decode(msg, frame); err != nil {
		t.stats.Undecodable++
		t.record("", frame)
		return
	}
	if t.association(msg) {
		return
	}
	switch msg.Kind {
	case csta.KindEvent:
		t.event(msg, frame)
	case csta.KindRequest:
		t.asked(msg)
	case csta.KindResponse, csta.KindError, csta.KindReject:
		t.answered(msg)
	default:
		t.stats.Undecodable++
		t.record("", frame)
	}
}

// record keeps an event frame in the ledger.
func (t *TServer) record(ref string, frame []byte) {
	if t.opts.Log != ledger.Chain {
		frame = bytes.Clone(frame)
	}
	t.log.Add(ref, frame)
}

// event follows one event: it checks its stamp, and applies it or keeps it until its monitor is
// known.
func (t *TServer) event(msg *csta.Message, frame []byte) {
	t.stats.Events++
	ref := string(msg.CrossRef)
	t.record(ref, frame)
	t.check(ref, msg)
	if msg.Event == csta.EventUnknown {
		t.stats.UnknownEvents++
		return
	}
	if v := t.refs[ref]; v != nil {
		v.Apply(msg)
		return
	}
	if t.phase == PhaseRegistering && ref != "" && t.holding < heldMax {
		t.stats.Held++
		t.holding++
		t.held[ref] = append(t.held[ref], bytes.Clone(frame))
		return
	}
	t.stats.Foreign++
}

// check compares an event with its stamp: its content is what the switch sent, and it comes once
// and after those before it. The proxy makes events without one of what changed while the link was
// down, and of calls whose history it does not have.
func (t *TServer) check(ref string, msg *csta.Message) {
	mark, ok := stamp.Find(msg.Private)
	if !ok {
		switch {
		case msg.Event == csta.EventUnknown || t.opts.Unstamped.Has(msg.Event):
		case len(msg.Private) == 0 && (t.down || msg.Cause == csta.CauseActiveParticipation):
			t.stats.Made++
		default:
			t.stats.Unstamped++
		}
		return
	}
	if mark.Sum != stamp.Sum(msg) {
		t.stats.Corrupt++
	}
	if !mark.After(t.last[ref]) {
		t.stats.Disordered++
	}
	t.last[ref] = mark
}

// asked answers a request of the switch.
func (t *TServer) asked(msg *csta.Message) {
	t.stats.SwitchRequests++
	switch msg.Service {
	case csta.SystemStatus:
		t.status(msg)
	case csta.SnapshotDeviceData, csta.SnapshotCallData:
		t.segment(msg)
	case csta.RouteRequest, csta.ReRoute:
		t.route(msg)
	case csta.ApplicationSessionTerminated:
		t.hangup = true
	case csta.MonitorStop:
		if v := t.refs[string(msg.CrossRef)]; v != nil {
			t.stats.MonitorsLost++
			delete(t.refs, string(msg.CrossRef))
			delete(t.last, string(msg.CrossRef)) // the ID may name another monitor, or be replayed to
			if t.model.views[v.Device] == v {
				delete(t.model.views, v.Device)
			}
			if !t.forgetStop(string(msg.CrossRef)) {
				t.rejoin(v.Device)
			}
		}
		t.respond(msg)
	default:
		if msg.Service.HasResponse() {
			t.respond(msg)
		}
	}
}

// respond answers positively, with nothing to say.
func (t *TServer) respond(req *csta.Message) {
	t.send(&csta.Message{Kind: csta.KindResponse, Service: req.Service, Invoke: req.Invoke})
}

// status answers a SystemStatus and does what it calls for.
func (t *TServer) status(msg *csta.Message) {
	if t.opts.Mute {
		return
	}
	told := msg.Status
	t.respond(msg)
	t.stats.Statuses++
	switch told {
	case csta.StatusDisabled:
		t.stats.Disabled++
		t.down = true
		t.log.Note(ledger.Disabled)
		if t.phase == PhaseGreeting { // a proxy without its link: it will say when there is one
			t.greetUntil = t.now.Add(10 * t.opts.GreetWait)
		}
	case csta.StatusEnabled:
		if t.phase == PhaseGreeting {
			t.begin()
		} else if t.phase > PhaseGreeting {
			t.restart()
		}
	case csta.StatusNormal:
		t.down = false
		t.log.Note(ledger.Normal)
		if t.phase == PhaseGreeting {
			t.begin()
		}
	default:
	}
}

// route tells the switch where a call goes.
func (t *TServer) route(msg *csta.Message) {
	if len(t.opts.Devices) == 0 {
		return
	}
	t.stats.Routed++
	to := dialing(t.opts.Devices[t.rnd.IntN(len(t.opts.Devices))])
	t.ask(&csta.Message{
		Service: csta.RouteSelect, ServiceRef: bytes.Clone(msg.ServiceRef),
		Register: bytes.Clone(msg.Register), Destination: to, Called: to,
	}, nil)
}

package simulation

import (
	"time"

	"haproxy/codec/csta"
	"haproxy/perf/pipe"
	"haproxy/perf/tserversim"
)

// The sides of a leg: whoever connects to the proxy, or is connected to, and the proxy.
const (
	outside = 0
	inside  = 1
)

// disturb lets one fault happen.
func (w *world) disturb(kind Fault) {
	switch kind {
	case LinkLoss:
		w.link.Cut()
	case LinkHalfOpen:
		w.link.Lose(w.rnd.IntN(2))
	case LinkStall:
		w.stall(w.link, w.rnd.IntN(2))
	case Restart, ColdRestart, MessagesLost, Overload:
		w.disturbSwitch(kind)
	case AllDie:
		for _, p := range w.ts {
			p.leg.Cut()
		}
	case Twin:
		if w.twin.core.Phase() != tserversim.PhaseDown {
			return
		}
		w.open(w.twin)
		w.in(w.wait(time.Second), w.twin.cut)
	case Probe:
		w.probe.Open()
		w.in(w.wait(time.Second), w.probe.Cut)
	default:
		w.disturbLeg(kind, w.ts[w.rnd.IntN(len(w.ts))])
	}
}

// disturbSwitch lets something happen in the switch, if it has a link.
func (w *world) disturbSwitch(kind Fault) {
	if !w.link.Up() || w.busy {
		return // it has yet to say what happened before
	}
	w.busy = true
	w.referee.lost = w.referee.lost || kind != Overload
	after := csta.StatusEnabled
	switch kind {
	case Restart, ColdRestart:
		w.sw.Forget(kind == ColdRestart)
	case MessagesLost:
		w.sw.Mute(true)
		after = csta.StatusMessagesLost
	default:
		w.sw.SetStatus(csta.StatusOverloadImminent)
		after = csta.StatusOverloadRelieved
	}
	gen := w.sw.Stats().Links
	w.in(w.wait(2*time.Second), func() {
		w.busy = false
		if w.sw.Mute(false); w.link.Up() && w.sw.Stats().Links == gen {
			w.sw.SetStatus(after)
		}
	})
}

// disturbLeg does something to a T-Server that is there.
func (w *world) disturbLeg(kind Fault, p *peer) {
	if p.core.Phase() == tserversim.PhaseDown {
		return
	}
	switch kind {
	case LegLoss:
		p.leg.Cut()
	case LegStall:
		w.stall(p.leg, outside)
	default:
		leg := p.leg
		leg.Lose(outside)
		w.in(w.wait(10*time.Second), leg.Cut)
	}
}

// stall lets nothing arrive at one end of a leg for a while, which may be longer than the heartbeats.
func (w *world) stall(leg *pipe.Leg, side int) {
	leg.Freeze(side, true)
	w.in(w.wait(5*time.Second), func() { leg.Freeze(side, false) })
}

// cut takes every socket of a T-Server down.
func (p *peer) cut() {
	for _, leg := range p.legs {
		leg.Cut()
	}
}

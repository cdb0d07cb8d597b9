package inproc

import (
	"bytes"
	"time"

	"haproxy/fanout/hub"
	"haproxy/perf/wire"
)

// Proxy is the proxy's core as the simulators see it: one end for the CTI link and one for every
// T-Server. Join them to a switch and T-Servers in the same World.
type Proxy struct {
	Hub     *hub.Hub
	link    *proxyEnd
	ends    map[hub.LegID]*proxyEnd
	lastID  hub.LegID
	notices []hub.Notice
	reasons map[hub.CloseReason]int

	// Watch is called after every step of the hub, before its effects are carried out; may be nil.
	Watch func(step Step)
}

// Step is one step of the hub: what it was given, and what it decided. All of it is borrowed.
type Step struct {
	Now     time.Time
	Leg     hub.LegID // that the input is about
	Input   Input
	Frame   []byte // of InputFrame
	TServer int    // index of the leg's T-Server
	Outputs []hub.Output
}

// Input is what a hub was stepped with.
type Input uint8

// The inputs.
const (
	InputFrame Input = iota
	InputUp
	InputDown
	InputTick
	InputBacklog
)

// New returns a proxy whose link and legs are down.
func New(h *hub.Hub) *Proxy {
	p := &Proxy{Hub: h, reasons: make(map[hub.CloseReason]int)}
	p.link = &proxyEnd{proxy: p, id: hub.Link}
	p.ends = map[hub.LegID]*proxyEnd{hub.Link: p.link}
	return p
}

// Link returns the end towards the switch.
func (p *Proxy) Link() wire.Core { return p.link }

// TServer returns an end where the T-Server of that index connects. Every call is another end, so
// that a T-Server can come twice.
func (p *Proxy) TServer(index int) wire.Core {
	return &proxyEnd{proxy: p, tserver: index}
}

// Notices returns what the hub wanted logged so far.
func (p *Proxy) Notices() []hub.Notice { return p.notices }

// Closed returns how many legs the hub wanted closed for the reason.
func (p *Proxy) Closed(reason hub.CloseReason) int { return p.reasons[reason] }

// take carries out what the hub decided.
func (p *Proxy) take(step Step) {
	step.Outputs = p.Hub.Outputs()
	if p.Watch != nil {
		p.Watch(step)
	}
	for _, out := range step.Outputs {
		e := p.ends[out.Leg]
		if e == nil {
			continue
		}
		for _, run := range out.Runs {
			e.out = append(e.out, bytes.Clone(run)) // the hub's until Done
		}
		if out.Close != hub.CloseNone {
			p.reasons[out.Close]++
			e.hangup = true
		}
	}
	p.notices = append(p.notices, p.Hub.Notices()...)
	p.Hub.Done()
}

// proxyEnd is one leg of the proxy.
type proxyEnd struct {
	proxy   *Proxy
	tserver int
	id      hub.LegID // of the present leg
	up      bool
	hangup  bool
	out     [][]byte
}

// Up is wire.Core's.
func (e *proxyEnd) Up(now time.Time) {
	e.up, e.hangup, e.out = true, false, nil
	if e == e.proxy.link {
		e.proxy.Hub.LinkUp(now)
	} else {
		e.proxy.lastID++
		e.id = e.proxy.lastID
		e.proxy.ends[e.id] = e
		e.proxy.Hub.LegUp(now, e.id, e.tserver)
	}
	e.proxy.take(e.step(now, InputUp))
}

// Step is wire.Core's.
func (e *proxyEnd) Step(now time.Time, frame []byte) {
	e.proxy.Hub.Heard(now, e.id)
	if e == e.proxy.link {
		e.proxy.Hub.FromLink(now, frame)
	} else {
		e.proxy.Hub.FromLeg(now, e.id, frame)
	}
	step := e.step(now, InputFrame)
	step.Frame = frame
	e.proxy.take(step)
}

// Tick steps the hub with the time, once for all ends.
func (e *proxyEnd) Tick(now time.Time) {
	if e == e.proxy.link {
		e.proxy.Hub.Tick(now)
		e.proxy.take(e.step(now, InputTick))
	}
}

// Down is wire.Core's.
func (e *proxyEnd) Down(now time.Time) {
	if !e.up {
		return
	}
	e.up = false
	if e == e.proxy.link {
		e.proxy.Hub.LinkDown(now)
	} else {
		e.proxy.Hub.LegDown(now, e.id)
		delete(e.proxy.ends, e.id)
	}
	e.proxy.take(e.step(now, InputDown))
}

// Out is wire.Core's.
func (e *proxyEnd) Out() [][]byte {
	out := e.out
	e.out = nil
	return out
}

// Hangup is wire.Core's.
func (e *proxyEnd) Hangup() bool { return e.hangup }

// Backlog tells the hub what is under way to the peer.
func (e *proxyEnd) Backlog(n int) {
	if e.up {
		e.proxy.Hub.Backlog(e.id, n)
		e.proxy.take(Step{Leg: e.id, Input: InputBacklog, TServer: e.tserver})
	}
}

// step describes a step of the hub with something of this leg.
func (e *proxyEnd) step(now time.Time, input Input) Step {
	return Step{Now: now, Leg: e.id, Input: input, TServer: e.tserver}
}

package simulation

import (
	"fmt"
	"math/rand/v2"
	"time"

	"haproxy/fanout/hub"
	"haproxy/perf/inproc"
	"haproxy/perf/ledger"
	"haproxy/perf/pipe"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
	"haproxy/perf/wire"
)

var epoch = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

const tservers = 2

// world is the hub and everything around it.
type world struct {
	*Scenario

	rnd     *rand.Rand
	net     *pipe.World
	sw      *switchsim.Switch
	proxy   *inproc.Proxy
	link    *pipe.Leg
	ts      [tservers]*peer
	twin    *peer // another process that says it is the first T-Server
	probe   *pipe.Leg
	referee *referee

	busy   bool // the switch is about to say what happened to it
	calm   bool // nothing is disturbed, and what is down is opened at once
	redial time.Time
	due    [faultsTimed]time.Time
	later  []later

	metrics []hub.Metric
}

// later is something that ends by itself.
type later struct {
	at time.Time
	do func()
}

// peer is a T-Server and the legs it has or had to the proxy.
type peer struct {
	core   *tserversim.TServer
	legs   [3]*pipe.Leg
	leg    *pipe.Leg // the present one, which may be down
	reopen time.Time // when it returns; zero while nobody noticed that it is down
}

func newWorld(s *Scenario) *world {
	w := &world{
		Scenario: s, rnd: rand.New(rand.NewPCG(s.Seed, 0x3041d)), net: pipe.New(s.Seed, epoch),
		sw: switchsim.New(s.Switch), proxy: inproc.New(hub.New(s.Hub)),
	}
	w.net.Stride, w.net.Shuffled = 40*time.Millisecond, true
	w.net.After = w.tend
	w.referee = newReferee(w)
	w.proxy.Watch = w.referee.watch
	w.link = w.net.Join(w.sw, w.proxy.Link(), s.Net)
	for i := range w.ts {
		w.ts[i] = w.newPeer(i, uint64(i))
	}
	if s.Faults[Twin] > 0 {
		w.twin = w.newPeer(0, tservers)
	}
	if s.Faults[Probe] > 0 {
		w.probe = w.net.Join(silent{}, w.proxy.TServer(0), s.Net)
	}
	for kind := range w.due {
		w.due[kind] = w.next(Fault(kind), epoch)
	}
	return w
}

// newPeer makes a T-Server of the index, and the sockets that it may have.
func (w *world) newPeer(index int, seed uint64) *peer {
	opts := tserversim.Options{
		Seed: w.Seed*8 + seed, Devices: w.Plant.Numbers(), Ask: tserversim.AskAll,
		Heartbeat: time.Second, Timeout: 20 * time.Second, GreetWait: 300 * time.Millisecond,
		Rejoin: true, Log: ledger.Chain,
	}
	if w.Unasked {
		opts.Ask = tserversim.Ask{}
	}
	if w.Routes {
		opts.Routes = []string{"6001"}
	}
	opts = w.Protocol.TServer(opts)
	opts.Codec = w.few(opts.Codec)
	p := &peer{core: tserversim.New(opts)}
	for i := range p.legs {
		p.legs[i] = w.net.Join(p.core, w.proxy.TServer(index), w.Net)
	}
	p.leg = p.legs[0]
	return p
}

// next draws when a fault happens again.
func (w *world) next(kind Fault, now time.Time) time.Time {
	rate := w.Faults[kind]
	if rate == 0 {
		return now.Add(1000 * time.Hour)
	}
	return now.Add(time.Duration(w.rnd.ExpFloat64() / rate * float64(time.Second)))
}

// tend is called after every step of the clock: what is due happens, and what is down returns.
func (w *world) tend(now time.Time) {
	for kind := range w.due {
		if !w.calm && !w.due[kind].After(now) {
			w.due[kind] = w.next(Fault(kind), now)
			w.disturb(Fault(kind))
		}
	}
	for i := 0; i < len(w.later); i++ {
		if l := w.later[i]; w.calm || !l.at.After(now) {
			w.later = append(w.later[:i:i], w.later[i+1:]...)
			l.do()
			i--
		}
	}
	w.tendLink(now)
	for _, p := range w.ts {
		w.tendPeer(p, now)
	}
}

// tendLink dials the switch again after a while, as the proxy does.
func (w *world) tendLink(now time.Time) {
	switch {
	case w.link.Up() && w.proxy.Hub.State() == hub.LinkDown: // only the switch thinks that it is up
		w.link.Cut()
	case w.link.Up():
		w.redial = time.Time{}
	case w.redial.IsZero():
		w.redial = now.Add(w.wait(time.Second))
	case !w.redial.After(now):
		w.link.Open()
	}
}

// tendPeer lets a T-Server return that lost its leg.
func (w *world) tendPeer(p *peer, now time.Time) {
	switch {
	case p.core.Phase() != tserversim.PhaseDown:
		p.reopen = time.Time{}
	case p.reopen.IsZero():
		p.reopen = now.Add(w.wait(2 * time.Second))
	case !p.reopen.After(now):
		w.open(p)
	}
}

// wait draws how long something lasts: mostly short, at most so long; next to nothing when it is calm.
func (w *world) wait(most time.Duration) time.Duration {
	if w.calm {
		return 10 * time.Millisecond
	}
	f := w.rnd.Float64()
	return time.Millisecond + time.Duration(f*f*float64(most))
}

// open connects a T-Server on a socket that is free; where none is, the oldest is closed.
func (w *world) open(p *peer) {
	for _, leg := range p.legs {
		if !leg.Up() {
			p.leg = leg
			leg.Open()
			return
		}
	}
	p.legs[0].Cut()
	p.leg = p.legs[0]
	p.leg.Open()
}

// in has something done later, or at once when it becomes calm.
func (w *world) in(d time.Duration, do func()) {
	w.later = append(w.later, later{w.net.Now().Add(d), do})
}

// fail is the first thing that went wrong.
func (w *world) fail(format string, args ...any) {
	if w.referee.err == nil {
		w.referee.err = fmt.Errorf("after %v: %s", w.net.Now().Sub(epoch), fmt.Sprintf(format, args...))
	}
}

// silent is a peer that says nothing.
type silent struct{}

var _ wire.Core = silent{}

// Up is wire.Core's, as are the others.
func (silent) Up(time.Time)           {}
func (silent) Step(time.Time, []byte) {}
func (silent) Tick(time.Time)         {}
func (silent) Down(time.Time)         {}
func (silent) Out() [][]byte          { return nil }
func (silent) Hangup() bool           { return false }

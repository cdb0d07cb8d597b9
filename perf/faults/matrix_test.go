package faults

import (
	"fmt"
	"hash/crc32"
	"syscall"
	"testing"
	"time"

	"haproxy/perf/ledger"
	"haproxy/perf/protocols"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// fault is one way in which a leg is hurt, and healed again.
type fault struct {
	name  string
	setup func(s *setup, at place)
	play  func(r *rig, at place)
	spare bool // the legs hurt stay up
	never bool // not on the link
}

var faults = []fault{
	{name: "FIN", play: func(r *rig, at place) { r.cut(at, (*relay).fin) }},
	{name: "RST", play: func(r *rig, at place) { r.cut(at, (*relay).rst) }},
	{name: "half-open", play: func(r *rig, at place) { r.cut(at, (*relay).half) }},
	{name: "blackhole", play: func(r *rig, at place) {
		r.cut(at, func(hole *relay) {
			hole.set(swallow)
			r.silenced()
			hole.set(pass)
		})
	}},
	{name: "SIGSTOP", play: func(r *rig, at place) {
		peer := r.processAt(at)
		r.cut(at, func(*relay) {
			peer.signal(syscall.SIGSTOP)
			r.silenced()
			peer.signal(syscall.SIGCONT)
		})
	}},
	{name: "SIGSTOP, short", spare: true, play: func(r *rig, at place) {
		for range 3 {
			r.processAt(at).signal(syscall.SIGSTOP)
			r.pause(r.chance(100*time.Millisecond, 700*time.Millisecond))
			r.processAt(at).signal(syscall.SIGCONT)
			r.events(50)
		}
	}},
	{name: "1-byte drip", spare: true, play: func(r *rig, at place) {
		r.relays[at].set(drip)
		r.pause(2 * time.Second)
		r.relays[at].set(pass)
	}},
	{
		name: "tiny windows", spare: true,
		setup: func(s *setup, at place) {
			s.hasTiny, s.tiny, s.heartbeat = true, at, 3*time.Second
			s.load = switchsim.Load{Calls: 3, Features: 2, Pace: 100 * time.Millisecond}
		},
		play: func(r *rig, _ place) { r.events(100) },
	},
	{
		name: "reads nothing",
		setup: func(s *setup, at place) {
			if at != onLink {
				s.backlogMax[at] = "256KiB"
			}
		},
		play: readsNothing,
	},
	{name: "reads nothing for a while", spare: true, play: func(r *rig, at place) {
		r.relays[at].toPeer.Store(int32(stall))
		r.pause(1200 * time.Millisecond)
		r.relays[at].toPeer.Store(int32(pass))
	}},
	{
		name: "reads slowly", spare: true, never: true,
		setup: func(s *setup, at place) { s.hasTiny, s.tiny = true, at },
		play:  readsSlowly,
	},
	{name: "kill -9", never: true, play: func(r *rig, at place) {
		for range 4 {
			r.pause(r.chance(50*time.Millisecond, 700*time.Millisecond))
			r.ts[at].kill()
			r.spawn(at)
			r.connect(at)
		}
		r.inStep(at)
		r.ts[at].call("Talk", chat, nil)
	}},
	{name: "flap", play: func(r *rig, at place) {
		for i := range 4 {
			links := r.links()
			if i%2 == 0 {
				r.relays[at].rst()
			} else {
				r.relays[at].fin()
			}
			if at != onLink {
				r.connect(at)
			}
			r.pause(time.Second)
			if at == onLink && i == 3 {
				r.relinked(links)
			}
		}
		if at != onLink {
			r.inStep(at)
			r.ts[at].call("Talk", chat, nil)
		}
	}},
}

// spoken are the protocols of the matrix, of protocols.Tested: XML, phase III in ASN.1, and phase II
// behind an association.
var spoken = []int{0, 1, 4}

// TestFaults is the matrix: each fault on each leg over each protocol, on the real program.
func TestFaults(t *testing.T) {
	program(t)
	for _, speaks := range spoken {
		for _, f := range faults {
			for _, at := range []place{onLink, onPrimary, onBackup} {
				if f.never && at == onLink {
					continue
				}
				name := fmt.Sprintf("%v/%s/%v", protocols.Tested()[speaks], f.name, at)
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					play(t, &f, at, speaks, name)
				})
			}
		}
	}
}

func play(t *testing.T, f *fault, at place, speaks int, name string) {
	t.Helper()
	began := time.Now()
	s := setup{speaks: speaks, seed: uint64(crc32.ChecksumIEEE([]byte(name))), log: ledger.Full}
	if f.setup != nil {
		f.setup(&s, at)
	}
	t.Logf("seed %d", s.seed)
	r := newRig(t, s)
	r.events(100)
	before, links := r.proxy.usage(), r.links()
	r.eventually("requests are under way", func() bool { return r.switchState().Open >= underWay })
	f.play(r, at)
	r.events(100)
	r.quiet()
	lost := r.links() != links
	if want := at == onLink && !f.spare; lost != want {
		t.Errorf("the CTI link was lost %d times", r.links()-links)
	}
	for i := range r.ts {
		hurt := at == place(i) && !f.spare
		if legs := r.tserver(place(i)).Stats.Legs; !hurt && legs != 1 {
			t.Errorf("%v had %d legs, and nobody hurt it", place(i), legs)
		}
	}
	r.judge(lost)
	r.leaked(before)
	t.Logf("%v", time.Since(began).Round(time.Millisecond))
}

// processAt is the peer at the far end of a leg.
func (r *rig) processAt(at place) *process {
	if at == onLink {
		return r.sw
	}
	return r.ts[at]
}

// cut hurts a leg so that it ends, and waits until there is another in its place.
func (r *rig) cut(at place, how func(*relay)) {
	r.t.Helper()
	links := r.links()
	how(r.relays[at])
	if at == onLink {
		r.relinked(links)
		return
	}
	r.rejoin(at)
}

// silenced waits until the proxy gave up a leg that is silent: for its heartbeats, or a switch for the
// requests that it does not answer.
func (r *rig) silenced() {
	r.t.Helper()
	const name = `haproxy_legs_closed_total{link="pbx",reason=%q}`
	r.eventually("the silent leg is closed", func() bool {
		return r.proxy.metric(fmt.Sprintf(name, "silent"))+r.proxy.metric(fmt.Sprintf(name, "unanswered")) > 0
	})
}

// readsSlowly has a T-Server take longer for what it is sent than heartbeats may stay unanswered, which it
// cannot answer before; it asks nothing meanwhile.
func readsSlowly(r *rig, at place) {
	r.t.Helper()
	r.ts[at].call("Talk", tserversim.Requests{}, nil)
	r.eventually("answers", func() bool { return r.tserver(at).Outstanding == 0 })
	r.relays[at].toPeer.Store(int32(sip))
	r.sw.call("Load", switchsim.Load{Calls: 8, EventLen: 8000, Pace: 10 * time.Millisecond, Events: 200}, nil)
	r.events(200) // and no more: tiny windows let through little
	heard, since := r.tserver(at).Stats.Statuses, time.Now()
	r.eventually("it gets no heartbeat for long", func() bool {
		if now := r.tserver(at).Stats.Statuses; now != heard {
			heard, since = now, time.Now()
		}
		return time.Since(since) > (misses+2)*r.setup.heartbeat
	})
	if state := r.tserver(at); state.LastStamp == r.switchState().Stats.Events {
		r.t.Errorf("it had read all: that shows nothing: %+v", state)
	}
	r.relays[at].toPeer.Store(int32(pass))
	r.sw.call("Load", r.setup.load, nil)
	r.ts[at].call("Talk", chat, nil)
}

// readsNothing has a T-Server that reads nothing be cut for its backlog, and a switch that reads
// nothing for its silence: it hears no answer to its heartbeats.
func readsNothing(r *rig, at place) {
	r.t.Helper()
	r.cut(at, func(deaf *relay) {
		deaf.toPeer.Store(int32(stall))
		if at != onLink {
			r.sw.call("Load", switchsim.Load{Calls: 24, EventLen: 8000, Pace: 5 * time.Millisecond}, nil)
			r.eventually("the T-Server is cut", func() bool {
				return r.proxy.metric(`haproxy_legs_closed_total{link="pbx",reason="slow"}`) > 0
			})
			r.sw.call("Load", r.setup.load, nil)
		} else {
			links := r.switchState().Stats.Silences
			r.eventually("the switch hears nothing", func() bool { return r.switchState().Stats.Silences > links })
		}
		deaf.toPeer.Store(int32(pass))
	})
}

package faults

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"haproxy/perf/ledger"
	"haproxy/perf/protocols"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

const (
	patience     = 30 * time.Second // bounds every wait; nothing is expected to take that long
	proxyBeat    = time.Second
	misses       = 5 // of the proxy's heartbeats: a machine that is busy with others stands still for seconds
	switchBeat   = 1200 * time.Millisecond
	slowest      = 150 * time.Millisecond // answer of the switch: some requests are unanswered when a fault comes
	underWay     = 2                      // of them, at least
	answerWithin = 12 * time.Second       // beyond the proxy's own time-out
)

var (
	plant = switchsim.Plant{Stations: 24, Agents: 6, Groups: 1, Trunks: 6}
	busy  = switchsim.Load{Calls: 8, Features: 4, EventLen: 400, Pace: 60 * time.Millisecond}
	chat  = tserversim.Requests{Rate: 30, Control: true, Wrong: 0.02}
)

// place is a leg to be hurt.
type place int

const (
	onPrimary place = iota
	onBackup
	onLink
)

var placeNames = [...]string{onPrimary: "primary", onBackup: "backup", onLink: "link"}

func (p place) String() string { return placeNames[p] }

// setup changes what a rig is made of.
type setup struct {
	speaks     int // of protocols.Tested
	seed       uint64
	tiny       place // the leg with tiny windows, where hasTiny
	hasTiny    bool
	backlogMax [2]string      // of the T-Servers
	load       switchsim.Load // default busy
	heartbeat  time.Duration  // default proxyBeat
	log        ledger.Mode
}

// rig is a switch, the proxy and two T-Servers, each a process, with a relay on every leg.
type rig struct {
	t      testing.TB
	setup  setup
	speaks protocols.Protocol
	rnd    *rand.Rand
	proxy  *proxy
	sw     *process
	ts     [2]*process
	relays [3]*relay // by place
	addrs  [2]string // where the T-Servers connect to
	dial   string    // where the switch listens
	born   [2]int    // processes that a T-Server had
}

func newRig(tb testing.TB, s setup) *rig {
	tb.Helper()
	for i := range s.backlogMax {
		if s.backlogMax[i] == "" {
			s.backlogMax[i] = "64MiB"
		}
	}
	if s.heartbeat == 0 {
		s.heartbeat = proxyBeat
	}
	if s.load == (switchsim.Load{}) {
		s.load = busy
	}
	r := &rig{
		t: tb, setup: s, speaks: protocols.Tested()[s.speaks], rnd: rand.New(rand.NewPCG(s.seed, 0xfa17)),
	}
	addr := r.startSwitch("127.0.0.1")
	tiny := func(p place) bool { return s.hasTiny && s.tiny == p }
	r.relays[onLink] = newRelay(tb, addr, true, tiny(onLink))
	r.proxy = startProxy(tb, proxySetup{
		speaks: r.speaks, dial: r.relays[onLink].addr(), backlogMax: s.backlogMax, heartbeat: s.heartbeat,
	})
	for i := range r.ts {
		r.relays[i] = newRelay(tb, r.proxy.tservers[i], false, tiny(place(i)))
		r.addrs[i] = r.relays[i].addr()
	}
	r.begin()
	return r
}

func (r *rig) startSwitch(host string) (addr string) {
	r.t.Helper()
	r.sw = startPeer(r.t, roleSwitch)
	r.sw.call("Start", r.peer(host, "switch"), &addr)
	return addr
}

func (r *rig) peer(host, name string) PeerSetup {
	return PeerSetup{
		Protocol: r.setup.speaks, Host: host, Seed: r.setup.seed, Name: name, Log: r.setup.log, Plant: plant,
	}
}

// begin joins both T-Servers and lets calls begin; none is older than its monitor.
func (r *rig) begin() {
	r.t.Helper()
	r.eventually("the link is normal", r.proxy.ready)
	for i := range r.ts {
		r.spawn(place(i))
		r.join(place(i))
	}
	r.sw.call("Load", r.setup.load, nil)
	r.talk(chat)
}

// spawn starts a T-Server's process.
func (r *rig) spawn(at place) {
	r.t.Helper()
	r.ts[at] = startPeer(r.t, roleTServer)
	r.born[at]++
	s := r.peer("", fmt.Sprintf("%v.%d", at, r.born[at]))
	s.Seed = s.Seed*100 + uint64(at)*50 + uint64(r.born[at])
	r.ts[at].call("Start", s, nil)
}

// join connects a T-Server and waits until it is in step.
func (r *rig) join(at place) {
	r.t.Helper()
	r.connect(at)
	r.inStep(at)
}

// connect opens a T-Server's leg, as soon as the last one has ended.
func (r *rig) connect(at place) {
	r.t.Helper()
	r.eventually(at.String()+" connects", func() bool { return r.ts[at].try("Connect", r.addrs[at], nil) == nil })
}

func (r *rig) inStep(at place) {
	r.t.Helper()
	r.eventually(at.String()+" is in step", func() bool {
		state := r.tserver(at)
		if state.Down && r.ts[at].try("Connect", r.addrs[at], nil) != nil {
			return false // the end of the old leg came a little later
		}
		return state.InStep && !state.Down
	})
}

// rejoin ends a T-Server's leg where it still has one, and joins it again.
func (r *rig) rejoin(at place) {
	r.t.Helper()
	r.ts[at].call("Reset", None{}, nil)
	r.join(at)
	r.ts[at].call("Talk", chat, nil)
}

func (r *rig) talk(requests tserversim.Requests) {
	r.t.Helper()
	for _, ts := range r.ts {
		ts.call("Talk", requests, nil)
	}
}

func (r *rig) tserver(at place) (state TServerState) {
	r.t.Helper()
	r.ts[at].call("State", None{}, &state)
	return state
}

func (r *rig) switchState() (state SwitchState) {
	r.t.Helper()
	r.sw.call("State", None{}, &state)
	return state
}

// links is how often the CTI link came up so far.
func (r *rig) links() int { return int(r.proxy.metric("haproxy_link_connects_total{")) }

// relinked waits until the link came up again after so many times, and is normal, with every monitor.
func (r *rig) relinked(before int) {
	r.t.Helper()
	r.eventually("the link is back", func() bool { return r.links() > before && r.proxy.ready() })
}

// events waits until the switch has sent so many more on the present link.
func (r *rig) events(n uint64) {
	r.t.Helper()
	target := r.switchState().Stats.Events + n
	r.eventually("events", func() bool { return r.switchState().Stats.Events >= target })
}

// pause lets a fault last.
func (r *rig) pause(d time.Duration) { time.Sleep(d) }

// chance returns a random time.
func (r *rig) chance(least, most time.Duration) time.Duration {
	return least + time.Duration(r.rnd.Int64N(int64(most-least)))
}

// eventually waits until ok.
func (r *rig) eventually(what string, ok func() bool) {
	r.t.Helper()
	deadline := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(deadline) {
			r.t.Fatalf("not within %v: %s\n%s", patience, what, r.draw())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// draw says where everybody stands.
func (r *rig) draw() string {
	text := ""
	for i := range r.ts {
		var state TServerState
		if r.ts[i] != nil && r.ts[i].try("State", None{}, &state) == nil {
			text += fmt.Sprintf("%v: %+v\n", place(i), state)
		}
	}
	var state SwitchState
	if r.sw.try("State", None{}, &state) == nil {
		text += fmt.Sprintf("switch: %+v\n", state)
	}
	_, ready := r.proxy.get("/readyz")
	return text + ready
}

// quiet lets the switch rest and waits until the T-Servers have all that it sent.
func (r *rig) quiet() {
	r.t.Helper()
	r.talk(tserversim.Requests{})
	r.eventually("answers", func() bool {
		return r.tserver(onPrimary).Outstanding+r.tserver(onBackup).Outstanding == 0
	})
	still := r.setup.load
	still.Still = true
	r.sw.call("Load", still, nil)
	last, since := uint64(0), time.Now()
	r.eventually("silence", func() bool {
		sent := r.switchState().Stats.Events
		if sent != last || r.tserver(onPrimary).LastStamp != sent || r.tserver(onBackup).LastStamp != sent {
			last, since = sent, time.Now()
			return false
		}
		return time.Since(since) > 6*r.setup.load.Pace // an agent's work after a call ends meanwhile
	})
}

package inproc_test

import (
	"fmt"
	"testing"
	"time"

	"haproxy/codec/csta"
	"haproxy/fanout/hub"
	"haproxy/perf/check"
	"haproxy/perf/inproc"
	"haproxy/perf/ledger"
	"haproxy/perf/pipe"
	"haproxy/perf/protocols"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

var epoch = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// hubConfig is the product's defaults.
func hubConfig(p protocols.Protocol) hub.Config {
	cfg := hub.Config{
		NewCodec:       p.NewCodec,
		TServers:       []hub.TServer{{Name: "1", BacklogMax: 1 << 26}, {Name: "2", BacklogMax: 1 << 26}},
		ConnectTimeout: 2 * time.Second, RequestOutstanding: 30, RequestQueue: 65536,
		RequestTimeout: 30 * time.Second, HeartbeatInterval: 3 * time.Second, HeartbeatMisses: 3,
		MonitorLinger: 10 * time.Minute, RouteTimeout: 3 * time.Second,
		CallAudit: 4 * time.Hour, JournalMax: 1 << 30,
		Answer: hub.AnswerSet{Monitor: true, Snapshot: true, Features: true},
	}
	if p.Association != nil {
		cfg.Session = hub.Session{Kind: hub.SessionACSE, Association: *p.Association}
	}
	return cfg
}

// each runs a test for all seeds in XML, and for the first over every other protocol.
func each(t *testing.T, seeds uint64, test func(t *testing.T, p protocols.Protocol, seed uint64)) {
	t.Helper()
	for _, p := range protocols.Tested() {
		for seed := range seeds {
			if seed > 0 && !p.IsXML() {
				break
			}
			t.Run(fmt.Sprintf("%v, seed %d", p, seed), func(t *testing.T) {
				t.Parallel()
				test(t, p, seed)
			})
		}
	}
}

// trio is a switch, the proxy's core and two T-Servers in a world of their own.
type trio struct {
	speaks protocols.Protocol
	net    pipe.Net
	world  *pipe.World
	sw     *switchsim.Switch
	proxy  *inproc.Proxy
	ts     [2]*tserversim.TServer
	legs   [2]*pipe.Leg
	link   *pipe.Leg
}

func newTrio(
	p protocols.Protocol, seed uint64, plant switchsim.Plant, net pipe.Net, sw switchsim.Options,
) *trio {
	sw.Seed, sw.Plant = seed, plant
	sw.Log, sw.MonitorLimit = ledger.Full, 1
	net.Framing, net.FrameMax = p.Framing, p.FrameMax()
	w := &trio{
		speaks: p, net: net, world: pipe.New(seed, epoch), sw: switchsim.New(p.Switch(sw)),
	}
	w.proxy = inproc.New(hub.New(hubConfig(p)))
	w.link = w.world.Join(w.sw, w.proxy.Link(), net)
	for i := range w.ts {
		w.replace(i, tserversim.Options{
			Seed: seed*2 + uint64(i), Devices: plant.Numbers(), Ask: tserversim.AskAll,
			Heartbeat: time.Second,
		})
	}
	return w
}

// replace makes a T-Server of other options.
func (w *trio) replace(i int, opts tserversim.Options) {
	opts.Log = ledger.Full
	w.ts[i] = tserversim.New(w.speaks.TServer(opts))
	w.legs[i] = w.world.Join(w.ts[i], w.proxy.TServer(i), w.net)
}

func (w *trio) still() bool {
	for _, ts := range w.ts {
		ts.SetRequests(tserversim.Requests{})
	}
	load := w.sw.Load()
	load.Still = true
	w.sw.SetLoad(load)
	return w.world.RunUntil(5*time.Second, func() bool {
		return w.world.Quiet() && w.ts[0].Outstanding() == 0 && w.ts[1].Outstanding() == 0
	})
}

// Two T-Servers at the proxy's core: the backup dies amid calls and returns, again and again.
func TestBackupReturns(t *testing.T) {
	each(t, 8, backupReturns)
}

func backupReturns(t *testing.T, p protocols.Protocol, seed uint64) {
	t.Helper()
	plant := switchsim.Plant{Stations: 30, Agents: 8, Groups: 2, Trunks: 8}
	net := pipe.Net{Delay: time.Millisecond, Jitter: 2 * time.Millisecond, Pieces: true}
	w := newTrio(p, seed, plant, net, switchsim.Options{CallIDs: 64})
	load := switchsim.Load{Calls: 10, Features: 4, Pace: 200 * time.Millisecond}
	chat := tserversim.Requests{Rate: 20, Control: true}
	w.link.Open()
	w.legs[0].Open()
	w.legs[1].Open()
	both := func() bool { return w.ts[0].InStep() && w.ts[1].InStep() }
	if !w.world.RunUntil(20*time.Second, both) {
		t.Fatalf("not in step: %v %v", w.ts[0].Phase(), w.ts[1].Phase())
	}
	for round := range 6 {
		w.sw.SetLoad(load)
		w.ts[0].SetRequests(chat)
		w.ts[1].SetRequests(chat)
		w.world.Run(5 * time.Second)
		w.legs[1].Cut()
		w.world.Run(3 * time.Second)
		w.ts[0].SetRequests(tserversim.Requests{})
		w.world.RunUntil(time.Second, func() bool { return w.ts[0].Outstanding() == 0 })
		before := w.sw.Stats().Requests
		w.legs[1].Open()
		if !w.world.RunUntil(10*time.Second, w.ts[1].InStep) {
			t.Fatalf("round %d: not in step again: %+v", round, w.ts[1].Stats())
		}
		for service, n := range w.sw.Stats().Requests {
			if service != csta.SystemStatus && n > before[service] {
				t.Errorf("round %d: the return cost %d × %v", round, n-before[service], service)
			}
		}
		w.world.Run(2 * time.Second)
		if !w.still() {
			t.Fatalf("round %d: not quiet", round)
		}
		w.compare(t, round)
	}
}

func (w *trio) compare(t *testing.T, round int) {
	t.Helper()
	sent := w.sw.Ledger()
	if err := check.Sent(sent, w.ts[0].Ledger(), w.ts[0].CrossRefs()); err != nil {
		t.Errorf("round %d: primary: %v", round, err)
	}
	backup := w.ts[1]
	if _, err := check.Returned(w.speaks.NewCodec(), sent, backup.Ledger(), backup.CrossRefs()); err != nil {
		t.Errorf("round %d: backup: %v", round, err)
	}
	for i, ts := range w.ts {
		if d := check.Truth(ts.Model(), w.sw.Truth()); d != "" {
			t.Errorf("round %d: T-Server %d and the switch:\n%s", round, i+1, d)
		}
		if stats := ts.Stats(); stats.Faults() > 0 {
			t.Errorf("round %d: T-Server %d: %+v", round, i+1, stats)
		}
	}
	if d := w.ts[1].Model().Diff(w.ts[0].Model()); d != "" {
		t.Errorf("round %d: backup and primary:\n%s", round, d)
	}
}

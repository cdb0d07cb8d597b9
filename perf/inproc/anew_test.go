package inproc_test

import (
	"testing"
	"time"

	"haproxy/perf/ledger"
	"haproxy/perf/pipe"
	"haproxy/perf/protocols"
	"haproxy/perf/switchsim"
)

// The switch is another process after a link loss: it counts its events, calls and monitors from one, and
// T-Servers that stayed, and one that comes later, find nothing doubled or out of order.
func TestSwitchProcessIsAnother(t *testing.T) {
	each(t, 1, switchProcessIsAnother)
}

func switchProcessIsAnother(t *testing.T, p protocols.Protocol, seed uint64) {
	t.Helper()
	plant := switchsim.Plant{Stations: 20, Agents: 5, Groups: 1, Trunks: 5}
	busy := switchsim.Load{Calls: 8, Features: 3, Pace: 200 * time.Millisecond}
	w := newTrio(p, seed, plant, pipe.Net{Delay: 2 * time.Millisecond}, switchsim.Options{Process: 1})
	w.link.Open()
	w.legs[0].Open()
	if !w.world.RunUntil(20*time.Second, w.ts[0].InStep) {
		t.Fatal("not in step")
	}
	w.sw.SetLoad(busy)
	w.world.Run(10 * time.Second)
	w.link.Cut()
	w.world.Run(time.Second)

	w.sw = switchsim.New(p.Switch(switchsim.Options{
		Seed: seed + 1, Plant: plant, Process: 2, Log: ledger.Full, MonitorLimit: 1,
	}))
	w.link = w.world.Join(w.sw, w.proxy.Link(), w.net)
	w.link.Open()
	w.world.Run(5 * time.Second)
	w.sw.SetLoad(busy)
	w.world.Run(5 * time.Second)
	w.legs[1].Open()
	if !w.world.RunUntil(20*time.Second, w.ts[1].InStep) {
		t.Fatal("the backup is not in step")
	}
	w.world.Run(5 * time.Second)
	if !w.still() {
		t.Fatal("not quiet")
	}
	if sent := w.sw.Stats().Events; sent < 100 {
		t.Fatalf("%d events of the second process show nothing", sent)
	}
	for i, ts := range w.ts {
		stats := ts.Stats()
		if stats.Disordered+stats.Corrupt > 0 || ts.LastStamp() == 0 {
			t.Errorf("T-Server %d: %+v", i+1, stats)
		}
	}
}

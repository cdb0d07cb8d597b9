package inproc_test

import (
	"testing"
	"time"

	"haproxy/perf/pipe"
	"haproxy/perf/protocols"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// Both T-Servers route the same calls: the switch sees one RouteSelect a dialogue, and goes on
// being answered while one of them is away.
func TestRouteing(t *testing.T) {
	each(t, 4, routeing)
}

func routeing(t *testing.T, p protocols.Protocol, seed uint64) {
	t.Helper()
	if !p.HasRouteing() {
		t.Skip("phase I has no routeing")
	}
	plant := switchsim.Plant{Stations: 20, Agents: 5, Groups: 1, Trunks: 10, RoutePoints: 2}
	net := pipe.Net{Delay: time.Millisecond, Jitter: time.Millisecond}
	w := newTrio(p, seed, plant, net, switchsim.Options{})
	for i := range w.ts {
		w.replace(i, tserversim.Options{
			Seed: seed*2 + uint64(i), Devices: plant.Numbers(), Ask: tserversim.AskAll,
			Routes: []string{"6001", "6002"},
		})
	}
	w.link.Open()
	w.legs[0].Open()
	w.legs[1].Open()
	both := func() bool { return w.ts[0].InStep() && w.ts[1].InStep() }
	if !w.world.RunUntil(20*time.Second, both) {
		t.Fatalf("not in step: %+v", w.ts[0].Stats())
	}
	w.sw.SetLoad(switchsim.Load{Calls: 10, Pace: 100 * time.Millisecond})
	for range 3 {
		w.world.Run(10 * time.Second)
		w.legs[1].Cut()
		w.world.Run(5 * time.Second)
		w.legs[1].Open()
	}
	w.world.Run(5 * time.Second)
	s := w.sw.Stats()
	if s.RouteRequests < 50 || s.RouteSelects < s.RouteRequests*9/10 || s.RouteTimeouts > 0 {
		t.Errorf("seed %d: %d route requests, %d selects, %d time-outs", seed, s.RouteRequests,
			s.RouteSelects, s.RouteTimeouts)
	}
	if s.StaleSelects > 0 {
		t.Errorf("seed %d: %d selects for dialogues that were over", seed, s.StaleSelects)
	}
	if n := w.ts[0].Stats().Routed; n < s.RouteRequests {
		t.Errorf("seed %d: T-Server 1 saw %d of %d route requests", seed, n, s.RouteRequests)
	}
}

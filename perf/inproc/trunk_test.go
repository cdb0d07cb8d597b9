package inproc_test

import (
	"testing"
	"time"

	"haproxy/perf/pipe"
	"haproxy/perf/protocols"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// Trunks are monitored too: their own connections are never the subject of an event, and their first
// event of a call may be that it was diverted elsewhere.
func TestTrunksMonitored(t *testing.T) {
	each(t, 4, trunksMonitored)
}

func trunksMonitored(t *testing.T, p protocols.Protocol, seed uint64) {
	t.Helper()
	plant := switchsim.Plant{Stations: 30, Agents: 8, Groups: 2, Trunks: 8}
	w := newTrio(p, seed, plant, pipe.Net{}, switchsim.Options{})
	for i := range w.ts {
		w.replace(i, tserversim.Options{
			Seed:    seed*2 + uint64(i),
			Devices: append(plant.Numbers(), plant.TrunkNumbers()...), Ask: tserversim.AskAll,
		})
	}
	w.link.Open()
	w.legs[0].Open()
	w.legs[1].Open()
	both := func() bool { return w.ts[0].InStep() && w.ts[1].InStep() }
	if !w.world.RunUntil(20*time.Second, both) {
		t.Fatal("not in step")
	}
	for round := range 6 {
		w.sw.SetLoad(switchsim.Load{Calls: 10, Features: 4, Pace: 200 * time.Millisecond})
		w.world.Run(5 * time.Second)
		w.legs[1].Cut()
		w.world.Run(3 * time.Second)
		w.legs[1].Open()
		w.world.RunUntil(20*time.Second, w.ts[1].InStep)
		w.world.Run(2 * time.Second)
		if !w.still() {
			t.Fatalf("seed %d, round %d: not quiet", seed, round)
		}
		w.compare(t, round)
	}
}

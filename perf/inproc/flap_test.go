package inproc_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"haproxy/perf/pipe"
	"haproxy/perf/protocols"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// The backup comes and goes a hundred times, mostly before it is in step, while calls and requests of
// the primary run; then it stays and has everything.
func TestBackupFlaps(t *testing.T) {
	each(t, 5, backupFlaps)
}

func backupFlaps(t *testing.T, p protocols.Protocol, seed uint64) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(seed, 3))
	plant := switchsim.Plant{Stations: 30, Agents: 8, Groups: 2, Trunks: 8}
	net := pipe.Net{Delay: 3 * time.Millisecond, Jitter: 5 * time.Millisecond, Pieces: true}
	w := newTrio(p, seed, plant, net, switchsim.Options{CallIDs: 64})
	w.link.Open()
	w.legs[0].Open()
	if !w.world.RunUntil(20*time.Second, w.ts[0].InStep) {
		t.Fatal("not in step")
	}
	w.sw.SetLoad(switchsim.Load{Calls: 10, Features: 4, Pace: 100 * time.Millisecond})
	w.ts[0].SetRequests(tserversim.Requests{Rate: 20, Control: true})
	for range 100 {
		w.legs[1].Open()
		w.world.Run(time.Duration(rnd.Int64N(int64(120 * time.Millisecond))))
		w.legs[1].Cut()
		w.world.Run(time.Duration(rnd.Int64N(int64(120 * time.Millisecond))))
	}
	w.legs[1].Open()
	if !w.world.RunUntil(20*time.Second, w.ts[1].InStep) {
		t.Fatalf("seed %d: not in step: %+v", seed, w.ts[1].Stats())
	}
	w.world.Run(2 * time.Second)
	if !w.still() {
		t.Fatalf("seed %d: not quiet", seed)
	}
	w.compare(t, 0)
	starts := w.sw.Stats().Monitors
	if starts != len(plant.Numbers()) {
		t.Errorf("seed %d: %d monitors started for %d devices", seed, starts, len(plant.Numbers()))
	}
}

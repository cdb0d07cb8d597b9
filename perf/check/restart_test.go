package check_test

import (
	"testing"
	"time"

	"haproxy/codec/csta"
	"haproxy/codec/cstaxml"
	"haproxy/perf/check"
	"haproxy/perf/pipe"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// A switch that says enabled has lost its monitors: the T-Server starts again on the same leg and then
// believes what is so. A lost leg and a monitor stopped by the switch are survived likewise.
func TestSwitchRestarts(t *testing.T) {
	plant := switchsim.Plant{Stations: 20, Agents: 5, Groups: 1, Trunks: 5}
	sw := switchsim.New(switchsim.Options{
		Codec: cstaxml.New(), Seed: 2, Plant: plant, SegmentSize: 1,
		Load: switchsim.Load{Calls: 8, Features: 3, Pace: 200 * time.Millisecond},
	})
	ts := tserversim.New(tserversim.Options{
		Codec: cstaxml.New(), Seed: 2, Devices: plant.Numbers(), Ask: tserversim.AskAll,
	})
	w := pipe.New(2, epoch)
	leg := w.Join(sw, ts, pipe.Net{Delay: 2 * time.Millisecond, Jitter: time.Millisecond})
	inStep := func(what string) {
		t.Helper()
		leg.Open()
		if !w.RunUntil(10*time.Second, ts.InStep) {
			t.Fatalf("%s: not in step: %+v", what, ts.Stats())
		}
		w.Run(5 * time.Second)
		load := sw.Load()
		sw.SetLoad(switchsim.Load{Still: true})
		w.RunUntil(time.Second, w.Quiet)
		if d := check.Truth(ts.Model(), sw.Truth()); d != "" {
			t.Errorf("%s:\n%s", what, d)
		}
		if stats := ts.Stats(); stats.Faults() > stats.Foreign {
			t.Errorf("%s: %+v", what, stats)
		}
		sw.SetLoad(load)
	}
	inStep("start")
	sw.SetStatus(csta.StatusEnabled)
	w.Run(10 * time.Millisecond)
	inStep("enabled")
	if ts.Stats().Restarts != 1 || sw.Monitors() != len(plant.Numbers()) {
		t.Errorf("%d restarts, %d monitors", ts.Stats().Restarts, sw.Monitors())
	}
	sw.DropLink()
	w.Run(time.Second)
	if leg.Up() || ts.Phase() != tserversim.PhaseDown {
		t.Fatal("the link was not dropped")
	}
	inStep("link dropped")
	for ref := range ts.CrossRefs() {
		sw.StopMonitor(ref)
		break
	}
	inStep("monitor stopped")
	if ts.Stats().MonitorsLost != 1 {
		t.Errorf("%d monitors lost", ts.Stats().MonitorsLost)
	}
}

// An application session is kept alive by its timer's resets.
func TestSessionLives(t *testing.T) {
	sw := switchsim.New(switchsim.Options{
		Codec: cstaxml.New(), Link: switchsim.LinkOptions{Session: true},
	})
	ts := tserversim.New(tserversim.Options{
		Codec: cstaxml.New(), Devices: switchsim.Plant{}.Numbers(), Session: true,
	})
	w := pipe.New(3, epoch)
	w.Join(sw, ts, pipe.Net{}).Open()
	w.Run(21 * time.Minute)
	resets := sw.Stats().Requests[csta.ResetApplicationSessionTimer]
	if !ts.InStep() || resets != 3 || ts.Stats().ErrorsAll > 0 {
		t.Errorf("%v, %d resets, %+v", ts.Phase(), resets, ts.Stats())
	}
}

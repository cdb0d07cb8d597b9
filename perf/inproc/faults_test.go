package inproc_test

import (
	"testing"
	"time"

	"haproxy/perf/check"
	"haproxy/perf/pipe"
	"haproxy/perf/protocols"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// A switch that answers badly, or not at all, mixes nothing up: what T-Servers get are answers to
// their own requests and the events of their monitors.
func TestBadSwitch(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault switchsim.Faults
	}{
		{"never", switchsim.Faults{Never: 0.02}},
		{"late", switchsim.Faults{Late: 0.05, LateBy: 2 * time.Second}},
		{"too late", switchsim.Faults{Late: 0.02, LateBy: 40 * time.Second}},
		{"twice", switchsim.Faults{Twice: 0.1}},
		{"odd events", switchsim.Faults{Unknown: 0.05, Garbage: 0.05}},
		{"events first", switchsim.Faults{EventFirst: 0.5}},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, 3, func(t *testing.T, p protocols.Protocol, seed uint64) {
				t.Helper()
				badSwitch(t, p, seed, c.fault)
			})
		})
	}
}

func badSwitch(t *testing.T, p protocols.Protocol, seed uint64, fault switchsim.Faults) {
	t.Helper()
	plant := switchsim.Plant{Stations: 20, Agents: 5, Groups: 1, Trunks: 5}
	w := newTrio(p, seed, plant, pipe.Net{Delay: time.Millisecond, Pieces: true}, switchsim.Options{
		Fault: fault, SegmentSize: 1,
		Link: switchsim.LinkOptions{LatencyMax: 20 * time.Millisecond},
	})
	w.link.Open()
	w.legs[0].Open()
	w.legs[1].Open()
	both := func() bool { return w.ts[0].InStep() && w.ts[1].InStep() }
	if !w.world.RunUntil(4*time.Minute, both) {
		t.Fatalf("not in step: %+v\n%+v", w.ts[0].Stats(), w.ts[1].Stats())
	}
	w.sw.SetLoad(switchsim.Load{Calls: 8, Features: 2, Pace: 200 * time.Millisecond})
	for _, ts := range w.ts {
		ts.SetRequests(tserversim.Requests{Rate: 8, Control: true})
	}
	w.world.Run(90 * time.Second)
	for _, ts := range w.ts {
		ts.SetRequests(tserversim.Requests{})
	}
	w.world.Run(45 * time.Second)
	if !w.still() {
		t.Fatal("not quiet")
	}
	for i, ts := range w.ts {
		if s := ts.Stats(); s.Faults()-s.Disagreed > 0 {
			t.Errorf("T-Server %d: %+v", i+1, s)
		}
		if err := check.Sent(w.sw.Ledger(), ts.Ledger(), ts.CrossRefs()); err != nil {
			t.Errorf("T-Server %d: %v", i+1, err)
		}
	}
	if s := w.sw.Stats(); s.DuplicateInvokes > 0 || s.Undecodable > 0 {
		t.Errorf("switch: %+v", s)
	}
}

// The link is lost again and again: T-Servers keep their legs, their monitors and their cross
// reference IDs, and go on with the events of the new link.
func TestLinkLoss(t *testing.T) {
	each(t, 8, linkLoss)
}

func linkLoss(t *testing.T, p protocols.Protocol, seed uint64) {
	t.Helper()
	plant := switchsim.Plant{Stations: 20, Agents: 5, Groups: 1, Trunks: 5}
	w := newTrio(p, seed, plant, pipe.Net{Delay: time.Millisecond}, switchsim.Options{})
	w.link.Open()
	w.legs[0].Open()
	w.legs[1].Open()
	both := func() bool { return w.ts[0].InStep() && w.ts[1].InStep() }
	if !w.world.RunUntil(20*time.Second, both) {
		t.Fatal("not in step")
	}
	w.sw.SetLoad(switchsim.Load{Calls: 8, Features: 2, Pace: 200 * time.Millisecond})
	for _, ts := range w.ts {
		ts.SetRequests(tserversim.Requests{Rate: 10, Control: true})
	}
	refs := w.ts[0].CrossRefs()
	before := w.ts[0].Stats().Disabled // a leg that came before the link was normal
	for round := range 5 {
		w.world.Run(3 * time.Second)
		w.link.Cut()
		w.world.Run(500 * time.Millisecond)
		w.link.Open()
		w.world.Run(2 * time.Second)
		if n := w.sw.Monitors(); n != len(refs) {
			t.Errorf("seed %d, round %d: %d of %d monitors restored", seed, round, n, len(refs))
		}
	}
	if !w.still() {
		t.Fatal("not quiet")
	}
	for i, ts := range w.ts {
		s := ts.Stats()
		if diff := check.Truth(ts.Model(), inService(w.sw.Truth(), ts.Model())); diff != "" {
			t.Errorf("seed %d: T-Server %d:\n%s", seed, i+1, diff)
		}
		if s.Faults() > 0 || s.Legs > 1 {
			t.Errorf("seed %d: T-Server %d: %+v", seed, i+1, s)
		}
		if s.Disabled != before+5 {
			t.Errorf("seed %d: T-Server %d was told of %d losses", seed, i+1, s.Disabled-before)
		}
	}
	if err := check.Same(w.ts[0].Ledger(), w.ts[1].Ledger()); err != nil {
		t.Errorf("seed %d: %v", seed, err)
	}
}

// inService makes a truth say of each device what the model does: whether it is in service can be asked
// of no switch, so that an event about it that nobody heard stays unknown.
func inService(truth switchsim.Truth, model *tserversim.Model) switchsim.Truth {
	for i := range truth.Devices {
		if v := model.View(truth.Devices[i].Number); v != nil {
			truth.Devices[i].OutOfService = v.OutOfService
		}
	}
	return truth
}

package check_test

import (
	"fmt"
	"testing"
	"time"

	"haproxy/perf/check"
	"haproxy/perf/ledger"
	"haproxy/perf/pipe"
	"haproxy/perf/protocols"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

var epoch = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// A T-Server that is joined to the switch itself believes what is so, call by call, after thousands
// of random calls, requests and feature changes.
func TestModelIsTruth(t *testing.T) {
	for _, p := range protocols.Tested() {
		for seed := range uint64(4) {
			t.Run(fmt.Sprintf("%v, seed %d", p, seed), func(t *testing.T) { modelIsTruth(t, p, seed) })
		}
	}
}

func modelIsTruth(t *testing.T, p protocols.Protocol, seed uint64) {
	t.Helper()
	plant := switchsim.Plant{Stations: 40, Agents: 12, Groups: 2, Trunks: 10, RoutePoints: 2}
	load := switchsim.Load{
		Calls: 15, Features: 4, EventLen: 600, Pace: 200 * time.Millisecond,
	}
	sw := switchsim.New(p.Switch(switchsim.Options{
		Seed: seed, Plant: plant, CallIDs: 64, SegmentSize: 1,
		Link:  switchsim.LinkOptions{Session: p.IsXML() && seed%2 == 1, Heartbeat: 3 * time.Second},
		Load:  load,
		Log:   ledger.Full,
		Fault: switchsim.Faults{EventFirst: 0.3},
	}))
	ts := tserversim.New(p.TServer(tserversim.Options{
		Seed: seed, Ask: tserversim.AskAll,
		Devices: append(plant.Numbers(), plant.TrunkNumbers()...),
		Session: p.IsXML() && seed%2 == 1, Routes: []string{"6001"}, Log: ledger.Full, Heartbeat: time.Second,
		Requests: tserversim.Requests{Rate: 30, Control: true, Wrong: 0.02},
	}))
	w := pipe.New(seed, epoch)
	leg := w.Join(sw, ts, pipe.Net{
		Delay: time.Millisecond, Jitter: 3 * time.Millisecond, Pieces: true,
		Framing: p.Framing, FrameMax: p.FrameMax(),
	})
	w.Run(3 * time.Second) // calls that are older than the monitors
	leg.Open()
	if !w.RunUntil(20*time.Second, ts.InStep) {
		t.Fatalf("not in step: %v, %+v", ts.Phase(), ts.Stats())
	}
	for round := range 25 {
		w.Run(3 * time.Second)
		sw.SetLoad(switchsim.Load{Still: true})
		ts.SetRequests(tserversim.Requests{})
		if !w.RunUntil(time.Second, w.Quiet) {
			continue
		}
		if d := check.Truth(ts.Model(), sw.Truth()); d != "" {
			t.Fatalf("round %d:\n%s", round, d)
		}
		sw.SetLoad(load)
		ts.SetRequests(tserversim.Requests{Rate: 30, Control: true, Wrong: 0.02})
	}
	sent, got := sw.Stats(), ts.Stats()
	if got.Faults() > 0 || sent.Unencodable > 0 || sent.Undecodable > 0 || got.Undecodable > 0 {
		t.Errorf("faults: %+v\n%+v", got, sent)
	}
	if sw.Ledger().Count() == 0 || sw.Ledger().Chain() != ts.Ledger().Chain() {
		t.Errorf("sent %d events, got %d", sw.Ledger().Count(), ts.Ledger().Count())
	}
	if seed == 0 {
		t.Logf("%+v", sent)
		t.Logf("%+v", got)
	}
}

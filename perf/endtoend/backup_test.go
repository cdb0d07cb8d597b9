package endtoend

import (
	"fmt"
	"testing"
	"time"

	"haproxy/perf/check"
	"haproxy/perf/ledger"
	"haproxy/perf/protocols"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

var plant = switchsim.Plant{Stations: 60, Agents: 16, Groups: 2, Trunks: 12}

var busy = switchsim.Load{Calls: 25, Features: 5, EventLen: 600, Pace: 30 * time.Millisecond}

// A backup that is killed amid calls and returns is given the journal of each monitor, then the live
// stream from the cut; its call model equals the primary's, and the switch saw no request for it.
func TestBackupReturns(t *testing.T) {
	each(t, protocols.Tested(), func(t *testing.T, p protocols.Protocol) {
		t.Helper()
		backupReturns(t, p, 1)
	})
	for _, seed := range []uint64{0, 2} {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			backupReturns(t, protocols.Tested()[0], seed)
		})
	}
}

func backupReturns(t *testing.T, p protocols.Protocol, seed uint64) {
	t.Helper()
	r := newRig(t, setup{speaks: p, sw: switchsim.Options{
		Seed: seed, Plant: plant, MonitorLimit: 1, Log: ledger.Full,
		Fault: switchsim.Faults{EventFirst: 0.2},
	}})
	opts := tserversim.Options{
		Devices: plant.Numbers(), Ask: tserversim.AskAll,
		Requests: tserversim.Requests{Rate: 100, Control: true, Wrong: 0.02},
	}
	primary := r.tserver("primary", seed+1, opts)
	backup := r.tserver("backup", seed+2, opts)
	r.join(primary, 0)
	r.join(backup, 1)
	r.sw.With(func(core *switchsim.Switch) { core.SetLoad(busy) }) // no call is older than its monitor
	for range 3 {
		r.sleepEvents(500)
		backup.Kill()
		r.sleepEvents(500)
		starts := r.metric("monitors_joined_total")
		before := r.sw.Stats()
		r.join(backup, 1)
		after := r.sw.Stats()
		if n := r.metric("monitors_joined_total") - starts; int(n) < len(opts.Devices) {
			t.Errorf("%v monitors joined", n)
		}
		if before.Monitors != after.Monitors {
			t.Errorf("the switch was asked for monitors: %d, then %d", before.Monitors, after.Monitors)
		}
		r.sleepEvents(500)
	}
	r.quiet(primary, backup)
	r.equal(primary, backup)
}

// equal compares both T-Servers with the switch and with each other.
func (r *rig) equal(primary, backup *tserversim.Client) {
	r.t.Helper()
	r.sw.With(func(sw *switchsim.Switch) {
		primary.With(func(p *tserversim.TServer) {
			backup.With(func(b *tserversim.TServer) {
				if err := check.Sent(sw.Ledger(), p.Ledger(), p.CrossRefs()); err != nil {
					r.t.Errorf("primary: %v", err)
				}
				replay, err := check.Returned(r.speaks.NewCodec(), sw.Ledger(), b.Ledger(), b.CrossRefs())
				if err != nil {
					r.t.Errorf("backup: %v", err)
				}
				r.t.Logf("%d events sent, %d replayed and %d live to the backup", sw.Ledger().Count(),
					replay.Replayed, replay.Live)
				if d := check.Truth(p.Model(), sw.Truth()); d != "" {
					r.t.Errorf("primary's model and the truth:\n%s", d)
				}
				if d := p.Model().Diff(b.Model()); d != "" {
					r.t.Errorf("primary's model and the backup's:\n%s", d)
				}
				for _, ts := range []*tserversim.TServer{p, b} {
					if stats := ts.Stats(); stats.Faults() > 0 {
						r.t.Errorf("faults: %+v", stats)
					}
				}
			})
		})
	})
}

// sleepEvents waits until the switch has sent so many more events.
func (r *rig) sleepEvents(n int) {
	r.t.Helper()
	target := 0
	r.sw.With(func(core *switchsim.Switch) { target = core.Ledger().Count() + n })
	r.eventually("events", func() bool {
		count := 0
		r.sw.With(func(core *switchsim.Switch) { count = core.Ledger().Count() })
		return count >= target
	})
}

package endtoend

import (
	"testing"

	"haproxy/codec/csta"
	"haproxy/perf/check"
	"haproxy/perf/ledger"
	"haproxy/perf/protocols"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// Two T-Servers on the same monitors receive every event of the switch byte for byte and in order; N
// devices cost the switch N MonitorStarts; requests under equal invoke IDs reach it once each and are
// answered to their askers.
func TestTwins(t *testing.T) { each(t, protocols.Tested(), twins) }

func twins(t *testing.T, p protocols.Protocol) {
	t.Helper()
	r := newRig(t, setup{speaks: p, sw: switchsim.Options{
		Seed: 7, Plant: plant, MonitorLimit: 1, Log: ledger.Full,
	}})
	opts := tserversim.Options{Devices: plant.Numbers(), Ask: tserversim.AskAll}
	primary, backup := r.tserver("primary", 1, opts), r.tserver("backup", 1, opts)
	r.connect(primary, 0)
	r.join(backup, 1)
	r.inStep(primary) // its requests were on their way beside the other's
	r.sw.With(func(core *switchsim.Switch) { core.SetLoad(busy) })
	for _, c := range []*tserversim.Client{primary, backup} {
		c.With(func(core *tserversim.TServer) {
			core.SetRequests(tserversim.Requests{Rate: 300, Control: true, Wrong: 0.05})
		})
	}
	r.sleepEvents(5000)
	r.quiet(primary, backup)
	if n := r.sw.Stats().Requests[csta.MonitorStart]; n != len(opts.Devices) {
		t.Errorf("%d MonitorStarts for %d devices", n, len(opts.Devices))
	}
	primary.With(func(p *tserversim.TServer) {
		backup.With(func(b *tserversim.TServer) {
			if err := check.Same(p.Ledger(), b.Ledger()); err != nil {
				t.Error(err)
			}
			if p.Stats().Answers == 0 || b.Stats().Answers == 0 {
				t.Error("no requests were answered")
			}
		})
	})
	r.equal(primary, backup)
}

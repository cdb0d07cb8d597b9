package endtoend

import (
	"testing"

	"haproxy/codec/csta"
	"haproxy/fanout/hub"
	"haproxy/perf/ledger"
	"haproxy/perf/protocols"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// When the link is lost, T-Servers keep their legs and learn of it, the monitors are restored under the
// switch's new cross reference IDs, and those that T-Servers hold stay valid.
func TestLinkLoss(t *testing.T) { each(t, protocols.Tested(), linkLoss) }

func linkLoss(t *testing.T, p protocols.Protocol) {
	t.Helper()
	r := newRig(t, setup{speaks: p, sw: switchsim.Options{
		Seed: 11, Plant: plant, MonitorLimit: 1, Log: ledger.Full,
	}})
	opts := tserversim.Options{Devices: plant.Numbers(), Ask: tserversim.AskAll}
	primary, backup := r.tserver("primary", 1, opts), r.tserver("backup", 2, opts)
	r.join(primary, 0)
	r.join(backup, 1)
	r.sw.With(func(core *switchsim.Switch) { core.SetLoad(busy) })
	r.sleepEvents(300)
	for range 2 {
		restored := r.metric("monitors_restored_total")
		r.sw.With(func(core *switchsim.Switch) { core.DropLink() })
		r.eventually("monitors restored", func() bool {
			return r.metric("monitors_restored_total") == restored+float64(len(opts.Devices))
		})
		// Lost again before it was normal, the link's loss would be told once, not twice.
		r.eventually("the link is normal", func() bool { return r.metric("link_state") == float64(hub.LinkNormal) })
		r.sleepEvents(300)
	}
	r.quiet(primary, backup)
	for _, c := range []*tserversim.Client{primary, backup} {
		c.With(func(core *tserversim.TServer) {
			stats := core.Stats()
			if stats.Legs != 1 || stats.Disabled != 2 || stats.Foreign != 0 || stats.MonitorsLost != 0 {
				t.Errorf("%+v", stats)
			}
		})
	}
	if n := r.sw.Stats().Requests[csta.MonitorStart]; n != 3*len(opts.Devices) {
		t.Errorf("%d MonitorStarts for %d devices on three links", n, len(opts.Devices))
	}
}

package endtoend

import (
	"sync/atomic"
	"testing"
	"time"

	"haproxy/codec/cstaxml"
	"haproxy/fanout/hub"
	"haproxy/perf/check"
	"haproxy/perf/ledger"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
	"haproxy/perf/wire"
)

// A T-Server that stands still is cut when its backlog passes the bound. The other gets every event
// meanwhile, and the one that was cut is served again when it returns.
func TestStandingStill(t *testing.T) {
	const bound = 2 << 20
	r := newRig(t, setup{
		sw: switchsim.Options{Seed: 3, Plant: plant, MonitorLimit: 1, Log: ledger.Full},
		hub: func(cfg *hub.Config) {
			cfg.TServers[1].BacklogMax = bound
			cfg.HeartbeatInterval = time.Minute // it is the backlog that has to find it
		},
	})
	var deaf atomic.Bool
	opts := tserversim.Options{Devices: plant.Numbers(), Ask: tserversim.AskAll}
	primary := r.tserver("primary", 1, opts)
	still := tserversim.NewClient(tserversim.New(tserversim.Options{
		Codec: cstaxml.New(), Name: "backup", Devices: plant.Numbers(), Ask: tserversim.AskAll,
		Log: ledger.Full,
	}), wire.Options{Deaf: deaf.Load})
	r.join(primary, 0)
	r.join(still, 1)
	deaf.Store(true)
	r.sw.With(func(core *switchsim.Switch) {
		core.SetLoad(switchsim.Load{Calls: 50, EventLen: 4000, Pace: 3 * time.Millisecond})
	})
	r.eventually("the T-Server that stands still is cut", func() bool {
		return r.closed("slow") == 1
	})
	r.sw.With(func(core *switchsim.Switch) { core.SetLoad(busy) }) // it may be slow, yet not cut again
	deaf.Store(false)
	<-still.Done()
	r.join(still, 1)
	r.sleepEvents(500)
	r.quiet(primary, still)
	r.equal(primary, still)
	primary.With(func(p *tserversim.TServer) {
		r.sw.With(func(sw *switchsim.Switch) {
			if err := check.Sent(sw.Ledger(), p.Ledger(), p.CrossRefs()); err != nil {
				t.Error(err)
			}
		})
	})
}

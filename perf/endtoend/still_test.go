package endtoend

import (
	"sync/atomic"
	"testing"
	"time"

	"haproxy/fanout/hub"
	"haproxy/perf/check"
	"haproxy/perf/ledger"
	"haproxy/perf/protocols"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// A T-Server that stands still is cut when its backlog passes the bound. The other gets every event
// meanwhile, and the one that was cut is served again when it returns.
func TestStandingStill(t *testing.T) { each(t, protocols.Phases(), standingStill) }

func standingStill(t *testing.T, p protocols.Protocol) {
	t.Helper()
	const bound = 2 << 20
	r := newRig(t, setup{
		speaks: p,
		sw:     switchsim.Options{Seed: 3, Plant: plant, MonitorLimit: 1, Log: ledger.Full},
		hub: func(cfg *hub.Config) {
			cfg.TServers[1].BacklogMax = bound
			cfg.HeartbeatInterval = time.Minute // it is the backlog that has to find it
		},
	})
	var deaf atomic.Bool
	opts := tserversim.Options{Devices: plant.Numbers(), Ask: tserversim.AskAll}
	primary := r.tserver("primary", 1, opts)
	wire := p.Wire()
	wire.Deaf = deaf.Load
	still := tserversim.NewClient(tserversim.New(p.TServer(tserversim.Options{
		Name: "backup", Devices: plant.Numbers(), Ask: tserversim.AskAll, Log: ledger.Full,
	})), wire)
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
	primary.With(func(ts *tserversim.TServer) {
		r.sw.With(func(sw *switchsim.Switch) {
			if err := check.Sent(sw.Ledger(), ts.Ledger(), ts.CrossRefs()); err != nil {
				t.Error(err)
			}
		})
	})
}

package endtoend

import (
	"fmt"
	"testing"
	"time"

	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// BenchmarkRecovery measures the time from a lost link until T-Servers are told that it is normal: it is
// dialled, every monitor is restored, every device compared, with thirty requests outstanding.
func BenchmarkRecovery(b *testing.B) {
	for _, devices := range []int{1000, 10000} {
		b.Run(fmt.Sprintf("devices=%d/calls=%d", devices, devices/5), func(b *testing.B) {
			recovery(b, devices)
		})
	}
}

func recovery(b *testing.B, devices int) {
	b.Helper()
	large := switchsim.Plant{Stations: devices, Agents: devices / 10, Groups: 4, Trunks: devices / 10}
	r := newRig(b, setup{sw: switchsim.Options{Seed: 1, Plant: large}})
	primary := r.tserver("primary", 1, tserversim.Options{
		Devices: large.Numbers()[:devices], Ask: tserversim.Ask{Snapshot: true}, Window: 512,
	})
	r.join(primary, 0)
	load := switchsim.Load{Calls: devices / 5, EventLen: 600, Pace: 2 * time.Second}
	r.sw.With(func(core *switchsim.Switch) { core.SetLoad(load) })
	r.eventually("calls", func() bool {
		calls := 0
		r.sw.With(func(core *switchsim.Switch) { calls = core.Calls() })
		return calls >= devices/5
	})
	asked := r.sw.Stats()
	b.ResetTimer()
	var total time.Duration
	for range b.N {
		was := disabled(primary)
		start := time.Now()
		r.sw.With(func(core *switchsim.Switch) { core.DropLink() })
		r.eventually("loss told", func() bool { return disabled(primary) > was })
		r.eventually("link normal", func() bool { return r.metric("link_state") == 3 })
		total += time.Since(start)
	}
	b.StopTimer()
	b.ReportMetric(total.Seconds()/float64(b.N), "s/recovery")
	b.ReportMetric(float64(r.sw.Stats().RequestsAll-asked.RequestsAll)/float64(b.N), "switch-requests")
	b.ReportMetric(r.metric("recovery_differences_total")/float64(b.N), "differences")
}

// disabled returns how often a T-Server was told that the link is lost.
func disabled(c *tserversim.Client) int {
	n := 0
	c.With(func(core *tserversim.TServer) { n = core.Stats().Disabled })
	return n
}

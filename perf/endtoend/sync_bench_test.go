package endtoend

import (
	"fmt"
	"testing"
	"time"

	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// BenchmarkBackupInStep measures the time from a backup's connect until it is in step with its primary:
// a MonitorStart and a SnapshotDevice for every device answered, and all live calls known. The switch
// must see none of it.
func BenchmarkBackupInStep(b *testing.B) {
	for _, devices := range []int{1000, 10000} {
		b.Run(fmt.Sprintf("devices=%d/calls=%d", devices, devices/5), func(b *testing.B) {
			backupInStep(b, devices)
		})
	}
}

func backupInStep(b *testing.B, devices int) {
	b.Helper()
	large := switchsim.Plant{Stations: devices, Agents: devices / 10, Groups: 4, Trunks: devices / 10}
	r := newRig(b, setup{sw: switchsim.Options{Seed: 1, Plant: large}})
	opts := tserversim.Options{
		Devices: large.Numbers()[:devices], Ask: tserversim.Ask{Snapshot: true}, Window: 512,
	}
	primary, backup := r.tserver("primary", 1, opts), r.tserver("backup", 2, opts)
	r.join(primary, 0)
	load := switchsim.Load{Calls: devices / 5, EventLen: 600, Pace: 500 * time.Millisecond}
	r.sw.With(func(core *switchsim.Switch) { core.SetLoad(load) })
	r.eventually("calls", func() bool {
		calls := 0
		r.sw.With(func(core *switchsim.Switch) { calls = core.Calls() })
		return calls >= devices/5
	})
	r.quiet(primary)
	r.join(backup, 1)
	asked := r.sw.Stats()
	b.ResetTimer()
	var total time.Duration
	for range b.N {
		backup.Kill()
		start := time.Now()
		r.join(backup, 1)
		total += time.Since(start)
	}
	b.StopTimer()
	b.ReportMetric(total.Seconds()/float64(b.N), "s/sync")
	b.ReportMetric(float64(r.sw.Stats().RequestsAll-asked.RequestsAll), "switch-requests")
	r.quiet(primary, backup)
	primary.With(func(p *tserversim.TServer) {
		backup.With(func(q *tserversim.TServer) {
			if d := p.Model().Diff(q.Model()); d != "" {
				b.Errorf("the models differ:\n%s", d)
			}
			b.ReportMetric(float64(p.Model().Calls()), "calls")
		})
	})
}

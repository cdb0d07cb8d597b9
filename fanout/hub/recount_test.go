package hub

import (
	"fmt"
	"strings"
	"testing"
)

// recount writes down what the hub tells of what stands.
func (r *rig) recount(out *strings.Builder) {
	certain := r.hub.Recount(func(tserver int, fromSwitch bool, frame []byte) bool {
		who, to := "switch", "->"
		if tserver >= 0 {
			who = r.cfg.TServers[tserver].Name
		}
		if fromSwitch {
			to = "<-"
		}
		fmt.Fprintf(out, "%s %s %s\n", who, to, r.describe(Link+1, frame))
		return true
	})
	if !certain {
		fmt.Fprintln(out, "not certain")
	}
}

// BenchmarkRecount is what stands at a site of so many devices, a fifth of them in a call.
func BenchmarkRecount(b *testing.B) {
	for _, devices := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprintf("devices=%d", devices), func(b *testing.B) {
			cfg := testConfig()
			bed := newSite(b, &cfg, devices, devices/5)
			told, messages := make([]byte, 0, 128<<20), 0
			b.ReportAllocs()
			for b.Loop() {
				told, messages = told[:0], 0
				bed.hub.Recount(func(_ int, _ bool, frame []byte) bool {
					told = append(told, frame...)
					messages++
					return true
				})
			}
			b.ReportMetric(float64(messages), "messages")
			b.ReportMetric(float64(len(told)), "bytes")
		})
	}
}

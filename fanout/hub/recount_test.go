package hub

import (
	"fmt"
	"strings"
	"testing"

	"haproxy/codec/csta"
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

// site is a bed with so many monitored devices whose state both T-Servers asked for, and live calls at some.
func site(tb testing.TB, devices, calls int) *bed {
	tb.Helper()
	cfg := testConfig()
	b := newBed(tb, &cfg)
	for i := range devices {
		device, ref := fmt.Sprint(20_000+i), fmt.Sprintf("x%05d", i)
		b.monitor(device, ref)
		for _, service := range deviceServices {
			id := b.ask(&csta.Message{Kind: csta.KindRequest, Service: service, Invoke: 2, Device: dialled(device)})
			b.fromLink(&csta.Message{Kind: csta.KindResponse, Service: service, Invoke: id})
		}
		if i >= calls {
			continue
		}
		for _, frm := range b.wholeCall(ref, fmt.Sprintf("call-%05d", i), device, 600)[:4] {
			b.hub.FromLink(b.now, frm)
			b.drain()
		}
	}
	return b
}

// BenchmarkRecount is what stands at a site of so many devices, a fifth of them in a call.
func BenchmarkRecount(b *testing.B) {
	for _, devices := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprintf("devices=%d", devices), func(b *testing.B) {
			bed := site(b, devices, devices/5)
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

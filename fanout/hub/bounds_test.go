package hub

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"haproxy/codec/csta"
	"haproxy/codec/frame"
)

// TestMoreOutstandingThanInvokeIDs lets a T-Server have more requests under way than there are
// invoke IDs, to a switch that answers none of them in time: every one is failed, memory is
// bounded, and the answers that come late reach nobody.
func TestMoreOutstandingThanInvokeIDs(t *testing.T) {
	cfg := testConfig()
	cfg.RequestOutstanding, cfg.RequestQueue = 16_384, 2_000
	cfg.TServers[0].BacklogMax = 64 << 20
	b := newBed(t, &cfg)
	var sent [][]byte
	answered := make(map[csta.InvokeID]int)
	take := func() {
		for _, out := range b.hub.Outputs() {
			for _, run := range out.Runs {
				for len(run) > 0 {
					n := int(run[2])<<8 | int(run[3])
					switch out.Leg {
					case Link:
						sent = append(sent, append([]byte(nil), run[:n]...))
					case primaryLeg:
						answered[frame.ECMA323InvokeID(run)]++
					}
					run = run[n:]
				}
			}
		}
		b.drain()
	}
	const requests = 15_000
	for i := range requests {
		b.hub.FromLeg(b.now, primaryLeg, b.make(&csta.Message{
			Kind: csta.KindRequest, Service: csta.GetAutoAnswer, Invoke: csta.InvokeID(i % 9999),
			Device: dialled(fmt.Sprint(i)),
		}))
		take()
	}
	seen := make(map[csta.InvokeID]bool)
	for _, frm := range sent {
		id := frame.ECMA323InvokeID(frm)
		if seen[id] || id > 9998 {
			t.Fatalf("invoke ID %d is used twice", id)
		}
		seen[id] = true
	}
	if len(sent) != 9999 || b.hub.queue.len() != cfg.RequestQueue/2 {
		t.Fatalf("%d are outstanding, %d wait", len(sent), b.hub.queue.len())
	}
	b.now = b.now.Add(31 * time.Second)
	b.hub.Tick(b.now)
	take()
	total := 0
	for _, n := range answered {
		total += n
	}
	if total != requests {
		t.Errorf("%d requests were answered, not %d", total, requests)
	}
	for _, frm := range sent[:9999] {
		b.fromLink(&csta.Message{
			Kind: csta.KindResponse, Service: csta.GetAutoAnswer, Invoke: frame.ECMA323InvokeID(frm),
		})
	}
	if late := b.hub.counters[countAnswersLate]; late != 9999 {
		t.Errorf("%d answers are late, not 9999", late)
	}
}

// BenchmarkMemory is what 100,000 monitored devices and 20,000 live calls of 10 events of 700 bytes
// take.
func BenchmarkMemory(b *testing.B) {
	const devices, calls, events = 100_000, 20_000, 10
	for b.Loop() {
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		cfg := testConfig()
		cfg.JournalMax = 1 << 30
		bed := newBed(b, &cfg)
		for i := range devices {
			device, ref := fmt.Sprint(200_000+i), fmt.Sprintf("x%06d", i)
			bed.monitor(device, ref)
			for n := range events {
				if i >= calls {
					break
				}
				e, local := csta.EventOriginated, csta.ConnectionConnected
				if n == 0 {
					e, local = csta.EventServiceInitiated, csta.ConnectionInitiated
				}
				call := fmt.Sprintf("call-%06d", i)
				bed.hub.FromLink(bed.now, bed.event(e, ref, call, device, local, 700))
				bed.drain()
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB")
		if n := bed.hub.state.Stats().JournalEntries; n != calls*events {
			b.Fatalf("the journal holds %d events", n)
		}
		runtime.KeepAlive(bed)
	}
}

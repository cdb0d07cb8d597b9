package switchsim_test

import (
	"testing"
	"time"

	"haproxy/codec/csta"
	"haproxy/codec/cstaxml"
	"haproxy/perf/switchsim"
)

// How fast the switch makes events: it must not be what a benchmark of a proxy measures.
func BenchmarkEvents(b *testing.B) {
	plant := switchsim.Plant{Stations: 10_000, Agents: 1000, Groups: 10, Trunks: 2500}
	sw := switchsim.New(switchsim.Options{
		Codec: cstaxml.New(), Seed: 1, Plant: plant,
		Load: switchsim.Load{Calls: 2000, Pace: 300 * time.Millisecond, EventLen: 600},
	})
	now := epoch
	sw.Up(now)
	c := cstaxml.New()
	for i, number := range plant.Numbers() {
		frame, err := c.Append(nil, &csta.Message{
			Kind: csta.KindRequest, Service: csta.MonitorStart, Device: device(number),
			Invoke: csta.InvokeID(i%9000 + 1),
		})
		if err != nil {
			b.Fatal(err)
		}
		sw.Step(now, frame)
	}
	sw.Out()
	began := sw.Stats()
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(time.Millisecond)
		sw.Tick(now)
		sw.Out()
	}
	stats := sw.Stats()
	events := float64(stats.Events - began.Events)
	b.ReportMetric(events/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(stats.EventBytes-began.EventBytes)/events, "B/event")
}

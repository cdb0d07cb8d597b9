package endtoend

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/codec/cstaxml"
	"haproxy/fanout/hub"
)

// crowd is the size of the largest link promised.
const (
	crowdDevices   = 100_000
	crowdCalls     = 20_000
	crowdEvents    = 10 // of each call
	crowdEventSize = 700
)

// BenchmarkMemory prints what the largest link costs: 100,000 devices monitored by two T-Servers, and
// 20,000 live calls of 10 events of 700 bytes each, all of them in the journal.
func BenchmarkMemory(b *testing.B) {
	for range b.N {
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		h := newCrowd(b)
		h.fill()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.Sys-before.Sys)/(1<<20), "MiB-from-system")
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB-live")
		stats := h.hub.Model().Stats()
		if stats.JournalEntries != crowdCalls*crowdEvents || stats.Monitors != crowdDevices {
			b.Fatalf("%+v", stats)
		}
		b.ReportMetric(float64(stats.JournalUsed)/(1<<20), "MiB-journal")
		runtime.KeepAlive(h)
	}
}

// crowd drives a hub without sockets.
type crowd struct {
	b     testing.TB
	hub   *hub.Hub
	sw    codec.Codec
	ts    codec.Codec
	now   time.Time
	msg   csta.Message
	frame []byte
	legs  []hub.LegID
}

func newCrowd(tb testing.TB) *crowd {
	tb.Helper()
	cfg := hubConfig()
	cfg.RequestOutstanding = 1000
	c := &crowd{
		b: tb, hub: hub.New(cfg), sw: cstaxml.New(), ts: cstaxml.New(),
		now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), legs: []hub.LegID{1, 2},
	}
	c.hub.LinkUp(c.now)
	c.tick(time.Second)
	c.fromLink(&csta.Message{Kind: csta.KindResponse, Service: csta.SystemRegister})
	for i, leg := range c.legs {
		c.hub.LegUp(c.now, leg, i)
		c.fromLeg(leg, &csta.Message{Kind: csta.KindRequest, Service: csta.SystemRegister})
	}
	if c.hub.State() != hub.LinkNormal {
		tb.Fatalf("the link is %v", c.hub.State())
	}
	return c
}

func (c *crowd) tick(d time.Duration) {
	c.now = c.now.Add(d)
	c.hub.Tick(c.now)
	c.done()
}

// done takes the outputs as a socket that is fast enough does.
func (c *crowd) done() {
	outputs := c.hub.Outputs()
	c.hub.Done()
	for _, out := range outputs {
		c.hub.Backlog(out.Leg, 0)
	}
}

func (c *crowd) fromLink(msg *csta.Message) {
	c.b.Helper()
	var err error
	if c.frame, err = c.sw.Append(c.frame[:0], msg); err != nil {
		c.b.Fatal(err)
	}
	c.hub.FromLink(c.now, c.frame)
	c.done()
}

func (c *crowd) fromLeg(leg hub.LegID, msg *csta.Message) {
	c.b.Helper()
	var err error
	if c.frame, err = c.ts.Append(c.frame[:0], msg); err != nil {
		c.b.Fatal(err)
	}
	c.hub.FromLeg(c.now, leg, c.frame)
}

// fill monitors every device by both T-Servers and starts every call.
func (c *crowd) fill() {
	c.b.Helper()
	for i := range crowdDevices {
		start := csta.Message{
			Kind: csta.KindRequest, Service: csta.MonitorStart, Invoke: csta.InvokeID(i % 9000),
			Device: csta.DeviceID{Form: csta.DeviceDialingNumber, Number: fmt.Appendf(nil, "%07d", i)},
		}
		c.fromLeg(c.legs[0], &start)
		c.answerMonitor(i)
		c.fromLeg(c.legs[1], &start)
		c.done()
	}
	for i := range crowdCalls {
		for n := range crowdEvents {
			c.fromLink(c.event(i, n))
		}
	}
}

// answerMonitor grants the MonitorStart that was just forwarded.
func (c *crowd) answerMonitor(i int) {
	c.b.Helper()
	var id csta.InvokeID = -1
	for _, out := range c.hub.Outputs() {
		if out.Leg != hub.Link {
			continue
		}
		if err := c.sw.Decode(&c.msg, out.Runs[0]); err != nil {
			c.b.Fatal(err)
		}
		id = c.msg.Invoke
	}
	if id < 0 {
		c.b.Fatalf("MonitorStart %d was not forwarded", i)
	}
	c.done()
	c.fromLink(&csta.Message{
		Kind: csta.KindResponse, Service: csta.MonitorStart, Invoke: id,
		CrossRef: fmt.Appendf(nil, "%010d", i),
	})
}

// event is the n-th event of a call on the monitor of its device: it is alerted, answers, and is held
// and retrieved in turn.
func (c *crowd) event(call, n int) *csta.Message {
	device := csta.DeviceID{Form: csta.DeviceDialingNumber, Number: fmt.Appendf(nil, "%07d", call)}
	kinds := []csta.Event{csta.EventHeld, csta.EventRetrieved}
	kind := kinds[n%2]
	switch n {
	case 0:
		kind = csta.EventDelivered
	case 1:
		kind = csta.EventEstablished
	}
	c.msg = csta.Message{
		Kind: csta.KindEvent, Event: kind, Invoke: 9999, CrossRef: fmt.Appendf(nil, "%010d", call),
		Subject: csta.ConnectionID{Call: fmt.Appendf(nil, "%032d", call), Device: device},
		Device:  device, Cause: csta.CauseNormal,
	}
	states := map[csta.Event]csta.ConnectionState{
		csta.EventDelivered: csta.ConnectionAlerting, csta.EventEstablished: csta.ConnectionConnected,
		csta.EventHeld: csta.ConnectionHold, csta.EventRetrieved: csta.ConnectionConnected,
	}
	c.msg.Local = states[kind]
	bare, err := c.sw.Append(nil, &c.msg)
	if err != nil {
		c.b.Fatal(err)
	}
	const around = len("<extensions></extensions>") + len("<private></private>") + len("<privateData></privateData>")
	pad := make([]byte, max(crowdEventSize-len(bare)-around, 0))
	for i := range pad {
		pad[i] = 'x'
	}
	c.msg.Private = fmt.Appendf(nil, "<privateData><private>%s</private></privateData>", pad)
	return &c.msg
}

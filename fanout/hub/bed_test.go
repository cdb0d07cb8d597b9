package hub

import (
	"fmt"
	"testing"
	"time"

	"haproxy/codec"
	"haproxy/codec/csta"
)

// bed is a hub with a normal link and two joined T-Servers, for tests that count rather than draw.
type bed struct {
	tb    testing.TB
	hub   *Hub
	now   time.Time
	in    *speech
	codec codec.Codec
}

// The legs of a bed.
const (
	primaryLeg LegID = 1
	backupLeg  LegID = 2
)

func newBed(tb testing.TB, cfg *Config) *bed {
	tb.Helper()
	return newBedIn(tb, cfg, &speeches[0])
}

// newBedIn is newBed in another protocol than XML.
func newBedIn(tb testing.TB, cfg *Config, in *speech) *bed {
	tb.Helper()
	cfg.NewCodec = in.codec
	b := &bed{tb: tb, hub: New(*cfg), now: epoch, in: in, codec: in.codec()}
	b.hub.LinkUp(b.now)
	b.fromLink(&csta.Message{
		Kind: csta.KindRequest, Service: csta.SystemStatus, Status: csta.StatusEnabled,
	})
	first, _ := b.codec.InvokeIDs()
	b.fromLink(&csta.Message{Kind: csta.KindResponse, Service: in.first(), Invoke: first})
	if b.hub.State() != LinkNormal {
		tb.Fatal("the link is", b.hub.State())
	}
	b.join(primaryLeg, 0)
	b.join(backupLeg, 1)
	return b
}

// join brings a T-Server's leg past its first message.
func (b *bed) join(leg LegID, tserver int) {
	b.hub.LegUp(b.now, leg, tserver)
	b.fromLeg(leg, &csta.Message{Kind: csta.KindRequest, Service: b.in.first()})
}

// make returns the frame of a message.
func (b *bed) make(msg *csta.Message) []byte {
	frm, err := b.codec.Append(nil, msg)
	if err != nil {
		b.tb.Fatal(err)
	}
	return frm
}

// fromLink and fromLeg step the hub with one message and give up what comes of it.
func (b *bed) fromLink(msg *csta.Message) {
	b.hub.FromLink(b.now, b.make(msg))
	b.hub.Done()
}

func (b *bed) fromLeg(leg LegID, msg *csta.Message) {
	b.hub.FromLeg(b.now, leg, b.make(msg))
	b.drain()
}

// drain takes the outputs as a peer would that reads at once.
func (b *bed) drain() {
	b.hub.Outputs()
	b.hub.Done()
	b.hub.Backlog(primaryLeg, 0)
	b.hub.Backlog(backupLeg, 0)
	b.hub.Backlog(Link, 0)
}

// ask steps the hub with a request of the primary and returns the invoke ID that the switch got it under.
func (b *bed) ask(msg *csta.Message) csta.InvokeID {
	b.hub.FromLeg(b.now, primaryLeg, b.make(msg))
	defer b.drain()
	for _, out := range b.hub.Outputs() {
		if out.Leg == Link {
			var asked csta.Message
			if err := b.codec.Decode(&asked, out.Runs[0]); err != nil {
				b.tb.Fatal(err)
			}
			return asked.Invoke
		}
	}
	b.tb.Fatal("the switch was not asked")
	return 0
}

// monitor makes both T-Servers members of a device's monitor.
func (b *bed) monitor(device, ref string) {
	start := &csta.Message{Kind: csta.KindRequest, Service: csta.MonitorStart, Device: dialled(device)}
	id := b.ask(start)
	b.fromLink(&csta.Message{
		Kind: csta.KindResponse, Service: csta.MonitorStart, Invoke: id, CrossRef: []byte(ref),
	})
	b.fromLeg(backupLeg, start)
}

// event makes an event of a device's own connection, of at least size bytes.
func (b *bed) event(e csta.Event, ref, call, device string, local csta.ConnectionState, size int,
) []byte {
	msg := &csta.Message{
		Kind: csta.KindEvent, Event: e, CrossRef: []byte(ref), Device: dialled(device), Local: local,
		Subject: csta.ConnectionID{Call: []byte(call), Device: dialled(device)},
		Calling: dialled(device), Called: dialled("4711"), Cause: csta.CauseNewCall,
	}
	frm := b.make(msg)
	if pad := size - len(frm); pad > 0 {
		msg.Private = b.in.private(pad)
		frm = b.make(msg)
	}
	return frm
}

// wholeCall is the events of a call at one device, from its beginning to its end.
func (b *bed) wholeCall(ref, call, device string, size int) [][]byte {
	return [][]byte{
		b.event(csta.EventServiceInitiated, ref, call, device, csta.ConnectionInitiated, size),
		b.event(csta.EventOriginated, ref, call, device, csta.ConnectionConnected, size),
		b.event(csta.EventHeld, ref, call, device, csta.ConnectionHold, size),
		b.event(csta.EventRetrieved, ref, call, device, csta.ConnectionConnected, size),
		b.event(csta.EventConnectionCleared, ref, call, device, csta.ConnectionNull, size),
	}
}

func TestSteadyPathAllocatesNothing(t *testing.T) {
	for i := range speeches {
		t.Run(speeches[i].name, func(t *testing.T) { steadyPathAllocatesNothing(t, &speeches[i]) })
	}
}

func steadyPathAllocatesNothing(t *testing.T, in *speech) {
	t.Helper()
	cfg := testConfig()
	b := newBedIn(t, &cfg, in)
	b.monitor("2001", "55")
	same := b.event(csta.EventDelivered, "55", "c1", "2001", csta.ConnectionAlerting, in.size())
	var calls [][]byte
	for i := range 64 {
		calls = append(calls, b.wholeCall("55", fmt.Sprintf("call-%03d", i), "2001", in.size())...)
	}
	step := func(frm []byte) {
		b.hub.FromLink(b.now, frm)
		b.drain()
	}
	hold := b.make(&csta.Message{
		Kind: csta.KindRequest, Service: csta.HoldCall, Invoke: 7,
		Subject: csta.ConnectionID{Call: []byte("c1"), Device: dialled("2001")},
	})
	held := b.make(&csta.Message{Kind: csta.KindResponse, Service: csta.HoldCall})
	var sent csta.Message
	var answer []byte
	request := func() {
		b.hub.FromLeg(b.now, primaryLeg, hold)
		if b.codec.Decode(&sent, b.hub.Outputs()[0].Runs[0]) == nil {
			answer, _ = b.codec.SetInvokeID(answer[:0], held, sent.Invoke)
		}
		b.hub.FromLink(b.now, answer)
		b.drain()
		b.now = b.now.Add(time.Millisecond)
		b.hub.Tick(b.now)
		b.drain()
	}
	for _, c := range []struct {
		name string
		run  func()
	}{
		{"one event", func() { step(same) }},
		{"64 whole calls", func() {
			for _, frm := range calls {
				step(frm)
			}
		}},
		{"a request and its answer", request},
	} {
		for range 200 {
			c.run()
		}
		if n := testing.AllocsPerRun(200, c.run); n != 0 {
			t.Errorf("%s: %v allocations", c.name, n)
		}
	}
}

// BenchmarkEvent is the decoding, state, journal and routing of one event to two T-Servers: of 600
// bytes in XML, of 120 in ASN.1.
func BenchmarkEvent(b *testing.B) {
	for i := range speeches {
		b.Run(speeches[i].name, func(b *testing.B) { benchmarkEvent(b, &speeches[i]) })
	}
}

func benchmarkEvent(b *testing.B, in *speech) {
	b.Helper()
	cfg := testConfig()
	bed := newBedIn(b, &cfg, in)
	bed.monitor("2001", "55")
	var frames [][]byte
	bytes := 0
	for i := range 64 {
		frames = append(frames, bed.wholeCall("55", fmt.Sprintf("call-%03d", i), "2001", in.size())...)
	}
	for _, frm := range frames {
		bytes += len(frm)
	}
	b.ReportAllocs()
	b.SetBytes(int64(bytes / len(frames)))
	for i := 0; b.Loop(); i++ {
		bed.hub.FromLink(bed.now, frames[i%len(frames)])
		if i%16 == 15 { // as many as a read of 10 KB has
			bed.drain()
		}
	}
}

// BenchmarkRequest is a request of a T-Server to the switch and the answer back.
func BenchmarkRequest(b *testing.B) {
	cfg := testConfig()
	bed := newBed(b, &cfg)
	hold := bed.make(&csta.Message{
		Kind: csta.KindRequest, Service: csta.HoldCall, Invoke: 7,
		Subject: csta.ConnectionID{Call: []byte("c1"), Device: dialled("2001")},
	})
	held := bed.make(&csta.Message{Kind: csta.KindResponse, Service: csta.HoldCall})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		bed.hub.FromLeg(bed.now, primaryLeg, hold)
		copy(held[4:8], bed.hub.Outputs()[0].Runs[0][4:8])
		bed.hub.FromLink(bed.now, held)
		bed.drain()
		if i%1000 == 0 {
			bed.now = bed.now.Add(100 * time.Millisecond)
			bed.hub.Tick(bed.now)
		}
	}
}

// newSite is a bed with so many monitored devices of which the switch was asked all, and live calls at the first of them.
func newSite(tb testing.TB, cfg *Config, devices, calls int) *bed {
	tb.Helper()
	b := newBed(tb, cfg)
	for i := range devices {
		device, ref := siteDevice(i), fmt.Sprintf("x%05d", i)
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

// siteDevice is the number of a site's i-th device.
func siteDevice(i int) string { return fmt.Sprint(20_000 + i) }

// BenchmarkJoin is a T-Server that returns to 10,000 monitored devices with 2,000 live calls: its
// leg, 10,000 MonitorStarts and 10,000 snapshots, all answered here.
func BenchmarkJoin(b *testing.B) {
	const devices, calls = 10_000, 2_000
	cfg := testConfig()
	cfg.TServers[1].BacklogMax = 64 << 20
	bed := newSite(b, &cfg, devices, calls)
	var starts, snapshots [][]byte
	for i := range devices {
		device := dialled(siteDevice(i))
		starts = append(starts, bed.make(&csta.Message{
			Kind: csta.KindRequest, Service: csta.MonitorStart, Invoke: 1, Device: device,
		}))
		snapshots = append(snapshots, bed.make(&csta.Message{
			Kind: csta.KindRequest, Service: csta.SnapshotDevice, Invoke: 2, Device: device,
		}))
	}
	asked := bed.hub.counters[countRequestsToSwitch]
	leg := backupLeg
	b.ReportAllocs()
	for b.Loop() {
		bed.hub.LegDown(bed.now, leg)
		leg++
		bed.join(leg, 1)
		for i := range starts {
			bed.hub.FromLeg(bed.now, leg, starts[i])
			bed.hub.FromLeg(bed.now, leg, snapshots[i])
			bed.hub.Outputs()
			bed.hub.Done()
			bed.hub.Backlog(leg, 0)
		}
	}
	if n := bed.hub.counters[countRequestsToSwitch] - asked; n != 0 {
		b.Errorf("the switch saw %d requests", n)
	}
	b.ReportMetric(float64(devices*b.N)/b.Elapsed().Seconds(), "devices/s")
}

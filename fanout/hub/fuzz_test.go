package hub

import (
	"slices"
	"strings"
	"testing"
	"time"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/codec/cstaxml"
	"haproxy/codec/frame"
)

// FuzzHub drives the hub with a script of bytes: sockets that come and go, frames of every service
// from every side, whole and damaged, and time. It must not panic, keep its tables bounded and put
// nothing out for a leg that is closed.
func FuzzHub(f *testing.F) {
	whole := fuzzFrames(f)
	start := fuzzStart(f, whole)
	f.Add(start)
	for i := range len(whole) {
		low, high := byte(i), byte(i>>8)
		f.Add(append(slices.Clone(start), opLink, low, high, 1, opLeg, low, high, 1, opTick, 50))
	}
	f.Add([]byte("garbage of all kinds, with more in it than one would think"))
	f.Fuzz(func(t *testing.T, script []byte) {
		z := newFuzzed(t, whole)
		for len(script) > 0 && z.steps < 4000 {
			script = z.step(script)
		}
		z.end()
	})
}

// The operations of a script. Each is followed by its arguments.
const (
	opLink     = iota // FRAME FRAME INVOKE
	opLeg             // FRAME FRAME INVOKE, to the leg of the step before
	opPick            // LEG
	opUp              // TSERVER
	opDown            // nothing
	opLinkUp          // nothing
	opLinkDown        // nothing
	opTick            // tens of milliseconds
	opBacklog         // in 64 KiB
	opGarbage         // LENGTH, then as many bytes: a document of a leg or the link
	opMore            // nothing: the next operation joins this step
	opCount
)

// fuzzFrames is every message the codec can write, with fields that fit each other.
func fuzzFrames(tb testing.TB) [][]byte {
	tb.Helper()
	c := cstaxml.New()
	var all [][]byte
	add := func(msg csta.Message) {
		for _, ref := range []string{"55", "56"} {
			m := msg
			m.CrossRef, m.Register, m.ServiceRef = []byte(ref), []byte("r"+ref), []byte("s"+ref)
			m.Device, m.Called = dialled("20"+ref), dialled("30"+ref)
			m.Subject = csta.ConnectionID{Call: []byte("c" + ref), Device: m.Device}
			m.Session, m.AgentID, m.Item = []byte("1"), []byte("17"), []byte("1")
			m.Local, m.On, m.Status = csta.ConnectionConnected, csta.SwitchOn, csta.StatusEnabled
			m.Error = csta.ErrGeneric
			m.HasFilter, m.Filter = ref == "56", csta.EventsOf(csta.EventHeld)
			if frm, err := c.Append(nil, &m); err == nil {
				all = append(all, frm)
			}
		}
	}
	for s := csta.ServiceUnknown; s < csta.ServiceCount; s++ {
		add(csta.Message{Kind: csta.KindRequest, Service: s})
		add(csta.Message{Kind: csta.KindResponse, Service: s})
	}
	add(csta.Message{Kind: csta.KindRequest, Service: csta.MonitorStart, CallObject: true})
	add(csta.Message{Kind: csta.KindError})
	for e := csta.EventUnknown; e < csta.EventCount; e++ {
		add(csta.Message{Kind: csta.KindEvent, Event: e})
	}
	return all
}

// fuzzStart is a script that brings the link to normal and joins two T-Servers to a monitor.
func fuzzStart(tb testing.TB, whole [][]byte) []byte {
	tb.Helper()
	find := func(text string) (low, high byte) {
		for i, frm := range whole {
			if strings.Contains(string(frm), "<"+text+" ") {
				return byte(i), byte(i >> 8)
			}
		}
		tb.Fatal("no frame of ", text)
		return 0, 0
	}
	var s []byte
	say := func(op byte, name string, invoke byte) {
		low, high := find(name)
		s = append(s, op, low, high, invoke)
	}
	s = append(s, opLinkUp)
	say(opLink, "SystemStatus", 0)
	say(opLink, "SystemRegisterResponse", 0)
	s = append(s, opUp, 0)
	say(opLeg, "MonitorStart", 1)
	say(opLink, "MonitorStartResponse", 1)
	say(opLink, "DeliveredEvent", 0)
	s = append(s, opUp, 1)
	say(opLeg, "MonitorStart", 1)
	return s
}

// fuzzed is a hub under a script.
type fuzzed struct {
	t     *testing.T
	hub   *Hub
	now   time.Time
	whole [][]byte
	open  map[LegID]bool
	leg   LegID // of the next frame
	last  LegID
	steps int
	keep  bool // the next operation joins the step
}

// fewIDs is a codec with few invoke IDs, so that they are soon used again.
type fewIDs struct{ *cstaxml.Codec }

func (fewIDs) InvokeIDs() (first, last csta.InvokeID) { return 0, 15 }

func newFuzzed(t *testing.T, whole [][]byte) *fuzzed {
	t.Helper()
	cfg := testConfig()
	cfg.NewCodec = func() codec.Codec { return fewIDs{cstaxml.New()} }
	cfg.RequestOutstanding, cfg.RequestQueue, cfg.RequestRate = 4, 16, 50
	cfg.MonitorLinger, cfg.HeartbeatInterval = 2*time.Second, 3*time.Second
	cfg.CallAudit = 10 * time.Second
	cfg.Seed = true
	return &fuzzed{t: t, hub: New(cfg), now: epoch, whole: whole, open: make(map[LegID]bool)}
}

// step takes one operation off the script and carries it out.
func (z *fuzzed) step(script []byte) []byte {
	z.steps++
	op := script[0] % opCount
	script = script[1:]
	take := func() (b byte) {
		if len(script) > 0 {
			b, script = script[0], script[1:]
		}
		return b
	}
	switch op {
	case opLink, opLeg:
		low, high, invoke := take(), take(), take()
		frm := append([]byte(nil), z.whole[(int(low)|int(high)<<8)%len(z.whole)]...)
		if id := frame.ECMA323InvokeID(frm); id != frame.ECMA323EventID {
			frame.PutECMA323(frm, len(frm), csta.InvokeID(invoke))
		}
		z.frame(op == opLink, frm)
	case opPick:
		if n := LegID(take()); z.last > 0 {
			z.leg = n%z.last + 1
		}
	case opUp:
		if len(z.open) < 12 {
			z.last++
			z.leg, z.open[z.last] = z.last, true
			z.hub.LegUp(z.now, z.last, int(take())%2)
		}
	case opDown:
		if z.leg != Link && z.open[z.leg] {
			delete(z.open, z.leg)
			z.hub.LegDown(z.now, z.leg)
		}
	case opLinkUp:
		z.open[Link] = true
		z.hub.LinkUp(z.now)
	case opLinkDown:
		delete(z.open, Link)
		z.hub.LinkDown(z.now)
	case opTick:
		z.now = z.now.Add(time.Duration(take()) * 10 * time.Millisecond)
		z.hub.Tick(z.now)
	case opBacklog:
		z.hub.Backlog(z.leg, int(take())<<16)
	case opGarbage:
		n := min(int(take()), len(script))
		text := script[:n]
		script = script[n:]
		z.frame(n%2 == 0, xmlFrame(csta.InvokeID(n), string(text)))
	case opMore:
		z.keep = true
		return script
	}
	if !z.keep {
		z.settle()
	}
	z.keep = false
	return script
}

func (z *fuzzed) frame(link bool, frm []byte) {
	if link {
		z.hub.FromLink(z.now, frm)
		return
	}
	z.hub.FromLeg(z.now, z.leg, frm)
}

// settle takes the outputs and checks what holds after every step.
func (z *fuzzed) settle() {
	seen := make(map[LegID]bool)
	var closed []LegID
	for _, out := range z.hub.Outputs() {
		if !z.open[out.Leg] || seen[out.Leg] {
			z.t.Fatalf("output for leg %d, which is closed or had its entry", out.Leg)
		}
		seen[out.Leg] = true
		for _, run := range out.Runs {
			for len(run) > 0 {
				run = run[int(run[2])<<8|int(run[3]):]
			}
		}
		if out.Close != CloseNone {
			closed = append(closed, out.Leg)
		}
	}
	z.hub.Done()
	for _, id := range closed {
		delete(z.open, id)
		if id == Link {
			z.hub.LinkDown(z.now)
		} else {
			z.hub.LegDown(z.now, id)
		}
		z.settle()
	}
	z.check()
}

// check asserts the bounds and the books of the hub's tables.
func (z *fuzzed) check() {
	h := z.hub
	starting, joining := 0, make(map[*monitor]int)
	for _, l := range h.ordered {
		held := 0
		for _, d := range l.deferred {
			held += len(d.frame)
			if d.monitor != nil {
				joining[d.monitor]++
			}
		}
		if held != l.held {
			z.t.Fatalf("leg %d holds %d bytes and counts %d", l.id, held, l.held)
		}
	}
	for _, s := range h.slots.table {
		if s == nil {
			continue
		}
		r := &s.request
		if s.phase == slotBusy && r.purpose == forFilter && r.service == csta.MonitorStart {
			joining[r.mon]++
		}
	}
	for _, lines := range h.queue.lines {
		for _, line := range lines {
			for i := line.head; i < len(line.requests); i++ {
				if r := &line.requests[i]; r.purpose == forFilter && r.service == csta.MonitorStart {
					joining[r.mon]++
				}
			}
		}
	}
	for i, m := range h.monitors.all {
		if m.phase == monitorPending {
			starting++
		}
		if m.place != i || m.phase == monitorGone || m.joining != joining[m] ||
			len(m.waiters) > waitersMax {
			z.t.Fatalf("monitor %d: phase %d, %d joining, not %d", i, m.phase, m.joining, joining[m])
		}
		if m.phase == monitorActive && h.monitors.byRef[m.switchRef] != m {
			z.t.Fatalf("monitor %q is not found", m.switchRef)
		}
	}
	for _, o := range h.AppendOccupancy(nil) {
		if o.Held > o.Limit && !strings.HasPrefix(o.Name, "bytes of output") { // the backlog is the fuzzer's
			z.t.Fatalf("%s: %d, %d may be", o.Name, o.Held, o.Limit)
		}
	}
	model := h.state.Stats()
	switch {
	case starting != h.monitors.starting:
		z.t.Fatalf("%d monitors are starting, not %d", starting, h.monitors.starting)
	case h.queue.len() > h.cfg.RequestQueue+len(h.legs):
		z.t.Fatalf("the queue holds %d", h.queue.len())
	case h.slots.busy > h.cfg.RequestOutstanding+8: // the link's own
		z.t.Fatalf("%d requests are outstanding", h.slots.busy)
	case len(h.registrations.byKey) > len(h.registrations.all),
		len(h.routes.open) != len(h.routes.order), len(h.afresh) > 0, len(h.dirty) > 0:
		z.t.Fatal("the tables disagree")
	case model.Monitors > len(h.monitors.all),
		model.Marks > h.slots.busy+h.queue.len()+len(h.segments.open)+h.held.count+h.recovery.comparison.waiting:
		z.t.Fatalf("%d monitors and %d marks are left in the state", model.Monitors, model.Marks)
	}
}

// end lets everything come to its end: nothing may be left that nobody would ever take away.
func (z *fuzzed) end() {
	z.settle()
	for id := range z.last {
		if z.open[id+1] {
			delete(z.open, id+1)
			z.hub.LegDown(z.now, id+1)
		}
	}
	if z.open[Link] {
		delete(z.open, Link)
		z.hub.LinkDown(z.now)
	}
	for range 60 {
		z.now = z.now.Add(time.Second)
		z.hub.Tick(z.now)
		z.settle()
	}
	if h := z.hub; len(h.monitors.all)+h.slots.busy+h.queue.len()+len(h.asked.open)+len(h.legs) > 0 {
		z.t.Fatalf("left behind:\n%s", tables(h))
	}
}

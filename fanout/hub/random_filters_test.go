package hub

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"haproxy/codec/csta"
)

// TestRandomFilters plays, from a seed, two T-Servers that monitor one device with filters, change them, stop, leave and
// return, and a switch that refuses some changes and loses the link. At rest each T-Server gets every event that it did
// not filter, once, and none that it did.
func TestRandomFilters(t *testing.T) {
	for _, seed := range chosenSeeds(5 * *seedsFlag) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) { newFilterWorld(t, seed).run(200) })
	}
}

// filterWorld is the hub, a switch with one device, and two T-Servers.
type filterWorld struct {
	*bed
	t        *testing.T
	rand     *rand.Rand
	up       bool   // the link
	ref      string // of the switch's monitor; empty while it has none
	refs     int
	filter   csta.EventSet
	pending  []csta.Message // requests that the switch has not answered
	tservers []*filterer
	next     LegID
	calls    int
	step     int // of the call
	log      []string
}

// filterer is a T-Server.
type filterer struct {
	leg    LegID
	ref    string // of the monitor that it has
	filter csta.EventSet
	open   map[csta.InvokeID]csta.Message
	invoke csta.InvokeID
	got    []csta.Event
}

// The steps of a call.
var filteredSteps = [...]struct {
	event csta.Event
	local csta.ConnectionState
}{
	{csta.EventServiceInitiated, csta.ConnectionInitiated},
	{csta.EventOriginated, csta.ConnectionConnected},
	{csta.EventHeld, csta.ConnectionHold},
	{csta.EventRetrieved, csta.ConnectionConnected},
	{csta.EventConnectionCleared, csta.ConnectionNull},
}

func newFilterWorld(t *testing.T, seed uint64) *filterWorld {
	t.Helper()
	cfg := testConfig()
	w := &filterWorld{bed: newBed(t, &cfg), t: t, rand: rand.New(rand.NewPCG(seed, 7)), up: true, next: backupLeg + 1}
	for _, leg := range []LegID{primaryLeg, backupLeg} {
		w.tservers = append(w.tservers, &filterer{leg: leg, open: make(map[csta.InvokeID]csta.Message)})
	}
	return w
}

func (w *filterWorld) note(format string, args ...any) {
	w.log = append(w.log, fmt.Sprintf(format, args...))
}

func (w *filterWorld) fail(format string, args ...any) {
	w.t.Helper()
	for _, line := range w.log[max(0, len(w.log)-60):] {
		w.t.Log(line)
	}
	w.t.Fatalf(format, args...)
}

func (w *filterWorld) run(steps int) {
	for range steps {
		switch at := w.rand.IntN(len(w.tservers)); w.rand.IntN(9) {
		case 0, 1:
			w.answer()
		case 2:
			w.tell()
		case 3, 4:
			w.want(at)
		case 5:
			if x := w.tservers[at]; x.ref != "" && w.rand.IntN(3) == 0 {
				w.ask(at, csta.Message{Service: csta.MonitorStop, CrossRef: csta.CrossRefID(x.ref)})
			}
		case 6:
			if w.rand.IntN(3) == 0 {
				w.replace(at)
			}
		case 7:
			if w.rand.IntN(2) == 0 {
				w.cut()
			}
		default:
			w.tick(100 * time.Millisecond)
		}
	}
	w.judge()
}

// want has a T-Server ask for the monitor, or for another filter.
func (w *filterWorld) want(at int) {
	x := w.tservers[at]
	msg := csta.Message{Service: csta.MonitorStart, Device: dialled("2001"), HasFilter: true}
	for _, s := range filteredSteps[1:4] {
		if w.rand.IntN(3) == 0 {
			msg.Filter.Add(s.event)
		}
	}
	if x.ref != "" {
		msg.Service, msg.CrossRef = csta.ChangeMonitorFilter, csta.CrossRefID(x.ref)
	}
	if !x.awaits(csta.MonitorStart) {
		w.ask(at, msg)
	}
}

func (x *filterer) awaits(service csta.Service) bool {
	for _, q := range x.open {
		if q.Service == service {
			return true
		}
	}
	return false
}

func (w *filterWorld) ask(at int, msg csta.Message) {
	x := w.tservers[at]
	if x.awaits(csta.MonitorStop) {
		return
	}
	x.invoke++
	msg.Kind, msg.Invoke = csta.KindRequest, x.invoke
	x.open[msg.Invoke] = msg
	w.note("%d asks %v", at, drawMessage(&msg))
	w.hub.FromLeg(w.now, x.leg, w.make(&msg))
	w.take()
}

// replace ends a T-Server's leg, which returns at once and knows nothing.
func (w *filterWorld) replace(at int) {
	x := w.tservers[at]
	w.note("%d returns", at)
	w.hub.LegDown(w.now, x.leg)
	w.take()
	*x = filterer{leg: w.next, open: make(map[csta.InvokeID]csta.Message)}
	w.next++
	w.hub.LegUp(w.now, x.leg, at)
	w.hub.FromLeg(w.now, x.leg, w.make(&csta.Message{
		Kind: csta.KindRequest, Service: w.in.first(), Invoke: 9000,
	}))
	w.take()
}

// cut loses the link, or brings it back; or the switch forgets its monitors.
func (w *filterWorld) cut() {
	switch restarts := w.rand.IntN(3) == 0; {
	case w.up && !restarts:
		w.note("the link is lost")
		w.up, w.ref, w.pending = false, "", nil
		w.hub.LinkDown(w.now)
	case !w.up:
		w.up = true
		w.hub.LinkUp(w.now)
		w.take()
		fallthrough
	default:
		w.note("the switch says enabled")
		w.ref, w.pending = "", nil
		w.hub.FromLink(w.now, w.make(&csta.Message{
			Kind: csta.KindRequest, Service: csta.SystemStatus, Status: csta.StatusEnabled, Invoke: 4,
		}))
	}
	w.take()
}

// answer has the switch answer its oldest request.
func (w *filterWorld) answer() {
	if len(w.pending) == 0 {
		return
	}
	asked := w.pending[0]
	w.pending = w.pending[1:]
	msg := csta.Message{Kind: csta.KindResponse, Service: asked.Service, Invoke: asked.Invoke}
	unknown := w.ref == "" || string(asked.CrossRef) != w.ref
	switch s := asked.Service; {
	case s == csta.MonitorStart && w.ref == "":
		w.refs++
		w.ref, w.filter = fmt.Sprint(100+w.refs), asked.Filter
		msg.CrossRef = csta.CrossRefID(w.ref)
	case s == csta.MonitorStart, s == csta.ChangeMonitorFilter && !unknown && w.rand.IntN(3) == 0:
		msg.Kind, msg.Error = csta.KindError, csta.ErrGeneric
	case (s == csta.ChangeMonitorFilter || s == csta.MonitorStop) && unknown:
		msg.Kind, msg.Error = csta.KindError, csta.ErrInvalidMonitorCrossRef
	case s == csta.ChangeMonitorFilter:
		w.filter, msg.HasFilter, msg.Filter = asked.Filter, true, asked.Filter
	case s == csta.MonitorStop:
		w.ref = ""
	case s == csta.SnapshotDevice && w.step > 0:
		msg.Connections = []csta.ConnectionItem{{
			New:   csta.ConnectionID{Call: []byte(w.call()), Device: dialled("2001")},
			State: filteredSteps[w.step-1].local,
		}}
	}
	w.note("switch answers %v", drawMessage(&msg))
	w.hub.FromLink(w.now, w.make(&msg))
	w.take()
}

func (w *filterWorld) call() string { return fmt.Sprint("c", w.calls) }

// tell has the call take its next step.
func (w *filterWorld) tell() {
	s, call := filteredSteps[w.step], w.call()
	if w.step++; w.step == len(filteredSteps) {
		w.step = 0
		w.calls++
	}
	if w.up && w.ref != "" && !w.filter.Has(s.event) {
		w.note("switch tells %v", s.event)
		w.hub.FromLink(w.now, w.event(s.event, w.ref, call, "2001", s.local, 0))
		w.take()
	}
}

func (w *filterWorld) tick(d time.Duration) {
	w.now = w.now.Add(d)
	w.hub.Tick(w.now)
	w.take()
}

// take gives everyone what the hub has for it.
func (w *filterWorld) take() {
	type output struct {
		leg LegID
		msg csta.Message
	}
	var all []output
	for _, out := range w.hub.Outputs() {
		for _, run := range out.Runs {
			for _, frm := range w.in.frames(run) {
				o := output{leg: out.Leg}
				if err := w.codec.Decode(&o.msg, slices.Clone(frm)); err != nil {
					w.fail("%v", err)
				}
				all = append(all, o)
			}
		}
	}
	w.drain()
	for at, x := range w.tservers {
		w.hub.Backlog(x.leg, 0)
		for _, o := range all {
			if o.leg == x.leg {
				w.note("%d gets %v", at, drawMessage(&o.msg))
				w.hear(at, &o.msg)
			}
		}
	}
	for _, o := range all {
		if o.leg == Link && o.msg.Kind == csta.KindRequest {
			w.note("switch gets %v", drawMessage(&o.msg))
			w.pending = append(w.pending, o.msg)
		}
	}
}

// hear takes what a T-Server is sent.
func (w *filterWorld) hear(at int, msg *csta.Message) {
	x := w.tservers[at]
	asked := x.open[msg.Invoke]
	switch {
	case msg.Kind == csta.KindEvent && string(msg.CrossRef) != x.ref:
		w.fail("%d got %v on %s, and has %q", at, msg.Event, msg.CrossRef, x.ref)
	case msg.Kind == csta.KindEvent && x.filter.Has(msg.Event):
		w.fail("%d got %v, which it filtered", at, msg.Event)
	case msg.Kind == csta.KindEvent:
		x.got = append(x.got, msg.Event)
		return
	case msg.Kind == csta.KindRequest:
		if msg.Service == csta.MonitorStop {
			x.ref = ""
		}
		return
	}
	delete(x.open, msg.Invoke)
	switch {
	case asked.Service == csta.MonitorStop:
		x.ref = ""
	case msg.Kind != csta.KindResponse:
	case asked.Service == csta.MonitorStart:
		x.ref, x.filter = string(msg.CrossRef), asked.Filter
	case asked.Service == csta.ChangeMonitorFilter:
		x.filter = asked.Filter
	}
}

// judge brings the world to rest and looks at what each T-Server gets then.
func (w *filterWorld) judge() {
	for !w.up {
		w.cut()
	}
	for range 50 {
		w.answer()
		w.tick(50 * time.Millisecond)
	}
	for at, x := range w.tservers {
		if len(x.open) > 0 {
			w.fail("%d has no answer to %v", at, x.open)
		}
		x.got = nil
	}
	var told []csta.Event
	for range 2 * len(filteredSteps) {
		told = append(told, filteredSteps[w.step].event)
		w.tell()
	}
	for at, x := range w.tservers {
		if x.ref == "" {
			continue
		}
		var want []csta.Event
		for _, e := range told {
			if !x.filter.Has(e) {
				want = append(want, e)
			}
		}
		if !slices.Equal(x.got, want) {
			w.fail("%d got %v, wanted %v; the switch's monitor is %q", at, x.got, want, w.ref)
		}
	}
}

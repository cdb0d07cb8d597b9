package state

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"haproxy/codec/csta"
)

// world is a switch of its own, made from a seed: it knows the truth that the State must come to.
type world struct {
	t        *testing.T
	rng      *rand.Rand
	s        *State
	now      time.Time
	devices  []string
	monitors map[string]MonitorID
	calls    map[string]map[string]csta.ConnectionState // call, device
	// monitored is how many of the devices are.
	monitored int
	told      []csta.Message // a frame is the number of its message
	of        []MonitorID
	sizes     bool // frames of every size
	silent    bool // no localConnectionInfo
}

// newWorld makes a switch of eight devices, of which some are monitored.
func newWorld(t *testing.T, seed uint64, monitored int, limits Limits) *world {
	t.Helper()
	w := &world{
		t: t, rng: rand.New(rand.NewPCG(seed, 1)), s: New(limits), now: time.Unix(1e9, 0),
		monitors: map[string]MonitorID{}, calls: map[string]map[string]csta.ConnectionState{}, monitored: monitored,
	}
	for i := range 8 {
		w.devices = append(w.devices, fmt.Sprint(2001+i))
	}
	w.openAll(w.s)
	return w
}

// openAll opens the same monitors, in the same order, in any State.
func (w *world) openAll(s *State) {
	for _, d := range w.devices[:w.monitored] {
		id, err := s.Open(Object{Device: device(d)})
		if err != nil {
			w.t.Fatal(err)
		}
		w.monitors[d] = id
	}
}

// tell sends an event to the monitors of every device of the calls given, in any order, with the
// local state of each.
func (w *world) tell(msg csta.Message, local map[string]csta.ConnectionState) {
	devices := slices.Sorted(maps.Keys(local))
	w.rng.Shuffle(len(devices), func(i, k int) {
		devices[i], devices[k] = devices[k], devices[i]
	})
	for _, d := range devices {
		msg.Kind, msg.Local = csta.KindEvent, local[d]
		if w.silent {
			msg.Local = csta.ConnectionNone
		}
		if id := w.monitors[d]; id != 0 {
			w.apply(id, msg)
		}
	}
}

// apply gives one event to the State with a frame that names it.
func (w *world) apply(id MonitorID, msg csta.Message) {
	frame := binary.BigEndian.AppendUint32(nil, uint32(len(w.told)))
	size := 8
	if w.sizes {
		size += w.rng.IntN(900)
	}
	frame = binary.BigEndian.AppendUint32(frame, uint32(size))
	frame = append(frame, make([]byte, size-8)...)
	w.told, w.of = append(w.told, msg), append(w.of, id)
	w.now = w.now.Add(time.Millisecond)
	w.s.Apply(id, &msg, frame, w.now)
}

func about(call, dev string, event csta.Event) csta.Message {
	return csta.Message{
		Event: event, Device: device(dev),
		Subject: csta.ConnectionID{Call: csta.CallID(call), Device: device(dev)},
	}
}

// set changes the state of one connection and tells it to everyone in the call.
func (w *world) set(call, dev string, state csta.ConnectionState, event csta.Event) {
	conns := w.calls[call]
	conns[dev] = state
	w.tell(about(call, dev, event), conns)
	if state != csta.ConnectionNull {
		return
	}
	delete(conns, dev)
	if len(conns) == 0 {
		delete(w.calls, call)
	}
}

func (w *world) pick(from []string) string {
	if len(from) == 0 {
		return ""
	}
	return from[w.rng.IntN(len(from))]
}

// in returns the calls and devices whose connection has one of the states.
func (w *world) in(states ...csta.ConnectionState) (call, dev string) {
	var found []string
	for c, conns := range w.calls {
		for d, state := range conns {
			if slices.Contains(states, state) {
				found = append(found, c+"/"+d)
			}
		}
	}
	slices.Sort(found)
	call, dev, _ = strings.Cut(w.pick(found), "/")
	return call, dev
}

// free returns a call ID that no call has; the pool is small, so IDs are used again.
func (w *world) free() string {
	for {
		if id := fmt.Sprintf("c%d", w.rng.IntN(40)); w.calls[id] == nil {
			return id
		}
	}
}

// outside returns a device that is not in a call.
func (w *world) outside(call string) string {
	var found []string
	for _, d := range w.devices {
		if _, in := w.calls[call][d]; !in {
			found = append(found, d)
		}
	}
	return w.pick(found)
}

// step does one thing at random that a telephone user may do.
func (w *world) step() {
	switch w.rng.IntN(12) {
	case 0, 1:
		if len(w.calls) < 12 {
			id, dev := w.free(), w.pick(w.devices)
			w.calls[id] = map[string]csta.ConnectionState{}
			w.set(id, dev, csta.ConnectionInitiated, csta.EventServiceInitiated)
		}
	case 2, 3:
		if call, dev := w.in(csta.ConnectionInitiated); call != "" {
			w.set(call, dev, csta.ConnectionConnected, csta.EventOriginated)
			if to := w.outside(call); to != "" {
				w.set(call, to, csta.ConnectionAlerting, csta.EventDelivered)
			}
		}
	case 4, 5:
		if call, dev := w.in(csta.ConnectionAlerting, csta.ConnectionQueued); call != "" {
			w.set(call, dev, csta.ConnectionConnected, csta.EventEstablished)
		}
	case 6:
		if call, dev := w.in(csta.ConnectionConnected); call != "" {
			w.set(call, dev, csta.ConnectionHold, csta.EventHeld)
		}
	case 7:
		if call, dev := w.in(csta.ConnectionHold); call != "" {
			w.set(call, dev, csta.ConnectionConnected, csta.EventRetrieved)
		}
	case 8:
		if call, dev := w.in(csta.ConnectionAlerting); call != "" {
			w.divert(call, dev)
		}
	case 9:
		w.join()
	case 10:
		if call, dev := w.in(csta.ConnectionConnected, csta.ConnectionHold,
			csta.ConnectionAlerting, csta.ConnectionFail, csta.ConnectionInitiated); call != "" {
			w.set(call, dev, csta.ConnectionNull, csta.EventConnectionCleared)
		}
	default:
		w.feature()
	}
}

func (w *world) divert(call, dev string) {
	to := w.outside(call)
	w.set(call, dev, csta.ConnectionNull, csta.EventDiverted)
	if to != "" && w.calls[call] != nil {
		w.set(call, to, csta.ConnectionQueued, csta.EventQueued)
	}
}

// join transfers or conferences two calls of a device.
func (w *world) join() {
	call, dev := w.in(csta.ConnectionHold)
	if call == "" {
		return
	}
	for _, other := range slices.Sorted(maps.Keys(w.calls)) { // the same every time for a seed
		conns := w.calls[other]
		if other == call || conns[dev] != csta.ConnectionConnected || len(conns) < 2 {
			continue
		}
		w.joinCalls(call, other, dev)
		return
	}
}

func (w *world) joinCalls(call, other, dev string) {
	result := []string{call, other, w.free()}[w.rng.IntN(3)]
	msg := about(call, dev, csta.EventTransferred)
	conference := w.rng.IntN(2) == 0
	if conference {
		msg.Event = csta.EventConferenced
	}
	msg.Secondary.Call = csta.CallID(other)
	local := map[string]csta.ConnectionState{}
	after := map[string]csta.ConnectionState{}
	for _, old := range []string{call, other} {
		for _, d := range slices.Sorted(maps.Keys(w.calls[old])) {
			state := w.calls[old][d]
			if _, twice := after[d]; twice {
				continue
			}
			if d == dev && !conference {
				local[d] = csta.ConnectionNull
				continue
			}
			if d == dev {
				state = csta.ConnectionConnected
			}
			after[d], local[d] = state, state
			item := csta.ConnectionItem{
				New: csta.ConnectionID{Call: csta.CallID(result), Device: device(d)},
				Old: csta.ConnectionID{Call: csta.CallID(old), Device: device(d)},
			}
			msg.Connections = append(msg.Connections, item)
		}
	}
	delete(w.calls, call)
	delete(w.calls, other)
	w.calls[result] = after
	w.tell(msg, local)
}

// feature tells a lasting state of a device.
func (w *world) feature() {
	dev := w.pick(w.devices[:w.monitored])
	msg := about("", dev, csta.EventUnknown)
	msg.Kind, msg.On = csta.KindEvent, csta.SwitchOf(w.rng.IntN(2) == 0)
	msg.AgentID = []byte(fmt.Sprint(w.rng.IntN(3)))
	msg.Event = []csta.Event{
		csta.EventDoNotDisturb, csta.EventForwarding, csta.EventOutOfService,
		csta.EventBackInService, csta.EventMessageWaiting, csta.EventAgentLoggedOn,
		csta.EventAgentReady, csta.EventAgentBusy, csta.EventAgentLoggedOff,
	}[w.rng.IntN(9)]
	if msg.Event == csta.EventForwarding {
		msg.Forwarding = csta.ForwardingType(1 + w.rng.IntN(3))
		msg.ForwardTo = device(w.pick(w.devices))
	}
	w.apply(w.monitors[dev], msg)
}

// truth draws what every device's own connections are.
func (w *world) truth() string {
	var lines []string
	for call, conns := range w.calls {
		for d, state := range conns {
			if w.monitors[d] != 0 {
				lines = append(lines, fmt.Sprintf("%s %s %v", d, call, state))
			}
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// seen draws what a State has of every device's own connections.
func (w *world) seen(s *State) string {
	var lines []string
	for _, d := range w.devices[:w.monitored] {
		for k := s.monitors.at(uint32(w.monitors[d])).watches; k != 0; k = s.watches.at(k).monNext {
			wt := s.watches.at(k)
			lines = append(lines, fmt.Sprintf("%s %s %v", d,
				s.names.bytes(s.calls.at(wt.call).id), wt.own))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// replayed returns a fresh State to which the journals of all monitors were applied.
func (w *world) replayed() *State {
	fresh := New(Limits{})
	w.openAll(fresh)
	for _, d := range w.devices[:w.monitored] {
		id := w.monitors[d]
		buf := w.s.Replay(nil, id, csta.EventSet{}, func(dst []byte, msg *csta.Message) []byte {
			fresh.Apply(id, msg, nil, w.now)
			return dst
		})
		last := -1
		for len(buf) > 0 {
			n := int(binary.BigEndian.Uint32(buf))
			if n <= last || w.of[n] != id {
				w.t.Fatalf("frame %d of monitor %d replayed after %d on %d", n, w.of[n], last, id)
			}
			last = n
			size := binary.BigEndian.Uint32(buf[4:])
			fresh.Apply(id, &w.told[n], buf[:size], w.now)
			buf = buf[size:]
		}
	}
	return fresh
}

// model draws the calls and lasting states without the parties of calls, which an ended chain may
// have told.
func model(s *State) string {
	var lines []string
	for _, line := range strings.Split(s.String(), "\n") {
		if !strings.Contains(line, "logged off") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// partOf reports whether everything in one drawing is in another, but for the states of devices that
// are not monitored: what only the monitor of a device that has left told of them is not replayed.
func partOf(part, whole string) bool {
	want := strings.Split(whole, "\n")
	for i, line := range strings.Split(part, "\n") {
		head, conns, _ := strings.Cut(line, ": ")
		for _, conn := range strings.Split(conns, ", ") {
			if conn >= "2006" && conn < "2009" {
				conn = conn[:4]
			}
			if i >= len(want) || !strings.HasPrefix(want[i], head) ||
				!strings.Contains(want[i], conn) {
				return false
			}
		}
	}
	return true
}

// TestRandomFlows checks that a State comes to the truth of random call flows, and that what it
// replays brings a fresh one to the same.
func TestRandomFlows(t *testing.T) {
	rounds := 60
	if testing.Short() {
		rounds = 10
	}
	for seed := range uint64(rounds) {
		monitored := 8
		if seed%3 == 2 {
			monitored = 5
		}
		w := newWorld(t, seed, monitored, Limits{})
		w.silent = seed%4 == 3
		w.learnAll()
		for step := range 600 {
			w.step()
			if step%50 != 49 {
				continue
			}
			checkState(t, w.s)
			fresh := w.replayed()
			if got, want := w.seen(w.s), w.truth(); got != want {
				t.Fatalf("seed %d step %d: state\n%s\nwant\n%s", seed, step, got, want)
			}
			if got, want := w.seen(fresh), w.truth(); got != want {
				t.Fatalf("seed %d step %d: replayed\n%s\nwant\n%s", seed, step, got, want)
			}
			if monitored == 8 {
				w.checkAnswers()
			}
			got, want := model(fresh), model(w.s)
			if got != want && (monitored == 8 || !partOf(got, want)) {
				t.Fatalf("seed %d step %d: replayed\n%s\nwant\n%s", seed, step, got, want)
			}
		}
		w.hangUp()
	}
}

// learnAll has every device answered as idle, which they are at the start.
func (w *world) learnAll() {
	for _, d := range w.devices[:w.monitored] {
		req := csta.Message{Kind: csta.KindRequest, Service: csta.SnapshotDevice, Device: device(d)}
		w.s.Learn(w.s.Asked(&req), &csta.Message{Kind: csta.KindResponse})
	}
}

// checkAnswers checks that SnapshotDevice of every device is answered, with the truth.
func (w *world) checkAnswers() {
	w.t.Helper()
	for _, d := range w.devices {
		req := csta.Message{Kind: csta.KindRequest, Service: csta.SnapshotDevice, Device: device(d)}
		var resp csta.Message
		if !w.s.Answer(&req, &resp) {
			w.t.Fatalf("%s is not answered", d)
		}
		found := 0
		for _, conns := range w.calls {
			if _, in := conns[d]; in {
				found++
			}
		}
		for _, item := range resp.Connections {
			conns := w.calls[string(item.New.Call)]
			want := slices.Sorted(maps.Values(conns))
			got := append([]csta.ConnectionState{item.State}, item.Far...)
			slices.Sort(got)
			if item.State != conns[d] || !slices.Equal(got, want) {
				w.t.Fatalf("%s in %s: answered %v, want %v", d, item.New.Call, got, want)
			}
		}
		if found != len(resp.Connections) {
			w.t.Fatalf("%s: answered %d calls of %d", d, len(resp.Connections), found)
		}
	}
}

// TestRandomGivenUp is TestRandomFlows with a journal that holds too little: what is made from the
// state brings a fresh one to the same own connections.
func TestRandomGivenUp(t *testing.T) {
	for seed := range uint64(20) {
		w := newWorld(t, seed, 8, Limits{JournalMax: 16 << 10})
		w.sizes = true
		for step := range 600 {
			w.step()
			if step%50 != 49 {
				continue
			}
			checkState(t, w.s)
			if got, want := w.seen(w.s), w.truth(); got != want {
				t.Fatalf("seed %d step %d: state\n%s\nwant\n%s", seed, step, got, want)
			}
			if got, want := w.seen(w.replayed()), w.truth(); got != want {
				t.Fatalf("seed %d step %d: replayed\n%s\nwant\n%s", seed, step, got, want)
			}
		}
		if w.s.Stats().GivenUp == 0 {
			t.Error("nothing was given up")
		}
		w.hangUp()
	}
}

// hangUp clears every connection and closes every monitor; nothing may be left.
func (w *world) hangUp() {
	for {
		call, dev := w.in(csta.ConnectionConnected, csta.ConnectionHold, csta.ConnectionAlerting,
			csta.ConnectionQueued, csta.ConnectionInitiated, csta.ConnectionFail)
		if call == "" {
			break
		}
		w.set(call, dev, csta.ConnectionNull, csta.EventConnectionCleared)
	}
	if n := w.s.Stats(); n.Calls+n.Chains+n.Connections != 0 {
		w.t.Fatalf("calls are left: %+v", n)
	}
	for _, d := range w.devices {
		w.s.Close(w.monitors[d])
	}
	checkEmpty(w.t, w.s)
}

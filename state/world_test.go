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
	// followers are monitors of type call by their device, and followed the calls that each follows.
	followers map[string]MonitorID
	followed  map[string]map[string]bool
	sizes     bool // frames of every size
	silent    bool // no localConnectionInfo
}

// newWorld makes a switch of eight devices, of which some are monitored.
func newWorld(t *testing.T, seed uint64, monitored int, limits Limits) *world {
	t.Helper()
	w := &world{
		t: t, rng: rand.New(rand.NewPCG(seed, 1)), s: New(limits), now: time.Unix(1e9, 0),
		monitors: map[string]MonitorID{}, calls: map[string]map[string]csta.ConnectionState{}, monitored: monitored,
		followers: map[string]MonitorID{}, followed: map[string]map[string]bool{},
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
	for _, d := range w.following(&msg, local) {
		devices = append(devices, "follower of "+d)
	}
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
		} else if id = w.followers[strings.TrimPrefix(d, "follower of ")]; id != 0 {
			w.apply(id, msg)
		}
	}
}

// follow opens a monitor of type call for every second device.
func (w *world) follow() {
	for i := 0; i < len(w.devices); i += 2 {
		d := w.devices[i]
		id, err := w.s.Open(Object{Device: device(d), Type: csta.MonitorTypeCall})
		if err != nil {
			w.t.Fatal(err)
		}
		w.followers[d], w.followed[d] = id, map[string]bool{}
	}
}

// following returns the devices whose followers hear of an event, and notes what those follow next.
func (w *world) following(msg *csta.Message, local map[string]csta.ConnectionState) []string {
	var found []string
	for _, d := range slices.Sorted(maps.Keys(w.followers)) {
		calls := w.followed[d]
		call, second := string(msg.Subject.Call), string(msg.Secondary.Call)
		if _, in := local[d]; !in && !calls[call] && !calls[second] {
			continue
		}
		found = append(found, d)
		delete(calls, second)
		calls[call] = true
		if second != "" {
			delete(calls, call)
			for _, item := range msg.Connections {
				calls[string(item.New.Call)] = true
			}
		}
		if msg.Event == csta.EventConnectionCleared && len(local) == 1 {
			delete(calls, call)
		}
	}
	return found
}

// checkFollowed checks that the followers have the calls that they follow, and no other.
func (w *world) checkFollowed() {
	w.t.Helper()
	for _, d := range slices.Sorted(maps.Keys(w.followers)) {
		got := map[string]bool{}
		for k := w.s.monitors.at(uint32(w.followers[d])).watches; k != 0; k = w.s.watches.at(k).monNext {
			got[string(w.s.names.bytes(w.s.calls.at(w.s.watches.at(k).call).id))] = true
		}
		if !maps.Equal(got, w.followed[d]) {
			w.t.Fatalf("the follower of %s has %v, follows %v", d, got, w.followed[d])
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
		if call, dev := w.in(csta.ConnectionAlerting); call != "" && len(w.calls[call]) > 1 {
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

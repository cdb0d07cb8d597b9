package hub

import (
	"flag"
	"fmt"
	"hash"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"haproxy/codec/csta"
	"haproxy/codec/cstaxml"
)

var (
	seedFlag  = flag.Uint64("seed", 0, "run the random test with this seed alone")
	seedsFlag = flag.Int("seeds", 40, "run the random test with so many seeds")
)

// TestRandom plays a switch with calls, slow, late, missing and refused answers and link losses
// against three T-Servers, from a seed: the first two are joined all the time, the third comes and
// goes. Every request has to be answered exactly once with its own answer, the first two have to
// see the same bytes, and the third the open calls from their beginning and then the same tail.
func TestRandom(t *testing.T) {
	for _, seed := range chosenSeeds(*seedsFlag) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) { newWorld(t, seed).run(3000) })
	}
}

// chosenSeeds returns so many seeds, or the one that is asked for.
func chosenSeeds(n int) []uint64 {
	if *seedFlag != 0 {
		return []uint64{*seedFlag}
	}
	seeds := make([]uint64, n)
	for i := range seeds {
		seeds[i] = uint64(i + 1)
	}
	return seeds
}

// TestSameInputsSameOutputs runs one world twice: not a byte may depend on chance.
func TestSameInputsSameOutputs(t *testing.T) {
	var digests [2]uint64
	for i := range digests {
		w := newWorld(t, 7)
		w.run(3000)
		digests[i] = w.digest.Sum64()
	}
	if digests[0] != digests[1] {
		t.Error("the outputs differ")
	}
}

const worldDevices = 8

// world is the hub and everything around it.
type world struct {
	t     *testing.T
	rand  *rand.Rand
	hub   *Hub
	now   time.Time
	codec *cstaxml.Codec
	sw    fakeSwitch
	peers [3]fakePeer
	legs  LegID
	calls int

	digest hash.Hash64 // of everything the hub put out
}

// fakeSwitch grants monitors and plays calls on their devices.
type fakeSwitch struct {
	up       bool
	monitors map[string]string // device by cross reference ID
	nextRef  int
	pending  []*csta.Message // requests it will answer some time
	calls    map[string]*liveCall
	history  map[string][]sentEvent // by device
}

type liveCall struct {
	id   string
	step int
}

// sentEvent is an event in the switch's order, without the part that a link loss may change.
type sentEvent struct {
	call  string
	body  string
	ended bool
}

// fakePeer is a T-Server.
type fakePeer struct {
	leg      LegID
	next     csta.InvokeID
	asked    map[csta.InvokeID]string // what the answer has to carry
	stream   []string                 // events, by device and body
	monitors map[string]string        // device by cross reference ID
	starting map[csta.InvokeID]string // devices
	heard    map[string]int           // of a device's events since its answer
	replay   map[string][]string      // what it has to hear first
}

func newWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	cfg := testConfig()
	cfg.TServers = append(cfg.TServers, TServer{Name: "third", BacklogMax: 1 << 20})
	cfg.RequestTimeout, cfg.RequestOutstanding = 5*time.Second, 10
	cfg.HeartbeatInterval = 3 * time.Second
	w := &world{
		t: t, rand: rand.New(rand.NewPCG(seed, 1)), digest: fnv.New64(),
		hub: New(cfg), now: epoch, codec: cstaxml.New(),
		sw: fakeSwitch{
			monitors: make(map[string]string), calls: make(map[string]*liveCall),
			history: make(map[string][]sentEvent),
		},
	}
	return w
}

func (w *world) run(steps int) {
	w.linkUp()
	for w.busy() {
		w.answerOne()
	}
	for i := range w.peers {
		w.join(i)
	}
	for i := range w.peers {
		for d := range worldDevices {
			w.monitor(i, device(d))
		}
	}
	for w.busy() {
		w.answerOne()
	}
	for i := range w.peers {
		w.peers[i].stream = nil
	}
	for range steps {
		w.step()
	}
	w.quiesce()
	if a, b := w.peers[0].stream, w.peers[1].stream; !slices.Equal(a, b) || len(a) == 0 {
		w.t.Fatalf("the streams differ: %d and %d events", len(a), len(b))
	}
	for i := range w.peers {
		if n := len(w.peers[i].asked); n != 0 && w.peers[i].leg != 0 {
			w.t.Fatalf("%d requests of T-Server %d were never answered: %v", n, i, w.peers[i].asked)
		}
	}
	if text := tables(w.hub); strings.Contains(text, "queue") || strings.Contains(text, "busy") {
		w.t.Fatal("left behind:\n", text)
	}
}

func device(i int) string { return strconv.Itoa(2000 + i) }

func (w *world) busy() bool { return len(w.sw.pending) > 0 }

// step is one thing that happens.
func (w *world) step() {
	switch n := w.rand.IntN(100); {
	case n < 40:
		w.playCall()
	case n < 60:
		w.request(w.rand.IntN(3))
	case n < 85:
		if w.busy() && w.rand.IntN(20) > 0 {
			w.answerOne()
		}
	case n < 96:
		w.tick(time.Duration(w.rand.IntN(400)) * time.Millisecond)
	case n < 98:
		if w.rand.IntN(4) == 0 {
			w.leave(2)
		} else {
			w.join(2)
		}
		for d := range worldDevices {
			if w.peers[2].leg != 0 && w.rand.IntN(3) > 0 {
				w.monitor(2, device(d))
			}
		}
	default:
		if w.rand.IntN(6) == 0 {
			w.linkDown()
			w.tick(500 * time.Millisecond)
			w.linkUp()
		}
	}
}

// quiesce lets everything come to its end.
func (w *world) quiesce() {
	for range 300 {
		for w.busy() {
			w.answerOne()
		}
		w.tick(100 * time.Millisecond)
	}
	for w.busy() {
		w.answerOne()
	}
}

func (w *world) linkUp() {
	w.sw.up = true
	w.hub.LinkUp(w.now)
	w.toHub(&csta.Message{
		Kind: csta.KindRequest, Service: csta.SystemStatus, Status: csta.StatusEnabled,
	})
}

// linkDown loses the link; the switch forgets its monitors, the calls go on.
func (w *world) linkDown() {
	if !w.sw.up {
		return
	}
	w.sw.up = false
	w.sw.pending = nil
	clear(w.sw.monitors)
	w.hub.LinkDown(w.now)
	w.settle()
}

func (w *world) join(i int) {
	w.leave(i)
	w.legs++
	w.peers[i] = fakePeer{
		leg: w.legs, asked: make(map[csta.InvokeID]string), stream: w.peers[i].stream,
		monitors: make(map[string]string), starting: make(map[csta.InvokeID]string),
		heard: make(map[string]int), replay: make(map[string][]string),
	}
	w.hub.LegUp(w.now, w.legs, i)
	w.settle()
	w.ask(i, &csta.Message{Kind: csta.KindRequest, Service: csta.SystemRegister}, "")
}

func (w *world) leave(i int) {
	if leg := w.peers[i].leg; leg != 0 {
		w.peers[i].leg = 0
		w.hub.LegDown(w.now, leg)
		w.settle()
	}
}

// ask sends a request of a T-Server; its answer has to carry the call.
func (w *world) ask(i int, msg *csta.Message, call string) {
	p := &w.peers[i]
	for p.next = (p.next + 1) % 9999; ; p.next = (p.next + 1) % 9999 {
		if _, taken := p.asked[p.next]; !taken {
			break
		}
	}
	msg.Invoke = p.next
	p.asked[p.next] = call
	if msg.Service == csta.MonitorStart {
		p.starting[p.next] = string(msg.Device.Number)
	}
	w.hub.FromLeg(w.now, p.leg, w.make(msg))
	w.settle()
}

func (w *world) monitor(i int, device string) {
	if slices.Contains(slices.Collect(maps.Values(w.peers[i].monitors)), device) ||
		slices.Contains(slices.Collect(maps.Values(w.peers[i].starting)), device) {
		return
	}
	w.ask(i, &csta.Message{
		Kind: csta.KindRequest, Service: csta.MonitorStart, Device: dialled(device),
	}, "")
}

// request sends some request whose answer can be told from others.
func (w *world) request(i int) {
	if w.peers[i].leg == 0 {
		return
	}
	w.calls++
	call := "r" + strconv.Itoa(w.calls)
	w.ask(i, &csta.Message{
		Kind: csta.KindRequest, Service: csta.MakeCall, Called: dialled(call),
		Device: dialled(device(w.rand.IntN(worldDevices))),
	}, call)
}

func (w *world) tick(d time.Duration) {
	w.now = w.now.Add(d)
	w.hub.Tick(w.now)
	w.settle()
}

func (w *world) make(msg *csta.Message) []byte {
	frm, err := w.codec.Append(nil, msg)
	if err != nil {
		w.t.Fatal(err)
	}
	return frm
}

// toHub sends a message of the switch.
func (w *world) toHub(msg *csta.Message) {
	if w.sw.up {
		w.hub.FromLink(w.now, w.make(msg))
		w.settle()
	}
}

// answerOne answers one of the requests, any of them, in one way or another.
func (w *world) answerOne() {
	k := w.rand.IntN(len(w.sw.pending))
	req := w.sw.pending[k]
	w.sw.pending = slices.Delete(w.sw.pending, k, k+1)
	answer := &csta.Message{Kind: csta.KindResponse, Service: req.Service, Invoke: req.Invoke}
	mood := w.rand.IntN(100)
	switch req.Service {
	case csta.MonitorStart:
		w.sw.nextRef++
		ref := strconv.Itoa(100 + w.sw.nextRef%(3*worldDevices)) // IDs are used again
		for w.sw.monitors[ref] != "" {
			w.sw.nextRef++
			ref = strconv.Itoa(100 + w.sw.nextRef%(3*worldDevices))
		}
		w.sw.monitors[ref] = string(req.Device.Number)
		answer.CrossRef = []byte(ref)
	case csta.MonitorStop:
		delete(w.sw.monitors, string(req.CrossRef))
	case csta.SnapshotDevice:
		if item := w.snapshot(string(req.Device.Number)); item.State > csta.ConnectionNull {
			answer.Connections = append(answer.Connections, item)
		}
	case csta.SnapshotCall:
		item := w.snapshot(string(req.Subject.Device.Number))
		item.Endpoint = item.New.Device
		answer.Connections = append(answer.Connections, item)
	case csta.GetAgentState:
		answer = &csta.Message{
			Kind: csta.KindError, Invoke: req.Invoke, Error: csta.ErrServiceNotSupported,
		}
	case csta.MakeCall:
		answer.Subject = csta.ConnectionID{Call: slices.Clone(req.Called.Number), Device: req.Device}
		switch {
		case mood < 4: // never
			return
		case mood < 8:
			answer = &csta.Message{Kind: csta.KindError, Invoke: req.Invoke, Error: csta.ErrResourceBusy}
		case mood < 12: // twice
			w.toHub(answer)
		}
	}
	w.toHub(answer)
}

// callSteps are the life of a call.
var callSteps = []struct {
	event csta.Event
	local csta.ConnectionState
}{
	{csta.EventServiceInitiated, csta.ConnectionInitiated},
	{csta.EventOriginated, csta.ConnectionConnected},
	{csta.EventHeld, csta.ConnectionHold},
	{csta.EventRetrieved, csta.ConnectionConnected},
	{csta.EventConnectionCleared, csta.ConnectionNull},
}

// snapshot returns the call at a device; its state is none where there is no call.
func (w *world) snapshot(d string) csta.ConnectionItem {
	var item csta.ConnectionItem
	if live := w.sw.calls[d]; live != nil && live.step > 0 {
		item.New = csta.ConnectionID{Call: []byte(live.id), Device: dialled(d)}
		item.State = callSteps[live.step-1].local
	}
	return item
}

// playCall moves a call on one of the devices on.
func (w *world) playCall() {
	d := device(w.rand.IntN(worldDevices))
	live := w.sw.calls[d]
	if live == nil {
		w.calls++
		live = &liveCall{id: "c" + strconv.Itoa(w.calls)}
		w.sw.calls[d] = live
	}
	refs := []string{}
	for ref, on := range w.sw.monitors {
		if on == d {
			refs = append(refs, ref)
		}
	}
	if !w.sw.up || len(refs) != 1 || w.hub.State() != LinkNormal { // what nobody hears does not happen
		return
	}
	step := callSteps[live.step]
	live.step++
	w.sw.history[d] = append(w.sw.history[d], sentEvent{
		call: live.id, body: d + " " + step.event.String() + " " + live.id,
	})
	if live.step == len(callSteps) {
		delete(w.sw.calls, d)
		for i := range w.sw.history[d] {
			e := &w.sw.history[d][i]
			e.ended = e.ended || e.call == live.id
		}
	}
	w.toHub(&csta.Message{
		Kind: csta.KindEvent, Event: step.event, CrossRef: []byte(refs[0]), Local: step.local,
		Device:  dialled(d),
		Subject: csta.ConnectionID{Call: []byte(live.id), Device: dialled(d)},
	})
}

// settle takes the hub's outputs to the peers and carries out what it wants closed.
func (w *world) settle() {
	type piece struct {
		leg LegID
		frm []byte
	}
	var pieces []piece
	var closed []LegID
	for _, out := range w.hub.Outputs() {
		for _, run := range out.Runs {
			for len(run) > 0 {
				n := int(run[2])<<8 | int(run[3])
				pieces = append(pieces, piece{out.Leg, slices.Clone(run[:n])})
				fmt.Fprintf(w.digest, "%d %s\n", out.Leg, run[:n])
				run = run[n:]
			}
		}
		if out.Close != CloseNone {
			closed = append(closed, out.Leg)
		}
	}
	w.hub.Done()
	for i := range w.peers {
		if w.peers[i].leg != 0 {
			w.hub.Backlog(w.peers[i].leg, 0)
		}
	}
	for _, p := range pieces {
		w.deliver(p.leg, p.frm)
	}
	for _, leg := range closed {
		w.close(leg)
	}
}

func (w *world) close(leg LegID) {
	if leg == Link {
		w.linkDown()
		w.linkUp()
		return
	}
	w.t.Fatalf("leg %d was closed", leg)
}

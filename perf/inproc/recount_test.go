package inproc_test

import (
	"bytes"
	"maps"
	"testing"
	"time"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/perf/pipe"
	"haproxy/perf/protocols"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
	"haproxy/state"
)

// What the hub recounts amid calls, also once its link was lost and another switch has named all monitors anew, makes a
// state that answers all queries as the hub's own does.
func TestRecountMakesTheState(t *testing.T) {
	each(t, 8, recountMakesTheState)
}

func recountMakesTheState(t *testing.T, p protocols.Protocol, seed uint64) {
	t.Helper()
	plant := switchsim.Plant{Stations: 20, Agents: 5, Groups: 1, Trunks: 5}
	busy := switchsim.Load{Calls: 8, Features: 3, Pace: 200 * time.Millisecond}
	w := newTrio(p, seed, plant, pipe.Net{Delay: 2 * time.Millisecond}, switchsim.Options{Process: 1})
	w.link.Open()
	w.legs[0].Open()
	w.legs[1].Open()
	if w.proxy.Hub.Recount(func(int, bool, []byte) bool { return true }) {
		t.Error("it recounts what it does not know yet")
	}
	if !w.world.RunUntil(20*time.Second, func() bool { return w.ts[0].InStep() && w.ts[1].InStep() }) {
		t.Fatal("not in step")
	}
	w.sw.SetLoad(busy)
	w.ts[0].SetRequests(tserversim.Requests{Rate: 5})
	for i := range 40 {
		if i == 20 {
			w.link.Cut()
			w.sw = switchsim.New(p.Switch(switchsim.Options{Seed: seed + 1, Plant: plant, Process: 2, MonitorLimit: 1}))
			w.link = w.world.Join(w.sw, w.proxy.Link(), w.net)
			w.link.Open()
			w.world.Run(10 * time.Second)
			w.sw.SetLoad(busy)
		}
		w.world.Run(700 * time.Millisecond)
		w.recounted(t, plant, i)
		if t.Failed() {
			return
		}
	}
}

// recounted compares the state that a recount makes with the hub's.
func (w *trio) recounted(t *testing.T, plant switchsim.Plant, round int) {
	t.Helper()
	r := retold{t: t, codec: w.speaks.NewCodec(), state: state.New(state.Limits{}), monitors: make(map[string]state.MonitorID)}
	started := make([]int, 3)
	if !w.proxy.Hub.Recount(func(tserver int, fromSwitch bool, frame []byte) bool {
		if err := r.codec.Decode(&r.msg, frame); err != nil {
			t.Fatal(err)
		}
		if fromSwitch && r.msg.Kind == csta.KindResponse && len(r.msg.CrossRef) > 0 {
			started[tserver+1]++
		}
		if tserver < 0 {
			r.take(fromSwitch, frame, w.world.Now())
		}
		return true
	}) {
		t.Fatalf("round %d: nothing is recounted", round)
	}
	for who, n := range started {
		if n == 0 || n != started[0] {
			t.Errorf("round %d: %d monitors of %d, %d of the link", round, n, who-1, started[0])
		}
	}
	for _, number := range plant.Numbers() {
		for _, service := range []csta.Service{
			csta.SnapshotDevice, csta.GetAgentState, csta.GetDoNotDisturb, csta.GetForwarding,
			csta.GetMessageWaitingIndicator,
		} {
			query := csta.Message{Service: service, Device: csta.DeviceID{Form: csta.DeviceNumber, Number: []byte(number)}}
			got, want := r.answer(r.state, &query), r.answer(w.proxy.Hub.Model(), &query)
			if !bytes.Equal(got, want) {
				t.Errorf("round %d: %v of %s is answered\n%q, by the hub\n%q", round, service, number, got, want)
			}
		}
	}
	if got, want := calls(r.state), calls(w.proxy.Hub.Model()); !maps.Equal(got, want) {
		t.Errorf("round %d: there are %v, the hub has %v", round, got, want)
	}
}

// calls are the IDs of a state's calls.
func calls(s *state.State) map[string]bool {
	all := make(map[string]bool)
	for c := range s.Calls() {
		all[string(c.ID)] = true
	}
	return all
}

// retold is the state that a leg's messages make.
type retold struct {
	t        *testing.T
	codec    codec.Codec
	msg      csta.Message
	state    *state.State
	monitors map[string]state.MonitorID
	object   state.Object
	mark     state.Mark
}

func (r *retold) take(fromSwitch bool, frame []byte, at time.Time) {
	r.t.Helper()
	msg := &r.msg
	switch {
	case msg.Kind == csta.KindEvent:
		id, known := r.monitors[string(msg.CrossRef)]
		if !known {
			r.t.Fatalf("an event of a monitor that was not started: %q", msg.CrossRef)
		}
		r.state.Apply(id, msg, frame, at)
	case !fromSwitch && msg.Service == csta.MonitorStart:
		device := msg.Device
		device.Number = bytes.Clone(device.Number)
		r.object = state.Object{Device: device, Filter: msg.Filter}
	case !fromSwitch:
		r.mark = r.state.Asked(msg)
	case msg.Service == csta.MonitorStart || len(msg.CrossRef) > 0:
		id, err := r.state.Open(r.object)
		if err != nil {
			r.t.Fatal(err)
		}
		r.monitors[string(msg.CrossRef)] = id
	default:
		r.state.Learn(r.mark, msg, at)
	}
}

// answer is the answer of a state to a query; nil where it has none.
func (r *retold) answer(s *state.State, query *csta.Message) []byte {
	r.msg.Reset()
	if !s.Answer(query, &r.msg) {
		return nil
	}
	r.msg.Kind, r.msg.Service = csta.KindResponse, query.Service
	frame, err := r.codec.Append(nil, &r.msg)
	if err != nil {
		return []byte(err.Error())
	}
	return frame
}

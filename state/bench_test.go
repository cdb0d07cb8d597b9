package state

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"haproxy/codec/csta"
)

// flow is the events of one call between two monitored devices, as both monitors get them.
type flow struct {
	id  []MonitorID
	msg []csta.Message
}

// callFlow makes a call of ten events in all that ends, with identifiers as a large switch has them.
func callFlow(a, b MonitorID, callID, from, to string) flow {
	var f flow
	put := func(id MonitorID, e csta.Event, dev string, local csta.ConnectionState) {
		f.id = append(f.id, id)
		f.msg = append(f.msg, csta.Message{
			Kind: csta.KindEvent, Event: e, Device: device(dev), Local: local,
			Subject: csta.ConnectionID{Call: csta.CallID(callID), Device: device(dev)},
			Calling: device(from), Called: device(to), Cause: csta.CauseNewCall,
		})
	}
	put(a, csta.EventServiceInitiated, from, csta.ConnectionInitiated)
	put(a, csta.EventOriginated, from, csta.ConnectionConnected)
	put(a, csta.EventDelivered, to, csta.ConnectionConnected)
	put(b, csta.EventDelivered, to, csta.ConnectionAlerting)
	put(a, csta.EventEstablished, to, csta.ConnectionConnected)
	put(b, csta.EventEstablished, to, csta.ConnectionConnected)
	put(a, csta.EventConnectionCleared, to, csta.ConnectionConnected)
	put(b, csta.EventConnectionCleared, to, csta.ConnectionNull)
	put(a, csta.EventConnectionCleared, from, csta.ConnectionNull)
	put(b, csta.EventConnectionCleared, from, csta.ConnectionNull)
	return f
}

func openDevices(tb testing.TB, s *State, n int) []MonitorID {
	tb.Helper()
	ids := make([]MonitorID, n)
	for i := range ids {
		var err error
		ids[i], err = s.Open(Object{Device: device(fmt.Sprint(8530040000 + i))})
		if err != nil {
			tb.Fatal(err)
		}
	}
	return ids
}

// flows makes n calls, each between two devices of their own.
func flows(ids []MonitorID, n int) []flow {
	out := make([]flow, n)
	for i := range out {
		a, b := i*2%len(ids), (i*2+1)%len(ids)
		out[i] = callFlow(ids[a], ids[b], fmt.Sprintf("FF000100000000002D65C85C%08X", i),
			fmt.Sprint(8530040000+a), fmt.Sprint(8530040000+b))
	}
	return out
}

// BenchmarkApplyCalls applies events of 600 octets of whole calls, of which some are open at any time.
// The message is hot, as one just decoded is; its identifiers are written into it for each event.
func BenchmarkApplyCalls(b *testing.B) {
	for _, open := range []int{1, 100, 20000} {
		b.Run(fmt.Sprintf("open=%d", open), func(b *testing.B) {
			s := New(Limits{})
			ids := openDevices(b, s, 2*open)
			f := callFlow(0, 1, "FF000100000000002D65C85C00000000", "8530040000", "8530040001")
			id := f.share()
			frame := make([]byte, 600)
			now := time.Unix(1e9, 0)
			b.ReportAllocs()
			call, step := 0, 0
			for b.Loop() {
				number(id.call, call)
				number(id.from, 2*call)
				number(id.to, 2*call+1)
				s.Apply(ids[2*call+int(f.id[step])], &f.msg[step], frame, now)
				if call++; call == open {
					call, step = 0, (step+1)%10
				}
			}
		})
	}
}

// shared is the identifiers of a flow, one copy of each, so that writing them changes every message.
type shared struct{ call, from, to []byte }

// share makes the messages of a flow refer to the same identifiers.
func (f *flow) share() shared {
	id := shared{f.msg[0].Subject.Call, f.msg[0].Calling.Number, f.msg[0].Called.Number}
	for i := range f.msg {
		msg := &f.msg[i]
		msg.Subject.Call, msg.Calling.Number, msg.Called.Number = id.call, id.from, id.to
		dev := id.from
		if string(msg.Device.Number) == string(id.to) {
			dev = id.to
		}
		msg.Device.Number, msg.Subject.Device.Number = dev, dev
	}
	return id
}

// number writes n into the last six digits of an identifier.
func number(id []byte, n int) {
	for i := len(id) - 1; i >= len(id)-6; i-- {
		id[i] = byte('0' + n%10)
		n /= 10
	}
}

// BenchmarkApplyAgent applies agent states of 400 octets.
func BenchmarkApplyAgent(b *testing.B) {
	s := New(Limits{})
	ids := openDevices(b, s, 100)
	msgs := make([]csta.Message, len(ids))
	for i := range msgs {
		msgs[i] = csta.Message{
			Kind: csta.KindEvent, Event: csta.EventAgentReady,
			Device: device(fmt.Sprint(8530040000 + i)), AgentID: []byte(fmt.Sprint(7000 + i)),
			Group: device("500"),
		}
	}
	frame := make([]byte, 400)
	now := time.Unix(1e9, 0)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		s.Apply(ids[i], &msgs[i], frame, now)
		i = (i + 1) % len(ids)
	}
}

// BenchmarkReplay replays the journal of a device with two calls of five events.
func BenchmarkReplay(b *testing.B) {
	s := New(Limits{})
	all := flows(openDevices(b, s, 2), 2)
	frame := make([]byte, 600)
	for _, f := range all {
		for i := range 6 {
			s.Apply(f.id[i], &f.msg[i], frame, time.Unix(1e9, 0))
		}
	}
	dst := make([]byte, 0, 1<<16)
	b.ReportAllocs()
	for b.Loop() {
		dst = s.Replay(dst[:0], all[0].id[0], csta.EventSet{}, nil)
	}
	b.SetBytes(int64(len(dst)))
}

// BenchmarkAnswerSnapshot answers SnapshotDevice for a device with one call.
func BenchmarkAnswerSnapshot(b *testing.B) {
	s := New(Limits{})
	all := flows(openDevices(b, s, 2), 1)
	req := csta.Message{
		Kind: csta.KindRequest, Service: csta.SnapshotDevice,
		Device: device("8530040000"),
	}
	s.Learn(s.Asked(&req), &csta.Message{Kind: csta.KindResponse}, time.Time{})
	for i := range 6 {
		s.Apply(all[0].id[i], &all[0].msg[i], nil, time.Unix(1e9, 0))
	}
	var resp csta.Message
	b.ReportAllocs()
	for b.Loop() {
		if !s.Answer(&req, &resp) {
			b.Fatal("not known")
		}
	}
}

// TestApplyAllocates asserts that whole calls, agents and queries allocate nothing once warm.
func TestApplyAllocates(t *testing.T) {
	s := New(Limits{})
	all := flows(openDevices(t, s, 20), 10)
	frame := make([]byte, 600)
	now := time.Unix(1e9, 0)
	req := csta.Message{
		Kind: csta.KindRequest, Service: csta.SnapshotDevice,
		Device: device("8530040000"),
	}
	learned := csta.Message{Kind: csta.KindResponse}
	agent := csta.Message{
		Kind: csta.KindEvent, Event: csta.EventAgentLoggedOn,
		Device: device("8530040000"), AgentID: []byte("7"), Group: device("500"),
	}
	joined := csta.Message{
		Kind: csta.KindEvent, Event: csta.EventConferenced, Device: device("8530040001"),
		Subject:     csta.ConnectionID{Call: all[0].msg[0].Subject.Call},
		Connections: []csta.ConnectionItem{{New: all[0].msg[0].Subject}, {New: all[0].msg[2].Subject}},
		Local:       csta.ConnectionConnected,
	}
	var resp csta.Message
	dst := make([]byte, 0, 1<<20)
	cycle := func() {
		for step := range all[0].msg {
			for i := range all {
				s.Apply(all[i].id[step], &all[i].msg[step], frame, now)
			}
			s.Apply(all[0].id[0], &agent, frame, now)
			if step == 5 {
				s.Apply(all[0].id[0], &joined, frame, now)
			}
			s.Learn(s.Asked(&req), &learned, time.Time{})
			s.Answer(&req, &resp)
			dst = s.Replay(dst[:0], all[0].id[0], csta.EventSet{}, nil)
		}
	}
	cycle()
	cycle()
	if n := testing.AllocsPerRun(100, cycle); n != 0 {
		t.Errorf("%v allocations in a cycle of ten calls", n)
	}
	if n := s.Stats(); n.Calls != 0 {
		t.Errorf("calls are left: %+v", n)
	}
}

// BenchmarkMemory prints the live heap of 100,000 monitored devices that are idle but for 20,000 calls
// of ten events of 700 octets each.
func BenchmarkMemory(b *testing.B) {
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		s := New(Limits{})
		ids := openDevices(b, s, 100000)
		frame := make([]byte, 700)
		now := time.Unix(1e9, 0)
		for i := range 20000 {
			a, c := ids[i], ids[20000+i]
			f := callFlow(a, c, fmt.Sprintf("FF000100000000002D65C85C%08X", i),
				fmt.Sprint(8530040000+i), fmt.Sprint(8530060000+i))
			for k := range 6 {
				s.Apply(f.id[k], &f.msg[k], frame, now)
			}
			for k := range 4 { // hold and retrieve twice
				msg := f.msg[5]
				msg.Event = csta.EventHeld
				if k%2 == 1 {
					msg.Event = csta.EventRetrieved
				}
				s.Apply(a, &msg, frame, now)
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		n := s.Stats()
		if n.JournalEntries != 200000 || n.Calls != 20000 {
			b.Fatalf("%+v", n)
		}
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB")
		b.ReportMetric(float64(n.JournalUsed)/(1<<20), "journal-MiB")
		runtime.KeepAlive(s)
	}
}

package state

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"haproxy/codec/csta"
)

// bytesOf is a source of small choices.
type bytesOf []byte

func (b *bytesOf) next(n int) int {
	if len(*b) == 0 {
		return 0
	}
	v := int((*b)[0])
	*b = (*b)[1:]
	return v % n
}

func (b *bytesOf) device() csta.DeviceID {
	n := b.next(12)
	switch n {
	case 0:
		return csta.DeviceID{}
	case 1:
		return csta.DeviceID{Form: csta.DeviceNotKnown}
	case 2:
		return csta.DeviceID{Form: csta.DeviceOther, Number: make([]byte, 30+b.next(256)*8)}
	case 3, 4:
		return csta.DeviceID{Form: csta.DeviceDynamic, Number: []byte{byte(n)}}
	case 5:
		return csta.DeviceID{Form: csta.DeviceImplicitPublic, Number: []byte("6")}
	}
	return csta.DeviceID{Form: csta.DeviceDialingNumber, Number: []byte(strconv.Itoa(n))}
}

func (b *bytesOf) connection() csta.ConnectionID {
	id := csta.ConnectionID{Device: b.device()}
	if n := b.next(6); n > 0 {
		id.Call = csta.CallID(strconv.Itoa(n))
	}
	return id
}

func (b *bytesOf) item() csta.ConnectionItem {
	item := csta.ConnectionItem{New: b.connection(), State: csta.ConnectionState(b.next(9))}
	if b.next(2) == 1 {
		item.Old = b.connection()
	}
	if b.next(2) == 1 {
		item.Endpoint = b.device()
	}
	for range b.next(3) {
		item.Far = append(item.Far, csta.ConnectionState(b.next(8)))
	}
	return item
}

// message makes a message of any kind, sensible or not.
func (b *bytesOf) message() *csta.Message {
	msg := &csta.Message{
		Kind: csta.KindEvent, Event: csta.Event(b.next(int(csta.EventCount) + 2)),
		Subject: b.connection(), Device: b.device(), Local: csta.ConnectionState(b.next(9)),
	}
	switch b.next(3) {
	case 0: // an event of calls is likelier
		msg.Event = csta.Event(1 + b.next(int(csta.EventTransferred)))
		msg.Secondary = b.connection()
		for range b.next(5) {
			msg.Connections = append(msg.Connections, b.item())
		}
	case 1:
		msg.AgentID, msg.Group = []byte{byte(b.next(3))}[:b.next(2)], b.device()
		msg.Item, msg.On = []byte{byte(b.next(3))}[:b.next(2)], csta.Switch(b.next(3))
		msg.Forwarding, msg.ForwardTo = csta.ForwardingType(b.next(4)), b.device()
	default:
		msg.Calling, msg.Called, msg.Destination = b.device(), b.device(), b.device()
	}
	return msg
}

var fuzzedServices = []csta.Service{
	csta.SnapshotDevice, csta.SnapshotCall, csta.GetAgentState, csta.GetDoNotDisturb,
	csta.GetForwarding, csta.GetMessageWaitingIndicator, csta.SetAgentState, csta.SetForwarding,
	csta.SetDoNotDisturb, csta.SetMessageWaitingIndicator, csta.MakeCall,
}

// FuzzState gives a State any sequence of calls: nothing panics, everything is accounted for, the
// limits hold, and nothing is left once all is closed.
func FuzzState(f *testing.F) {
	f.Add([]byte("a call control link is a sequence of events"), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, small uint8) {
		limits := Limits{Monitors: 6}
		if small%2 == 1 {
			limits = Limits{
				JournalMax: 2048, Monitors: 4, Calls: 3, Connections: 6, Chains: 5,
				Agents: 3, Features: 3, Devices: 12, Marks: 3,
			}
		}
		fuzzState(t, New(limits), bytesOf(data))
	})
}

func fuzzState(t *testing.T, s *State, b bytesOf) {
	t.Helper()
	now := time.Unix(1e9, 0)
	var marks [4]Mark
	frame := make([]byte, 3000)
	for n := 0; len(b) > 0 && n < 2000; n++ {
		now = now.Add(time.Duration(b.next(3)) * time.Second)
		id := MonitorID(b.next(8))
		switch op := b.next(24); op {
		case 0, 1:
			obj := Object{
				Device: b.device(), CallObject: op == 1, Call: b.connection(),
				Type: csta.MonitorType(b.next(3)),
			}
			if b.next(4) == 0 {
				obj.Filter.Add(csta.Event(b.next(int(csta.EventCount))))
			}
			_, _ = s.Open(obj)
		case 2:
			s.Close(id)
		case 3:
			s.SetFilter(id, csta.EventSet{uint64(b.next(256))})
		case 4, 5:
			req := b.message()
			req.Kind, req.Service = csta.KindRequest, fuzzedServices[b.next(len(fuzzedServices))]
			marks[b.next(4)] = s.Asked(req)
		case 6, 7:
			resp := b.message()
			resp.Kind, resp.LastSegment = csta.Kind(b.next(6)), b.next(2) == 1
			resp.Agents = []csta.AgentItem{{AgentID: []byte("7"), State: csta.AgentReady}}
			resp.Forwards = []csta.ForwardItem{{Type: 1, On: csta.SwitchOn, To: b.device()}}
			mark := marks[b.next(4)]
			if op == 7 {
				fuzzDiffer(t, s, mark, resp, &b)
			}
			s.Learn(mark, resp, time.Time{})
		case 8:
			s.Forget(marks[b.next(4)])
		case 9:
			s.LinkLost()
		case 10, 11:
			req := b.message()
			req.Service = fuzzedServices[b.next(len(fuzzedServices))]
			s.Answer(req, &csta.Message{})
		case 12:
			s.Replay(nil, id, csta.EventSet{}, drawMade)
			s.Audit(now)
		default:
			s.Apply(id, b.message(), frame[:b.next(256)*b.next(12)], now)
		}
		if n%16 == 0 {
			checkState(t, s)
		}
	}
	for id := range MonitorID(8) {
		s.Close(id)
	}
	s.LinkLost()
	checkEmpty(t, s)
}

// fuzzDiffer compares an answer twice, at times with nobody who takes the differences: they have an
// end.
func fuzzDiffer(t *testing.T, s *State, mark Mark, resp *csta.Message, b *bytesOf) {
	t.Helper()
	told := 0
	deaf := b.next(8) == 0
	publish := func(id MonitorID, msg *csta.Message) {
		if told++; told > 10_000 {
			t.Fatal("differences without end")
		}
		if !deaf {
			own := *msg // what is applied is read anew, from a frame
			s.Apply(id, &own, []byte("made"), time.Time{})
		}
	}
	s.Differ(mark, resp, time.Time{}, publish)
	s.Differ(mark, resp, time.Time{}, publish)
	for id := range s.Uncertain() {
		_ = id.Call
	}
	s.Begins(1, &csta.Message{Kind: csta.KindEvent, Event: csta.EventDelivered, Subject: b.connection()})
	s.Reflects(1, b.message())
	if resp.LastSegment {
		s.DifferGone(mark, time.Time{}, publish)
	}
	if b.next(2) == 0 {
		s.Settle(time.Time{}, publish)
	}
}

// TestRandomInput is FuzzState with random input of some length, which finds more than a short run of
// the fuzzer.
func TestRandomInput(t *testing.T) {
	rounds := 400
	if testing.Short() {
		rounds = 50
	}
	for seed := range uint64(rounds) {
		rng := rand.New(rand.NewPCG(seed, 2))
		data := make([]byte, 12000)
		for i := range data {
			data[i] = byte(rng.Uint32())
		}
		limits := Limits{Monitors: 6}
		if seed%2 == 1 {
			limits = Limits{
				JournalMax: 2048, Monitors: 4, Calls: 3, Connections: 6, Chains: 5,
				Agents: 3, Features: 3, Devices: 12, Marks: 3,
			}
		}
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			fuzzState(t, New(limits), data)
		})
	}
}

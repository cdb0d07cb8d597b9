package state

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"haproxy/codec/csta"
)

// TestMonitorView checks what a reader sees of a monitor, as it was given.
func TestMonitorView(t *testing.T) {
	s := New(Limits{})
	obj := Object{Device: device("absent:2001"), Filter: csta.EventsOf(csta.EventHeld)}
	id, err := s.Open(obj)
	if err != nil {
		t.Fatal(err)
	}
	view, ok := s.Monitor(id)
	if !ok || view.Object.Device.Form != csta.DeviceAbsent || view.Object.Filter != obj.Filter ||
		string(view.Object.Device.Number) != "2001" {
		t.Errorf("monitor is %+v", view)
	}
	callID, err := s.Open(Object{CallObject: true, Call: connection("c1/2001")})
	if err != nil {
		t.Fatal(err)
	}
	if view, ok = s.Monitor(callID); !ok || string(view.Object.Call.Call) != "c1" ||
		!view.Object.CallObject {
		t.Errorf("monitor is %+v", view)
	}
	s.Close(id)
	s.Close(id)
	if _, ok = s.Monitor(id); ok {
		t.Error("a closed monitor is shown")
	}
	again, err := s.Open(obj)
	if err != nil || again != id {
		t.Errorf("the handle is %d, %v, want %d again", again, err, id)
	}
}

// TestMadeCalledDevice: an event that is made says that the called device is not known, but for ServiceInitiated, which
// has the element in the latest editions alone.
func TestMadeCalledDevice(t *testing.T) {
	s := New(Limits{})
	p := party{call: csta.CallID("c1"), static: device("2001")}
	for event, want := range map[csta.Event]csta.DeviceForm{
		csta.EventServiceInitiated: csta.DeviceAbsent, csta.EventDelivered: csta.DeviceNotKnown,
	} {
		msg := s.compose(event, csta.CauseActiveParticipation, &p, csta.ConnectionInitiated)
		if msg.Called.Form != want || msg.Called.Known() {
			t.Errorf("%v: the called device is %+v", event, msg.Called)
		}
	}
	p.called = device("2002")
	msg := s.compose(csta.EventServiceInitiated, csta.CauseActiveParticipation, &p, csta.ConnectionInitiated)
	if !msg.Called.Equal(p.called) {
		t.Errorf("the called device is %+v", msg.Called)
	}
}

// TestLongIdentifiers checks that identifiers of every length are exact, and that those beyond the
// longest kept are refused without harm.
func TestLongIdentifiers(t *testing.T) {
	for _, n := range []int{1, 31, 32, 33, 64, 65, 256, 257, nameMax, nameMax + 1, 60000} {
		s := New(Limits{})
		dev := csta.DeviceID{Form: csta.DeviceOther, Number: bytes.Repeat([]byte("d"), n)}
		id, err := s.Open(Object{Device: dev})
		if n > nameMax {
			if !errors.Is(err, ErrLimit) {
				t.Errorf("%d octets: Open gives %v", n, err)
			}
			id, _ = s.Open(Object{Device: device("2001")})
		} else if err != nil {
			t.Errorf("%d octets: %v", n, err)
		}
		msg := csta.Message{
			Kind: csta.KindEvent, Event: csta.EventEstablished, Device: dev,
			Subject: csta.ConnectionID{Call: bytes.Repeat([]byte("c"), n), Device: dev},
			Local:   csta.ConnectionConnected,
		}
		s.Apply(id, &msg, []byte("frame"), time.Time{})
		calls := 0
		for c := range s.Calls() {
			calls++
			if !bytes.Equal(c.ID, msg.Subject.Call) || !c.Connections[0].Device.Equal(dev) {
				t.Errorf("%d octets: call is %s", n, drawCall(c))
			}
		}
		switch stats := s.Stats(); {
		case n <= nameMax && (calls != 1 || stats.JournalEntries != 1 || stats.Refused != 0):
			t.Errorf("%d octets: %d calls, %+v", n, calls, stats)
		case n > nameMax && (calls != 0 || stats.JournalEntries != 0 || stats.Refused == 0):
			t.Errorf("%d octets: %d calls, %+v", n, calls, stats)
		}
		checkState(t, s)
		s.Close(id)
		checkEmpty(t, s)
	}
}

// TestIterationStops checks that readers may stop early.
func TestIterationStops(t *testing.T) {
	s := New(Limits{})
	all := flows(openDevices(t, s, 20), 10)
	for _, f := range all {
		s.Apply(f.id[0], &f.msg[0], nil, time.Time{})
		for _, e := range []csta.Event{csta.EventAgentReady, csta.EventDoNotDisturb} {
			s.Apply(f.id[0], &csta.Message{
				Kind: csta.KindEvent, Event: e,
				Device: f.msg[0].Device, On: csta.SwitchOn,
			}, nil, time.Time{})
		}
	}
	seen := 0
	for range s.Calls() {
		seen++
		break
	}
	for range s.Agents() {
		seen++
		break
	}
	for range s.Devices() {
		seen++
		break
	}
	if seen != 3 {
		t.Errorf("%d of 3 iterators gave anything", seen)
	}
	if n := strings.Count(s.String(), "\n"); n != 30 {
		t.Errorf("%d lines drawn, want 30", n)
	}
}

// TestManyMembers checks that one device cannot have more members than are searched, and that its
// agents are not certain then.
func TestManyMembers(t *testing.T) {
	s := New(Limits{})
	ids := openDevices(t, s, 1)
	for i := range itemsPerDevice + 100 {
		msg := csta.Message{
			Kind: csta.KindEvent, Event: csta.EventLampMode,
			Device: device("8530040000"), Item: fmt.Append(nil, i),
		}
		s.Apply(ids[0], &msg, nil, time.Time{})
	}
	if n := s.Stats(); n.JournalEntries != itemsPerDevice || n.Refused != 100 {
		t.Errorf("%+v", n)
	}
	checkState(t, s)
	s.Close(ids[0])
	checkEmpty(t, s)
}

func TestNameIsALineOfTheCache(t *testing.T) {
	if size := reflect.TypeFor[slot[name]]().Size(); size != 64 {
		t.Errorf("a name takes %d bytes", size)
	}
}

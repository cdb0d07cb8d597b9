package check_test

import (
	"fmt"
	"testing"
	"time"

	"haproxy/codec/csta"
	"haproxy/codec/cstaxml"
	"haproxy/perf/ledger"
	"haproxy/perf/pipe"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// from lists the states of a device's own connection in which an event about it is legal.
var from = map[csta.Event][]csta.ConnectionState{
	csta.EventServiceInitiated: {csta.ConnectionNull},
	csta.EventOriginated:       {csta.ConnectionInitiated},
	csta.EventDelivered:        {csta.ConnectionNull, csta.ConnectionAlerting},
	csta.EventQueued:           {csta.ConnectionNull},
	csta.EventEstablished:      {csta.ConnectionAlerting},
	csta.EventHeld:             {csta.ConnectionConnected},
	csta.EventRetrieved:        {csta.ConnectionHold},
	csta.EventFailed:           {csta.ConnectionNull, csta.ConnectionConnected},
	csta.EventDiverted: {
		csta.ConnectionNull, csta.ConnectionAlerting, csta.ConnectionQueued,
	},
}

// Every event of a monitor follows from the one before it: an event about the device's own
// connection finds it in a state that allows it, one about another party leaves it alone.
func TestEventsAreLegal(t *testing.T) {
	c := cstaxml.New()
	for seed := range uint64(5) {
		sw, ts := run(seed, time.Minute)
		for ref, device := range ts.CrossRefs() {
			own := make(map[string]csta.ConnectionState)
			for i, frame := range sw.Ledger().Frames(ref) {
				var msg csta.Message
				if err := c.Decode(&msg, frame); err != nil {
					t.Fatal(err)
				}
				if msg.Event.Category() != csta.CategoryCallControl {
					continue
				}
				if err := legal(own, device, &msg); err != nil {
					t.Errorf("seed %d, device %s, event %d, %v of %s at %s: %v", seed, device, i,
						msg.Event, msg.Subject.Call, msg.Subject.Device.Number, err)
				}
			}
		}
	}
}

func legal(own map[string]csta.ConnectionState, device string, msg *csta.Message) error {
	id := string(msg.Subject.Call)
	was, known := own[id]
	if !known {
		was = csta.ConnectionNull
	}
	if msg.Local == csta.ConnectionNone {
		return fmt.Errorf("no local connection info")
	}
	mine := string(msg.Subject.Device.Number) == device
	switch {
	case msg.Event == csta.EventTransferred || msg.Event == csta.EventConferenced:
		delete(own, id)
		delete(own, string(msg.Secondary.Call))
		for i := range msg.Connections {
			delete(own, string(msg.Connections[i].Old.Call))
			if string(msg.Connections[i].New.Device.Number) == device {
				id = string(msg.Connections[i].New.Call)
			}
		}
	case mine:
		allowed, listed := from[msg.Event]
		for _, state := range allowed {
			listed = listed && state != was
		}
		if listed {
			return fmt.Errorf("its own connection was %v", was)
		}
	case known && msg.Local != was:
		return fmt.Errorf("another's event took its own connection from %v to %v", was, msg.Local)
	}
	own[id] = msg.Local
	if msg.Local == csta.ConnectionNull {
		delete(own, id)
	}
	return nil
}

// Every misbehaviour that can be asked of the switch is noticed by a T-Server, and what is none is
// not.
func TestMisbehaviour(t *testing.T) {
	cases := []struct {
		name  string
		fault switchsim.Faults
		seen  func(s tserversim.Stats) int
	}{
		{
			"never",
			switchsim.Faults{Never: 0.1},
			func(s tserversim.Stats) int { return s.Unanswered },
		},
		{
			"late",
			switchsim.Faults{Late: 0.1, LateBy: 6 * time.Second},
			func(s tserversim.Stats) int { return s.Strays },
		},
		{
			"twice",
			switchsim.Faults{Twice: 0.1},
			func(s tserversim.Stats) int { return s.Strays },
		},
		{
			"wrong ID",
			switchsim.Faults{WrongID: 0.1},
			func(s tserversim.Stats) int { return s.Strays + s.Mismatched },
		},
		{
			"unknown",
			switchsim.Faults{Unknown: 0.1},
			func(s tserversim.Stats) int { return s.UnknownEvents },
		},
		{
			"garbage",
			switchsim.Faults{Garbage: 0.1},
			func(s tserversim.Stats) int { return s.Undecodable },
		},
		{
			"drop",
			switchsim.Faults{Drop: 0.3},
			func(s tserversim.Stats) int { return s.Legs - 1 },
		},
		{
			"none",
			switchsim.Faults{EventFirst: 0.5},
			func(s tserversim.Stats) int { return 1 - s.Faults() },
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			plant := switchsim.Plant{Stations: 20}
			sw := switchsim.New(switchsim.Options{
				Codec: cstaxml.New(), Seed: 9, Plant: plant, Fault: c.fault, Log: ledger.Full,
				Load: switchsim.Load{Calls: 6, Features: 2},
			})
			ts := tserversim.New(tserversim.Options{
				Codec: cstaxml.New(), Seed: 9, Devices: plant.Numbers(), Timeout: 5 * time.Second,
				Requests: tserversim.Requests{Rate: 20}, Log: ledger.Full, Ask: tserversim.AskAll,
			})
			w := pipe.New(9, epoch)
			leg := w.Join(sw, ts, pipe.Net{})
			for range 30 {
				leg.Open()
				w.Run(time.Second)
			}
			if c.seen(ts.Stats()) <= 0 {
				t.Errorf("not noticed: %+v", ts.Stats())
			}
			if c.fault.Drop == 0 && sw.Ledger().Chain() != ts.Ledger().Chain() {
				t.Errorf("sent %d events, got %d", sw.Ledger().Count(), ts.Ledger().Count())
			}
		})
	}
}

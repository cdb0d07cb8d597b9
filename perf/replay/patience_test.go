package replay_test

import (
	"fmt"
	"testing"
	"time"

	"haproxy/codec/csta"
	"haproxy/perf/replay"
)

// monitors writes a capture in which so many devices are monitored, one after the other, each asked for its state and
// with an event of its own then.
func monitors(t *testing.T, devices int) string {
	t.Helper()
	return written(t, true, func(say sayer) {
		for i := range devices {
			at, device := time.Duration(i)*time.Millisecond, fmt.Sprint(2000+i)
			ref, invoke := fmt.Sprintf("%08d", i), csta.InvokeID(2*i)
			say(false, at, csta.Message{Kind: csta.KindRequest, Service: csta.MonitorStart, Invoke: invoke, Device: number(device)})
			say(true, at, csta.Message{
				Kind: csta.KindResponse, Service: csta.MonitorStart, Invoke: invoke, CrossRef: csta.CrossRefID(ref),
			})
			query := csta.Message{Kind: csta.KindRequest, Service: csta.GetDoNotDisturb, Invoke: invoke + 1, Device: number(device)}
			say(false, at, query)
			query.Kind, query.On = csta.KindResponse, csta.SwitchOn
			say(true, at, query)
			say(true, at, delivered(ref, i))
		}
	})
}

// A far side that monitors some of the devices alone, each when it has the one before, and asks for no state, is given
// what it asks for. What it passes over, 28 requests, takes the pace the time of a few.
func TestPassedOver(t *testing.T) {
	const devices, patience = 16, 500 * time.Millisecond
	c, outcome := run(t, replay.Options{Files: []string{monitors(t, devices)}, Patience: patience})
	next := 0
	ask := func() {
		if next < devices {
			c.ask(csta.MonitorStart, csta.InvokeID(next), fmt.Sprint(2000+next))
			next += 4
		}
	}
	ask()
	events := 0
	for m := c.next(); m != nil; m = c.next() {
		switch m.Kind {
		case csta.KindResponse:
			ask()
		case csta.KindEvent:
			events++
		default:
			t.Errorf("%+v", m)
		}
	}
	result, err := outcome()
	must(t, err)
	if events != devices/4 || result.Events != events || result.Answered != devices/4 || result.Unwatched != devices*3/4 ||
		result.Unasked != devices+devices*3/4 {
		t.Errorf("%d events: %+v", events, result)
	}
	if result.Took > 10*patience {
		t.Errorf("%v for %v of the capture", result.Took, result.Played)
	}
}

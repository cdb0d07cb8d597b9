package replay_test

import (
	"fmt"
	"strings"
	"sync"
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

// A far side that asks late, and one thing early that the capture has at its end, is waited for: a request at a time, as
// it comes.
func TestFarSideIsSlow(t *testing.T) {
	const devices, patience = 8, 500 * time.Millisecond
	path := written(t, true, func(say sayer) {
		for i := range devices {
			invoke, ref := csta.InvokeID(i), fmt.Sprintf("%08d", i)
			say(false, 0, csta.Message{
				Kind: csta.KindRequest, Service: csta.MonitorStart, Invoke: invoke, Device: number(fmt.Sprint(2000 + i)),
			})
			say(true, 0, csta.Message{
				Kind: csta.KindResponse, Service: csta.MonitorStart, Invoke: invoke, CrossRef: csta.CrossRefID(ref),
			})
			say(true, 0, delivered(ref, i))
		}
		last := csta.Message{Kind: csta.KindRequest, Service: csta.GetDoNotDisturb, Invoke: devices, Device: number("2000")}
		say(false, 0, last)
		last.Kind, last.On = csta.KindResponse, csta.SwitchOn
		say(true, 0, last)
	})
	c, outcome := run(t, replay.Options{Files: []string{path}, Patience: patience})
	c.ask(csta.GetDoNotDisturb, 100, "2000")
	var asking sync.WaitGroup
	asking.Go(func() {
		for i := range devices {
			time.Sleep(patience / 4) // it is that slow: later than a look, earlier than patience ends
			c.ask(csta.MonitorStart, csta.InvokeID(i), fmt.Sprint(2000+i))
		}
	})
	events := told(c)
	asking.Wait()
	if result, err := outcome(); err != nil || events != devices || result.Answered != devices+1 || result.Unasked > 0 {
		t.Errorf("%d events, %+v: %v", events, result, err)
	}
}

// A far side that says nothing is waited for a few times in all, and told what it does not have to ask for.
func TestFarSideIsMute(t *testing.T) {
	const patience = time.Second // for 3 of them, where each service three times were 6
	c, outcome := run(t, replay.Options{Files: []string{monitors(t, 16)}, Patience: patience})
	if m := c.next(); m != nil {
		t.Errorf("%+v", m)
	}
	result, err := outcome()
	must(t, err)
	if result.Took > 5*patience || result.Unasked != 32 || result.Unwatched != 16 {
		t.Errorf("%+v", result)
	}
}

// An answer that was given early has had its turn: the next one of its kind waits for no further request, and the
// events between come as they did.
func TestEarlyAnswersHaveHadTheirTurn(t *testing.T) {
	const rounds = 6
	path := written(t, true, func(say sayer) {
		for i, device := range []string{"2000", "2001"} {
			say(false, 0, csta.Message{
				Kind: csta.KindRequest, Service: csta.MonitorStart, Invoke: csta.InvokeID(i), Device: number(device),
			})
			say(true, 0, csta.Message{
				Kind: csta.KindResponse, Service: csta.MonitorStart, Invoke: csta.InvokeID(i),
				CrossRef: csta.CrossRefID(fmt.Sprintf("%08d", i)),
			})
		}
		for i := range rounds {
			query := csta.Message{
				Kind: csta.KindRequest, Service: csta.GetDoNotDisturb, Invoke: csta.InvokeID(10 + i), Device: number("2000"),
			}
			say(false, time.Duration(i)*time.Millisecond, query)
			query.Kind, query.On = csta.KindResponse, csta.SwitchOn
			say(true, time.Duration(i)*time.Millisecond, query)
			say(true, time.Duration(i)*time.Millisecond, delivered("00000000", i))
		}
	})
	c, outcome := run(t, replay.Options{Files: []string{path}, Patience: 500 * time.Millisecond})
	c.ask(csta.MonitorStart, 1, "2000")
	c.ask(csta.GetDoNotDisturb, 2, "2000")
	order := ""
	for m := c.next(); m != nil; m = c.next() {
		switch {
		case m.Kind == csta.KindEvent:
			if order += "e"; strings.Count(order, "e") < rounds {
				c.ask(csta.GetDoNotDisturb, 3, "2000")
			}
		case m.On == csta.SwitchOn:
			order += "a"
		}
	}
	if result, err := outcome(); err != nil || order != strings.Repeat("ae", rounds) || result.Took > 2*time.Second {
		t.Errorf("%s: %+v, %v", order, result, err)
	}
}

package switchsim_test

import (
	"testing"
	"time"

	"haproxy/codec/csta"
	"haproxy/codec/cstaxml"
	"haproxy/perf/ledger"
	"haproxy/perf/switchsim"
)

var epoch = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// console is a computing function that a test plays by hand.
type console struct {
	t      *testing.T
	sw     *switchsim.Switch
	codec  *cstaxml.Codec
	now    time.Time
	invoke csta.InvokeID
	events []csta.Message // decoded, each with a frame of its own
}

func newConsole(t *testing.T, opts switchsim.Options) *console {
	t.Helper()
	opts.Codec = cstaxml.New()
	c := &console{t: t, sw: switchsim.New(opts), codec: cstaxml.New(), now: epoch}
	c.sw.Up(c.now)
	c.gather()
	return c
}

// gather decodes what the switch sent and returns the answers.
func (c *console) gather() (answers []csta.Message) {
	c.t.Helper()
	for _, frame := range c.sw.Out() {
		var msg csta.Message
		if err := c.codec.Decode(&msg, frame); err != nil {
			c.t.Fatalf("%v in %q", err, frame)
		}
		switch msg.Kind {
		case csta.KindEvent:
			c.events = append(c.events, msg)
		case csta.KindResponse, csta.KindError:
			answers = append(answers, msg)
		}
	}
	return answers
}

// ask sends a request and returns its answer.
func (c *console) ask(msg *csta.Message) csta.Message {
	c.t.Helper()
	c.invoke++
	msg.Kind, msg.Invoke = csta.KindRequest, c.invoke
	frame, err := c.codec.Append(nil, msg)
	if err != nil {
		c.t.Fatal(err)
	}
	c.sw.Step(c.now, frame)
	answers := c.gather()
	if len(answers) != 1 || answers[0].Invoke != c.invoke {
		c.t.Fatalf("%v: answers %+v", msg.Service, answers)
	}
	return answers[0]
}

// must is ask for a request that is granted.
func (c *console) must(msg *csta.Message) csta.Message {
	c.t.Helper()
	answer := c.ask(msg)
	if answer.Kind != csta.KindResponse {
		c.t.Fatalf("%v: %s", msg.Service, answer.Error.Name())
	}
	return answer
}

// refused is ask for a request that fails with the error.
func (c *console) refused(msg *csta.Message, want string) {
	c.t.Helper()
	if answer := c.ask(msg); answer.Kind != csta.KindError || answer.Error.Name() != want {
		c.t.Errorf("%v: %v %q, want error %q", msg.Service, answer.Kind, answer.Error.Name(), want)
	}
}

func device(number string) csta.DeviceID {
	return csta.DeviceID{Form: csta.DeviceDialingNumber, Number: []byte(number)}
}

func (c *console) monitor(number string) string {
	c.t.Helper()
	answer := c.must(&csta.Message{Service: csta.MonitorStart, Device: device(number)})
	return string(answer.CrossRef)
}

// told returns the events of a monitor since the last call of told, as names with local states.
func (c *console) told(ref string) (names []string) {
	rest := c.events[:0:0]
	for _, e := range c.events {
		if string(e.CrossRef) != ref {
			rest = append(rest, e)
			continue
		}
		names = append(names, e.Event.String()+" "+e.Local.String())
	}
	c.events = rest
	return names
}

func (c *console) want(ref string, want ...string) {
	c.t.Helper()
	got := c.told(ref)
	if len(got) != len(want) {
		c.t.Fatalf("events %q, want %q", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			c.t.Fatalf("events %q, want %q", got, want)
		}
	}
}

// A call from its making to its end, with every party's own view of it.
func TestCallControl(t *testing.T) {
	c := newConsole(t, switchsim.Options{Plant: switchsim.Plant{Stations: 5, Agents: -1}})
	a, b, d := c.monitor("2001"), c.monitor("2002"), c.monitor("2003")
	made := c.must(&csta.Message{
		Service: csta.MakeCall, Device: device("2001"), Calling: device("2001"),
		Called: device("2002"),
	})
	if len(made.Subject.Call) == 0 || string(made.Subject.Device.Number) != "2001" {
		t.Fatalf("MakeCall answered %+v", made.Subject)
	}
	call := string(made.Subject.Call)
	at := func(number string) csta.ConnectionID {
		return csta.ConnectionID{Call: csta.CallID(call), Device: device(number)}
	}
	c.want(a, "ServiceInitiated initiated", "Originated connected", "Delivered connected")
	c.want(b, "Delivered alerting")
	c.refused(&csta.Message{Service: csta.HoldCall, Subject: at("2002")}, "invalidConnectionState")
	c.refused(&csta.Message{Service: csta.AnswerCall, Subject: at("2001")}, "noCallToAnswer")
	c.must(&csta.Message{Service: csta.AnswerCall, Subject: at("2002")})
	c.want(a, "Established connected")
	c.want(b, "Established connected")
	consult := c.must(&csta.Message{
		Service: csta.ConsultationCall, Subject: at("2002"), Destination: device("2003"),
		Called: device("2003"),
	})
	c.want(a, "Held connected")
	c.want(b, "Held hold", "ServiceInitiated initiated", "Originated connected",
		"Delivered connected")
	c.want(d, "Delivered alerting")
	second := string(consult.Subject.Call)
	c.must(&csta.Message{Service: csta.AnswerCall, Subject: csta.ConnectionID{
		Call: csta.CallID(second), Device: device("2003"),
	}})
	c.must(&csta.Message{
		Service: csta.TransferCall, Secondary: at("2002"),
		Subject: csta.ConnectionID{Call: csta.CallID(second), Device: device("2002")},
	})
	c.want(a, "Transferred connected")
	c.want(b, "Established connected", "Transferred null")
	c.want(d, "Established connected", "Transferred connected")
	snapshot := c.must(&csta.Message{Service: csta.SnapshotDevice, Device: device("2001")})
	if len(snapshot.Connections) != 1 || len(snapshot.Connections[0].Far) != 1 {
		t.Fatalf("snapshot %+v", snapshot.Connections)
	}
	c.must(&csta.Message{Service: csta.ClearConnection, Subject: csta.ConnectionID{
		Call: snapshot.Connections[0].New.Call, Device: device("2001"),
	}})
	c.want(a, "ConnectionCleared null")
	c.want(d, "ConnectionCleared connected", "ConnectionCleared null")
	if c.sw.Calls() != 0 {
		t.Errorf("%d calls left", c.sw.Calls())
	}
}

// Monitors: limits, filters, ends.
func TestMonitors(t *testing.T) {
	c := newConsole(t, switchsim.Options{
		Plant: switchsim.Plant{Stations: 5, Agents: -1}, MonitorLimit: 1,
	})
	first := c.monitor("2001")
	start := &csta.Message{Service: csta.MonitorStart, Device: device("2001")}
	c.refused(start, "objectMonitorLimitExceeded")
	c.refused(&csta.Message{Service: csta.MonitorStart, Device: device("1999")}, "invalidDeviceID")
	c.refused(&csta.Message{Service: csta.MonitorStop, CrossRef: csta.CrossRefID("77")},
		"invalidMonitorCrossRefID")
	c.refused(&csta.Message{Service: csta.GetDisplay, Device: device("2001")},
		"serviceNotSupported")
	answer := c.must(&csta.Message{
		Service: csta.ChangeMonitorFilter, CrossRef: csta.CrossRefID(first), HasFilter: true,
		Filter: csta.EventsOf(csta.EventDoNotDisturb),
	})
	if !answer.Filter.Has(csta.EventDoNotDisturb) {
		t.Errorf("filter granted: %v", answer.Filter)
	}
	dnd := &csta.Message{
		Service: csta.SetDoNotDisturb, Device: device("2001"), On: csta.SwitchOn,
	}
	wait := &csta.Message{
		Service: csta.SetMessageWaitingIndicator, Device: device("2001"), On: csta.SwitchOn,
	}
	c.must(dnd)
	c.must(wait)
	c.want(first, "MessageWaiting ")
	c.must(&csta.Message{Service: csta.MonitorStop, CrossRef: csta.CrossRefID(first)})
	c.must(wait)
	c.want(first)
	second := c.monitor("2001")
	c.sw.Down(c.now)
	c.sw.Up(c.now)
	c.gather()
	if third := c.monitor("2001"); first == second || second == third || first == third {
		t.Errorf("cross reference IDs %s %s %s", first, second, third)
	}
}

// A call monitor sees its call without local connection info until it is cleared.
func TestCallMonitor(t *testing.T) {
	c := newConsole(t, switchsim.Options{Plant: switchsim.Plant{Stations: 5, Agents: -1}})
	made := c.must(&csta.Message{
		Service: csta.MakeCall, Device: device("2001"), Calling: device("2001"),
		Called: device("2002"),
	})
	subject := csta.ConnectionID{
		Call: csta.CallID(string(made.Subject.Call)), Device: device("2001"),
	}
	answer := c.must(&csta.Message{
		Service: csta.MonitorStart, CallObject: true, Subject: subject,
		MonitorType: csta.MonitorTypeCall,
	})
	ref := string(answer.CrossRef)
	c.must(&csta.Message{Service: csta.ClearConnection, Subject: subject})
	c.want(ref, "ConnectionCleared ", "ConnectionCleared ", "CallCleared ")
	if c.sw.Monitors() != 0 {
		t.Errorf("%d monitors left", c.sw.Monitors())
	}
}

// Equal seeds give equal bytes, other seeds give others.
func TestSeed(t *testing.T) {
	play := func(seed uint64) uint64 {
		plant := switchsim.Plant{Stations: 20}
		c := newConsole(t, switchsim.Options{
			Seed: seed, Plant: plant, Log: ledger.Chain,
			Load: switchsim.Load{Calls: 8, Features: 5, Pace: 100 * time.Millisecond},
		})
		for _, number := range plant.Numbers() {
			c.monitor(number)
		}
		for range 2000 {
			c.now = c.now.Add(5 * time.Millisecond)
			c.sw.Tick(c.now)
			c.sw.Out()
		}
		return c.sw.Ledger().Chain()
	}
	if a, b := play(1), play(1); a != b {
		t.Errorf("one seed, two streams: %x %x", a, b)
	}
	if play(1) == play(2) {
		t.Error("two seeds, one stream")
	}
}

// A load that has an end lets no more happen once so many events were told; what happens tells a few at once.
func TestLoadEnds(t *testing.T) {
	const end, atOnce = 50, 20
	c := newConsole(t, switchsim.Options{Seed: 1, Plant: switchsim.Plant{Stations: 2}})
	for _, number := range []string{"2001", "2002"} {
		c.monitor(number)
	}
	c.sw.SetLoad(switchsim.Load{Calls: 2, Features: 5, Pace: 100 * time.Millisecond, Events: end})
	for range 2 {
		for range 6000 {
			c.now = c.now.Add(10 * time.Millisecond)
			c.sw.Tick(c.now)
			c.gather()
		}
		if n := len(c.events); n < end || n > end+atOnce {
			t.Errorf("%d events", n)
		}
	}
}

// No call lives for ever: with nobody making new ones, all end by themselves.
func TestCallsEnd(t *testing.T) {
	for seed := range uint64(10) {
		c := newConsole(t, switchsim.Options{
			Seed: seed, Plant: switchsim.Plant{Stations: 40, RoutePoints: 2},
			Load: switchsim.Load{Calls: 15, Features: 5, Pace: 100 * time.Millisecond},
		})
		wait := func(d time.Duration) {
			for end := c.now.Add(d); c.now.Before(end); c.now = c.now.Add(10 * time.Millisecond) {
				c.sw.Tick(c.now)
				c.sw.Out()
			}
		}
		wait(time.Minute)
		if n := c.sw.Stats().Calls; n < 500 {
			t.Errorf("seed %d: %d calls in a minute", seed, n)
		}
		c.sw.SetLoad(switchsim.Load{})
		wait(time.Minute)
		if n := c.sw.Calls(); n > 0 {
			t.Errorf("seed %d: %d calls do not end", seed, n)
		}
	}
}

package replay_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"haproxy/codec/csta"
	"haproxy/fanout/pcapng"
	"haproxy/perf/replay"
)

func start(invoke csta.InvokeID, device string) csta.Message {
	return csta.Message{Kind: csta.KindRequest, Service: csta.MonitorStart, Invoke: invoke, Device: number(device)}
}

func started(invoke csta.InvokeID, ref csta.CrossRefID) csta.Message {
	return csta.Message{Kind: csta.KindResponse, Service: csta.MonitorStart, Invoke: invoke, CrossRef: ref}
}

// talk writes a capture in which messages follow one another.
func talk(t *testing.T, messages ...csta.Message) string {
	t.Helper()
	return written(t, true, func(say sayer) {
		for i, m := range messages {
			say(m.Kind != csta.KindRequest, time.Duration(i)*time.Millisecond, m)
		}
	})
}

// Of requests that ask the same each gets its own answer, though the switch answered the second before the first and
// one of them never.
func TestEqualRequests(t *testing.T) {
	first, second := csta.CrossRefID("00000005"), csta.CrossRefID("00000006")
	path := talk(t,
		start(7, "2001"), start(8, "2001"), start(9, "2001"), started(9, second), started(7, first),
		delivered(string(first), 1), delivered(string(second), 1))
	c, outcome := run(t, replay.Options{Files: []string{path}, Expect: true, Patience: time.Minute})
	for invoke := range csta.InvokeID(3) {
		c.ask(csta.MonitorStart, 20+invoke, "2001")
	}
	answers, events := make(map[csta.InvokeID]string), ""
	for m := c.next(); m != nil; m = c.next() {
		if m.Kind == csta.KindEvent {
			events += string(m.CrossRef)
			continue
		}
		answers[m.Invoke] = string(m.CrossRef)
	}
	must(t, c.socket.Close())
	if _, err := outcome(); err != nil || len(answers) != 2 || answers[20] != string(first) || answers[22] != string(second) ||
		events != string(first)+string(second) {
		t.Errorf("answers %v, events %s: %v", answers, events, err)
	}
}

// A far side that is not compared is answered when it asks, though in the capture more asked the same before it.
func TestEqualRequestsOnce(t *testing.T) {
	for name, path := range map[string]string{
		"in reverse": talk(t, start(7, "2001"), start(8, "2001"), started(8, csta.CrossRefID("6")), started(7, csta.CrossRefID("5"))),
		"lost":       talk(t, start(7, "2001"), start(8, "2001"), started(8, csta.CrossRefID("6"))),
	} {
		c, outcome := run(t, replay.Options{Files: []string{path}, Patience: time.Minute})
		c.ask(csta.MonitorStart, 20, "2001")
		if m := c.next(); m == nil || m.Invoke != 20 || string(m.CrossRef) != "6" {
			t.Errorf("%s: %+v", name, m)
		}
		if name == "in reverse" {
			c.ask(csta.MonitorStart, 21, "2001")
			if m := c.next(); m == nil || m.Invoke != 21 {
				t.Errorf("%s: %+v", name, m)
			}
		}
		must(t, c.socket.Close())
		if result, err := outcome(); err != nil || result.Took >= time.Minute || result.Unasked > 0 {
			t.Errorf("%s: %+v, %v", name, result, err)
		}
	}
}

// An invoke ID that is used again is that of the later request: the one before was never answered.
func TestInvokeIDUsedAgain(t *testing.T) {
	path := talk(t, start(7, "2001"), start(7, "2002"), started(7, csta.CrossRefID("5")), start(8, "2001"),
		started(8, csta.CrossRefID("6")))
	c, outcome := run(t, replay.Options{Files: []string{path}, Expect: true, Patience: time.Minute})
	got := make(map[csta.InvokeID]string)
	c.ask(csta.MonitorStart, 20, "2001")
	c.ask(csta.MonitorStart, 20, "2002")
	c.ask(csta.MonitorStart, 21, "2001")
	for m := c.next(); m != nil; m = c.next() {
		got[m.Invoke] += string(m.CrossRef)
	}
	must(t, c.socket.Close())
	if result, err := outcome(); err != nil || len(got) != 2 || got[20] != "5" || got[21] != "6" {
		t.Errorf("%v, %+v: %v", got, result, err)
	}
}

// What follows a request in the capture waits for it, also where one that asks the same was never answered.
func TestWaitsForEachRequest(t *testing.T) {
	path := talk(t, start(7, "2001"), start(8, "2001"), delivered("5", 1))
	c, outcome := run(t, replay.Options{Files: []string{path}, Expect: true, TopSpeed: true, Patience: time.Minute})
	c.ask(csta.MonitorStart, 20, "2001")
	must(t, c.socket.SetReadDeadline(time.Now().Add(200*time.Millisecond)))
	if n, err := c.socket.Read(make([]byte, 1)); n > 0 || err == nil {
		t.Error("the event came before the second request")
	}
	c.ask(csta.MonitorStart, 21, "2001")
	if m := c.next(); m == nil || m.Kind != csta.KindEvent {
		t.Errorf("%+v", m)
	}
	for c.next() != nil {
		t.Error("more came")
	}
	must(t, c.socket.Close())
	if _, err := outcome(); err != nil {
		t.Error(err)
	}
}

// A far side that loses its link amid the capture and returns is answered what it asks anew.
func TestReturnsAmidLeg(t *testing.T) {
	messages := []csta.Message{start(7, "2001"), started(7, csta.CrossRefID("5"))}
	for i := range 60 {
		messages = append(messages, delivered("5", i))
	}
	address, outcome := play(t, replay.Options{Files: []string{talk(t, messages...)}, Expect: true, Multiple: 0.05})
	for n := range 2 {
		c := call(t, address)
		c.ask(csta.MonitorStart, 20, "2001")
		answers := 0
		for m := c.next(); m != nil && (n > 0 || answers == 0); m = c.next() {
			if m.Kind == csta.KindResponse && m.Invoke == 20 && string(m.CrossRef) == "5" {
				answers++
			}
		}
		must(t, c.socket.Close())
		if answers != 1 {
			t.Errorf("%d answers", answers)
		}
	}
	if _, err := outcome(); err != nil {
		t.Error(err)
	}
}

// A T-Server's leg on which nothing can be decoded is nobody's, and no fault of ours.
func TestUndecodableLeg(t *testing.T) {
	path := filepath.Join(t.TempDir(), "both.pcapng")
	file, err := os.Create(path)
	must(t, err)
	w, err := pcapng.NewWriter(file, pcapng.Speaking("made by a test", "csta3-xml", "ecma323"), "switch", "primary")
	must(t, err)
	link, leg := &pcapng.Conversation{Name: "switch"}, &pcapng.Conversation{
		Name: "primary", Caller: netip.MustParseAddrPort("192.0.2.3:40001"), Called: netip.MustParseAddrPort("192.0.2.4:1041"),
	}
	must(t, w.Open(link, began))
	must(t, w.Open(leg, began))
	event := delivered("5", 1)
	f, err := xml(t).NewCodec().Append(nil, &event)
	must(t, err)
	must(t, w.Say(link, false, began, f, ""))
	must(t, w.Say(leg, false, began, []byte("\x00\x00\x00\x119999<Nonsens>"), ""))
	must(t, w.Close(leg, began.Add(time.Second)))
	must(t, w.Close(link, began.Add(time.Second)))
	must(t, w.Flush())
	must(t, file.Close())
	address, outcome := play(t, replay.Options{
		Files: []string{path}, TopSpeed: true, TServers: map[string]string{"primary": "127.0.0.1:1"},
	})
	c := call(t, address)
	for c.next() != nil {
		continue
	}
	must(t, c.socket.Close())
	if _, err := outcome(); err != nil {
		t.Error(err)
	}
}

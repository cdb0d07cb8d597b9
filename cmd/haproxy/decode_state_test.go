package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"haproxy/codec/csta"
	"haproxy/fanout/pcapng"
	"haproxy/perf/capture"
	simulated "haproxy/perf/protocols"
)

// An event that comes before the answer to its MonitorStart makes no older monitor of one that began in the capture.
func TestDecodeStateOfEarlyEvent(t *testing.T) {
	p, err := simulated.Find(simulated.XML, "")
	must(t, err)
	path := filepath.Join(t.TempDir(), "early.pcapng")
	file, err := os.Create(path)
	must(t, err)
	w, err := pcapng.NewWriter(file, "", "card")
	must(t, err)
	leg, at := &pcapng.Conversation{Name: "card"}, time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	must(t, w.Open(leg, at))
	device := csta.DeviceID{Form: csta.DeviceNumber, Number: []byte("2001")}
	event := func(e csta.Event) csta.Message {
		return csta.Message{
			Kind: csta.KindEvent, Event: e, CrossRef: csta.CrossRefID("5"), Device: device,
			Subject: csta.ConnectionID{Call: csta.CallID("c1"), Device: device},
		}
	}
	codec := p.NewCodec()
	for _, msg := range []csta.Message{
		{Kind: csta.KindRequest, Service: csta.MonitorStart, Invoke: 1, Device: device},
		event(csta.EventDelivered),
		{Kind: csta.KindResponse, Service: csta.MonitorStart, Invoke: 1, CrossRef: csta.CrossRefID("5")},
		event(csta.EventEstablished), event(csta.EventConnectionCleared),
	} {
		f, err := codec.Append(nil, &msg)
		must(t, err)
		must(t, w.Say(leg, msg.Kind == csta.KindRequest, at, f, ""))
	}
	must(t, w.Close(leg, at))
	must(t, w.Flush())
	must(t, file.Close())
	got, stderr, code := decoded(t, path, "--state")
	if code != exitOK || stderr != "" || strings.Contains(got, "guessed") || !strings.HasSuffix(got, "\nempty\n") {
		t.Errorf("exit %d, %q:\n%s", code, stderr, got)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The state is that of the monitors whose start was captured and of the answers, up to the time that was asked for.
// Monitors of devices that are not known do not count.
func TestDecodeState(t *testing.T) {
	began := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	device := func(number string) csta.DeviceID {
		return csta.DeviceID{Form: csta.DeviceNumber, Number: []byte(number)}
	}
	event := func(xref string, e csta.Event, call string) *csta.Message {
		return &csta.Message{
			Kind: csta.KindEvent, Event: e, CrossRef: csta.CrossRefID(xref), Device: device("2001"),
			Subject: csta.ConnectionID{Call: csta.CallID(call), Device: device("2001")}, Calling: device("2002"),
			Called: device("2001"),
		}
	}
	messages := []*csta.Message{
		event("9", csta.EventDelivered, "c0"), // its monitor began before
		{Kind: csta.KindRequest, Service: csta.MonitorStart, Invoke: 1, Device: device("2001")},
		{Kind: csta.KindResponse, Service: csta.MonitorStart, Invoke: 1, CrossRef: csta.CrossRefID("5")},
		event("5", csta.EventDelivered, "c1"),
		event("5", csta.EventEstablished, "c1"),
		event("5", csta.EventConnectionCleared, "c1"),
	}
	p, err := simulated.Find(simulated.XML, "")
	if err != nil {
		t.Fatal(err)
	}
	for after, want := range map[time.Duration]string{
		0:               "empty\n",
		3 * time.Second: "call c1: 2001 alerting calling 2002 called 2001\n",
		4 * time.Second: "call c1: 2001 connected calling 2002 called 2001\n",
		5 * time.Second: "empty\n",
	} {
		r := stateReader{until: began.Add(after)}
		leg := &capture.Leg{Name: "leg 1"}
		for i, msg := range messages {
			codec := p.NewCodec()
			frame, err := codec.Append(nil, msg)
			if err != nil {
				t.Fatal(err)
			}
			m := &capture.Message{
				Time: began.Add(time.Duration(i) * time.Second), Leg: leg, Frame: frame, Body: new(csta.Message),
				FromSwitch: msg.Kind != csta.KindRequest,
			}
			if err := codec.Decode(m.Body, frame); err != nil {
				t.Fatal(err)
			}
			r.read(m)
		}
		var got strings.Builder
		if err := r.write(&got); err != nil {
			t.Fatal(err)
		}
		head, state, _ := strings.Cut(got.String(), "\n")
		if state != want || !strings.Contains(head, "1 whose devices are not known") {
			t.Errorf("after %v:\n%s\nwant\n%s", after, got.String(), want)
		}
	}
}

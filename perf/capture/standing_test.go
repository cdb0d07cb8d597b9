package capture_test

import (
	"bytes"
	"testing"
	"time"

	"haproxy/codec/csta"
	"haproxy/codec/frame"
	"haproxy/fanout/pcapng"
	"haproxy/perf/capture"
	"haproxy/perf/protocols"
)

// begunByWhatStands is a file of a record that begins by a monitor that stands, with so many events of it, of which the
// first few bytes are missing.
func begunByWhatStands(tb testing.TB, p protocols.Protocol, missing int) []byte {
	tb.Helper()
	var file bytes.Buffer
	at, of := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), p.NewCodec()
	w, err := pcapng.NewWriter(&file, pcapng.Speaking("a test", p.Name, p.Framing.String()), "switch",
		pcapng.StandingOf("switch"))
	must(tb, err)
	device := csta.DeviceID{Form: csta.DeviceNumber, Number: []byte("2001")}
	made := func(msg csta.Message) []byte {
		f, failed := of.Append(nil, &msg)
		must(tb, failed)
		return f
	}
	event := made(csta.Message{
		Kind: csta.KindEvent, Event: csta.EventDelivered, CrossRef: csta.CrossRefID("55"), Device: device, Calling: device,
		Called: device, Subject: csta.ConnectionID{Call: csta.CallID("0101"), Device: device},
	})
	standing := &pcapng.Conversation{Name: pcapng.StandingOf("switch")}
	must(tb, w.Open(standing, at))
	must(tb, w.Say(standing, true, at, made(csta.Message{
		Kind: csta.KindRequest, Service: csta.MonitorStart, Invoke: 1, Device: device,
	}), ""))
	must(tb, w.Say(standing, false, at, event, ""))
	must(tb, w.Close(standing, at))
	leg := begunBefore(tb, "switch", at)
	for i := range 20 {
		at = at.Add(time.Millisecond)
		if i == 0 {
			leg.Miss(false, missing)
			must(tb, w.Say(leg, false, at, event[missing:], ""))
			continue
		}
		must(tb, w.Say(leg, false, at, event, ""))
	}
	must(tb, w.Flush())
	return file.Bytes()
}

// A leg goes on at once behind what stands: not a message of it is passed over to find where one begins. Where its
// first bytes are missing all the same, it is found again.
func TestLegGoesOnBehindWhatStands(t *testing.T) {
	for _, p := range protocols.Tested() {
		for missing, want := range map[int]int{0: 20, 5: 19} {
			if missing > 0 && (p.Framing == frame.Length16 || p.Framing == frame.OXE) {
				continue // any two bytes are a header
			}
			stood, events := 0, 0
			_, err := capture.Read(bytes.NewReader(begunByWhatStands(t, p, missing)), capture.Options{},
				func(m *capture.Message) error {
					switch {
					case m.Leg.Standing == "switch":
						stood++
					case m.Leg.Name == "switch" && m.Leg.Midway && m.Err == nil && m.Body.Kind == csta.KindEvent:
						events++
					default:
						t.Errorf("%v: leg %q has %v", p, m.Leg.Name, m.Err)
					}
					return nil
				})
			if err != nil || stood != 2 || events < want-2 || events > want || missing == 0 && events != want {
				t.Errorf("%v, %d bytes missing: %d messages that stood, %d events: %v", p, missing, stood, events, err)
			}
		}
	}
}

package capture_test

import (
	"bytes"
	"io"
	"testing"
	"time"

	"haproxy/codec/csta"
	"haproxy/fanout/pcapng"
	"haproxy/perf/capture"
)

// begunBefore is a conversation that began before the capture that goes on with it.
func begunBefore(tb testing.TB, name string, at time.Time) *pcapng.Conversation {
	tb.Helper()
	elsewhere, err := pcapng.NewWriter(io.Discard, "", name)
	must(tb, err)
	leg := &pcapng.Conversation{Name: name}
	must(tb, elsewhere.Open(leg, at))
	return leg
}

// Of a leg that is seen for a moment of its life, a query and its answer tell who is the switch.
func TestWhoAsksIsNoSwitch(t *testing.T) {
	p := xml(t)
	for _, service := range []csta.Service{csta.GetForwarding, csta.SnapshotCall, csta.HoldCall, csta.SetDoNotDisturb} {
		var file bytes.Buffer
		at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
		w, err := pcapng.NewWriter(&file, pcapng.Speaking("a test", p.Name, p.Framing.String()), "switch", "primary")
		must(t, err)
		leg := begunBefore(t, "primary", at)
		for _, kind := range []csta.Kind{csta.KindRequest, csta.KindResponse} {
			frame, failed := p.NewCodec().Append(nil, &csta.Message{
				Kind: kind, Service: service, Invoke: 5, Device: csta.DeviceID{Form: csta.DeviceNumber, Number: []byte("2001")},
				Subject: csta.ConnectionID{Call: csta.CallID("c1")},
			})
			must(t, failed)
			must(t, w.Say(leg, kind == csta.KindRequest, at, frame, ""))
		}
		must(t, w.Flush())
		messages := 0
		if _, err = capture.Read(&file, capture.Options{}, func(m *capture.Message) error {
			if messages++; m.FromSwitch == (m.Body.Kind == csta.KindRequest) {
				t.Errorf("%v of kind %d: from the switch %v", service, m.Body.Kind, m.FromSwitch)
			}
			return m.Err
		}); err != nil || messages != 2 {
			t.Errorf("%v: %d messages: %v", service, messages, err)
		}
	}
}

package capture_test

import (
	"bytes"
	"io"
	"testing"
	"time"

	"haproxy/codec/csta"
	"haproxy/fanout/pcapng"
	"haproxy/perf/capture"
	"haproxy/perf/protocols"
)

// Of a leg that is seen for a moment of its life, a query and its answer tell who is the switch.
func TestWhoAsksIsNoSwitch(t *testing.T) {
	p, err := protocols.Find(protocols.XML, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, service := range []csta.Service{csta.GetForwarding, csta.SnapshotCall, csta.HoldCall, csta.SetDoNotDisturb} {
		var file bytes.Buffer
		at, leg := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), &pcapng.Conversation{Name: "primary"}
		w, err := pcapng.NewWriter(&file, pcapng.Speaking("a test", p.Name, p.Framing.String()), "switch", "primary")
		if err != nil {
			t.Fatal(err)
		}
		elsewhere, err := pcapng.NewWriter(io.Discard, "", "primary")
		if err == nil {
			err = elsewhere.Open(leg, at)
		}
		for _, kind := range []csta.Kind{csta.KindRequest, csta.KindResponse} {
			frame, failed := p.NewCodec().Append(nil, &csta.Message{
				Kind: kind, Service: service, Invoke: 5, Device: csta.DeviceID{Form: csta.DeviceNumber, Number: []byte("2001")},
				Subject: csta.ConnectionID{Call: csta.CallID("c1")},
			})
			if failed != nil {
				t.Fatal(failed)
			}
			if err == nil {
				err = w.Say(leg, kind == csta.KindRequest, at, frame, "")
			}
		}
		if err == nil {
			err = w.Flush()
		}
		messages := 0
		if err == nil {
			_, err = capture.Read(&file, capture.Options{}, func(m *capture.Message) error {
				if messages++; m.FromSwitch == (m.Body.Kind == csta.KindRequest) {
					t.Errorf("%v of kind %d: from the switch %v", service, m.Body.Kind, m.FromSwitch)
				}
				return m.Err
			})
		}
		if err != nil || messages != 2 {
			t.Errorf("%v: %d messages: %v", service, messages, err)
		}
	}
}

package capture_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"haproxy/codec/csta"
	"haproxy/fanout/pcapng"
	"haproxy/perf/capture"
)

// Legs that are found at different times are told in the order of the capture, with their ends behind their messages.
func TestInOrderOfTime(t *testing.T) {
	want := []string{"quiet SystemStatus 0"}
	for ms := 100; ms < 500; ms += 100 {
		want = append(want, fmt.Sprint("busy MonitorStart ", ms))
	}
	want = append(want, "busy ended 500")
	for ms := 600; ms < 1400; ms += 100 {
		want = append(want, fmt.Sprint("quiet MonitorStart ", ms))
	}
	want = append(want, "quiet ended 1400")
	if got := told(t, 500, 1400); !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

// A leg of which little is heard is waited for a second, and no longer.
func TestOrderWaitsNotForever(t *testing.T) {
	got := told(t, 2000, 3000)
	first, begun := slices.Index(got, "quiet SystemStatus 0"), slices.Index(got, "busy MonitorStart 1900")
	if first != begun+2 || got[begun+1] != "busy ended 2000" {
		t.Errorf("got\n%q", got)
	}
}

// Streams that nothing ends are given up at the end of all captures, and told in their order then.
func TestOrderOfUnended(t *testing.T) {
	for range 20 {
		var file bytes.Buffer
		w, err := pcapng.NewWriter(&file, "made by a test", "card")
		must(t, err)
		for i := range 4 {
			leg := &pcapng.Conversation{
				Name: "card", Caller: netip.MustParseAddrPort("192.0.2.3:40001"),
				Called: netip.AddrPortFrom(netip.MustParseAddr("192.0.2.4"), uint16(1040+i)),
			}
			must(t, w.Open(leg, began))
			var f []byte
			f, err = xml(t).NewCodec().Append(nil, &csta.Message{
				Kind: csta.KindRequest, Service: csta.GetDoNotDisturb,
				Device: csta.DeviceID{Form: csta.DeviceNumber, Number: []byte("2001")},
			})
			must(t, err)
			must(t, w.Say(leg, true, began.Add(time.Duration(10-i)*time.Second), f, ""))
		}
		must(t, w.Flush())
		got := ""
		_, err = capture.Read(&file, capture.Options{}, func(m *capture.Message) error {
			got += fmt.Sprint(m.Leg.Name, " of stream ", m.Leg.Number, " at ", m.Time.Sub(began), "; ")
			return nil
		})
		must(t, err)
		if got != "leg 1 of stream 3 at 7s; leg 2 of stream 2 at 8s; leg 3 of stream 1 at 9s; leg 4 of stream 0 at 10s; " {
			t.Fatal(got)
		}
	}
}

// told returns what is told of two legs: one that says little until the other one has ended, after so many milliseconds,
// and ends after so many itself.
func told(t *testing.T, busyMS, quietMS int) []string {
	t.Helper()
	var file bytes.Buffer
	w, err := pcapng.NewWriter(&file, "made by a test", "quiet", "busy")
	must(t, err)
	quiet, busy := &pcapng.Conversation{Name: "quiet"}, &pcapng.Conversation{
		Name: "busy", Caller: netip.MustParseAddrPort("192.0.2.3:40001"), Called: netip.MustParseAddrPort("192.0.2.4:1041"),
	}
	must(t, w.Open(quiet, began))
	must(t, w.Open(busy, began))
	of, ms := xml(t).NewCodec(), func(n int) time.Time { return began.Add(time.Duration(n) * time.Millisecond) }
	say := func(leg *pcapng.Conversation, at int, service csta.Service) {
		var f []byte
		f, err = of.Append(nil, &csta.Message{
			Kind: csta.KindRequest, Service: service, Status: csta.StatusNormal,
			Device: csta.DeviceID{Form: csta.DeviceNumber, Number: []byte("2001")},
		})
		must(t, err)
		must(t, w.Say(leg, true, ms(at), f, ""))
	}
	say(quiet, 0, csta.SystemStatus)
	for at := 100; at < busyMS; at += 100 {
		say(busy, at, csta.MonitorStart)
	}
	must(t, w.Close(busy, ms(busyMS)))
	for at := busyMS + 100; at < quietMS; at += 100 {
		say(quiet, at, csta.MonitorStart)
	}
	must(t, w.Close(quiet, ms(quietMS)))
	must(t, w.Flush())

	var got []string
	note := func(leg *capture.Leg, what string, at time.Time) {
		got = append(got, fmt.Sprint(leg.Name, " ", what, " ", at.Sub(began).Milliseconds()))
	}
	_, err = capture.Read(&file, capture.Options{
		Ended: func(leg *capture.Leg, at time.Time) { note(leg, "ended", at) },
	}, func(m *capture.Message) error {
		note(m.Leg, m.Body.Service.String(), m.Time)
		return nil
	})
	must(t, err)
	return got
}

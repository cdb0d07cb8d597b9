package capture_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"haproxy/codec/csta"
	"haproxy/fanout/pcapng"
	"haproxy/perf/capture"
	"haproxy/perf/protocols"
)

// run is the record of one process: a T-Server's leg that never ends, with so many events.
func run(tb testing.TB, p protocols.Protocol, name string, events int) []byte {
	tb.Helper()
	var file bytes.Buffer
	w, err := pcapng.NewWriter(&file, pcapng.Speaking(name, p.Name, p.Framing.String()), "primary")
	must(tb, err)
	leg := &pcapng.Conversation{
		Name: "primary", Caller: netip.MustParseAddrPort("192.0.2.1:41000"),
		Called: netip.MustParseAddrPort("192.0.2.2:2041"),
	}
	must(tb, w.Open(leg, began))
	device := csta.DeviceID{Form: csta.DeviceNumber, Number: []byte("2001")}
	for i := range events {
		event, err := p.NewCodec().Append(nil, &csta.Message{
			Kind: csta.KindEvent, Event: csta.EventDelivered, CrossRef: csta.CrossRefID("55"), Device: device,
			Subject: csta.ConnectionID{Call: fmt.Appendf(nil, "%04d", i), Device: device}, Calling: device, Called: device,
		})
		must(tb, err)
		must(tb, w.Say(leg, false, began.Add(time.Duration(i)*time.Millisecond), event, ""))
	}
	must(tb, w.Flush())
	return file.Bytes()
}

// A process that was killed left its legs open in its record: those of the next between the same ends are others, though
// their made-up sequence numbers are the same.
func TestRunsAreApart(t *testing.T) {
	p := xml(t)
	for _, events := range [][2]int{{30, 20}, {20, 30}, {20, 20}} {
		got := make(map[string]int)
		reader, err := capture.NewReader(capture.Options{}, func(m *capture.Message) error {
			got[m.Leg.Record]++
			return nil
		})
		must(t, err)
		names := [2]string{"the first run", "the second"}
		for i, n := range events {
			must(t, reader.Read(bytes.NewReader(run(t, p, names[i], n))))
		}
		sum, err := reader.Close()
		if err != nil || len(sum.Legs) != 2 || sum.Gaps > 0 || len(got) != 2 {
			t.Errorf("%v: %v, %+v: %v", events, got, sum, err)
			continue
		}
		for i, leg := range sum.Legs {
			if got[leg.Record] != events[i] {
				t.Errorf("%v: run %d has %d messages", events, i+1, got[leg.Record])
			}
		}
	}
}

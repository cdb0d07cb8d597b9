package pcapng_test

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"haproxy/codec/csta"
	"haproxy/fanout/pcapng"
	"haproxy/perf/capture"
	"haproxy/perf/protocols"
)

var began = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// sentence is one message of a leg.
type sentence struct {
	fromSwitch bool
	data       []byte
}

// talk is what is said on a leg in which a few calls are told.
func talk(t *testing.T) []sentence {
	t.Helper()
	p, err := protocols.Find(protocols.XML, "")
	must(t, err)
	codec, device := p.NewCodec(), csta.DeviceID{Form: csta.DeviceNumber, Number: []byte("2001")}
	msgs := []csta.Message{
		{Kind: csta.KindRequest, Service: csta.MonitorStart, Invoke: 7, Device: device},
		{Kind: csta.KindResponse, Service: csta.MonitorStart, Invoke: 7, CrossRef: csta.CrossRefID("1")},
	}
	for i := range 27 {
		msgs = append(msgs, csta.Message{
			Kind: csta.KindEvent, Event: csta.EventDelivered, CrossRef: csta.CrossRefID("1"), Invoke: 9999,
			Subject: csta.ConnectionID{Call: csta.CallID{'c', byte('a' + i)}, Device: device},
			Device:  device, Calling: device, Called: device,
		})
	}
	said := make([]sentence, len(msgs))
	for i := range msgs {
		said[i].fromSwitch = i > 0
		said[i].data, err = codec.Append(nil, &msgs[i])
		must(t, err)
	}
	return said
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// What is written is read back: the same frames of the same legs at the same times, over either family of
// addresses, or over made-up ones.
func TestWriterIsRead(t *testing.T) {
	said := talk(t)
	for _, hosts := range [][2]string{
		{"192.0.2.7:40001", "192.0.2.9"}, {"[2001:db8::7]:40001", "2001:db8::9"}, {"192.0.2.7:40001", ""},
	} {
		var file bytes.Buffer
		w, err := pcapng.NewWriter(&file, "made by a test", "switch", "primary")
		must(t, err)
		for i, name := range []string{"switch", "primary"} {
			leg := &pcapng.Conversation{Name: name, Caller: netip.MustParseAddrPort(hosts[0])}
			if hosts[1] != "" {
				leg.Called = netip.AddrPortFrom(netip.MustParseAddr(hosts[1]), uint16(1040+i))
			} else if i > 0 {
				break // made-up addresses are the same for both
			}
			must(t, w.Open(leg, began))
			for n, s := range said {
				must(t, w.Say(leg, !s.fromSwitch, began.Add(time.Duration(n)*time.Millisecond), s.data, "a comment"))
			}
			must(t, w.Close(leg, began.Add(time.Minute)))
		}
		must(t, w.Flush())
		checkWritten(t, file.Bytes(), said, w.Written(), hosts[1])
	}
}

func checkWritten(t *testing.T, file []byte, said []sentence, written int64, called string) {
	t.Helper()
	if n := int64(len(file)); written < n/2 || written > n {
		t.Errorf("%d bytes written, it says %d", n, written)
	}
	heard := make(map[string]int)
	sum, err := capture.Read(bytes.NewReader(file), capture.Options{}, func(m *capture.Message) error {
		n := heard[m.Leg.Name]
		heard[m.Leg.Name]++
		at := began.Add(time.Duration(n) * time.Millisecond)
		if s := said[n]; !bytes.Equal(m.Frame, s.data) || m.FromSwitch != s.fromSwitch || !m.Time.Equal(at) {
			t.Errorf("%s: message %d differs", m.Leg.Name, n)
		}
		return nil
	})
	must(t, err)
	if sum.Gaps+sum.Faulty+sum.Skipped+sum.Ignored > 0 || heard["switch"]+heard["leg 1"]+heard["primary"] < len(said) {
		t.Errorf("%v of %d, %+v", heard, len(said), sum)
	}
	for i, leg := range sum.Legs {
		want := netip.MustParseAddrPort("192.0.2.2:1040")
		if called != "" {
			want = netip.AddrPortFrom(netip.MustParseAddr(called), uint16(1040+i))
		}
		if leg.Switch != want.String() {
			t.Errorf("the switch of %s is %s, want %v", leg.Name, leg.Switch, want)
		}
	}
}

// A gap that was left is found, and the messages around it are read. A packet holds no more than IP can carry.
func TestWriterLeavesGaps(t *testing.T) {
	said := talk(t)
	var file bytes.Buffer
	w, err := pcapng.NewWriter(&file, "", "switch", "other")
	must(t, err)
	leg := &pcapng.Conversation{Name: "switch"}
	must(t, w.Open(leg, began))
	var joined []byte
	for range 200 {
		for _, s := range said[2:] {
			joined = append(joined, s.data...)
		}
	}
	for _, s := range said[:2] {
		must(t, w.Say(leg, !s.fromSwitch, began, s.data, ""))
	}
	leg.Miss(false, 77)
	must(t, w.Say(leg, false, began.Add(time.Second), joined, ""))
	must(t, w.Close(leg, began.Add(time.Second)))
	must(t, w.Flush())
	sum, err := capture.Read(&file, capture.Options{}, func(*capture.Message) error { return nil })
	must(t, err)
	if want := uint64(2 + 200*(len(said)-2)); sum.Gaps != 1 || sum.Missing != 77 || sum.Messages != want {
		t.Errorf("%d messages, want %d; %+v", sum.Messages, want, sum)
	}
	if w.Say(&pcapng.Conversation{Name: "nobody"}, true, began, []byte("x"), "") == nil {
		t.Error("a leg that was not named is written")
	}
}

// A capture that says what its legs speak is read though its legs begin with what makes no sense; of another that is
// found by trying, and such a leg is none.
func TestSpeaking(t *testing.T) {
	nonsense := []byte("\x00\x00\x00\x119999<Nonsens>")
	for comment, want := range map[string]int{
		pcapng.Speaking("made by a test", "csta3-xml", "ecma323"): 8 + len(talk(t)),
		pcapng.Speaking("made by a test", "csta3-xml", "unheard"): 0,
		"made by a test": 0,
	} {
		var file bytes.Buffer
		w, err := pcapng.NewWriter(&file, comment, "switch", "primary")
		must(t, err)
		leg := &pcapng.Conversation{Name: "switch"}
		must(t, w.Open(leg, began))
		for range 8 {
			must(t, w.Say(leg, false, began, nonsense, ""))
		}
		for _, s := range talk(t) {
			must(t, w.Say(leg, !s.fromSwitch, began, s.data, ""))
		}
		must(t, w.Close(leg, began))
		must(t, w.Flush())
		heard := 0
		sum, err := capture.Read(&file, capture.Options{}, func(m *capture.Message) error {
			if heard++; m.Leg.Switch != "192.0.2.2:1040" || (heard > 8) != (m.Err == nil) {
				t.Errorf("%q: message %d of %+v: %v", comment, heard, m.Leg, m.Err)
			}
			return nil
		})
		if heard != want || (want > 0) != (err == nil) {
			t.Errorf("%q: %d messages, %+v: %v", comment, heard, sum, err)
		}
	}
}

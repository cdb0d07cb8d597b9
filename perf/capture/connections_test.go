package capture_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"haproxy/codec/csta"
	"haproxy/codec/frame"
	"haproxy/perf/capture"
	"haproxy/perf/protocols"
)

// shifted returns a conversation that begins at other sequence numbers.
func shifted(segments []segment, by uint32) []segment {
	other := slices.Clone(segments)
	for i := range other {
		other[i].seq += by
		if other[i].ack {
			other[i].acked += by
		}
	}
	return other
}

// A port that is used again begins another leg, however the one before it ended and whatever its numbers are.
func TestPortUsedAgain(t *testing.T) {
	c := converse(t, xml(t), 1<<30)
	c.open()
	c.call(t, 3)
	fin := func(reset bool) []segment {
		return []segment{
			{ack: true, fin: !reset, rst: reset, seq: c.next[0], acked: c.next[1]},
			{fromSwitch: true, ack: true, fin: !reset, rst: reset, seq: c.next[1], acked: c.next[0] + 1},
			{ack: true, seq: c.next[0] + 1, acked: c.next[1] + 1},
		}
	}
	want := slices.Concat(c.want, c.want)
	for name, end := range map[string][]segment{"closed": fin(false), "reset": fin(true)[:1], "not seen": nil} {
		for _, by := range []uint32{1 << 29, 1 << 31, 3 << 30, 5 << 20} {
			all := slices.Concat(c.segments, end, shifted(c.segments, by))
			got, sum, err := read(t, plainNetwork.pcap(t, all), capture.Options{})
			if err != nil || !slices.Equal(got, want) || len(sum.Legs) != 2 || sum.Gaps > 0 {
				t.Errorf("%s, then %#x further: %d of %d messages, %+v: %v", name, by, len(got), len(want), sum, err)
			}
		}
	}
}

// Whatever else is in a capture, however much of it, costs no leg, open or closed, before or behind it.
func TestManyConnections(t *testing.T) {
	c := converse(t, xml(t), 1000)
	c.open()
	c.call(t, 3)
	half := len(c.segments) / 2
	var all [][]byte
	add := func(n network, segments ...segment) {
		for _, s := range segments {
			all = append(all, n.packet(t, s))
		}
	}
	other := plainNetwork
	other.computingPort = 50000
	add(plainNetwork, c.segments[:half]...)
	for i := range 20_000 {
		web := plainNetwork
		web.computingPort, web.switchPort = uint16(1024+i%60000), 80
		switch i % 3 {
		case 0: // a scan
			add(web, segment{syn: true, seq: 1})
		case 1: // amid its life
			add(web, segment{ack: true, seq: 5, data: []byte("GET / HTTP/1.1\r\n\r\n")})
		default:
			add(web, segment{syn: true, seq: 1}, segment{ack: true, seq: 2, data: []byte("GET / HTTP/1.1\r\n\r\n")},
				segment{ack: true, fin: true, seq: 20})
		}
	}
	add(other, c.segments...)
	add(plainNetwork, c.segments[half:]...)
	got, sum, err := read(t, plainNetwork.pcapOf(t, all, time.Microsecond), capture.Options{})
	if want := slices.Concat(c.want[:half-2], c.want, c.want[half-2:]); err != nil || !slices.Equal(got, want) || sum.Gaps > 0 {
		t.Errorf("%d messages of %d, %d legs: %v", len(got), len(want), len(sum.Legs), err)
	}
}

// A leg ends that is seen amid its life, though one of its sides says nothing before it closes.
func TestSilentSideEnds(t *testing.T) {
	c := converse(t, xml(t), 1000)
	c.open()
	c.call(t, 3)
	all := append(slices.Clone(c.segments[4:]), segment{ack: true, fin: true, seq: c.next[0], acked: c.next[1]},
		segment{fromSwitch: true, ack: true, fin: true, seq: c.next[1], acked: c.next[0] + 1})
	ended := 0
	_, err := capture.Read(bytes.NewReader(plainNetwork.pcap(t, all)), capture.Options{
		Ended: func(*capture.Leg, time.Time) { ended++ },
	}, func(*capture.Message) error { return nil })
	if err != nil || ended != 1 {
		t.Errorf("%d ends: %v", ended, err)
	}
}

// What the other side has had is missing where the capture does not have it, though nothing of the leg comes behind it.
func TestTailIsMissing(t *testing.T) {
	c := converse(t, xml(t), 1000)
	c.open()
	c.call(t, 3)
	last := len(c.segments) - 1
	missing := len(c.segments[last].data)
	all := append(slices.Clone(c.segments[:last]), segment{ack: true, seq: c.next[0], acked: c.next[1]})
	_, sum, err := read(t, plainNetwork.pcap(t, all), capture.Options{})
	if err != nil || sum.Gaps != 1 || sum.Missing != uint64(missing) || sum.GapOf != sum.Legs[0] {
		t.Errorf("%+v, want %d bytes missing: %v", sum, missing, err)
	}
	all = slices.Clone(c.segments) // one byte, before the end
	all[last].data = all[last].data[:missing-1]
	all = append(all, segment{fromSwitch: true, ack: true, fin: true, seq: c.next[1], acked: c.next[0]})
	if _, sum, err = read(t, plainNetwork.pcap(t, all), capture.Options{}); err != nil || sum.Gaps != 1 || sum.Missing != 1 {
		t.Errorf("%+v, want 1 byte missing: %v", sum, err)
	}
}

// A leg that goes on where the capture ends may lack the rest of a message, and one that ends amid one lacks nothing.
func TestEndsAmidMessage(t *testing.T) {
	c := converse(t, xml(t), 1000)
	c.open()
	c.call(t, 3)
	last := len(c.segments) - 1
	c.segments[last].data = c.segments[last].data[:20]
	c.next[1] = c.segments[last].seq + 20
	whole, sum, err := read(t, plainNetwork.pcap(t, c.segments), capture.Options{})
	if err != nil || sum.Amid != 1 || sum.Gaps > 0 {
		t.Errorf("%+v: %v", sum, err)
	}
	all := append(c.segments, segment{fromSwitch: true, ack: true, rst: true, seq: c.next[1], acked: c.next[0]})
	got, sum, err := read(t, plainNetwork.pcap(t, all), capture.Options{})
	if err != nil || sum.Amid > 0 || sum.Gaps > 0 || !slices.Equal(got, whole) {
		t.Errorf("%d messages of %d, %+v: %v", len(got), len(whole), sum, err)
	}
}

// What waited for a segment that the capture lacks has the time at which it was captured, and comes in the order of its
// time; what waited for one that was sent again has the time of that one.
func TestTimesBehindGap(t *testing.T) {
	c := converse(t, xml(t), 1000)
	c.open()
	c.call(t, 6)
	const lost = 6
	for _, again := range []bool{false, true} {
		all := slices.Delete(slices.Clone(c.segments), lost, lost+1)
		late := len(all) - 4
		for i := range all {
			if again && i < late && !all[i].fromSwitch {
				all[i].acked = min(all[i].acked, c.segments[lost].seq)
			}
		}
		if again {
			all = slices.Insert(all, late, c.segments[lost])
		} else { // the T-Server has had it
			all = slices.Insert(all, lost+1, segment{ack: true, seq: c.next[0], acked: c.next[1]})
		}
		var times []time.Duration
		_, err := capture.Read(bytes.NewReader(plainNetwork.pcap(t, all)), capture.Options{}, func(m *capture.Message) error {
			times = append(times, m.Time.Sub(began))
			return nil
		})
		must(t, err)
		if !slices.IsSorted(times) {
			t.Errorf("sent again %t: %v", again, times)
		}
		waited := times[lost-2:]
		if want := time.Duration(late) * time.Millisecond; again && (waited[0] != want || waited[1] != want) {
			t.Errorf("sent again: %v, want %v", waited, want)
		}
		if !again && waited[0] == waited[len(waited)-1] {
			t.Errorf("all that waited has one time: %v", times)
		}
	}
}

// A leg that says little is found amid its life, and one whose messages are longer than its segments.
func TestAmidQuietLife(t *testing.T) {
	for _, p := range protocols.Tested() {
		if p.Framing == frame.BER {
			continue // without a header nothing tells where a message begins
		}
		c := converse(t, p, 1000)
		c.open()
		for range 40 {
			c.say(t, true, &csta.Message{Kind: csta.KindResponse, Service: csta.HoldCall, Invoke: 9})
		}
		c.call(t, 6)
		got, sum, err := read(t, plainNetwork.pcap(t, c.segments[8:]), capture.Options{Protocol: p.Name, Framing: p.Framing.String()})
		if err != nil || len(got) < 20 || sum.Skipped > 0 && p.Framing != frame.HiPath26 {
			t.Errorf("%v: %d messages, %+v: %v", p, len(got), sum, err)
		}
		if got, sum, err = read(t, plainNetwork.pcap(t, c.segments[8:]), capture.Options{}); err != nil || len(got) < 20 {
			t.Errorf("%v, to be found: %d messages, %+v: %v", p, len(got), sum, err)
		}
	}
}

func TestMessagesLongerThanSegments(t *testing.T) {
	c := converse(t, xml(t), 1000)
	c.open()
	c.long = strings.Repeat("x", 2000)
	c.call(t, 6)
	var pieces []segment
	for _, s := range c.segments {
		for at := 0; at == 0 || at < len(s.data); at += 1000 {
			one := s
			one.seq, one.data = s.seq+uint32(at), s.data[at:min(at+1000, len(s.data))]
			pieces = append(pieces, one)
		}
	}
	for from := 10; from < 14; from++ {
		got, sum, err := read(t, plainNetwork.pcap(t, pieces[from:]), capture.Options{})
		if err != nil || len(got) < 12 {
			t.Errorf("from segment %d on: %d messages, %+v: %v", from, len(got), sum, err)
		}
	}
}

// A segment that is missing before the protocol is known costs what is in it, and neither side of the leg.
func TestGapBeforeKnown(t *testing.T) {
	for _, p := range protocols.Tested() {
		if p.Framing == frame.BER {
			continue
		}
		c := converse(t, p, 1000)
		c.open()
		begin := len(c.segments)
		c.call(t, 6)
		for lost := begin; lost < begin+5; lost++ {
			all := slices.Delete(slices.Clone(c.segments), lost, lost+1)
			want := slices.Delete(slices.Clone(c.want), lost-begin, lost-begin+1)
			got, sum, err := read(t, plainNetwork.pcap(t, all), capture.Options{})
			if err != nil || len(got) < len(want)-2 || sum.Gaps != 1 || len(sum.Legs) != 1 {
				t.Errorf("%v without segment %d: %d messages of %d, %+v: %v", p, lost, len(got), len(want), sum, err)
			}
		}
	}
}

// A capture that is out of order says so.
func TestOutOfOrder(t *testing.T) {
	c := converse(t, xml(t), 1000)
	c.open()
	c.call(t, 2)
	var all [][]byte
	for _, s := range c.segments {
		all = append(all, plainNetwork.packet(t, s))
	}
	_, sum, err := read(t, plainNetwork.pcapOf(t, all, -2*time.Second), capture.Options{})
	if sum.Back == 0 {
		t.Errorf("%+v: %v", sum, err)
	}
}

// Captures that are read one after the other say so where their times overlap.
func TestOverlap(t *testing.T) {
	c := converse(t, xml(t), 1000)
	c.open()
	c.call(t, 6)
	var sides [2][][]byte
	for _, s := range c.segments {
		sides[b2i(s.fromSwitch)] = append(sides[b2i(s.fromSwitch)], plainNetwork.packet(t, s))
	}
	reader, err := capture.NewReader(capture.Options{}, func(*capture.Message) error { return nil })
	must(t, err)
	for _, packets := range [][][]byte{sides[1], sides[0]} {
		must(t, reader.Read(bytes.NewReader(plainNetwork.pcapOf(t, packets, time.Second))))
	}
	if sum, err := reader.Close(); err != nil || sum.Back == 0 {
		t.Errorf("%+v: %v", sum, err)
	}
}

// When a capture begins its first packet tells.
func TestBegan(t *testing.T) {
	c := converse(t, xml(t), 1000)
	c.open()
	for _, of := range []struct {
		name, file string
		at         time.Time
		capture    bool
	}{
		{"a capture", string(plainNetwork.pcap(t, c.segments)), began, true},
		{"one without a packet", string(plainNetwork.pcap(t, nil)), time.Time{}, true},
		{"one in the other format", string(plainNetwork.pcapng(t, nil)), time.Time{}, true},
		{"an empty file", "", time.Time{}, true},
		{"no capture", "no capture", time.Time{}, false},
	} {
		if at, ok := capture.Began(strings.NewReader(of.file)); ok != of.capture || !at.Equal(of.at) {
			t.Errorf("%s: %v, %t", of.name, at, ok)
		}
	}
}

// What looks like a message in an event whose beginning is missing is none: no abort is made of a call's ID.
func TestNoMessageAmidEvent(t *testing.T) {
	for _, p := range protocols.Tested() {
		if p.Framing != frame.BER {
			continue
		}
		c := converse(t, p, 1000)
		c.open()
		c.call(t, 6)
		device := csta.DeviceID{Form: csta.DeviceNumber, Number: []byte("2001")}
		c.say(t, true, &csta.Message{
			Kind: csta.KindEvent, Event: csta.EventDelivered, CrossRef: csta.CrossRefID("00000001"), Device: device,
			Subject: csta.ConnectionID{Call: csta.CallID{0x64, 2, 0x87, 0}, Device: device},
		})
		hurt := len(c.segments) - 1
		c.call(t, 2)
		for lost := 1; lost < len(c.segments[hurt].data); lost++ { // bytes of it
			all := slices.Clone(c.segments)
			all[hurt].seq += uint32(lost)
			all[hurt].data = all[hurt].data[lost:]
			got, sum, err := read(t, plainNetwork.pcap(t, all), capture.Options{})
			want := slices.Delete(slices.Clone(c.want), hurt-2, hurt-1)
			if err != nil || sum.Gaps != 1 || !slices.Equal(got, want) {
				t.Errorf("%v without %d bytes: %+v: %v\n%s\nwant\n%s", p, lost, sum, err, strings.Join(got, "\n"),
					strings.Join(want, "\n"))
			}
		}
	}
}

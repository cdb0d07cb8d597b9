package capture_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket/pcapgo"

	"haproxy/perf/capture"
)

// A reset, and a segment, that are in no place where the other side would take them end and change nothing.
func TestStraysAreNotBelieved(t *testing.T) {
	c := converse(t, xml(t), 1<<30)
	c.open()
	c.call(t, 6)
	for name, stray := range map[string]segment{
		"a reset ahead":           {ack: true, rst: true, fromSwitch: true, seq: c.segments[10].seq + 5000, acked: c.next[0]},
		"a reset behind":          {ack: true, rst: true, fromSwitch: true, seq: c.segments[10].seq - 1, acked: c.next[0]},
		"a segment far back":      {ack: true, fromSwitch: true, seq: c.segments[10].seq - 20<<20, acked: c.next[0], data: []byte("stale")},
		"a reset of a quiet side": {ack: true, rst: true, seq: 12345},
	} {
		all, from := c.segments, 0
		if strings.HasSuffix(name, "quiet side") {
			from = 4 // amid its life, where only the switch has spoken
		}
		all = slices.Insert(slices.Clone(all[from:]), 10-from, stray)
		got, sum, err := read(t, plainNetwork.pcap(t, all), capture.Options{})
		if err != nil || len(got) < len(c.want)-from || len(sum.Legs) != 1 || sum.Gaps > 0 {
			t.Errorf("%s: %d of %d messages, %+v: %v", name, len(got), len(c.want), sum, err)
		}
	}
}

// A time that no clock tells is that of the packet before.
func TestNoTime(t *testing.T) {
	c := converse(t, xml(t), 1000)
	c.open()
	c.call(t, 2)
	var file bytes.Buffer
	w, err := pcapgo.NewNgWriter(&file, plainNetwork.linkType())
	must(t, err)
	for i, s := range c.segments {
		at := began.Add(time.Duration(i) * time.Millisecond)
		if i == 4 {
			at = time.Date(33000, 1, 1, 0, 0, 0, 0, time.UTC)
		}
		must(t, w.WritePacket(plainNetwork.captured(plainNetwork.packet(t, s), at)))
	}
	must(t, w.Flush())
	n := 0
	_, err = capture.Read(&file, capture.Options{}, func(m *capture.Message) error {
		if n++; m.Time.Before(began) || m.Time.After(began.Add(time.Second)) {
			t.Errorf("message %d at %v", n, m.Time)
		}
		return nil
	})
	if err != nil || n != len(c.want) {
		t.Errorf("%d messages: %v", n, err)
	}
}

// A message of any length at the beginning, in segments of any length, costs no leg that is seen from its middle on.
func TestLongMessageFirst(t *testing.T) {
	c := converse(t, xml(t), 1000)
	c.open()
	c.long = strings.Repeat("x", 15_000)
	c.call(t, 1)
	c.long = ""
	c.call(t, 9)
	late := slices.Clone(c.segments[4:]) // of the long one a part
	late[0].seq += 300
	late[0].data = late[0].data[300:]
	for _, piece := range []int{1448, 60_000} {
		var all []segment
		for _, s := range late {
			for at := 0; at < len(s.data); at += piece {
				one := s
				one.seq, one.data = s.seq+uint32(at), s.data[at:min(at+piece, len(s.data))]
				all = append(all, one)
			}
		}
		got, sum, err := read(t, plainNetwork.pcap(t, all), capture.Options{})
		if err != nil || len(got) < 28 {
			t.Errorf("pieces of %d: %d messages, %+v: %v", piece, len(got), sum, err)
		}
	}
	c = converse(t, xml(t), 1000)
	c.open()
	c.long = strings.Repeat("x", 30_000)
	c.call(t, 3) // more than is kept, but there is nothing else that it may be
	c.long = ""
	c.call(t, 9)
	got, sum, err := read(t, plainNetwork.pcap(t, c.segments[5:]), capture.Options{Protocol: "csta3-xml"})
	if err != nil || len(got) < 28 {
		t.Errorf("named: %d messages, %+v: %v", len(got), sum, err)
	}
}

// A message begins anywhere in a long piece behind a gap.
func TestFoundInLongPiece(t *testing.T) {
	c := converse(t, xml(t), 1000)
	c.open()
	c.call(t, 3)
	known := len(c.segments)
	c.long = strings.Repeat("x", 20_000)
	c.call(t, 1)
	c.long = ""
	c.call(t, 6)
	all := slices.Clone(c.segments[:known])
	var rest []byte
	first := c.segments[known+2]
	for _, s := range c.segments[known:] {
		if s.fromSwitch {
			rest = append(rest, s.data...)
		}
	}
	const gap = 1000
	for at := gap; at < len(rest); at += 60_000 {
		all = append(all, segment{
			fromSwitch: true, ack: true, seq: c.segments[known+1].seq + uint32(at), acked: first.acked,
			data: rest[at:min(at+60_000, len(rest))],
		})
	}
	got, sum, err := read(t, plainNetwork.pcap(t, all), capture.Options{})
	if err != nil || len(got) < known-2+18 {
		t.Errorf("%d messages, %+v: %v", len(got), sum, err)
	}
}

// What waits for a missing segment is given away before what other legs said later, whatever the packet is that tells
// that time has passed.
func TestOrderBehindGap(t *testing.T) {
	c := converse(t, xml(t), 1000)
	c.open()
	c.call(t, 3)
	lacks, other := plainNetwork, plainNetwork
	other.computingPort = 50000
	var packets [][]byte
	for i, s := range c.segments {
		packets = append(packets, other.packet(t, s))
		if i != 6 {
			packets = append(packets, lacks.packet(t, s))
		}
	}
	packets = append(packets, lacks.packet(t, segment{ack: true, seq: c.next[0], acked: c.next[1]})) // it has had all
	nobody := plainNetwork
	nobody.computingPort = 50001
	for range 200 {
		packets = append(packets, nobody.packet(t, segment{ack: true, seq: 1}))
	}
	var times []time.Duration
	_, err := capture.Read(bytes.NewReader(plainNetwork.pcapOf(t, packets, 10*time.Millisecond)), capture.Options{},
		func(m *capture.Message) error {
			times = append(times, m.Time.Sub(began))
			return nil
		})
	if err != nil || !slices.IsSorted(times) || len(times) < 2*len(c.want)-2 {
		t.Errorf("%v: %v", times, err)
	}
}

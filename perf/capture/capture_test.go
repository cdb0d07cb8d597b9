package capture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/gopacket/gopacket/layers"

	"haproxy/codec/frame"
	"haproxy/perf/capture"
	"haproxy/perf/protocols"
)

const pcapHeader = 24 // bytes

var plainNetwork = network{switchPort: 1040}

// All protocols over all framings are found without being named, and so is the switch.
func TestFindsProtocol(t *testing.T) {
	for _, p := range protocols.Tested() {
		t.Run(p.String(), func(t *testing.T) {
			c := converse(t, p, 1000)
			c.open()
			c.call(t, 5)
			got, sum, err := read(t, plainNetwork.pcap(t, c.segments), capture.Options{})
			must(t, err)
			if !slices.Equal(got, c.want) {
				t.Errorf("messages:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			leg := sum.Legs[0]
			if len(sum.Legs) != 1 || leg.Protocol != p.Name || leg.Framing != p.Framing.String() {
				t.Errorf("found %+v", leg)
			}
			if leg.Switch != "192.0.2.20:1040" || leg.Computing != "192.0.2.10:40001" {
				t.Errorf("the switch is %s, the computing function %s", leg.Switch, leg.Computing)
			}
		})
	}
}

// Packets of every kind are read, in both formats.
func TestNetworks(t *testing.T) {
	c := converse(t, xml(t), 1000)
	c.open()
	c.call(t, 2)
	for name, n := range map[string]network{
		"ipv4": plainNetwork, "ipv6": {switchPort: 1040, ipv6: true}, "vlan": {switchPort: 1040, vlan: true},
		"cooked": {switchPort: 1040, cooked: true}, "raw": {switchPort: 1040, raw: layers.LinkTypeRaw},
		"raw ipv4": {switchPort: 1040, raw: layers.LinkTypeIPv4},
		"raw ipv6": {switchPort: 1040, ipv6: true, raw: layers.LinkTypeIPv6},
	} {
		for format, file := range map[string][]byte{"pcap": n.pcap(t, c.segments), "pcapng": n.pcapng(t, c.segments)} {
			got, _, err := read(t, file, capture.Options{})
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("%s %s: %v, %d messages of %d", name, format, err, len(got), len(c.want))
			}
		}
	}
}

// What the network does to a stream is undone: segments split, joined, doubled, out of order, and sequence
// numbers that begin anew.
func TestReassembles(t *testing.T) {
	plain := func() *conversation {
		c := converse(t, xml(t), 0xFFFFFF00) // wraps soon
		c.open()
		c.call(t, 3)
		return c
	}
	for name, disturb := range map[string]func([]segment) []segment{
		"wrap":    func(s []segment) []segment { return s },
		"doubled": func(s []segment) []segment { return slices.Concat(s, s[3:]) },
		"swapped": func(s []segment) []segment {
			for i := 4; i+1 < len(s); i += 2 {
				s[i], s[i+1] = s[i+1], s[i]
			}
			return s
		},
		"dripping": func(s []segment) []segment {
			var drops []segment
			for _, seg := range s {
				for at := 0; at == 0 || at < len(seg.data); at += 7 {
					one := seg
					one.seq += uint32(at)
					one.data = seg.data[at:min(at+7, len(seg.data))]
					drops = append(drops, one)
				}
			}
			return drops
		},
		"amid its life": func(s []segment) []segment { return s[2:] },
	} {
		c := plain()
		got, sum, err := read(t, plainNetwork.pcap(t, disturb(c.segments)), capture.Options{})
		if err != nil || !slices.Equal(got, c.want) || sum.Gaps != 0 {
			t.Errorf("%s: %v, %d gaps, messages\n%s\nwant\n%s", name, err, sum.Gaps, strings.Join(got, "\n"),
				strings.Join(c.want, "\n"))
		}
	}
}

// A capture that begins amid a message of a leg has the messages from the next one on, in either direction.
func TestBeginsAmidMessage(t *testing.T) {
	for _, p := range protocols.Tested() {
		if p.Framing == frame.BER {
			continue // without a header nothing tells where a message begins
		}
		c := converse(t, p, 1)
		c.open()
		c.call(t, 9)
		late := slices.Clone(c.segments[len(c.segments)-20:])
		for i := range late {
			if i < 2 {
				cut := len(late[i].data) / 3
				late[i].seq += uint32(cut)
				late[i].data = late[i].data[cut:]
			}
		}
		got, sum, err := read(t, plainNetwork.pcap(t, late), capture.Options{})
		if want := c.want[len(c.want)-18:]; err != nil || len(got) < 18 || !slices.Equal(got[len(got)-18:], want) {
			t.Errorf("%v: %v, %+v\n%s", p, err, sum, strings.Join(got, "\n"))
		}
	}
}

// A segment that the capture lacks costs the messages in it, is counted, and the stream is found again.
func TestGap(t *testing.T) {
	c := converse(t, xml(t), 1000)
	c.open()
	c.call(t, 6)
	lost := 12
	missing := len(c.segments[lost].data)
	got, sum, err := read(t, plainNetwork.pcap(t, slices.Delete(slices.Clone(c.segments), lost, lost+1)),
		capture.Options{})
	must(t, err)
	want := slices.Delete(slices.Clone(c.want), lost-2, lost-1)
	if !slices.Equal(got, want) || sum.Gaps != 1 || sum.Missing != uint64(missing) {
		t.Errorf("%d gaps of %d bytes, want one of %d; messages\n%s\nwant\n%s", sum.Gaps, sum.Missing, missing,
			strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Frames without packets around them are the switch's.
func TestPlainStream(t *testing.T) {
	for _, p := range protocols.Tested() {
		c := converse(t, p, 0)
		c.call(t, 4)
		var stream []byte
		var want []string
		for i, s := range c.segments {
			if s.fromSwitch {
				stream, want = append(stream, s.data...), append(want, c.want[i])
			}
		}
		got, _, err := read(t, stream, capture.Options{Protocol: p.Name, Framing: p.Framing.String()})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%v: %v, messages\n%s\nwant\n%s", p, err, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// Bad files end with an error that says what is wrong, and give what was readable before.
func TestBadFiles(t *testing.T) {
	c := converse(t, xml(t), 1000)
	c.open()
	c.call(t, 2)
	good := plainNetwork.pcap(t, c.segments)
	ng := plainNetwork.pcapng(t, c.segments)
	long := slices.Clone(good) // a packet that claims two gigabytes
	binary.LittleEndian.PutUint32(long[24+8:], 0x7FFFFFFF)
	foreign := network{switchPort: 80}.pcap(t, []segment{{seq: 1, data: []byte("GET / HTTP/1.1\r\nHost: example.net\r\n\r\n")}})
	for name, test := range map[string]struct {
		file []byte
		want error
	}{
		"empty": {nil, capture.ErrEmpty}, "half a magic": {good[:3], capture.ErrNoLegs},
		"truncated header": {good[:20], capture.ErrTruncated}, "truncated": {good[:len(good)-5], capture.ErrTruncated},
		"truncated ng": {ng[:len(ng)-5], capture.ErrTruncated}, "long": {long, capture.ErrMalformed},
		"foreign": {foreign, capture.ErrNoLegs}, "no packets": {good[:24], capture.ErrNoLegs},
		"text": {bytes.Repeat([]byte("not a capture "), 10000), capture.ErrNoLegs},
		"gzip": {append([]byte{0x1F, 0x8B, 8, 0}, good...), capture.ErrCompressed},
	} {
		got, _, err := read(t, test.file, capture.Options{})
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
		if name == "truncated" && len(got) < len(c.want)-1 {
			t.Errorf("%s: %d messages", name, len(got))
		}
	}
	if _, _, err := read(t, good, capture.Options{Protocol: "q931"}); err == nil {
		t.Error("a protocol that nobody knows is taken")
	}
}

// Packets of which but a beginning was captured are named as the cause where no leg is found, and counted where one
// is, the last of a leg too, behind which nothing is missed.
func TestCapturedInPart(t *testing.T) {
	c := converse(t, xml(t), 1000)
	c.open()
	c.call(t, 2)
	_, sum, err := read(t, network{switchPort: 1040, snap: 96}.pcap(t, c.segments), capture.Options{})
	if !errors.Is(err, capture.ErrNoLegs) || !strings.Contains(err.Error(), "in part") {
		t.Errorf("%v, %+v", err, sum)
	}
	last := len(c.segments) - 1
	file := plainNetwork.pcap(t, c.segments[:last])
	file = append(file, network{switchPort: 1040, snap: 200}.pcap(t, c.segments[last:])[pcapHeader:]...)
	if _, sum, err = read(t, file, capture.Options{}); err != nil || sum.Cut != 1 {
		t.Errorf("%v, %+v", err, sum)
	}
}

// A leg goes on from one file to the next, whatever the format; a file without a leg is named at once.
func TestFilesInSequence(t *testing.T) {
	c := converse(t, xml(t), 1000)
	c.open()
	c.call(t, 6)
	foreign := network{switchPort: 80}.pcap(t, []segment{{seq: 1, data: bytes.Repeat([]byte("GET / HTTP/1.1\r\n"), 100)}})
	for cut := 4; cut < len(c.segments); cut += 5 {
		n := 0
		reader, err := capture.NewReader(capture.Options{}, func(*capture.Message) error { n++; return nil })
		must(t, err)
		must(t, reader.Read(bytes.NewReader(plainNetwork.pcap(t, c.segments[:cut]))))
		if err = reader.Read(bytes.NewReader(foreign)); err != nil && !errors.Is(err, capture.ErrNoLegs) {
			t.Error(err)
		}
		must(t, reader.Read(bytes.NewReader(plainNetwork.pcapng(t, c.segments[cut:]))))
		sum, err := reader.Close()
		if err != nil || n != len(c.want) || len(sum.Legs) != 1 || sum.Gaps > 0 {
			t.Errorf("cut at %d: %d messages of %d, %+v: %v", cut, n, len(c.want), sum, err)
		}
	}
}

// No room is made for what a capture claims to have, nor for what it has far too many of.
func TestClaims(t *testing.T) {
	le := binary.LittleEndian
	c := converse(t, xml(t), 1000)
	c.open()
	c.call(t, 2)
	pcap, ng := plainNetwork.pcap(t, c.segments), plainNetwork.pcapng(t, c.segments)
	le.PutUint32(pcap[16:], 0xFFFFFFFF) // any length of a packet
	pcap = append(pcap, make([]byte, 16)...)
	le.PutUint32(pcap[len(pcap)-8:], 0x7FFFFFF0)
	packet := append(slices.Clone(ng), make([]byte, 28)...)
	le.PutUint32(packet[len(ng):], 6)
	le.PutUint32(packet[len(ng)+4:], 0x7FFFFFF0)
	le.PutUint32(packet[len(ng)+20:], 0x7FFFFF00)
	card := make([]byte, 20)
	le.PutUint32(card, 1)
	le.PutUint32(card[4:], 20)
	le.PutUint16(card[8:], 1)
	le.PutUint32(card[16:], 20)
	for name, file := range map[string][]byte{
		"pcap": pcap, "pcapng": packet, "interfaces": append(slices.Clone(ng), bytes.Repeat(card, 200_000)...),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got, _, err := read(t, file, capture.Options{})
		runtime.ReadMemStats(&after)
		if made := after.TotalAlloc - before.TotalAlloc; !errors.Is(err, capture.ErrMalformed) || len(got) < len(c.want)-1 ||
			made > 64<<20 {
			t.Errorf("%s: %d messages, %d bytes: %v", name, len(got), made, err)
		}
	}
}

// Only the port that is named is read.
func TestPort(t *testing.T) {
	c := converse(t, xml(t), 1000)
	c.open()
	c.call(t, 1)
	if _, _, err := read(t, plainNetwork.pcap(t, c.segments), capture.Options{Port: 1041}); !errors.Is(err, capture.ErrNoLegs) {
		t.Error(err)
	}
	got, _, err := read(t, plainNetwork.pcap(t, c.segments), capture.Options{Port: 1040})
	if err != nil || len(got) != len(c.want) {
		t.Error(err, got)
	}
}

func FuzzRead(f *testing.F) {
	for _, p := range protocols.Tested() {
		c := converse(f, p, 1000)
		c.open()
		c.call(f, 1)
		f.Add(plainNetwork.pcap(f, c.segments))
		f.Add(plainNetwork.pcapng(f, c.segments))
		last := len(c.segments) - 1
		c.segments[last], c.segments[last-1] = c.segments[last-1], c.segments[last]
		f.Add(network{switchPort: 1040, ipv6: true, vlan: true}.pcap(f, c.segments))            // out of order
		f.Add(network{switchPort: 1040, cooked: true}.pcap(f, slices.Delete(c.segments, 4, 5))) // with a gap
	}
	f.Add(begunByWhatStands(f, xml(f), 0))
	f.Add(begunByWhatStands(f, xml(f), 5))
	f.Add([]byte("\x00\x00\x00\x0c9999<a/>"))
	f.Fuzz(func(t *testing.T, file []byte) {
		messages := 0
		_, _ = capture.Read(bytes.NewReader(file), capture.Options{}, func(m *capture.Message) error {
			if m.Leg == nil || m.Body == nil || len(m.Frame) == 0 {
				t.Error("a message without a leg, a body or a frame")
			}
			messages++
			return nil
		})
		if messages > len(file) {
			t.Errorf("%d messages in %d bytes", messages, len(file))
		}
	})
}

func xml(tb testing.TB) protocols.Protocol {
	tb.Helper()
	p, err := protocols.Find(protocols.XML, "")
	must(tb, err)
	return p
}

package capture_test

import (
	"encoding/binary"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"haproxy/perf/capture"
	"haproxy/perf/protocols"
)

const (
	ethernetLen = 14
	partLen     = 200 // bytes of payload of a fragment, a multiple of 8
)

// inParts cuts an IP packet over Ethernet into fragments.
func inParts(packet []byte, ipv6 bool, id uint16) [][]byte {
	header, end := ethernetLen+20, ethernetLen+int(binary.BigEndian.Uint16(packet[ethernetLen+2:]))
	if ipv6 {
		header = ethernetLen + 40
		end = header + int(binary.BigEndian.Uint16(packet[ethernetLen+4:]))
	}
	var parts [][]byte
	for at, payload := 0, packet[header:end]; at < len(payload); at += partLen {
		piece := payload[at:min(at+partLen, len(payload))]
		more := at+len(piece) < len(payload)
		p := slices.Clone(packet[:header])
		if ip := p[ethernetLen:]; ipv6 {
			fragment := []byte{ip[6], 0, 0, 0, 0, 0, 0, 0}
			binary.BigEndian.PutUint16(fragment[2:], uint16(at)|uint16(b2i(more)))
			binary.BigEndian.PutUint32(fragment[4:], uint32(id))
			binary.BigEndian.PutUint16(ip[4:], uint16(8+len(piece)))
			ip[6] = byte(layers.IPProtocolIPv6Fragment)
			p = append(p, fragment...)
		} else {
			binary.BigEndian.PutUint16(ip[2:], uint16(20+len(piece)))
			binary.BigEndian.PutUint16(ip[4:], id)
			binary.BigEndian.PutUint16(ip[6:], uint16(at/8)|uint16(b2i(more))<<13)
		}
		parts = append(parts, append(p, piece...))
	}
	return parts
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// tunnelled puts a packet into GRE over IPv4.
func tunnelled(tb testing.TB, packet []byte) []byte {
	tb.Helper()
	buf := gopacket.NewSerializeBuffer()
	must(tb, gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true},
		&layers.Ethernet{SrcMAC: make(net.HardwareAddr, 6), DstMAC: make(net.HardwareAddr, 6), EthernetType: layers.EthernetTypeIPv4},
		&layers.IPv4{
			Version: 4, TTL: 64, Protocol: layers.IPProtocolGRE, SrcIP: net.ParseIP("198.51.100.1"),
			DstIP: net.ParseIP("198.51.100.2"),
		},
		&layers.GRE{Protocol: layers.EthernetTypeIPv4}, gopacket.Payload(packet[ethernetLen:])))
	return buf.Bytes()
}

// twice has every part captured twice, as by a port that mirrors both ways.
func twice(parts [][]byte) [][]byte {
	var all [][]byte
	for _, p := range parts {
		all = append(all, p, p)
	}
	return all
}

func backwards(parts [][]byte) [][]byte {
	slices.Reverse(parts)
	return parts
}

// Datagrams in parts are joined: of either version of IP, in a tunnel, in any order, with parts captured twice, and with
// identifications that are soon used again.
func TestFragments(t *testing.T) {
	c := converse(t, protocols.Tested()[0], 1000)
	c.open()
	c.call(t, 30)
	for name, n := range map[string]network{
		"IPv4": {switchPort: 1040}, "IPv6": {switchPort: 1040, ipv6: true}, "GRE": {switchPort: 1040},
	} {
		for order, o := range map[string]struct {
			arrange func([][]byte) [][]byte
			ids     int
			apart   time.Duration
		}{
			"in order":        {func(parts [][]byte) [][]byte { return parts }, 50, 10 * time.Millisecond},
			"again":           {func(parts [][]byte) [][]byte { return slices.Concat(parts, parts) }, 50, 10 * time.Millisecond},
			"twice":           {twice, 50, 10 * time.Millisecond},
			"backwards":       {backwards, 50, 10 * time.Millisecond},
			"backwards, soon": {backwards, 3, 50 * time.Millisecond},
		} {
			var packets [][]byte
			for i, s := range c.segments {
				packet := n.packet(t, s)
				if name == "GRE" {
					packet = tunnelled(t, packet)
				}
				packets = append(packets, o.arrange(inParts(packet, n.ipv6, uint16(i%o.ids)))...)
			}
			got, sum, err := read(t, n.pcapOf(t, packets, o.apart), capture.Options{})
			if must(t, err); !slices.Equal(got, c.want) || sum.Gaps+sum.Ignored > 0 {
				t.Errorf("%s %s: %d messages of %d: %+v", name, order, len(got), len(c.want), sum)
			}
		}
	}
}

// Without one of its parts a datagram is lost, as a segment is: a gap, and what else had come of it is counted.
func TestFragmentIsMissing(t *testing.T) {
	c := converse(t, protocols.Tested()[0], 1000)
	c.open()
	c.call(t, 30)
	n := network{switchPort: 1040}
	var packets [][]byte
	for i, s := range c.segments {
		parts := inParts(n.packet(t, s), false, uint16(i))
		if i == 20 {
			parts = slices.Delete(parts, 1, 2)
		}
		packets = append(packets, parts...)
	}
	left := len(inParts(n.packet(t, c.segments[20]), false, 0)) - 1
	got, sum, err := read(t, n.pcapOf(t, packets, time.Millisecond), capture.Options{})
	if must(t, err); len(got) != len(c.want)-1 || sum.Gaps != 1 || sum.Ignored != uint64(left) || left < 2 {
		t.Errorf("%d messages of %d: %+v", len(got), len(c.want), sum)
	}
}

// Parts that overlap, that lie beyond the end, or that wait in their thousands for others cost their own datagrams.
func TestFragmentsOfNobody(t *testing.T) {
	c := converse(t, protocols.Tested()[0], 1000)
	c.open()
	c.call(t, 30)
	n := network{switchPort: 1040}
	var packets [][]byte
	junk := 0
	for i, s := range c.segments {
		packet := n.packet(t, s)
		for j := range 200 {
			longer := append(slices.Clone(packet), make([]byte, 600)...)
			binary.BigEndian.PutUint16(longer[ethernetLen+2:], uint16(len(packet)-ethernetLen+600))
			parts := inParts(longer, false, uint16(1000+i*200+j))
			switch j % 3 {
			case 0: // it is alone
				parts = parts[:1]
			case 1: // the next begins amid it
				parts[1][ethernetLen+7] = 1
				parts = parts[:2]
			case 2: // there is more than is announced
				last := slices.Clone(parts[1])
				last[ethernetLen+6] = 0
				parts = [][]byte{parts[len(parts)-2], last}
			}
			junk += len(parts)
			packets = append(packets, parts...)
		}
		packets = append(packets, inParts(packet, false, uint16(i))...)
	}
	got, sum, err := read(t, n.pcapOf(t, packets, time.Microsecond), capture.Options{})
	if must(t, err); !slices.Equal(got, c.want) || sum.Gaps > 0 || sum.Ignored == 0 || sum.Ignored > uint64(junk) {
		t.Errorf("%d messages of %d, %d junk: %+v", len(got), len(c.want), junk, sum)
	}
}

// Fragments of which but a beginning was captured are said to be that.
func TestFragmentsCutShort(t *testing.T) {
	c := converse(t, protocols.Tested()[0], 1000)
	c.open()
	c.call(t, 30)
	n := network{switchPort: 1040, snap: 150}
	var packets [][]byte
	for i, s := range c.segments {
		packets = append(packets, inParts(n.packet(t, s), false, uint16(i))...)
	}
	_, _, err := read(t, n.pcapOf(t, packets, time.Millisecond), capture.Options{})
	if !errors.Is(err, capture.ErrNoLegs) || !strings.Contains(err.Error(), "capture them whole") {
		t.Error(err)
	}
}

package capture_test

import (
	"bytes"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
	"haproxy/perf/capture"
	"haproxy/perf/protocols"
)

// segment is one TCP segment of a made-up conversation.
type segment struct {
	fromSwitch bool
	syn, ack   bool
	fin, rst   bool
	seq, acked uint32
	data       []byte
}

// network says how segments become packets.
type network struct {
	ipv6, vlan, cooked bool
	raw                layers.LinkType // of packets without a header below IP; 0 is none
	snap               int             // bytes of each packet that are captured; 0 is all
	switchPort         uint16
	computingPort      uint16 // 0 is 40001
}

var began = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// packet makes the n-th packet of a capture.
func (n network) packet(tb testing.TB, s segment) []byte {
	tb.Helper()
	tcp := &layers.TCP{
		SrcPort: 40001, DstPort: layers.TCPPort(n.switchPort), Seq: s.seq, Ack: s.acked, SYN: s.syn, ACK: s.ack, FIN: s.fin, RST: s.rst, Window: 1 << 15,
		PSH: len(s.data) > 0,
	}
	if n.computingPort > 0 {
		tcp.SrcPort = layers.TCPPort(n.computingPort)
	}
	hosts := [2]net.IP{net.ParseIP("192.0.2.10"), net.ParseIP("192.0.2.20")}
	if n.ipv6 {
		hosts = [2]net.IP{net.ParseIP("2001:db8::10"), net.ParseIP("2001:db8::20")}
	}
	if s.fromSwitch {
		tcp.SrcPort, tcp.DstPort = tcp.DstPort, tcp.SrcPort
		hosts[0], hosts[1] = hosts[1], hosts[0]
	}
	stack := n.below()
	if n.ipv6 {
		ip := &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: layers.IPProtocolTCP, SrcIP: hosts[0], DstIP: hosts[1]}
		must(tb, tcp.SetNetworkLayerForChecksum(ip))
		stack = append(stack, ip)
	} else {
		ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP, SrcIP: hosts[0], DstIP: hosts[1]}
		must(tb, tcp.SetNetworkLayerForChecksum(ip))
		stack = append(stack, ip)
	}
	stack = append(stack, tcp, gopacket.Payload(s.data))
	buf := gopacket.NewSerializeBuffer()
	must(tb, gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, stack...))
	return append(n.cookedHeader(), buf.Bytes()...)
}

// below returns the layers below IP.
func (n network) below() []gopacket.SerializableLayer {
	if n.cooked || n.raw != 0 {
		return nil
	}
	kind := layers.EthernetTypeIPv4
	if n.ipv6 {
		kind = layers.EthernetTypeIPv6
	}
	ethernet := &layers.Ethernet{SrcMAC: make(net.HardwareAddr, 6), DstMAC: make(net.HardwareAddr, 6), EthernetType: kind}
	if !n.vlan {
		return []gopacket.SerializableLayer{ethernet}
	}
	ethernet.EthernetType = layers.EthernetTypeDot1Q
	return []gopacket.SerializableLayer{ethernet, &layers.Dot1Q{VLANIdentifier: 7, Type: kind}}
}

// cookedHeader is that of Linux's cooked captures: to us, an Ethernet card, a six-byte address, IPv4.
func (n network) cookedHeader() []byte {
	if !n.cooked {
		return nil
	}
	return []byte{0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0}
}

func (n network) linkType() layers.LinkType {
	switch {
	case n.cooked:
		return layers.LinkTypeLinuxSLL
	case n.raw != 0:
		return n.raw
	}
	return layers.LinkTypeEthernet
}

// captured returns a packet as far as it is captured.
func (n network) captured(data []byte, at time.Time) (gopacket.CaptureInfo, []byte) {
	info := gopacket.CaptureInfo{Timestamp: at, CaptureLength: len(data), Length: len(data)}
	if n.snap > 0 && n.snap < len(data) {
		info.CaptureLength = n.snap
	}
	return info, data[:info.CaptureLength]
}

// pcap writes a capture, a millisecond between packets.
func (n network) pcap(tb testing.TB, segments []segment) []byte {
	tb.Helper()
	var packets [][]byte
	for _, s := range segments {
		packets = append(packets, n.packet(tb, s))
	}
	return n.pcapOf(tb, packets, time.Millisecond)
}

// pcapOf writes a capture of packets, so much time between them.
func (n network) pcapOf(tb testing.TB, packets [][]byte, apart time.Duration) []byte {
	tb.Helper()
	return n.pcapFrom(tb, packets, 0, apart)
}

// pcapFrom is a capture that begins so much later.
func (n network) pcapFrom(tb testing.TB, packets [][]byte, begin, apart time.Duration) []byte {
	tb.Helper()
	var file bytes.Buffer
	w := pcapgo.NewWriterNanos(&file)
	must(tb, w.WriteFileHeader(1<<16, n.linkType()))
	for i, p := range packets {
		must(tb, w.WritePacket(n.captured(p, began.Add(begin+time.Duration(i)*apart))))
	}
	return file.Bytes()
}

// pcapng writes the same in the other format.
func (n network) pcapng(tb testing.TB, segments []segment) []byte {
	tb.Helper()
	var file bytes.Buffer
	w, err := pcapgo.NewNgWriter(&file, n.linkType())
	must(tb, err)
	for i, s := range segments {
		must(tb, w.WritePacket(n.captured(n.packet(tb, s), began.Add(time.Duration(i)*time.Millisecond))))
	}
	must(tb, w.Flush())
	return file.Bytes()
}

// conversation is what a T-Server and a switch say over a protocol, message by message.
type conversation struct {
	protocol protocols.Protocol
	codec    codec.Codec
	next     [2]uint32 // sequence numbers, the switch's second
	segments []segment
	want     []string
	long     string // private data of the events
}

func converse(tb testing.TB, p protocols.Protocol, first uint32) *conversation {
	tb.Helper()
	c := &conversation{protocol: p, codec: p.NewCodec(), next: [2]uint32{first, first + 99}}
	return c
}

// open sets the legs up, with the preamble where the framing has one.
func (c *conversation) open() {
	c.segments = append(c.segments, segment{syn: true, seq: c.next[0]},
		segment{fromSwitch: true, syn: true, ack: true, seq: c.next[1], acked: c.next[0] + 1})
	c.next[0]++
	c.next[1]++
	if send, expect := frame.Preamble(c.protocol.Framing, frame.Computing); len(send) > 0 {
		c.send(false, send)
		c.send(true, expect)
	}
}

func (c *conversation) send(fromSwitch bool, data []byte) {
	i := 0
	if fromSwitch {
		i = 1
	}
	c.segments = append(c.segments, segment{
		fromSwitch: fromSwitch, ack: true, seq: c.next[i], acked: c.next[1-i], data: data,
	})
	c.next[i] += uint32(len(data))
}

func (c *conversation) say(tb testing.TB, fromSwitch bool, msg *csta.Message) {
	tb.Helper()
	f, err := c.codec.Append(nil, msg)
	must(tb, err)
	c.send(fromSwitch, f)
	what := msg.Service.String()
	if msg.Kind == csta.KindEvent {
		what = msg.Event.String() + " " + string(msg.Subject.Call)
	}
	c.want = append(c.want, fmt.Sprintf("%v %d %s", fromSwitch, msg.Kind, what))
}

// call says what begins a monitor and then one call.
func (c *conversation) call(tb testing.TB, n int) {
	tb.Helper()
	device := csta.DeviceID{Form: csta.DeviceNumber, Number: []byte("2001")}
	event, _ := c.codec.EventInvokeID()
	c.say(tb, false, &csta.Message{Kind: csta.KindRequest, Service: csta.MonitorStart, Invoke: 7, Device: device})
	c.say(tb, true, &csta.Message{
		Kind: csta.KindResponse, Service: csta.MonitorStart, Invoke: 7, CrossRef: csta.CrossRefID("00000001"),
	})
	for i := range n {
		subject := csta.ConnectionID{Call: csta.CallID{'c', byte('0' + i)}, Device: device}
		for _, e := range []csta.Event{csta.EventDelivered, csta.EventEstablished, csta.EventConnectionCleared} {
			c.say(tb, true, &csta.Message{
				Kind: csta.KindEvent, Event: e, Invoke: event, CrossRef: csta.CrossRefID("00000001"), Subject: subject,
				Device: device, Calling: csta.DeviceID{Form: csta.DeviceNumber, Number: []byte("2002")}, Called: device,
				Private: c.private(),
			})
		}
	}
}

// private is what events have of private data.
func (c *conversation) private() []byte {
	if c.long == "" {
		return nil
	}
	return []byte("<privateData><private><x xmlns=\"urn:x\">" + c.long + "</x></private></privateData>")
}

// read reads a capture and returns its messages as say notes them.
func read(tb testing.TB, file []byte, opts capture.Options) ([]string, *capture.Summary, error) {
	tb.Helper()
	var got []string
	sum, err := capture.Read(bytes.NewReader(file), opts, func(m *capture.Message) error {
		if m.Err != nil {
			got = append(got, "malformed")
			return nil
		}
		what := m.Body.Service.String()
		if m.Body.Kind == csta.KindEvent {
			what = m.Body.Event.String() + " " + string(m.Body.Subject.Call)
		}
		got = append(got, fmt.Sprintf("%v %d %s", m.FromSwitch, m.Body.Kind, what))
		return nil
	})
	return got, sum, err
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

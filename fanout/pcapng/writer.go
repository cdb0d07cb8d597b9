package pcapng

import (
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// Writer writes a pcapng capture of legs: what each side said, in Ethernet, IP and TCP headers that are made
// up and valid, an interface for each name of a leg. It is not safe for concurrent use.
type Writer struct {
	ng         *pcapgo.NgWriter
	interfaces map[string]int
	packet     gopacket.SerializeBuffer
	written    int64
}

// Conversation is one TCP connection that a Writer writes down. It may be continued in another Writer.
type Conversation struct {
	Name           string         // of its interface
	Caller, Called netip.AddrPort // who opened it, and whom
	next           [2]uint32      // sequence numbers, the caller's first
}

const (
	firstSequence = 1
	payloadMax    = 60_000 // of one packet: the length of an IP packet has 16 bits
	window        = 0xFFFF
)

var (
	nobody = [2]netip.AddrPort{ // RFC 5737: where the addresses of a conversation are not known
		netip.MustParseAddrPort("192.0.2.1:40000"), netip.MustParseAddrPort("192.0.2.2:1040"),
	}
	cards = [2][]byte{{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}} // locally administered
)

// NewWriter begins a capture. The comment stands in its header; names are those of the legs that will come, the
// first of which is that of no interface of a network card. Reading it gives the legs these names.
func NewWriter(w io.Writer, comment string, names ...string) (*Writer, error) {
	c := &Writer{interfaces: make(map[string]int), packet: gopacket.NewSerializeBuffer()}
	var err error
	for _, name := range names {
		of := pcapgo.NgInterface{
			Name: name, LinkType: layers.LinkTypeEthernet, TimestampResolution: 9,
			Comment: "a CTI leg; the headers of its packets are made up",
		}
		if leg, ok := strings.CutSuffix(name, standing); ok {
			of.Comment = "what stood on " + leg + " when the capture began, said before"
		}
		if c.ng == nil {
			c.ng, err = pcapgo.NewNgWriterInterface(w, of, pcapgo.NgWriterOptions{
				SectionInfo: pcapgo.NgSectionInfo{Application: application, Comment: comment},
			})
			c.interfaces[name] = 0
		} else {
			c.interfaces[name], err = c.ng.AddInterface(of)
		}
		if err != nil {
			return nil, err
		}
	}
	if c.ng == nil {
		panic("pcapng: a Writer without the name of a leg")
	}
	return c, nil
}

// Written returns how many bytes the packets so far take, about.
func (w *Writer) Written() int64 { return w.written }

// Flush gives what is buffered to the file.
func (w *Writer) Flush() error { return w.ng.Flush() }

// Open writes the beginning of a conversation. Its addresses are made up where either is not valid or they are
// of different families.
func (w *Writer) Open(c *Conversation, at time.Time) error {
	if !c.Caller.IsValid() || !c.Called.IsValid() || c.Caller.Addr().Is4() != c.Called.Addr().Is4() {
		c.Caller, c.Called = nobody[0], nobody[1]
	}
	c.next = [2]uint32{firstSequence, firstSequence}
	for i, flags := range []layers.TCP{{SYN: true}, {SYN: true, ACK: true}, {ACK: true}} {
		if err := w.segment(c, i%2, flags, at, nil, ""); err != nil {
			return err
		}
		if flags.SYN {
			c.next[i%2]++
		}
	}
	return nil
}

// Say writes what one side of a conversation said, with a comment on its first packet where there is one.
func (w *Writer) Say(c *Conversation, byCaller bool, at time.Time, b []byte, comment string) error {
	side := sideOf(byCaller)
	for len(b) > 0 {
		n := min(len(b), payloadMax)
		if err := w.segment(c, side, layers.TCP{PSH: true, ACK: true}, at, b[:n], comment); err != nil {
			return err
		}
		c.next[side] += uint32(n)
		b, comment = b[n:], ""
	}
	return nil
}

// Miss leaves a gap where a side said bytes that are not known.
func (c *Conversation) Miss(byCaller bool, bytes int) { c.next[sideOf(byCaller)] += uint32(bytes) }

// Close writes the end of a conversation.
func (w *Writer) Close(c *Conversation, at time.Time) error {
	for side := range c.next {
		if err := w.segment(c, side, layers.TCP{FIN: true, ACK: true}, at, nil, ""); err != nil {
			return err
		}
		c.next[side]++
	}
	return nil
}

func sideOf(byCaller bool) int {
	if byCaller {
		return 0
	}
	return 1
}

// segment writes one packet that a side of a conversation sends.
func (w *Writer) segment(c *Conversation, side int, tcp layers.TCP, at time.Time, payload []byte,
	comment string,
) error {
	ends := [2]netip.AddrPort{c.Caller, c.Called}
	from, to := ends[side], ends[1-side]
	tcp.SrcPort, tcp.DstPort = layers.TCPPort(from.Port()), layers.TCPPort(to.Port())
	tcp.Seq, tcp.Window = c.next[side], window
	if tcp.ACK {
		tcp.Ack = c.next[1-side]
	}
	link := layers.Ethernet{SrcMAC: cards[side], DstMAC: cards[1-side], EthernetType: layers.EthernetTypeIPv4}
	var network gopacket.SerializableLayer
	var err error
	if from.Addr().Is4() {
		ip := &layers.IPv4{
			Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP, Flags: layers.IPv4DontFragment,
			SrcIP: from.Addr().AsSlice(), DstIP: to.Addr().AsSlice(),
		}
		network, err = ip, tcp.SetNetworkLayerForChecksum(ip)
	} else {
		ip := &layers.IPv6{
			Version: 6, HopLimit: 64, NextHeader: layers.IPProtocolTCP,
			SrcIP: from.Addr().AsSlice(), DstIP: to.Addr().AsSlice(),
		}
		link.EthernetType = layers.EthernetTypeIPv6
		network, err = ip, tcp.SetNetworkLayerForChecksum(ip)
	}
	if err != nil {
		return err
	}
	opts := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
	if err = gopacket.SerializeLayers(w.packet, opts, &link, network, &tcp, gopacket.Payload(payload)); err != nil {
		return err
	}
	return w.put(c.Name, at, comment)
}

// put writes the packet that was made.
func (w *Writer) put(name string, at time.Time, comment string) error {
	of, known := w.interfaces[name]
	if !known {
		return fmt.Errorf("the leg %q was not named when the capture began", name)
	}
	data := w.packet.Bytes()
	var opts pcapgo.NgPacketOptions
	if comment != "" {
		opts.Comments = []string{comment}
	}
	w.written += int64(len(data)) + 32 // of the block around it
	return w.ng.WritePacketWithOptions(gopacket.CaptureInfo{
		Timestamp: at, CaptureLength: len(data), Length: len(data), InterfaceIndex: of,
	}, data, opts)
}

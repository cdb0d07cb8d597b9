package capture

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/gopacket/gopacket/reassembly"

	"haproxy/fanout/pcapng"
)

const (
	pagesMax       = 4096             // of 1,900 bytes that wait for lost segments, in all
	pagesPerStream = 128              // and of one stream
	flowsMax       = 4096             // TCP streams followed at a time
	sweepEvery     = 4096             // packets
	waitMax        = 10 * time.Second // for a lost segment, by the capture's clock
	idleMax        = time.Hour        // after which a stream is taken for closed
)

// packetSource is a capture of either format.
type packetSource interface {
	ReadPacketData() ([]byte, gopacket.CaptureInfo, error)
	LinkType() layers.LinkType
}

// isCapture reports whether a file begins as a capture.
func isCapture(magic []byte) bool {
	if len(magic) < 4 {
		return false
	}
	switch binary.LittleEndian.Uint32(magic) {
	case magicNg, 0xA1B2C3D4, 0xD4C3B2A1, 0xA1B23C4D, 0x4D3CB2A1:
		return true
	}
	return false
}

const magicNg = 0x0A0D0D0A // of pcapng, the same in either byte order

// packets reads a capture.
func (r *Reader) packets(in *bufio.Reader, magic []byte) error {
	source, nameOf, err := open(in, magic)
	if err != nil {
		return ofCapture(err)
	}
	r.stands = false
	r.section = func() pcapgo.NgSectionInfo { return pcapgo.NgSectionInfo{} }
	if of, ok := source.(*pcapgo.NgReader); ok {
		r.section = of.SectionInfo // of several in a file, the one that is read
	}
	if r.assembler == nil {
		r.assembler = reassembly.NewAssembler(reassembly.NewStreamPool(r))
		r.assembler.MaxBufferedPagesTotal, r.assembler.MaxBufferedPagesPerConnection = pagesMax, pagesPerStream
	}
	for r.stopped == nil {
		data, info, err := source.ReadPacketData()
		if err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return ofCapture(err)
		}
		r.sum.Packets++
		r.at = info.Timestamp
		link := source.LinkType()
		if len(info.AncillaryData) > 0 {
			if of, ok := info.AncillaryData[0].(layers.LinkType); ok {
				link = of
			}
		}
		if link == layers.LinkTypeIPv4 || link == layers.LinkTypeIPv6 {
			link = layers.LinkTypeRaw // which is either
		}
		r.packet(data, link, &packetContext{info: info, name: nameOf(info.InterfaceIndex)})
		if r.sum.Packets%sweepEvery == 0 {
			r.flush(func() {
				r.assembler.FlushWithOptions(reassembly.FlushOptions{
					T: info.Timestamp.Add(-waitMax), TC: info.Timestamp.Add(-idleMax),
				})
			})
		}
		r.release()
	}
	return nil
}

// open opens a capture of either format. The function gives the name of an interface.
func open(file *bufio.Reader, magic []byte) (packetSource, func(int) string, error) {
	nobody := func(int) string { return "" }
	in := newGuard(file, magic)
	if binary.LittleEndian.Uint32(magic) != magicNg {
		source, err := pcapgo.NewReader(in)
		return source, nobody, err
	}
	source, err := pcapgo.NewNgReader(in, pcapgo.NgReaderOptions{WantMixedLinkType: true, SkipUnknownVersion: true})
	if err != nil {
		return nil, nobody, err
	}
	return source, func(i int) string {
		if source.NInterfaces() < 2 {
			return "" // the name of a network card names no leg
		}
		of, err := source.Interface(i)
		if err != nil {
			return ""
		}
		return of.Name
	}, nil
}

// ofCapture gives an error of a capture its class.
func ofCapture(err error) error {
	var system interface{ Timeout() bool } // of files and pipes
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return ErrTruncated
	case errors.As(err, &system), errors.Is(err, ErrMalformed):
		return err
	default:
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
}

// packetContext is what reassembly keeps of a packet.
type packetContext struct {
	info gopacket.CaptureInfo
	name string // of the interface
	cut  bool   // but a beginning of it was captured
}

// GetCaptureInfo implements reassembly.AssemblerContext.
func (c *packetContext) GetCaptureInfo() gopacket.CaptureInfo { return c.info }

// packet gives one packet to reassembly.
func (r *Reader) packet(data []byte, link layers.LinkType, ctx *packetContext) {
	packet := gopacket.NewPacket(data, link, gopacket.DecodeOptions{NoCopy: true})
	tcp, ok := packet.Layer(layers.LayerTypeTCP).(*layers.TCP)
	if !ok || packet.NetworkLayer() == nil {
		if packet.ErrorLayer() != nil {
			r.sum.Ignored++
		}
		return
	}
	if port := layers.TCPPort(r.opts.Port); port != 0 && tcp.SrcPort != port && tcp.DstPort != port {
		return
	}
	if _, standing := pcapng.Stands(r.section(), ctx.name); standing {
		r.stands = true
	} else {
		r.spoke[r.recorded(ctx.name)] = true
	}
	if ctx.cut = packet.Metadata().Truncated; ctx.cut {
		r.cut++
	}
	r.assembler.AssembleWithContext(packet.NetworkLayer().NetworkFlow(), tcp, ctx)
}

// recorded names an interface of the record that is read.
func (r *Reader) recorded(name string) string { return r.section().Comment + "\x00" + name }

// New implements reassembly.StreamFactory.
func (r *Reader) New(net, transport gopacket.Flow, _ *layers.TCP, ctx reassembly.AssemblerContext) reassembly.Stream {
	name := ""
	if of, ok := ctx.(*packetContext); ok {
		name = of.name
	}
	of, standing := pcapng.Stands(r.section(), name)
	switch {
	case standing && r.spoke[r.recorded(of)]: // the capture goes on from one that was read
		return &stream{flow: &flow{reader: r, dead: true}}
	case r.flows >= flowsMax:
		r.sum.Ignored++
		return &stream{flow: &flow{reader: r, dead: true}}
	}
	r.flows++
	f := r.newFlow(name, recordedAs(r.section(), r.candidates), [2]string{
		address(net.Src(), transport.Src()), address(net.Dst(), transport.Dst()),
	})
	if standing {
		f.standing = of
	}
	return &stream{flow: f, counted: true}
}

func address(host, port gopacket.Endpoint) string {
	if host.EndpointType() == layers.EndpointIPv6 {
		return "[" + host.String() + "]:" + port.String()
	}
	return host.String() + ":" + port.String()
}

// stream is a TCP stream that is reassembled.
type stream struct {
	flow    *flow
	counted bool // among those followed
	began   bool // bytes came
	seen    bool // a packet came
}

// side returns the index of the side that sends in a direction: 0 is the one that was seen first.
func side(dir reassembly.TCPFlowDirection) int {
	if dir == reassembly.TCPDirClientToServer {
		return 0
	}
	return 1
}

// Accept implements reassembly.Stream. A stream may begin amid its life.
func (s *stream) Accept(tcp *layers.TCP, _ gopacket.CaptureInfo, dir reassembly.TCPFlowDirection,
	_ reassembly.Sequence, start *bool, ctx reassembly.AssemblerContext,
) bool {
	if s.flow.dead {
		return false
	}
	if of, ok := ctx.(*packetContext); ok && of.cut {
		s.flow.inPart++
	}
	if tcp.SYN && !tcp.ACK {
		s.flow.caller = side(dir)
	} else if tcp.SYN {
		s.flow.caller = 1 - side(dir)
	}
	if !s.seen {
		s.seen, s.flow.midway = true, !tcp.SYN
		s.flow.amid = s.flow.midway && !s.flow.reader.stands
		s.flow.greets = !s.flow.midway && s.flow.standing == ""
	}
	*start = true
	return true
}

// ReassembledSG implements reassembly.Stream.
func (s *stream) ReassembledSG(sg reassembly.ScatterGather, _ reassembly.AssemblerContext) {
	length, _ := sg.Lengths()
	dir, start, _, skip := sg.Info()
	r := s.flow.reader
	if skip > 0 || skip < 0 && s.began && !start {
		r.sum.Gaps++
		r.sum.Missing += uint64(max(skip, 0))
		s.flow.gap(side(dir))
	}
	if length == 0 || s.flow.dead {
		return
	}
	if !s.began {
		s.began = true
		r.sum.Streams++
	}
	s.flow.bytes(side(dir), sg.Fetch(length), sg.CaptureInfo(length-1).Timestamp)
}

// ReassemblyComplete implements reassembly.Stream.
func (s *stream) ReassemblyComplete(reassembly.AssemblerContext) bool {
	s.flow.end()
	if r := s.flow.reader; s.flow.leg != nil && r.opts.Ended != nil && !r.ended {
		s.flow.packet = r.sum.Packets
		r.message(s.flow, 0, nil, r.at)
	}
	if s.counted {
		s.flow.reader.flows--
	}
	return true
}

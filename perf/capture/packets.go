package capture

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"haproxy/fanout/pcapng"
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

// isCompressed reports whether a file begins as those do that gzip, zstd and lz4 make, in which captures are kept.
func isCompressed(magic []byte) bool {
	for _, begins := range []string{"\x1F\x8B\x08", "\x28\xB5\x2F\xFD", "\x04\x22\x4D\x18"} {
		if bytes.HasPrefix(magic, []byte(begins)) {
			return true
		}
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
	for r.stopped == nil {
		data, info, err := source.ReadPacketData()
		if err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return ofCapture(err)
		}
		r.sum.Packets++
		if year := info.Timestamp.UTC().Year(); year < 1 || year > 9999 {
			info.Timestamp = r.at // no clock says so, and no format has room for it
		}
		if r.newest.Sub(info.Timestamp) > time.Second && !pcapng.Made(r.section()) { // of whose runs each has a clock
			r.sum.Back++
		} else if info.Timestamp.After(r.newest) {
			r.newest = info.Timestamp
		}
		r.at = info.Timestamp
		link := source.LinkType()
		if len(info.AncillaryData) > 0 {
			if of, ok := info.AncillaryData[0].(layers.LinkType); ok {
				link = of
			}
		}
		switch link {
		case layers.LinkTypeIPv4, layers.LinkTypeIPv6, rawOfBSD, rawOfOpenBSD:
			link = layers.LinkTypeRaw // which is either
		default:
		}
		r.packet(data, link, info.Timestamp, nameOf(info.InterfaceIndex))
		r.giveUpLost(r.at)
		r.release()
	}
	return nil
}

// What some systems write for IP without a header below it.
const (
	rawOfBSD     layers.LinkType = 12
	rawOfOpenBSD layers.LinkType = 14
)

// Began returns when a capture begins, which its first packet tells: zero where it has none, as the newest of a ring.
// It reports false for what is no capture.
func Began(in io.Reader) (time.Time, bool) {
	buffered := bufio.NewReader(in)
	magic, err := buffered.Peek(4)
	if len(magic) == 0 && errors.Is(err, io.EOF) {
		return time.Time{}, true
	}
	if err != nil || !isCapture(magic) {
		return time.Time{}, false
	}
	source, _, err := open(buffered, magic)
	if err != nil {
		return time.Time{}, false
	}
	_, info, err := source.ReadPacketData()
	return info.Timestamp, err == nil || errors.Is(err, io.EOF)
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

// nestedMax bounds the tunnels of a packet that are each in fragments.
const nestedMax = 4

// packet takes the TCP segment of a packet, in the innermost of what carries it.
func (r *Reader) packet(data []byte, link layers.LinkType, at time.Time, name string) {
	packet := gopacket.NewPacket(data, link, gopacket.DecodeOptions{NoCopy: true})
	tcp, ends := innermost(packet, gopacket.Flow{})
	for range nestedMax {
		key, part, inPart := fragmentOf(packet)
		if tcp != nil || !inPart {
			break
		}
		if packet.Metadata().Truncated {
			r.cut++
		}
		whole, lost := r.fragments.join(key, part, at)
		if r.sum.Ignored += lost; whole == nil {
			return
		}
		packet = gopacket.NewPacket(whole, key.protocol.LayerType(), gopacket.DecodeOptions{NoCopy: true})
		tcp, ends = innermost(packet, key.hosts)
	}
	if tcp == nil {
		if packet.ErrorLayer() != nil {
			r.sum.Ignored++
		}
		return
	}
	if port := layers.TCPPort(r.opts.Port); port != 0 && tcp.SrcPort != port && tcp.DstPort != port {
		return
	}
	s := &segment{from: ends[0], to: ends[1], tcp: tcp, at: at, cut: packet.Metadata().Truncated}
	if section := r.section(); pcapng.Made(section) { // else the name is that of a network card
		s.name, s.record = name, section.Comment
		if of, stands := pcapng.Stands(section, name); stands {
			r.stands, s.standing = true, of
		} else {
			r.spoke[interfaceOf{s.record, name}] = true
		}
	}
	if s.cut {
		r.cut++
	}
	r.segment(s)
}

// innermost returns the TCP layer of a packet between hosts, with the ends that the layer below it names; nil where it
// has none.
func innermost(packet gopacket.Packet, hosts gopacket.Flow) (tcp *layers.TCP, ends [2]netip.AddrPort) {
	for _, layer := range packet.Layers() {
		switch l := layer.(type) {
		case gopacket.NetworkLayer:
			hosts = l.NetworkFlow()
		case *layers.TCP:
			from, ok := netip.AddrFromSlice(hosts.Src().Raw())
			to, also := netip.AddrFromSlice(hosts.Dst().Raw())
			if ok && also {
				tcp = l
				ends = [2]netip.AddrPort{
					netip.AddrPortFrom(from, uint16(l.SrcPort)), netip.AddrPortFrom(to, uint16(l.DstPort)),
				}
			}
		}
	}
	return tcp, ends
}

// interfaceOf is an interface of a record.
type interfaceOf struct{ record, name string }

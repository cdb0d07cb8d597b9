package capture

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
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

// file is a capture that is read packet by packet.
type file struct {
	packetSource
	nameOf    func(index int) string // of an interface
	section   func() pcapgo.NgSectionInfo
	stands    bool // it begins by what stands, between two messages of each leg
	packets   uint64
	streams   int  // that had their first bytes in it
	undecided int  // of these, those whose protocol is not known yet
	spoke     bool // a leg did
	data      []byte
	info      gopacket.CaptureInfo // of data, the packet that is read
	at        time.Time            // when that was captured
	back      bool                 // it is a second older than one before it
	newest    time.Time            // of its packets, and those of the files before it
}

// next reads the next packet. The error is io.EOF behind the last, else one of a capture.
func (f *file) next() error {
	data, info, err := f.ReadPacketData()
	if err != nil {
		if errors.Is(err, io.EOF) {
			return io.EOF
		}
		return ofCapture(err)
	}
	f.data, f.info = data, info
	if year := info.Timestamp.UTC().Year(); year >= 1 && year <= 9999 { // else no clock says so: as the one before
		f.at = info.Timestamp
	}
	f.back = f.newest.Sub(f.at) > time.Second && !pcapng.Made(f.section()) // of whose runs each has a clock
	if f.at.After(f.newest) {
		f.newest = f.at
	}
	return nil
}

// link returns the layer that the packet begins with.
func (f *file) link() layers.LinkType {
	link := f.LinkType()
	if len(f.info.AncillaryData) > 0 {
		if of, ok := f.info.AncillaryData[0].(layers.LinkType); ok {
			link = of
		}
	}
	switch link {
	case layers.LinkTypeIPv4, layers.LinkTypeIPv6, rawOfBSD, rawOfOpenBSD:
		return layers.LinkTypeRaw // which is either
	default:
		return link
	}
}

// What some systems write for IP without a header below it.
const (
	rawOfBSD     layers.LinkType = 12
	rawOfOpenBSD layers.LinkType = 14
)

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

// open opens a capture of either format, which goes on from others whose newest packet is given.
func open(in *bufio.Reader, magic []byte, newest time.Time) (*file, error) {
	f := &file{
		nameOf:  func(int) string { return "" },
		section: func() pcapgo.NgSectionInfo { return pcapgo.NgSectionInfo{} },
		at:      newest, newest: newest,
	}
	var err error
	guarded := newGuard(in, magic)
	if binary.LittleEndian.Uint32(magic) != magicNg {
		f.packetSource, err = pcapgo.NewReader(guarded)
		return f, ofCapture(err)
	}
	ng, err := pcapgo.NewNgReader(guarded, pcapgo.NgReaderOptions{WantMixedLinkType: true, SkipUnknownVersion: true})
	if err != nil {
		return nil, ofCapture(err)
	}
	f.packetSource, f.section = ng, ng.SectionInfo // of several in a file, the one that is read
	f.nameOf = func(i int) string {
		if ng.NInterfaces() < 2 {
			return "" // the name of a network card names no leg
		}
		of, err := ng.Interface(i)
		if err != nil {
			return ""
		}
		return of.Name
	}
	return f, nil
}

// ofCapture gives an error of a capture its class; nil for none.
func ofCapture(err error) error {
	var system interface{ Timeout() bool } // of files and pipes
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return ErrTruncated
	case errors.As(err, &system), errors.Is(err, ErrMalformed):
		return err
	default:
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
}

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
	f, err := open(buffered, magic, time.Time{})
	if err != nil {
		return time.Time{}, false
	}
	err = f.next()
	return f.at, err == nil || errors.Is(err, io.EOF)
}

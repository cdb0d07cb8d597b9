package capture

import (
	"encoding/binary"
	"fmt"
	"io"
)

// guard passes a capture on and looks at the lengths in it first, since its reader makes room for a packet before
// the packet is there.
//
//	pcap    header of 24 octets; then records: time 8, length in the file 4, length on the wire 4, packet
//	pcapng  blocks: type 4, length of all 4, body, length of all 4; a section header's body begins with its byte order
type guard struct {
	in         io.Reader
	order      binary.ByteOrder
	ng         bool
	head       []byte // of the record or block that begins, as far as it came
	headLen    int    // of which so much is needed
	left       int    // octets of it that pass unseen
	interfaces int
	err        error
}

const (
	packetMax     = 1 << 20 // octets of one packet, or block
	interfacesMax = 1 << 12
	pcapHeader    = 24
	recordHeader  = 16
	blockHeader   = 12 // with the byte order of a section header
	byteOrderNg   = 0x1A2B3C4D
	blockOfCard   = 1 // of pcapng: an interface
)

func newGuard(in io.Reader, magic []byte) *guard {
	g := &guard{in: in, order: binary.LittleEndian, headLen: blockHeader}
	if first := binary.LittleEndian.Uint32(magic); first == magicNg {
		g.ng = true
		return g
	} else if first == 0xD4C3B2A1 || first == 0x4D3CB2A1 {
		g.order = binary.BigEndian
	}
	g.left, g.headLen = pcapHeader, recordHeader
	return g
}

// Read implements io.Reader.
func (g *guard) Read(b []byte) (int, error) {
	if g.err != nil {
		return 0, g.err
	}
	n, err := g.in.Read(b)
	for rest := b[:n]; len(rest) > 0; {
		if pass := min(g.left, len(rest)); pass > 0 {
			g.left, rest = g.left-pass, rest[pass:]
			continue
		}
		need := min(g.headLen-len(g.head), len(rest))
		g.head, rest = append(g.head, rest[:need]...), rest[need:]
		if len(g.head) == g.headLen {
			if g.err = g.judge(); g.err != nil {
				return n - len(rest), g.err
			}
			g.head = g.head[:0]
		}
	}
	return n, err
}

// judge looks at the head of a record or block.
func (g *guard) judge() error {
	if !g.ng {
		length := g.order.Uint32(g.head[8:])
		g.left = int(length)
		return tooLong(length)
	}
	kind := g.order.Uint32(g.head)
	if kind == magicNg {
		g.order = binary.LittleEndian
		if binary.BigEndian.Uint32(g.head[8:]) == byteOrderNg {
			g.order = binary.BigEndian
		}
		g.interfaces = 0
	}
	length := g.order.Uint32(g.head[4:])
	if length < blockHeader {
		return fmt.Errorf("%w: a block of %d octets", ErrMalformed, length)
	}
	if kind == blockOfCard {
		if g.interfaces++; g.interfaces > interfacesMax {
			return fmt.Errorf("%w: more than %d interfaces", ErrMalformed, interfacesMax)
		}
	}
	g.left = int(length) - blockHeader
	switch kind {
	case magicNg, blockOfCard, oldPacket, simplePacket, names, statistics, enhancedPacket:
		return tooLong(length)
	default:
		return nil // it is passed over, and no room made for it
	}
}

// The blocks of pcapng that its reader takes in whole.
const (
	oldPacket      = 2
	simplePacket   = 3
	names          = 4
	statistics     = 5
	enhancedPacket = 6
)

func tooLong(length uint32) error {
	if length > packetMax {
		return fmt.Errorf("%w: a packet of %d octets", ErrMalformed, length)
	}
	return nil
}

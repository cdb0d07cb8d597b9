package frame

import (
	"encoding/binary"
	"fmt"
)

// The header of Siemens HiPath:
//
//	byte 0    26           the message class "system_application"
//	byte 1-2  C LLLLLLL LLLLLLLL   length of what follows, big-endian, 15 bits;
//	                       C set: the message is complete with these bytes,
//	                       C clear: a segment, more of the message follows under a header of its own
//	byte 3-   one BER PDU, or a piece of one
//
// The segments of a message are joined and handed out as one frame with one header, as if the
// message had come complete; so its PDU has hipathMax bytes at most, whatever frame_max says.
const (
	hipathHeader   = 3
	hipathClass    = 0x26
	hipathComplete = 0x8000
	hipathMax      = 0x7FFF
)

// putHiPath26 writes the header of a complete PDU of n bytes.
func putHiPath26(header []byte, n int) {
	header[0] = hipathClass
	binary.BigEndian.PutUint16(header[1:], hipathComplete|uint16(n))
}

// hipath26 returns the length of the frame or segment at the start of b, or how many bytes are
// needed to tell. Together with the segments before it, it stays within the bound.
func (s *Splitter) hipath26(b []byte) (n, need int, err error) {
	if len(b) > 0 && b[0] != hipathClass {
		return 0, 0, s.unlike(b[0], "26, the class of HiPath's messages")
	}
	if len(b) < hipathHeader {
		return 0, hipathHeader, nil
	}
	field := binary.BigEndian.Uint16(b[1:])
	n = int(field &^ hipathComplete)
	if n == 0 && (field == 0 || len(s.joined) == 0) {
		return 0, 0, s.fail(ErrLength, "length 0")
	}
	most, whole := min(s.frameMax, hipathMax), n+max(len(s.joined)-hipathHeader, 0)
	if whole > most {
		return 0, 0, s.fail(ErrLength, fmt.Sprintf("%d bytes with the segments before exceed %d, the least "+
			"of frame_max and what one header can say", whole, most))
	}
	return n + hipathHeader, 0, nil
}

// rejoin takes a frame or segment that was cut and returns the message if it is complete. Joined
// messages have memory of their own, since several of one read have to stay valid.
func (s *Splitter) rejoin(f []byte) []byte {
	complete := f[1]&(hipathComplete>>8) != 0
	if len(s.joined) == 0 {
		if complete {
			return f
		}
		s.joined = append(s.joined, f...)
		return nil
	}
	s.joined = append(s.joined, f[hipathHeader:]...)
	if !complete {
		return nil
	}
	whole := s.joined
	s.joined = nil
	putHiPath26(whole, len(whole)-hipathHeader)
	return whole
}

package frame

import (
	"encoding/binary"
	"fmt"
)

// The header of TPKT (RFC 1006, 6), with a PDU instead of a TPDU:
//
//	byte 0    03           version
//	byte 1    00           reserved
//	byte 2-3  length       big-endian, unsigned, of the whole frame, these 4 bytes included
//	byte 4-   one BER PDU
const (
	tpktHeader  = 4
	tpktVersion = 3
)

// tpkt returns the length of the frame at the start of b, or how many bytes are needed to tell.
func (s *Splitter) tpkt(b []byte) (n, need int, err error) {
	switch {
	case len(b) > 0 && b[0] != tpktVersion:
		return 0, 0, s.unlike(b[0], "03, the version of TPKT")
	case len(b) > 1 && b[1] != 0:
		return 0, 0, s.fail(ErrHeader, fmt.Sprintf("first bytes % x are not 03 00", b[:2]))
	case len(b) < tpktHeader:
		return 0, tpktHeader, nil
	}
	n = int(binary.BigEndian.Uint16(b[2:]))
	if n <= tpktHeader {
		return 0, 0, s.fail(ErrLength, fmt.Sprintf("length %d leaves nothing behind the header", n))
	}
	if n-tpktHeader > s.frameMax {
		return 0, 0, s.fail(ErrLength,
			fmt.Sprintf("%d bytes exceed frame_max %d", n-tpktHeader, s.frameMax))
	}
	return n, 0, nil
}

// unlike tells the first byte of a header from the one that is due, and names what it looks like.
func (s *Splitter) unlike(got byte, due string) error {
	switch {
	case got == 0x16:
		return s.fail(ErrForeign, foreignTLS)
	case letter(got):
		return s.fail(ErrForeign, foreignText([]byte{got}))
	default:
		return s.fail(ErrHeader, fmt.Sprintf("first byte %02x is not %s", got, due))
	}
}

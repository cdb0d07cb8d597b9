package frame

import (
	"encoding/binary"
	"fmt"

	"haproxy/codec/csta"
)

// The header of ECMA-323 over TCP (annex G, later J):
//
//	byte 0-1  00 00        plain XML follows
//	byte 2-3  length       big-endian, unsigned, of the whole frame, these 8 bytes included
//	byte 4-7  invoke ID    four ASCII digits
//	byte 8-   XML
const (
	// ECMA323HeaderLen is the length of the header in bytes.
	ECMA323HeaderLen = 8
	// ECMA323Max is the length of the longest frame, header included.
	ECMA323Max = 65535
	// ECMA323EventID is the invoke ID of messages that get no answer.
	ECMA323EventID csta.InvokeID = 9999
)

// PutECMA323 writes the header of a frame of total bytes into its first eight bytes. total is at
// most ECMA323Max and id is 0 to 9999.
func PutECMA323(header []byte, total int, id csta.InvokeID) {
	header[0], header[1] = 0, 0
	binary.BigEndian.PutUint16(header[2:], uint16(total))
	for i := 7; i >= 4; i-- {
		header[i] = '0' + byte(id%10)
		id /= 10
	}
}

// ECMA323InvokeID reads the invoke ID of a frame that the splitter passed.
func ECMA323InvokeID(frame []byte) csta.InvokeID {
	id := csta.InvokeID(0)
	for _, digit := range frame[4:8] {
		id = id*10 + csta.InvokeID(digit-'0')
	}
	return id
}

// ecma323 returns the length of the frame at the start of b, or how many bytes are needed to tell.
func (s *Splitter) ecma323(b []byte) (n, need int, err error) {
	if len(b) < ECMA323HeaderLen || b[0] != 0 || b[1] != 0 {
		return 0, ECMA323HeaderLen, s.refuseForeign(b)
	}
	n = int(binary.BigEndian.Uint16(b[2:]))
	if n < ECMA323HeaderLen {
		return 0, 0, s.fail(ErrLength, fmt.Sprintf("length %d is below the header's own %d", n, ECMA323HeaderLen))
	}
	if n-ECMA323HeaderLen > s.frameMax {
		return 0, 0, s.fail(ErrLength,
			fmt.Sprintf("%d bytes exceed frame_max %d", n-ECMA323HeaderLen, s.frameMax))
	}
	for _, digit := range b[4:8] {
		if digit < '0' || digit > '9' {
			return 0, 0, s.fail(ErrHeader, fmt.Sprintf("invoke ID % x is not four digits", b[4:8]))
		}
	}
	return n, 0, nil
}

// refuseForeign tells a first byte that no ECMA-323 frame has, and names what it looks like.
func (s *Splitter) refuseForeign(b []byte) error {
	switch {
	case len(b) == 0 || b[0] == 0 && (len(b) == 1 || b[1] == 0):
		return nil
	case b[0] == 0x16:
		return s.fail(ErrForeign, foreignTLS)
	case letter(b[0]):
		return s.fail(ErrForeign, fmt.Sprintf("text (%q), perhaps HTTP", b[:min(len(b), 8)]))
	case b[0] == 1:
		return s.fail(ErrForeign, "the SOAP form of ECMA-323, which is not supported")
	default:
		return s.fail(ErrHeader, fmt.Sprintf("first bytes % x are not 00 00", b[:min(len(b), 2)]))
	}
}

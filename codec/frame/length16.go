package frame

import (
	"encoding/binary"
	"fmt"
)

// The header of the ASN.1 links of several vendors, bare (Length16) or behind a preamble (OXE):
//
//	byte 0-1  length       big-endian, unsigned, these two bytes not included
//	byte 2-   PDU          one BER value: ACSE (60 to 64) or ROSE (A1 to A4)
const length16Header = 2

// length16 returns the length of the frame at the start of b, or how many bytes are needed to tell.
// The header has no mark of its own, so a stream is also judged by the first byte of its first PDU.
func (s *Splitter) length16(b []byte) (n, need int, err error) {
	if len(b) < length16Header {
		return 0, length16Header, nil
	}
	n = int(binary.BigEndian.Uint16(b))
	if n == 0 {
		return 0, 0, s.fail(ErrLength, "length 0; 00 00 would begin a frame of ECMA-323 (XML)")
	}
	if s.offset == s.start {
		if len(b) <= length16Header {
			return 0, length16Header + 1, nil
		}
		if what := foreign(b); what != "" {
			return 0, 0, s.fail(ErrForeign, what)
		}
	}
	if n > s.frameMax {
		return 0, 0, s.fail(ErrLength, fmt.Sprintf("%d bytes exceed frame_max %d", n, s.frameMax))
	}
	return n + length16Header, 0, nil
}

// foreign says what the first three bytes of a stream look like, if they are those of another
// protocol: TLS, or text. Read as a length, text would promise 8,224 bytes and more, which no first
// message of a link has.
func foreign(b []byte) string {
	switch {
	case b[0] == 0x16 && b[1] == 3 && b[2] <= 4:
		return foreignTLS
	case printable(b[0]) && printable(b[1]) && printable(b[2]):
		return foreignText(b)
	default:
		return ""
	}
}

const foreignTLS = "a TLS handshake; this port is plain TCP"

func foreignText(b []byte) string {
	return fmt.Sprintf("text (%q), perhaps HTTP", b[:min(len(b), 3)])
}

func printable(c byte) bool { return c >= ' ' && c < 0x7F }

// letter tells the first byte of a text protocol from that of a binary header.
func letter(c byte) bool { return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }

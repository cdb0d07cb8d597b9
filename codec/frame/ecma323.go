package frame

import (
	"encoding/binary"

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

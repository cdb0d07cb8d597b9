package frame

import (
	"encoding/binary"
	"fmt"

	"haproxy/codec"
)

// Begin appends room for a header to dst. The PDU is appended behind it, then Finish writes the
// header:
//
//	start := len(dst)
//	dst = f.Begin(dst)
//	dst = append(dst, pdu...)
//	err := f.Finish(dst, start)
func (f Framing) Begin(dst []byte) []byte {
	const room = "\x00\x00\x00\x000000" // that of ECMA-323, with the digits of its invoke ID
	return append(dst, room[:framings[f].header]...)
}

// Finish writes the header of the frame that begins at start and ends with dst. It fails with
// codec.ErrTooLong, and writes nothing, where the PDU is longer than the framing's length field can
// say: a length is never cut off. Of ECMA-323 it leaves the invoke ID as it is (see PutECMA323).
func (f Framing) Finish(dst []byte, start int) error {
	header, n := dst[start:], len(dst)-start-framings[f].header
	if n > framings[f].max {
		return fmt.Errorf("%w: %d bytes, %s holds %d", codec.ErrTooLong, n, f, framings[f].max)
	}
	switch f {
	case ECMA323:
		header[0], header[1] = 0, 0
		binary.BigEndian.PutUint16(header[2:], uint16(len(header)))
	case Length16, OXE:
		binary.BigEndian.PutUint16(header, uint16(n))
	case HiPath26:
		putHiPath26(header, n)
	case TPKT:
		header[0], header[1] = tpktVersion, 0
		binary.BigEndian.PutUint16(header[2:], uint16(len(header)))
	case BER:
	}
	return nil
}

package frame

import (
	"errors"
	"fmt"
)

// Framing is how messages are delimited on a TCP stream.
type Framing uint8

// The framings.
const (
	// ECMA323 is the 8-byte header of ECMA-323: 00 00, a 16-bit length of the whole frame, and a
	// four-digit invoke ID.
	ECMA323 Framing = iota + 1
	// Length16 is a 16-bit length, its own two bytes not counted.
	Length16
	// OXE is Length16 behind a preamble: each side sends one raw byte when the socket is open.
	OXE
	// HiPath26 is the byte 26 and a 15-bit length whose top bit says that the message is complete.
	HiPath26
	// TPKT is the header of RFC 1006: 03 00 and a 16-bit length, these four bytes included.
	TPKT
	// BER has no header: each PDU is delimited by its own tag and length.
	BER
)

// berMax bounds the PDUs of the framing that has no length field of its own.
const berMax = 16 << 20

// framings are what is fixed for each framing: its name, header and longest PDU in bytes.
var framings = [...]struct {
	name   string
	header int
	max    int
}{
	ECMA323:  {"ecma323", ECMA323HeaderLen, ECMA323Max - ECMA323HeaderLen},
	Length16: {"length16", length16Header, 0xFFFF},
	OXE:      {"oxe", length16Header, 0xFFFF},
	HiPath26: {"hipath26", hipathHeader, hipathMax},
	TPKT:     {"tpkt", tpktHeader, 0xFFFF - tpktHeader},
	BER:      {"ber", 0, berMax},
}

// ParseFraming returns the framing of a name as String gives it.
func ParseFraming(name string) (Framing, bool) {
	for f := ECMA323; int(f) < len(framings); f++ {
		if framings[f].name == name {
			return f, true
		}
	}
	return 0, false
}

// String returns the name that the configuration has for the framing.
func (f Framing) String() string {
	if int(f) >= len(framings) {
		return ""
	}
	return framings[f].name
}

// HeaderLen returns the length of the framing's header in bytes.
func (f Framing) HeaderLen() int { return framings[f].header }

// MaxPDU returns the length of the longest PDU that the framing carries, its header not counted. It
// bounds frame_max.
func (f Framing) MaxPDU() int { return framings[f].max }

// PDU returns a frame of the framing without its header. The frame is one that the splitter passed;
// one shorter than its header has an empty PDU.
func (f Framing) PDU(frame []byte) []byte { return frame[min(framings[f].header, len(frame)):] }

// The faults of a stream that cannot be cut into frames. The leg is beyond repair.
var (
	// ErrFraming is what every StreamError is.
	ErrFraming = errors.New("stream cannot be framed")
	// ErrLength is a length below the header's or above the bound of the leg.
	ErrLength = errors.New("frame length out of bounds")
	// ErrForeign is another protocol on this port.
	ErrForeign = errors.New("another protocol on this port")
	// ErrHeader is a header that is not one.
	ErrHeader = errors.New("malformed frame header")
)

// StreamError says why a stream cannot be framed.
type StreamError struct {
	Offset int64 // bytes from the start of the stream to the header at fault
	Err    error // ErrLength, ErrForeign or ErrHeader
	Reason string
}

// Error returns one line that a log can carry.
func (e *StreamError) Error() string {
	return fmt.Sprintf("%v at byte %d: %s", e.Err, e.Offset, e.Reason)
}

// Is makes every StreamError an ErrFraming.
func (e *StreamError) Is(target error) bool { return target == ErrFraming }

// Unwrap returns the kind of fault.
func (e *StreamError) Unwrap() error { return e.Err }

package frame

import (
	"errors"
	"fmt"
)

// Framing is how messages are delimited on a TCP stream.
type Framing uint8

// The framings. Those of the ASN.1 links join them here.
const (
	// ECMA323 is the 8-byte header of ECMA-323: 00 00, a 16-bit length of the whole frame, and a
	// four-digit invoke ID.
	ECMA323 Framing = iota + 1
)

// HeaderLen returns the length of the framing's header in bytes.
func (f Framing) HeaderLen() int { return ECMA323HeaderLen }

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

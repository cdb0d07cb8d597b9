package codec

import (
	"errors"
	"fmt"
)

// The reasons a frame or message is refused. A decision is made with errors.Is.
var (
	// ErrSyntax is what every SyntaxError is.
	ErrSyntax = errors.New("malformed message")
	// ErrDepth is nesting beyond MaxDepth.
	ErrDepth = errors.New("nested too deep")
	// ErrDTD is a document type definition, which is always refused.
	ErrDTD = errors.New("document type definition refused")
	// ErrUTF8 is text that is not UTF-8.
	ErrUTF8 = errors.New("invalid UTF-8")
	// ErrUnsupported is a message that the encoding or the phase cannot express.
	ErrUnsupported = errors.New("not expressible in this protocol")
	// ErrTooLong is a frame longer than its framing can carry.
	ErrTooLong = errors.New("message too long for its framing")
	// ErrNoField is a rewrite of an identifier that the frame does not have.
	ErrNoField = errors.New("no such identifier in the message")
)

// MaxDepth bounds the nesting of a message's elements, in levels.
const MaxDepth = 64

// SyntaxError says where in a frame and in which element the decoding failed.
type SyntaxError struct {
	Offset  int    // bytes from the start of the frame, its framing header included
	Element string // the element or tag being read; may be empty
	Err     error  // ErrSyntax or one of the narrower reasons
	Reason  string // what was expected
}

// Error returns one line that a log can carry.
func (e *SyntaxError) Error() string {
	s := fmt.Sprintf("%v at byte %d", e.Err, e.Offset)
	if e.Element != "" {
		s += " in " + e.Element
	}
	if e.Reason != "" {
		s += ": " + e.Reason
	}
	return s
}

// Is makes every SyntaxError an ErrSyntax.
func (e *SyntaxError) Is(target error) bool { return target == ErrSyntax }

// Unwrap returns the reason.
func (e *SyntaxError) Unwrap() error { return e.Err }

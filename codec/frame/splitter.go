package frame

import (
	"encoding/binary"
	"fmt"
)

// Splitter cuts the byte stream of one direction of one leg into frames. It keeps the bytes of an
// unfinished frame, never more than one frame's worth, and grows with what arrived, not with what a
// length field promises.
type Splitter struct {
	framing  Framing
	frameMax int    // of one PDU without its header, bytes
	chunk    []byte // what Feed brought and Next has not cut
	carry    []byte // an unfinished frame of earlier chunks
	spare    []byte // the frame last completed from a carry: it stays valid while carry fills anew
	offset   int64  // stream position of the next frame
	fault    *StreamError
}

// NewSplitter returns a splitter for streams of the framing whose PDUs have at most frameMax bytes,
// the framing header not counted.
func NewSplitter(framing Framing, frameMax int) *Splitter {
	return &Splitter{framing: framing, frameMax: frameMax}
}

// Feed gives the splitter the bytes of one read. They are borrowed until Next has returned nil. The
// frames cut from them are slices of chunk, in its order and adjacent, but for a first one that
// earlier chunks began. All of them stay valid until the next Feed, if chunk does.
func (s *Splitter) Feed(chunk []byte) { s.chunk = chunk }

// Partial returns how many bytes of an unfinished frame are kept.
func (s *Splitter) Partial() int { return len(s.carry) }

// Next returns the next whole frame, or nil when more bytes are needed. An error is a *StreamError,
// lasts, and leaves nothing to be cut: the leg has to be closed.
func (s *Splitter) Next() ([]byte, error) {
	if s.fault != nil {
		return nil, s.fault
	}
	if len(s.carry) > 0 {
		return s.join()
	}
	n, err := s.size(s.chunk)
	if err != nil {
		return nil, err
	}
	if n == 0 || n > len(s.chunk) {
		s.carry = append(s.carry, s.chunk...)
		s.chunk = nil
		return nil, nil
	}
	f := s.chunk[:n]
	s.chunk = s.chunk[n:]
	s.offset += int64(n)
	return f, nil
}

// join completes the carried frame from the chunk.
func (s *Splitter) join() ([]byte, error) {
	for {
		n, err := s.size(s.carry)
		if err != nil {
			return nil, err
		}
		want := n - len(s.carry)
		if n == 0 {
			want = s.framing.HeaderLen() - len(s.carry)
		}
		if want == 0 {
			s.offset += int64(n)
			s.carry, s.spare = s.spare[:0], s.carry
			return s.spare, nil
		}
		if len(s.chunk) == 0 {
			return nil, nil
		}
		take := min(want, len(s.chunk))
		s.carry = append(s.carry, s.chunk[:take]...)
		s.chunk = s.chunk[take:]
	}
}

// size returns the length of the frame at the start of b, header included, or 0 while the header is
// not complete. What is there of the header is checked.
func (s *Splitter) size(b []byte) (int, error) {
	if err := s.refuseForeign(b); err != nil {
		return 0, err
	}
	if len(b) < ECMA323HeaderLen {
		return 0, nil
	}
	n := int(binary.BigEndian.Uint16(b[2:]))
	if n < ECMA323HeaderLen {
		return 0, s.fail(ErrLength,
			fmt.Sprintf("length %d is below the header's own %d", n, ECMA323HeaderLen))
	}
	if n-ECMA323HeaderLen > s.frameMax {
		return 0, s.fail(ErrLength,
			fmt.Sprintf("%d bytes exceed frame_max %d", n-ECMA323HeaderLen, s.frameMax))
	}
	for _, digit := range b[4:8] {
		if digit < '0' || digit > '9' {
			return 0, s.fail(ErrHeader, fmt.Sprintf("invoke ID % x is not four digits", b[4:8]))
		}
	}
	return n, nil
}

// refuseForeign tells a first byte that no ECMA-323 frame has, and names what it looks like.
func (s *Splitter) refuseForeign(b []byte) error {
	switch {
	case len(b) == 0 || b[0] == 0 && (len(b) == 1 || b[1] == 0):
		return nil
	case b[0] == 0x16:
		return s.fail(ErrForeign, "a TLS handshake; this port is plain TCP")
	case b[0] >= 'A' && b[0] <= 'Z' || b[0] >= 'a' && b[0] <= 'z':
		return s.fail(ErrForeign, fmt.Sprintf("text (%q), perhaps HTTP", b[:min(len(b), 8)]))
	case b[0] == 1:
		return s.fail(ErrForeign, "the SOAP form of ECMA-323, which is not supported")
	default:
		return s.fail(ErrHeader, fmt.Sprintf("first bytes % x are not 00 00", b[:min(len(b), 2)]))
	}
}

func (s *Splitter) fail(err error, reason string) error {
	s.fault = &StreamError{Offset: s.offset, Err: err, Reason: reason}
	s.chunk, s.carry, s.spare = nil, nil, nil
	return s.fault
}

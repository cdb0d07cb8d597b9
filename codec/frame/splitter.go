package frame

// Splitter cuts the byte stream of one direction of one leg into frames. It keeps the bytes of an
// unfinished frame, never more than one frame's worth, and grows with what arrived, not with what a
// length field promises.
type Splitter struct {
	framing  Framing
	frameMax int    // of one PDU without its header, bytes
	chunk    []byte // what Feed brought and Next has not cut
	carry    []byte // an unfinished frame of earlier chunks
	spare    []byte // the frame last completed from a carry: it stays valid while carry fills anew
	joined   []byte // HiPath26: a header and the segments of an unfinished message
	preamble []byte // what has to come before the first frame
	offset   int64  // stream position of the next frame
	start    int64  // stream position of the first frame, behind the preamble
	walk     berWalk
	fault    *StreamError
}

// NewSplitter returns a splitter for streams of the framing whose PDUs have at most frameMax bytes,
// the framing header not counted.
func NewSplitter(framing Framing, frameMax int) *Splitter {
	return &Splitter{framing: framing, frameMax: frameMax}
}

// Feed gives the splitter the bytes of one read. They are borrowed until Next has returned nil. The
// frames cut from them are slices of chunk, in its order and adjacent, but for a first one that
// earlier chunks began, and for those joined from segments. All of them stay valid until the next
// Feed, if chunk does.
func (s *Splitter) Feed(chunk []byte) {
	s.chunk = chunk
	if len(s.preamble) > 0 {
		s.dropPreamble()
	}
}

// Partial returns how many bytes of an unfinished frame are kept.
func (s *Splitter) Partial() int { return len(s.carry) + len(s.joined) }

// Next returns the next whole frame, or nil when more bytes are needed. An error is a *StreamError,
// lasts, and leaves nothing to be cut: the leg has to be closed.
func (s *Splitter) Next() ([]byte, error) {
	for s.fault == nil {
		f, err := s.cut()
		if f == nil || s.framing != HiPath26 {
			return f, err
		}
		if whole := s.rejoin(f); whole != nil {
			return whole, nil
		}
	}
	return nil, s.fault
}

// cut returns the next frame, or segment, that is whole.
func (s *Splitter) cut() ([]byte, error) {
	if len(s.carry) > 0 {
		return s.join()
	}
	n, _, err := s.size(s.chunk)
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
		n, need, err := s.size(s.carry)
		if err != nil {
			return nil, err
		}
		want := max(n, need) - len(s.carry)
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

// size returns the length of the frame at the start of b, header included, or, while that cannot be
// told, the number of bytes needed to go on. What is there of the header is checked.
func (s *Splitter) size(b []byte) (n, need int, err error) {
	switch s.framing {
	case ECMA323:
		return s.ecma323(b)
	case Length16, OXE:
		return s.length16(b)
	case HiPath26:
		return s.hipath26(b)
	case TPKT:
		return s.tpkt(b)
	default:
		return s.ber(b)
	}
}

// Measure returns the length of the frame, or segment, that b begins with, its header included; 0 while b is too
// short to tell. An error is a *StreamError: no frame of the framing, with at most frameMax bytes behind its header,
// begins so.
func Measure(framing Framing, frameMax int, b []byte) (int, error) {
	s := Splitter{framing: framing, frameMax: frameMax}
	n, _, err := s.size(b)
	return n, err
}

func (s *Splitter) fail(err error, reason string) error {
	s.fault = &StreamError{Offset: s.offset, Err: err, Reason: reason}
	s.chunk, s.carry, s.spare, s.joined = nil, nil, nil, nil
	return s.fault
}

package capture

import (
	"slices"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
)

// seeker finds where the next message of a side begins, of which it is not known where the last one ended. A message
// may come in several pieces. The zero value has seen nothing.
type seeker struct {
	carry []byte // from the first place on where a message may have begun whose end has not come
	open  []int  // these places in it; nothing begins elsewhere
}

const (
	anchorMax = 8192 // bytes that a message may have by which a stream is found again
	openMax   = 256  // places; further ones are passed over
)

// seek takes the next piece of a side, and returns what has come from the next message on, none while there is none
// that weighs so much, and how many bytes were passed over for good.
func (s *seeker) seek(c *candidate, of codec.Codec, msg *csta.Message, b []byte, least int, opts *Options,
) (rest []byte, passed int) {
	tried, before := len(s.carry), s.open
	if tried > 0 {
		b = append(s.carry, b...)
	}
	s.carry, s.open = nil, nil
	for i := range len(before) + len(b) - tried {
		at := tried + i - len(before)
		if i < len(before) {
			at = before[i]
		}
		f, refuted := c.frameAt(b[at:], opts)
		switch {
		case f != nil && weight(msg, of.Decode(msg, f)) >= least:
			s.open = nil
			return b[at:], at
		case f == nil && !refuted && len(b)-at < anchorMax && len(s.open) < openMax:
			s.open = append(s.open, at)
		}
	}
	if len(s.open) == 0 {
		return nil, len(b)
	}
	passed = s.open[0]
	s.carry = slices.Clone(b[passed:])
	for i := range s.open {
		s.open[i] -= passed
	}
	return nil, passed
}

// frameAt returns the frame that bytes begin with, nil where none is whole: refuted says that none will be.
func (c *candidate) frameAt(b []byte, opts *Options) (f []byte, refuted bool) {
	most := min(anchorMax, c.frameMax(opts))
	n, err := frame.Measure(c.Framing, most, b)
	if err != nil || n == 0 || n > len(b) {
		return nil, err != nil
	}
	anchor := frame.NewSplitter(c.Framing, most) // which joins segments
	anchor.Feed(b[:min(len(b), anchorMax)])
	f, err = anchor.Next()
	return f, err != nil
}

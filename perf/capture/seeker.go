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
		f, behind, refuted := c.frameAt(b[at:], opts)
		switch {
		case f != nil && isAnchor(of, msg, f, behind, least):
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

// isAnchor reports whether a frame is a message by which a stream is found again. What is shorter than an event may be
// a part of one: then what comes behind it, as far as it has come, has to be a message too. What begins and ends an
// association is but a few bytes, such as parts of an event have as well.
func isAnchor(of codec.Codec, msg *csta.Message, f []byte, behind *frame.Splitter, least int) bool {
	w := weight(msg, of.Decode(msg, f))
	switch s := msg.Service; {
	case w < least, s == csta.Associate, s == csta.Release, s == csta.Abort:
		return false
	case w >= eventWeight:
		return true
	}
	next, err := behind.Next()
	return err == nil && (next == nil || weight(msg, of.Decode(msg, next)) > 0)
}

// frameAt returns the frame that bytes begin with, and what is behind it; nil where none is whole: refuted says that
// none will be.
func (c *candidate) frameAt(b []byte, opts *Options) (f []byte, behind *frame.Splitter, refuted bool) {
	most := min(anchorMax, c.frameMax(opts))
	n, err := frame.Measure(c.Framing, most, b)
	if err != nil || n == 0 || n > len(b) {
		return nil, nil, err != nil
	}
	behind = frame.NewSplitter(c.Framing, most) // which joins segments
	behind.Feed(b[:min(len(b), anchorMax)])
	f, err = behind.Next()
	return f, behind, err != nil
}

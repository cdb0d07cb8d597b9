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
	carry []byte // where a message may have begun whose end has not come
}

const (
	searchMax = 4096 // bytes of a piece in which a message is sought
	anchorMax = 8192 // bytes that a message may have by which a stream is found again
)

// seek takes the next piece of a side, and returns what has come from the next message on, none while there is none
// that weighs so much, and how many bytes were passed over for good.
func (s *seeker) seek(c *candidate, of codec.Codec, msg *csta.Message, b []byte, least int, opts *Options,
) (rest []byte, passed int) {
	if len(s.carry) > 0 {
		b = append(s.carry, b...)
		s.carry = nil
	}
	began := -1
	for i := range min(len(b), searchMax+anchorMax) {
		anchor := frame.NewSplitter(c.Framing, min(anchorMax, c.frameMax(opts)))
		anchor.Feed(b[i:min(len(b), i+anchorMax)])
		f, err := anchor.Next()
		switch {
		case err != nil:
		case f == nil:
			if began < 0 {
				began = i
			}
		case weight(msg, of.Decode(msg, f)) >= least:
			return b[i:], i
		}
	}
	if began >= 0 && len(b)-began < anchorMax {
		s.carry = slices.Clone(b[began:])
		return nil, began
	}
	return nil, len(b)
}

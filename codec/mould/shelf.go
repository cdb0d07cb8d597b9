package mould

import "haproxy/codec/csta"

// The bounds of a shelf, which has setCount × wayCount moulds at most, and how it saves itself the work where they are
// of no use.
const (
	setCount   = 32
	wayCount   = 6
	missesMost = 64 // events without a mould, after which only one of missesEach is tried
	missesEach = 16
)

// Shelf has the moulds of one leg, by the length of their frames, and with each what its codec wants to know besides.
// What fitted last of a set is first. The zero value is ready.
type Shelf[T any] struct {
	sets   [setCount][wayCount]*kept[T]
	seen   [256]uint32 // kinds of events met once: only what comes again is cast
	misses int         // events without a mould: one more each, half as many with a hit
	idle   bool        // the last frame was not tried
	full   int         // how often a full set turned an event away
	spare  *kept[T]    // what is offered, and where it goes
	to     **kept[T]
}

type kept[T any] struct {
	mould Mould
	of    T
}

// Decode is Mould.Decode with the mould that fits, and returns what is kept with it, nil where none fits.
func (s *Shelf[T]) Decode(msg *csta.Message, frm []byte) *T {
	if s.idle = s.misses > missesMost && s.misses%missesEach != 0; s.idle {
		return nil
	}
	set := &s.sets[len(frm)%setCount]
	for i, k := range set {
		if k == nil {
			return nil
		}
		if k.mould.Decode(msg, frm) {
			set[0], set[i] = k, set[0]
			s.misses /= 2
			return &k.of
		}
	}
	return nil
}

// Offer takes an event that Decode had no mould for and that was decoded otherwise. It returns a mould to be cast, and
// what is to be kept with it, or nil where it is not worth it: what is of a kind met for the first time, and most of
// what a full set has no place for. Keep puts it up.
func (s *Shelf[T]) Offer(msg *csta.Message, frm []byte) (*Mould, *T) {
	if s.misses++; s.idle || len(frm) > frameMax {
		return nil, nil
	}
	kind := kindOf(msg, len(frm))
	if seen := &s.seen[kind%uint32(len(s.seen))]; *seen != kind {
		*seen = kind
		return nil, nil
	}
	set := &s.sets[len(frm)%setCount]
	i := 0
	for i < len(set) && set[i] != nil {
		i++
	}
	if i == len(set) {
		if s.full++; s.full%missesEach != 0 {
			return nil, nil
		}
		i--
	}
	if s.spare == nil {
		s.spare = new(kept[T])
	}
	s.to = &set[i]
	return &s.spare.mould, &s.spare.of
}

// Keep puts up the mould that was offered last and has been cast. What had its place is the next to be offered.
func (s *Shelf[T]) Keep() { *s.to, s.spare = s.spare, *s.to }

// kindOf returns a number that events share which one mould may fit, and few others; never 0.
func kindOf(msg *csta.Message, length int) uint32 {
	h := uint32(length)
	for _, part := range [...]uint32{uint32(msg.Event), uint32(msg.Cause), uint32(msg.Local)} {
		h = (h ^ part) * 0x9E3779B1
		h ^= h >> 15
	}
	return h | 1<<31
}

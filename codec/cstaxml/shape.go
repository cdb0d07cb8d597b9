package cstaxml

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"

	"haproxy/codec/csta"
	"haproxy/codec/frame"
	"haproxy/codec/mould"
)

// The bounds of a shape and of the cache of a leg, which has at most shapeBuckets × shapeWays
// shapes.
const (
	shapeMax     = 2048 // bytes of a frame that is learned
	slotMax      = 64   // values of it
	stepMax      = 128  // effects of it
	tokenMax     = 64   // bytes of a state or cause that a step remembers
	shapeBuckets = 32
	shapeWays    = 6
	keyLen       = 24 // bytes of the root's start tag that select a bucket
)

// shape is what is constant in a kind of message: the bytes between its values, and what the values
// are. A frame whose constant bytes are equal, and whose values are text and nothing else, has the
// same elements; the full scan would do the same steps with its values.
//
//	template  <E xmlns="…"><monitorCrossRefID>41</monitorCrossRefID><cause>busy</cause></E>
//	slots                                     ^^                            ^^^^
//	steps     begin E, doCrossRef slot 0, doCause slot 1
type shape struct {
	template []byte // the frame it was learned from
	slots    []span // its values, in order
	steps    []step
	root     *root
	style    *style
	name     span // the root's local name

	crossRef, register int // the slots of the identifiers that can be rewritten, -1 for none
}

// step is one effect of a shape: with the value of a slot, with none, or with raw content.
type step struct {
	rule       rule
	number     numberForm
	slot       int // -1 for none
	start, end position

	last    []byte // the state or cause of the frame before
	meaning uint8
}

// position is a position in a frame of a shape: an offset from the end of the slot before it, or
// from the start of the frame for a position before the first slot.
type position struct{ slots, offset int }

// shapes is the cache of one leg. What is first in a bucket was used last.
type shapes struct {
	buckets [shapeBuckets][shapeWays]*shape
	seen    [256]uint32 // keys met once: only what comes again is learned
	refused int         // how often a full bucket turned a shape away
	lesson  lesson

	// of the frame matched last: its values, which of them are escaped, and what those mean
	slots   [slotMax]span
	escaped uint64
	values  [slotMax][]byte
}

// shapeKey returns a hash of the start of the root element, 0 where there is too little of it.
func shapeKey(frm []byte) uint32 {
	body := frm[frame.ECMA323HeaderLen:]
	if bytes.HasPrefix(body, []byte("<?xml")) {
		body = body[bytes.IndexByte(body, '>')+1:]
		for len(body) > 0 && body[0] != '<' {
			body = body[1:]
		}
	}
	if len(body) < keyLen {
		return 0
	}
	h := binary.LittleEndian.Uint64(body)*0x9E3779B97F4A7C15 ^
		bits.RotateLeft64(binary.LittleEndian.Uint64(body[8:])*0xC2B2AE3D27D4EB4F, 31) ^
		bits.RotateLeft64(binary.LittleEndian.Uint64(body[16:])*0x165667B19E3779F9, 17)
	return uint32(h>>32) | 1
}

// decode fills msg from a frame of a known shape, and reports whether there is one.
func (c *shapes) decode(d *decoder, msg *csta.Message, frm []byte, key uint32) *shape {
	bucket := &c.buckets[key/2%shapeBuckets]
	for i, s := range bucket {
		if s == nil {
			return nil
		}
		if !c.match(s, frm) {
			continue
		}
		bucket[0], bucket[i] = s, bucket[0]
		if c.fill(d, s, msg, frm) {
			return s
		}
		return nil
	}
	return nil
}

// match compares the constant bytes of a shape and finds the values of frm between them.
func (c *shapes) match(s *shape, frm []byte) bool {
	pos, from := frame.ECMA323HeaderLen, frame.ECMA323HeaderLen
	c.escaped = 0
	for i := range s.slots {
		constant := s.template[from:s.slots[i].start]
		if len(frm)-pos < len(constant) || !bytes.Equal(frm[pos:pos+len(constant)], constant) {
			return false
		}
		start := pos + len(constant)
		end, escaped := valueEnd(frm, start, s.root.strict())
		if end < 0 {
			return false
		}
		if escaped {
			c.escaped |= 1 << i
		}
		c.slots[i] = span{start, end}
		pos, from = end, s.slots[i].end
	}
	return bytes.Equal(frm[pos:], s.template[from:])
}

// valueEnd returns where the text that begins at pos ends, which is at the next '<', and whether it
// is escaped; -1 where it has anything else in it, for the full scan to judge: with strict, what is no XML.
// Eight bytes are tested at a time.
func valueEnd(frm []byte, pos int, strict bool) (end int, escaped bool) {
	for ; pos+8 <= len(frm); pos += 8 {
		if odd := mould.Odd(binary.LittleEndian.Uint64(frm[pos:])); odd != 0 {
			pos += bits.TrailingZeros64(odd) / 8
			if frm[pos] == '<' {
				return pos, false
			}
			break
		}
	}
	wide, start := false, pos
	for ; pos < len(frm); pos++ {
		switch c := frm[pos]; textClass[c] {
		case plain:
			wide = wide || c >= utf8.RuneSelf
		case escape:
			escaped = true
		case control, noncharLead:
			if strict {
				return -1, false
			}
		case markup:
			if strict && wide && !utf8.Valid(frm[start:pos]) {
				return -1, false
			}
			return pos, escaped
		default:
			return -1, false
		}
	}
	return -1, false
}

// fill does the steps of a shape. It gives up at a reference that is none: the full scan will say
// so.
func (c *shapes) fill(d *decoder, s *shape, msg *csta.Message, frm []byte) bool {
	for rest := c.escaped; rest != 0; rest &= rest - 1 {
		i := bits.TrailingZeros64(rest)
		mark := len(msg.Scratch)
		scratch, at := unescape(msg.Scratch, frm[c.slots[i].start:c.slots[i].end], true)
		if at >= 0 {
			return false
		}
		msg.Scratch, c.values[i] = scratch, scratch[mark:]
	}
	d.msg, d.fresh, d.root = msg, false, s.root
	d.crossRef, d.register = c.slotAt(s.crossRef), c.slotAt(s.register)
	msg.Kind, msg.Service, msg.Event = s.root.kind, s.root.service, s.root.event
	msg.Name = frm[s.name.start:s.name.end]
	for i := range s.steps {
		st := &s.steps[i]
		switch {
		case st.slot >= 0:
			at := c.slots[st.slot]
			value := frm[at.start:at.end]
			if c.escaped&(1<<st.slot) != 0 {
				value = c.values[st.slot]
			}
			d.applyStep(st, trim(value))
		case st.rule.do.raw():
			d.apply(st.rule, st.number, frm[c.offset(st.start):c.offset(st.end)])
		default:
			d.apply(st.rule, st.number, nil)
		}
	}
	d.finish()
	return true
}

// applyStep is apply for a step with the value of a slot. A message type has few states and causes,
// so that the last of each is likely to be the next.
func (d *decoder) applyStep(st *step, value []byte) {
	switch do := st.rule.do; {
	case do == doLocal && len(value) <= tokenMax:
		if !bytes.Equal(st.last, value) {
			st.remember(value, uint8(connectionStates.find(value)))
		}
		d.msg.Local = csta.ConnectionState(st.meaning)
	case do == doCause && len(value) <= tokenMax:
		if !bytes.Equal(st.last, value) {
			st.remember(value, uint8(causeOf(value)))
		}
		d.msg.Cause = csta.Cause(st.meaning)
	default:
		d.apply(st.rule, st.number, value)
	}
}

// remember keeps what a state or cause means.
func (st *step) remember(value []byte, meaning uint8) {
	st.last, st.meaning = append(st.last[:0], value...), meaning
}

// slotAt returns a slot of the frame that was matched last; -1 is none.
func (c *shapes) slotAt(i int) span {
	if i < 0 {
		return span{}
	}
	return c.slots[i]
}

// offset returns where a position of the shape is in the frame that was matched last.
func (c *shapes) offset(p position) int {
	if p.slots == 0 {
		return p.offset
	}
	return c.slots[p.slots-1].end + p.offset
}

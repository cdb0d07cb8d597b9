package frame

import (
	"fmt"

	"haproxy/codec"
)

// A PDU of BER (X.690, 8.1), delimited by itself:
//
//	byte 0    identifier   class, constructed bit, tag number; 1F in its low bits: more bytes follow
//	byte 1    length       00-7F itself; 81-FE the number of length bytes that follow; 80 indefinite:
//	                       elements follow up to an end-of-contents, 00 00
//
// berWalk is how far the PDU at the start of an unfinished frame was walked. It goes on where it
// stopped, so that a PDU that drips in is not walked anew for every byte. Elements of a known length
// are skipped whole; only indefinite ones nest.
type berWalk struct {
	pos   int // of the next element
	depth int // of indefinite lengths that are open
}

// tagBytesMax bounds the identifier of an element, lengthBytesMax the length bytes behind the first:
// leading zeros are allowed, within reason.
const (
	tagBytesMax    = 5
	lengthBytesMax = 16
)

// ber returns the length of the PDU at the start of b, or how many bytes are needed to tell.
func (s *Splitter) ber(b []byte) (n, need int, err error) {
	w := &s.walk
	if len(b) > 0 && w.pos == 0 && b[0]&0xE0 != 0xA0 && b[0]&0xE0 != 0x60 {
		return 0, 0, s.unlike(b[0], "the tag of a PDU (60 to 7f, a0 to bf)")
	}
	for {
		if w.pos > s.frameMax {
			return 0, 0, s.fail(ErrLength, fmt.Sprintf("%d bytes or more exceed frame_max %d", w.pos, s.frameMax))
		}
		if w.pos > 0 && w.depth == 0 {
			n, s.walk = w.pos, berWalk{}
			return n, 0, nil
		}
		if w.pos >= len(b) {
			return 0, w.pos + 2, nil
		}
		e, reason := readElement(b[w.pos:])
		switch {
		case reason != "":
			return 0, 0, s.fail(ErrHeader, fmt.Sprintf("%s, %d bytes into the PDU", reason, w.pos))
		case e.header == 0:
			return 0, len(b) + 1, nil
		case e.end:
			w.depth--
		case e.indefinite:
			w.depth++
		}
		if w.depth > codec.MaxDepth {
			return 0, 0, s.fail(ErrHeader, "indefinite lengths are nested too deep")
		}
		w.pos += e.header + min(e.length, s.frameMax+1) // a length beyond the bound is refused above
	}
}

// element is the identifier and length of one BER element.
type element struct {
	header     int // bytes of both; 0 where they are not complete
	length     int // of the contents, at most lengthMax
	indefinite bool
	end        bool // an end-of-contents
}

// lengthMax is where a length stops growing: longer ones are out of every bound.
const lengthMax = 1 << 40

// readElement reads the identifier and length at the start of b, which is not empty. reason says
// what is wrong with them.
func readElement(b []byte) (e element, reason string) {
	tag := 1
	if b[0]&0x1F == 0x1F {
		for tag++; tag-1 < len(b) && b[tag-1]&0x80 != 0; tag++ {
			if tag > tagBytesMax {
				return e, "a tag number without end"
			}
		}
	}
	if tag >= len(b) {
		return e, ""
	}
	first := b[tag]
	switch {
	case b[0] == 0:
		if first != 0 {
			return e, "an end-of-contents with contents"
		}
		return element{header: 2, end: true}, ""
	case first < 0x80:
		return element{header: tag + 1, length: int(first)}, ""
	case first == 0x80:
		if b[0]&0x20 == 0 {
			return e, "an indefinite length of a primitive"
		}
		return element{header: tag + 1, indefinite: true}, ""
	case int(first&0x7F) > lengthBytesMax:
		return e, fmt.Sprintf("a length of %d bytes", first&0x7F)
	}
	header := tag + 1 + int(first&0x7F)
	if header > len(b) {
		return e, ""
	}
	for _, octet := range b[tag+1 : header] {
		e.length = min(e.length<<8|int(octet), lengthMax)
	}
	e.header = header
	return e, ""
}

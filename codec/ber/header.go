package ber

import "haproxy/codec"

// endOfContents is the tag of the two zero octets that close an indefinite length.
const (
	endOfContents Tag = 0
	endOctets     int = 2
)

// lengthMax bounds the content of an element: no frame of any framing is near it.
const lengthMax = 1 << 30

// header is the identifier and length octets of an element (X.690, 8.1.2 and 8.1.3):
//
//	tag     CC C NNNNN            class, constructed, number; or
//	        CC C 11111  1NNNNNNN … 0NNNNNNN
//	length  0LLLLLLL              short form
//	        1NNNNNNN  N octets    long form, leading zeros allowed
//	        10000000              indefinite: until 00 00
type header struct {
	tag        Tag
	content    int // where the content begins
	length     int
	indefinite bool
}

// readHeader reads the header at a place of d. A definite content lies within d.
func readHeader(d []byte, at int) (h header, err error) {
	start := at
	if at >= len(d) {
		return h, fault(start, 0, codec.ErrSyntax, "an element is cut short")
	}
	h.tag = Tag(d[at])
	at++
	if h.tag&0x1F == 0x1F {
		for more := true; more; at++ {
			if at >= len(d) || at-start >= tagMax {
				return h, fault(start, h.tag, codec.ErrSyntax, "the tag does not end")
			}
			h.tag = h.tag<<8 | Tag(d[at])
			more = d[at]&0x80 != 0
		}
	}
	if at >= len(d) {
		return h, fault(start, h.tag, codec.ErrSyntax, "the length is missing")
	}
	first := d[at]
	at++
	switch {
	case h.tag == endOfContents && first != 0:
		return h, fault(start, h.tag, codec.ErrSyntax, "tag 00 is reserved")
	case first < 0x80:
		h.length = int(first)
	case first == 0x80 && !h.tag.Constructed():
		return h, fault(start, h.tag, codec.ErrSyntax, "an indefinite length of a primitive element")
	case first == 0x80:
		h.indefinite = true
	default:
		n := int(first & 0x7F)
		if n > len(d)-at {
			return h, fault(start, h.tag, codec.ErrSyntax, "the length is cut short")
		}
		for _, octet := range d[at : at+n] {
			h.length = h.length<<8 | int(octet)
			if h.length > lengthMax {
				return h, fault(start, h.tag, codec.ErrSyntax, "the length exceeds its parent")
			}
		}
		at += n
	}
	h.content = at
	if h.length > len(d)-at {
		return h, fault(start, h.tag, codec.ErrSyntax, "the length exceeds its parent")
	}
	return h, nil
}

// walk passes over the element at a place of d and everything in it, and returns where it ends. What is
// deeper than so many levels is refused.
func walk(d []byte, at, levels int) (next int, err error) {
	var (
		ends  [codec.MaxDepth]int // of the constructed elements around; of an indefinite one its parent's
		open  uint64              // which of them are indefinite
		depth int
		limit = len(d)
	)
	for {
		h, err := readHeader(d[:limit], at)
		if err != nil {
			return 0, err
		}
		switch {
		case h.tag == endOfContents:
			if depth == 0 || open&(1<<(depth-1)) == 0 {
				return 0, fault(at, 0, codec.ErrSyntax, "end-of-contents in a definite length")
			}
			depth--
			open &^= 1 << depth
			at = h.content
		case h.tag.Constructed():
			if depth == levels {
				return 0, fault(at, h.tag, codec.ErrDepth, "")
			}
			if h.indefinite {
				open |= 1 << depth
			} else {
				limit = h.content + h.length
			}
			ends[depth] = limit
			depth++
			at = h.content
		default:
			at = h.content + h.length
		}
		for depth > 0 && open&(1<<(depth-1)) == 0 && at == ends[depth-1] {
			depth--
		}
		if depth == 0 {
			return at, nil
		}
		limit = ends[depth-1]
	}
}

func fault(offset int, tag Tag, err error, reason string) error {
	e := &codec.SyntaxError{Offset: offset, Err: err, Reason: reason}
	if tag != 0 {
		e.Element = tag.String()
	}
	return e
}

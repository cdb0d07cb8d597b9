package ber

import "haproxy/codec"

// Cursor advances over the elements of a part of a frame. It is a value: a copy reads on by itself.
type Cursor struct {
	data []byte // the frame up to the end of the part, so that positions are those of the frame
	at   int
}

// Element is one element of a frame. It borrows the frame.
//
//	| tag 1.. | length 1.. | content   ...   | 00 00 where the length is indefinite |
//	^ Offset               ^ content.at      ^ len(content.data)          trailer ^
type Element struct {
	Tag     Tag
	trailer uint8 // the octets behind the content: 2 of an indefinite length, else 0
	Offset  int   // of its first octet, from the start of the frame
	content Cursor
}

// Read returns a cursor over a frame from the octet at start on.
func Read(frame []byte, start int) Cursor { return Cursor{data: frame, at: start} }

// More reports whether anything is left.
func (c *Cursor) More() bool { return c.at < len(c.data) }

// Offset returns where the cursor stands, in octets from the start of the frame.
func (c *Cursor) Offset() int { return c.at }

// Rest returns what is left.
func (c *Cursor) Rest() []byte { return c.data[c.at:] }

// Next reads the header of the next element into e and passes over the element. An error is a
// *codec.SyntaxError, and leaves the cursor where it was.
func (c *Cursor) Next(e *Element) error {
	d, at := c.data, c.at
	if uint(at) < uint(len(d)) && uint(at+1) < uint(len(d)) {
		tag, n := d[at], d[at+1]
		end := at + 2 + int(n)
		// the usual header: a tag of one octet and a short length
		if tag&0x1F != 0x1F && tag != 0 && n < 0x80 && uint(end) <= uint(len(d)) {
			c.at = end
			e.Tag, e.trailer, e.Offset = Tag(tag), 0, at
			e.content.data, e.content.at = d[:end], at+2
			return nil
		}
	}
	return c.next(e)
}

// next is Next for any header.
func (c *Cursor) next(e *Element) error {
	h, err := readHeader(c.data, c.at)
	if err != nil {
		return err
	}
	if h.tag == endOfContents {
		return fault(c.at, h.tag, codec.ErrSyntax, "end-of-contents in a definite length")
	}
	end, trailer := h.content+h.length, uint8(0)
	if h.indefinite {
		if end, err = walk(c.data, c.at, codec.MaxDepth); err != nil {
			return err
		}
		trailer = uint8(endOctets)
	}
	e.Tag, e.trailer, e.Offset = h.tag, trailer, c.at
	e.content = Cursor{data: c.data[:end-int(trailer)], at: h.content}
	c.at = end
	return nil
}

// Check reads everything that is left, down to the last element of each, and returns the first
// fault. What passed is well-formed BER no deeper than codec.MaxDepth.
func (c Cursor) Check() error { return c.CheckWithin(codec.MaxDepth) }

// CheckWithin is Check for a bound of its own on how deep the elements may be, at most codec.MaxDepth.
func (c Cursor) CheckWithin(levels int) error {
	for c.More() {
		next, err := walk(c.data, c.at, levels)
		if err != nil {
			return err
		}
		c.at = next
	}
	return nil
}

// Content returns a cursor over the elements of a constructed element.
func (e *Element) Content() Cursor { return e.content }

// Bytes returns the content as it stands in the frame.
func (e *Element) Bytes() []byte { return e.content.data[e.content.at:] }

// Start returns where the content begins, and Stop where it ends.
func (e *Element) Start() int { return e.content.at }

// Stop returns where the content ends; see Start.
func (e *Element) Stop() int { return len(e.content.data) }

// End returns where the element ends, end-of-contents included.
func (e *Element) End() int { return len(e.content.data) + int(e.trailer) }

// Indefinite reports whether the element's length is.
func (e *Element) Indefinite() bool { return e.trailer != 0 }

// Fault returns the error of an element that is not what it should be.
func (e *Element) Fault(reason string) error {
	return fault(e.Offset, e.Tag, codec.ErrSyntax, reason)
}

// Whole returns the element with its header, as it stands in the frame.
func (e *Element) Whole() []byte { return e.content.data[e.Offset:e.End()] }

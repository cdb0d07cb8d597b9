package ber

import "haproxy/codec"

// Int reads an INTEGER or ENUMERATED of one to four octets, signed (X.690, 8.3).
func (e *Element) Int() (int32, error) {
	b := e.Bytes()
	if e.Tag.Constructed() || len(b) == 0 || len(b) > 4 {
		return 0, e.Fault("not an integer of one to four octets")
	}
	return Signed(b), nil
}

// Signed returns the number of the content octets of an INTEGER, one to four.
func Signed(b []byte) int32 {
	n := int32(int8(b[0]))
	for _, octet := range b[1:] {
		n = n<<8 | int32(octet)
	}
	return n
}

// Int64 is Int for up to eight octets.
func (e *Element) Int64() (int64, error) {
	b := e.Bytes()
	if e.Tag.Constructed() || len(b) == 0 || len(b) > 8 {
		return 0, e.Fault("not an integer of one to eight octets")
	}
	n := int64(int8(b[0]))
	for _, octet := range b[1:] {
		n = n<<8 | int64(octet)
	}
	return n, nil
}

// Bool reads a BOOLEAN; any octet but zero is true (X.690, 8.2).
func (e *Element) Bool() (bool, error) {
	b := e.Bytes()
	if e.Tag.Constructed() || len(b) != 1 {
		return false, e.Fault("not a boolean of one octet")
	}
	return b[0] != 0, nil
}

// Octets returns the content of a string. That of one in pieces is put together behind scratch,
// which is returned extended; every other borrows the frame (X.690, 8.7.3).
func (e *Element) Octets(scratch []byte) (value, extended []byte, err error) {
	if !e.Tag.Constructed() {
		return e.Bytes(), scratch, nil
	}
	n := len(scratch)
	extended, _, err = e.join(scratch, false)
	if err != nil {
		return nil, scratch, err
	}
	return extended[n:len(extended):len(extended)], extended, nil
}

// Bits reads a BIT STRING: bit 0, the highest of the first octet, is the lowest of the result. Bits
// from 64 on are left out (X.690, 8.6).
func (e *Element) Bits() (uint64, error) {
	var pieces [16]byte // of a string in pieces; more is left out as well
	b, unused, err := e.bits(pieces[:0])
	if err != nil {
		return 0, err
	}
	count := 8*len(b) - int(unused)
	bits := uint64(0)
	for i, octet := range b[:min(len(b), 8)] {
		for k := range 8 {
			if octet&(0x80>>k) != 0 && 8*i+k < count {
				bits |= 1 << (8*i + k)
			}
		}
	}
	return bits, nil
}

// bits returns the octets of a bit string, put together in dst if it is in pieces, and how many of
// the last one's bits are not used.
func (e *Element) bits(dst []byte) (b []byte, unused byte, err error) {
	if e.Tag.Constructed() {
		return e.join(dst, true)
	}
	b = e.Bytes()
	if len(b) == 0 || b[0] > 7 || len(b) == 1 && b[0] != 0 {
		return nil, 0, e.Fault("not a bit string")
	}
	return b[1:], b[0], nil
}

// join appends the pieces of a constructed string to dst, each without its count of unused bits if
// it is a piece of a bit string; unused is that of the last.
func (e *Element) join(dst []byte, bits bool) (joined []byte, unused byte, err error) {
	var (
		stack [codec.MaxDepth]Cursor
		piece Element
		depth = 1
	)
	stack[0] = e.content
	for depth > 0 {
		c := &stack[depth-1]
		if !c.More() {
			depth--
			continue
		}
		if err := c.Next(&piece); err != nil {
			return nil, 0, err
		}
		switch {
		case piece.Tag.Constructed() && depth == codec.MaxDepth:
			return nil, 0, fault(piece.Offset, piece.Tag, codec.ErrDepth, "")
		case piece.Tag.Constructed():
			stack[depth] = piece.content
			depth++
		case bits:
			b := piece.Bytes()
			if len(b) == 0 || b[0] > 7 || unused != 0 {
				return nil, 0, piece.Fault("not a piece of a bit string")
			}
			if unused = b[0]; len(dst) < cap(dst) {
				dst = append(dst, b[1:min(len(b), 1+cap(dst)-len(dst))]...)
			}
		default:
			dst = append(dst, piece.Bytes()...)
		}
	}
	return dst, unused, nil
}

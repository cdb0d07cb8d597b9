package ber

import "haproxy/codec"

// Replace appends a copy of the element at start of a frame to dst, in which the element at offset,
// somewhere inside, has another content. Every other octet stays as it is but for the lengths
// around: each keeps its form where the new length fits it. A string in pieces becomes one.
func Replace(dst, frame []byte, start, offset int, content []byte) ([]byte, error) {
	var around [codec.MaxDepth]Element
	var e Element
	depth := 0
	for c := Read(frame, start); ; {
		if err := c.Next(&e); err != nil {
			return dst, err
		}
		switch {
		case e.End() <= offset:
			continue
		case e.Offset == offset:
		case depth == len(around) || !e.Tag.Constructed() || e.Start() > offset:
			return dst, codec.ErrNoField
		default:
			around[depth] = e
			depth++
			c = e.Content()
			continue
		}
		break
	}
	var lengths [codec.MaxDepth]int // of the new contents
	grown := HeaderLen(e.Tag, len(content)) + len(content) - (e.End() - e.Offset)
	for i := depth - 1; i >= 0; i-- {
		lengths[i] = around[i].Stop() - around[i].Start() + grown
		grown += headerLen(frame, &around[i], lengths[i]) - (around[i].Start() - around[i].Offset)
	}
	at := start
	for i := range around[:depth] {
		dst = append(dst, frame[at:around[i].Offset]...)
		dst = appendHeaderLike(dst, frame, &around[i], lengths[i])
		at = around[i].Start()
	}
	dst = append(dst, frame[at:offset]...)
	dst = AppendBytes(dst, e.Tag.Primitive(), content)
	last := e.End()
	if depth > 0 {
		last = around[0].End()
	}
	return append(dst, frame[e.End():last]...), nil
}

// longOctets returns how many octets of the long form the length of e takes for a content of n
// octets, 0 for the short form: as many as it has, if they are enough.
func longOctets(frame []byte, e *Element, n int) int {
	have := 0
	if first := frame[lengthAt(frame, e)]; first >= 0x80 {
		have = int(first & 0x7F)
	}
	switch {
	case have == 0 && n < 0x80:
		return 0
	default:
		return max(have, lengthOctets(n))
	}
}

// lengthAt returns where the first octet of the length of e is.
func lengthAt(frame []byte, e *Element) int {
	at := e.Offset + 1
	if frame[e.Offset]&0x1F == 0x1F {
		for frame[at]&0x80 != 0 {
			at++
		}
		at++
	}
	return at
}

// headerLen returns the length of the header that appendHeaderLike writes.
func headerLen(frame []byte, e *Element, n int) int {
	if e.Indefinite() {
		return e.Start() - e.Offset
	}
	return lengthAt(frame, e) - e.Offset + 1 + longOctets(frame, e, n)
}

// appendHeaderLike appends the header of e for a content of n octets.
func appendHeaderLike(dst, frame []byte, e *Element, n int) []byte {
	if e.Indefinite() {
		return append(dst, frame[e.Offset:e.Start()]...)
	}
	dst = append(dst, frame[e.Offset:lengthAt(frame, e)]...)
	octets := longOctets(frame, e, n)
	if octets == 0 {
		return append(dst, byte(n))
	}
	dst = append(dst, 0x80|byte(octets))
	for i := octets - 1; i >= 0; i-- {
		octet := byte(0)
		if i < 8 {
			octet = byte(n >> (8 * i))
		}
		dst = append(dst, octet)
	}
	return dst
}

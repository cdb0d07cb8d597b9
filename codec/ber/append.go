package ber

import "slices"

// Begin appends the header of an element whose length is not known yet. What is appended until End
// is its content; mark is for End.
func Begin(dst []byte, tag Tag) (out []byte, mark int) {
	dst = append(appendTag(dst, tag), 0)
	return dst, len(dst)
}

// End gives the element that Begin returned mark for its length, in as few octets as it takes; the
// content moves where that is more than one.
func End(dst []byte, mark int) []byte {
	n := len(dst) - mark
	if n < 0x80 {
		dst[mark-1] = byte(n)
		return dst
	}
	octets := lengthOctets(n)
	dst[mark-1] = 0x80 | byte(octets)
	dst = slices.Grow(dst, octets)[:len(dst)+octets]
	copy(dst[mark+octets:], dst[mark:mark+n])
	putLength(dst[mark:mark+octets], n)
	return dst
}

// AppendHeader appends the header of an element with a content of n octets.
func AppendHeader(dst []byte, tag Tag, n int) []byte {
	dst = appendTag(dst, tag)
	if n < 0x80 {
		return append(dst, byte(n))
	}
	octets := lengthOctets(n)
	dst = append(dst, 0x80|byte(octets))
	dst = append(dst, make([]byte, octets)...)
	putLength(dst[len(dst)-octets:], n)
	return dst
}

// HeaderLen returns the length of what AppendHeader appends.
func HeaderLen(tag Tag, n int) int {
	size := 2
	for ; tag > 0xFF; tag >>= 8 {
		size++
	}
	if n >= 0x80 {
		size += lengthOctets(n)
	}
	return size
}

// AppendBytes appends an element with the content.
func AppendBytes(dst []byte, tag Tag, content []byte) []byte {
	return append(AppendHeader(dst, tag, len(content)), content...)
}

// AppendInt appends an INTEGER or ENUMERATED in as few octets as it takes.
func AppendInt(dst []byte, tag Tag, n int64) []byte {
	octets := 1
	for v := n; v > 127 || v < -128; v >>= 8 {
		octets++
	}
	dst = AppendHeader(dst, tag, octets)
	for i := octets - 1; i >= 0; i-- {
		dst = append(dst, byte(n>>(8*i)))
	}
	return dst
}

// AppendBool appends a BOOLEAN.
func AppendBool(dst []byte, tag Tag, on bool) []byte {
	value := byte(0)
	if on {
		value = 0xFF
	}
	return append(AppendHeader(dst, tag, 1), value)
}

// AppendNull appends an element without content.
func AppendNull(dst []byte, tag Tag) []byte { return AppendHeader(dst, tag, 0) }

// AppendBits appends a BIT STRING of named bits, in the order that Bits reads them; zeros at the end
// are left out (X.690, 11.2.2).
func AppendBits(dst []byte, tag Tag, bits uint64) []byte {
	count := 0
	for v := bits; v != 0; v >>= 1 {
		count++
	}
	octets := (count + 7) / 8
	dst = AppendHeader(dst, tag, 1+octets)
	dst = append(dst, byte(8*octets-count))
	for i := range octets {
		octet := byte(0)
		for k := range 8 {
			if bits&(1<<(8*i+k)) != 0 {
				octet |= 0x80 >> k
			}
		}
		dst = append(dst, octet)
	}
	return dst
}

func appendTag(dst []byte, tag Tag) []byte {
	for shift := 24; shift > 0; shift -= 8 {
		if tag>>shift != 0 {
			dst = append(dst, byte(tag>>shift))
		}
	}
	return append(dst, byte(tag))
}

// lengthOctets returns how many octets of the long form a length takes after the first.
func lengthOctets(n int) int {
	octets := 1
	for n >>= 8; n > 0; n >>= 8 {
		octets++
	}
	return octets
}

func putLength(dst []byte, n int) {
	for i := len(dst) - 1; i >= 0; i-- {
		dst[i] = byte(n)
		n >>= 8
	}
}

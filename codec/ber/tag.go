package ber

import "fmt"

// Tag is the identifier of an element: its octets as they stand on the wire, the first one highest,
// so that a tag of one octet is that octet: 0x30 is a SEQUENCE, 0xA1 the constructed [1].
type Tag uint32

// The universal tags.
const (
	Boolean     Tag = 0x01
	Integer     Tag = 0x02
	BitString   Tag = 0x03
	OctetString Tag = 0x04
	Null        Tag = 0x05
	OID         Tag = 0x06
	Enumerated  Tag = 0x0A
	Sequence    Tag = 0x30
)

// tagMax is the most octets of a tag that are read: numbers up to 2,097,151.
const tagMax = 4

// Constructed reports whether the content of the element is elements.
func (t Tag) Constructed() bool { return t.leading()&0x20 != 0 }

// Primitive returns the tag of the same class and number with a primitive content.
func (t Tag) Primitive() Tag {
	switch {
	case t > 0xFFFFFF:
		return t &^ 0x20000000
	case t > 0xFFFF:
		return t &^ 0x200000
	case t > 0xFF:
		return t &^ 0x2000
	default:
		return t &^ 0x20
	}
}

// String returns the octets in hexadecimal, as in "6B".
func (t Tag) String() string { return fmt.Sprintf("%02X", uint32(t)) }

// leading returns the first octet.
func (t Tag) leading() byte {
	for t > 0xFF {
		t >>= 8
	}
	return byte(t)
}

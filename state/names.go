package state

import (
	"bytes"
	"encoding/binary"

	"haproxy/codec/csta"
)

// nameKind tells apart what a name names.
type nameKind uint8

const (
	nameCall   nameKind = iota + 1 // a call ID
	nameDevice                     // a device identifier with its form
	nameText                       // an agent ID, or the item of a device feature
)

// nameInline is the longest name kept in its record: 32 octets is the longest call ID met. nameMax
// is the longest kept at all; a longer one is refused.
const (
	nameInline = 32
	nameMax    = 1024
)

// name is an identifier that occurs once, however often it is referred to. A device of two forms is
// two names with one hash. With its link in the slab it takes 64 bytes, a line of the cache: names are what
// an event makes the state look at most.
type name struct {
	hash, next uint32 // of the index
	refs       uint32
	head       uint32 // of a call ID: its call; of a device: the first of its monitors
	items      uint32 // of a device: the first of its agents and features
	itemCount  uint32
	size       uint8 // of the bytes; 0 for those that are longer than nameInline: see long
	kind       nameKind
	form       csta.DeviceForm
	number     csta.NumberType
	inline     [nameInline]byte
}

// long returns where a name is that is not inline, and its size. They stand where a short one has its bytes.
func (n *name) long() (cell uint32, size int) {
	return binary.LittleEndian.Uint32(n.inline[:]), int(binary.LittleEndian.Uint16(n.inline[4:]))
}

func (n *name) setLong(cell uint32, size int) {
	binary.LittleEndian.PutUint32(n.inline[:], cell)
	binary.LittleEndian.PutUint16(n.inline[4:], uint16(size))
}

func (n *name) link() (next *uint32, hash uint32) { return &n.next, n.hash }

// names holds every identifier the state refers to. Longer ones lie in cells of the power of two
// above their size, so that a name is always one slice.
type names struct {
	records slab[name]
	index   index[name, *name]
	long64  slab[[64]byte]
	long256 slab[[256]byte]
	long1k  slab[[nameMax]byte]
	devices int // names of devices
}

func (n *names) setUp(limit int) {
	n.records.limit = limit
	n.long64.limit, n.long256.limit, n.long1k.limit = limit, limit, limit
	n.index.records = &n.records
}

// bytes returns the bytes of a name, borrowed until it is dropped.
func (n *names) bytes(i uint32) []byte {
	if i == 0 {
		return nil
	}
	return n.text(n.records.at(i))
}

// text is bytes of a record.
func (n *names) text(rec *name) []byte {
	if rec.size == 0 {
		cell, size := rec.long()
		return n.cell(cell, size)
	}
	return rec.inline[:rec.size]
}

// cell returns the bytes of a name that is not inline.
func (n *names) cell(i uint32, size int) []byte {
	switch {
	case size <= 64:
		return n.long64.at(i)[:size]
	case size <= 256:
		return n.long256.at(i)[:size]
	default:
		return n.long1k.at(i)[:size]
	}
}

// device returns the device identifier of a name, borrowed; absent for 0.
func (n *names) device(i uint32) csta.DeviceID {
	if i == 0 {
		return csta.DeviceID{}
	}
	rec := n.records.at(i)
	return csta.DeviceID{Form: rec.form, Type: rec.number, Number: n.text(rec)}
}

// is reports whether name i has the bytes b.
func (n *names) is(i uint32, b []byte) bool { return i != 0 && bytes.Equal(n.bytes(i), b) }

// sameDevice reports whether name i is the identifier d, its form included.
func (n *names) sameDevice(i uint32, d csta.DeviceID) bool {
	return i != 0 && n.same(n.records.at(i), d)
}

func (n *names) same(rec *name, d csta.DeviceID) bool {
	return rec.form == d.Form && rec.number == d.Type && bytes.Equal(n.text(rec), d.Number)
}

// find returns the name of kind with the bytes and the form of d, or 0.
func (n *names) find(kind nameKind, d csta.DeviceID) uint32 {
	if len(d.Number) == 0 || n.index.buckets == 0 {
		return 0
	}
	hash := hashBytes(uint64(kind), d.Number)
	for i := *n.index.first(hash); i != 0; {
		rec := n.records.at(i)
		if rec.hash == hash && rec.kind == kind && n.same(rec, d) {
			return i
		}
		i = rec.next
	}
	return 0
}

// eachForm calls visit for every device name with the bytes b, whatever its form.
func (n *names) eachForm(b []byte, visit func(i uint32)) {
	if len(b) == 0 || n.index.buckets == 0 {
		return
	}
	hash := hashBytes(uint64(nameDevice), b)
	for i := *n.index.first(hash); i != 0; {
		rec := n.records.at(i)
		next := rec.next
		if rec.hash == hash && rec.kind == nameDevice && bytes.Equal(n.text(rec), b) {
			visit(i)
		}
		i = next
	}
}

// findCall returns the name of a call ID, or 0.
func (n *names) findCall(id csta.CallID) uint32 {
	return n.find(nameCall, csta.DeviceID{Number: id})
}

// take returns the name of kind with the bytes and form of d, made where it is new, and counts the
// reference. It returns 0 for an empty one, one longer than nameMax and at the limit.
func (n *names) take(kind nameKind, d csta.DeviceID) uint32 {
	if len(d.Number) == 0 {
		return 0
	}
	if i := n.find(kind, d); i != 0 {
		n.records.at(i).refs++
		return i
	}
	if len(d.Number) > nameMax {
		return 0
	}
	i, rec := n.records.alloc()
	if rec == nil {
		return 0
	}
	rec.kind, rec.form, rec.number = kind, d.Form, d.Type
	rec.refs, rec.hash = 1, hashBytes(uint64(kind), d.Number)
	if len(d.Number) <= nameInline {
		rec.size = uint8(copy(rec.inline[:], d.Number))
	} else {
		n.keepLong(rec, d.Number)
	}
	n.index.insert(i)
	if kind == nameDevice {
		n.devices++
	}
	return i
}

// keepLong puts the bytes of a name that is not inline into a cell. There are as many as names.
func (n *names) keepLong(rec *name, b []byte) {
	var cell uint32
	switch size := len(b); {
	case size <= 64:
		cell, _ = n.long64.alloc()
	case size <= 256:
		cell, _ = n.long256.alloc()
	default:
		cell, _ = n.long1k.alloc()
	}
	rec.setLong(cell, len(b))
	copy(n.cell(cell, len(b)), b)
}

// dropLong gives the cell of a name back.
func (n *names) dropLong(rec *name) {
	switch cell, size := rec.long(); {
	case size <= 64:
		n.long64.release(cell)
	case size <= 256:
		n.long256.release(cell)
	default:
		n.long1k.release(cell)
	}
}

// takeDevice is take for a device, takeText for any other text.
func (n *names) takeDevice(d csta.DeviceID) uint32 { return n.take(nameDevice, d) }

func (n *names) takeText(b []byte) uint32 { return n.take(nameText, csta.DeviceID{Number: b}) }

// again counts one more reference to a name.
func (n *names) again(i uint32) uint32 {
	if i != 0 {
		n.records.at(i).refs++
	}
	return i
}

// drop gives a reference back; a name without any is gone.
func (n *names) drop(i uint32) {
	if i == 0 {
		return
	}
	rec := n.records.at(i)
	if rec.refs == 0 {
		panic("state: a name was dropped more often than taken")
	}
	rec.refs--
	if rec.refs > 0 {
		return
	}
	n.index.remove(i)
	if rec.kind == nameDevice {
		n.devices--
	}
	if rec.size == 0 {
		n.dropLong(rec)
	}
	n.records.release(i)
}

// canonical returns d in the form it is compared in: a number without a type of number is a
// dialling number (ECMA-323, typeOfNumber).
func canonical(d csta.DeviceID) csta.DeviceID {
	if d.Form == csta.DeviceAbsent {
		d.Form = csta.DeviceDialingNumber
	}
	return d
}

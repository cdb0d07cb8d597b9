package state

import (
	"bytes"

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
// two names with one hash.
type name struct {
	hash, next uint32 // of the index
	refs       uint32
	head       uint32 // of a call ID: its call; of a device: the first of its monitors
	items      uint32 // of a device: the first of its agents and features
	itemCount  uint32
	long       uint32 // the cell of its bytes, for those longer than nameInline
	size       uint16
	kind       nameKind
	form       csta.DeviceForm
	number     csta.NumberType
	inline     [nameInline]byte
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
	rec := n.records.at(i)
	if rec.size <= nameInline {
		return rec.inline[:rec.size]
	}
	return n.cell(rec)[:rec.size]
}

// cell returns the cell of a name that is not inline.
func (n *names) cell(rec *name) []byte {
	switch {
	case rec.size <= 64:
		return n.long64.at(rec.long)[:]
	case rec.size <= 256:
		return n.long256.at(rec.long)[:]
	default:
		return n.long1k.at(rec.long)[:]
	}
}

// device returns the device identifier of a name, borrowed; absent for 0.
func (n *names) device(i uint32) csta.DeviceID {
	if i == 0 {
		return csta.DeviceID{}
	}
	rec := n.records.at(i)
	return csta.DeviceID{Form: rec.form, Type: rec.number, Number: n.bytes(i)}
}

// is reports whether name i has the bytes b.
func (n *names) is(i uint32, b []byte) bool { return i != 0 && bytes.Equal(n.bytes(i), b) }

// sameDevice reports whether name i is the identifier d, its form included.
func (n *names) sameDevice(i uint32, d csta.DeviceID) bool {
	if i == 0 {
		return false
	}
	rec := n.records.at(i)
	return rec.form == d.Form && rec.number == d.Type && bytes.Equal(n.bytes(i), d.Number)
}

// find returns the name of kind with the bytes and the form of d, or 0.
func (n *names) find(kind nameKind, d csta.DeviceID) uint32 {
	if len(d.Number) == 0 || n.index.buckets == 0 {
		return 0
	}
	hash := hashBytes(uint64(kind), d.Number)
	for i := *n.index.first(hash); i != 0; i = n.records.at(i).next {
		rec := n.records.at(i)
		if rec.hash == hash && rec.kind == kind && n.sameDevice(i, d) {
			return i
		}
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
		if rec.hash == hash && rec.kind == nameDevice && n.is(i, b) {
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
	rec.size, rec.refs = uint16(len(d.Number)), 1
	rec.hash = hashBytes(uint64(kind), d.Number)
	switch {
	case rec.size <= nameInline:
		copy(rec.inline[:], d.Number)
	case rec.size <= 64:
		rec.long, _ = n.long64.alloc()
	case rec.size <= 256:
		rec.long, _ = n.long256.alloc()
	default:
		rec.long, _ = n.long1k.alloc()
	}
	if rec.size > nameInline {
		copy(n.cell(rec), d.Number)
	}
	n.index.insert(i)
	if kind == nameDevice {
		n.devices++
	}
	return i
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
	switch {
	case rec.size <= nameInline:
	case rec.size <= 64:
		n.long64.release(rec.long)
	case rec.size <= 256:
		n.long256.release(rec.long)
	default:
		n.long1k.release(rec.long)
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

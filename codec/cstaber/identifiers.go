package cstaber

import (
	"strconv"

	"haproxy/codec/ber"
	"haproxy/codec/csta"
)

// A device identifier. The CHOICE stands alone in phases I and II, in a SEQUENCE in phase III:
//
//	80 dialingNumber IA5 | 81 deviceNumber INTEGER | 82 implicitPublic IA5 | A3 { 8n explicitPublic IA5 }
//	| 84 implicitPrivate IA5 | A5 { 8n explicitPrivate IA5 } | 86 other OCTETS
//	III  30 { CHOICE | [A0 privateNumber] | [A1 privateName] | [30 mediaCallCharacteristics] }
//
// The devices of events, 61 to 69, are explicit tags around it, or around why there is none:
//
//	61 Calling  62 Called  63 Subject  64 Redirection  65 66 Associated…  67 68 Network…  69 Extended
//	87 notKnown | 88 restricted (III), notRequired (I, II)
//	64  87 notKnown | 88 notRequired | 89 notSpecified | 8A restricted
const (
	tagCalling     ber.Tag = 0x61
	tagExtended    ber.Tag = 0x69
	tagRedirection ber.Tag = 0x64
	tagSubject     ber.Tag = 0x63
	tagNotKnown    ber.Tag = 0x87
)

// device reads a device in either form: the choice by itself or within a tag.
func (d *decoder) device(e *ber.Element, id *csta.DeviceID) error {
	if isChoice(e.Tag) {
		return d.choice(e, id, false)
	}
	return d.role(e, id, false)
}

// role reads a device within a tag: that of its role, of its DeviceID, or one in their place.
func (d *decoder) role(e *ber.Element, id *csta.DeviceID, redirection bool) error {
	if !e.Tag.Constructed() {
		return e.Fault("a device is constructed")
	}
	if number := plainNumber(e.Bytes()); number != nil {
		*id = csta.DeviceID{Form: csta.DeviceDialingNumber, Number: number}
		return nil
	}
	var inner ber.Element
	c := e.Content()
	if !c.More() {
		return e.Fault("a device of nothing")
	}
	if err := c.Next(&inner); err != nil {
		return err
	}
	if inner.Tag == ber.Sequence {
		if c = inner.Content(); !c.More() {
			return inner.Fault("a device of nothing")
		}
		if err := c.Next(&inner); err != nil {
			return err
		}
	}
	return d.choice(&inner, id, redirection)
}

// plainNumber returns the digits of a DeviceID of phase III that is a dialing number and nothing else,
// which most are: 30 len { 80 len digits }, in short lengths. It returns nil for any other content.
func plainNumber(b []byte) []byte {
	if len(b) < 4 || len(b) > 0x7F || b[0] != byte(ber.Sequence) || b[2] != 0x80 ||
		int(b[1]) != len(b)-2 || int(b[3]) != len(b)-4 {
		return nil
	}
	return b[4:]
}

// isChoice reports whether a tag is one of the CHOICE of device identifiers.
func isChoice(tag ber.Tag) bool {
	key := tag &^ 0x20
	return key >= 0x80 && key <= 0x8A && tag != 0xA0 && tag != 0xA1
}

// choice reads one alternative of a device identifier; one that is not known leaves it absent.
func (d *decoder) choice(e *ber.Element, id *csta.DeviceID, redirection bool) (err error) {
	*id = csta.DeviceID{}
	switch e.Tag &^ 0x20 {
	case 0x80:
		id.Form = csta.DeviceDialingNumber
	case 0x81:
		id.Form = csta.DeviceNumber
		id.Number, err = d.decimal(e)
		return err
	case 0x82:
		id.Form = csta.DeviceImplicitPublic
	case 0x83:
		return d.typedNumber(e, id, csta.DeviceExplicitPublic)
	case 0x84:
		id.Form = csta.DeviceImplicitPrivate
	case 0x85:
		return d.typedNumber(e, id, csta.DeviceExplicitPrivate)
	case 0x86:
		id.Form = csta.DeviceOther
	case 0x87:
		id.Form = csta.DeviceNotKnown
		return nil
	case 0x88:
		id.Form = csta.DeviceNotRequired
		if !redirection && d.dialect.wrapped {
			id.Form = csta.DeviceRestricted
		}
		return nil
	case 0x89:
		id.Form = csta.DeviceNotSpecified
		return nil
	case 0x8A:
		id.Form = csta.DeviceRestricted
		return nil
	default:
		return nil
	}
	id.Number, err = d.octets(e)
	return err
}

// typedNumber reads an explicit number: its type is the tag. As a device of a connection, 83 is no
// number but the dynamic identifier.
func (d *decoder) typedNumber(e *ber.Element, id *csta.DeviceID, form csta.DeviceForm) (err error) {
	if !e.Tag.Constructed() {
		if e.Tag != 0x83 {
			return e.Fault("an explicit number is constructed")
		}
		id.Form, id.Number = csta.DeviceDynamic, e.Bytes()
		return nil
	}
	var inner ber.Element
	c := e.Content()
	if err = next(&c, &inner, e, "an explicit number of nothing"); err != nil {
		return err
	}
	if inner.Tag&^0x3F != 0x80 || inner.Tag&0x1F > 6 {
		return nil
	}
	id.Form, id.Type = form, csta.NumberType(inner.Tag&0x1F)
	id.Number, err = d.octets(&inner)
	return err
}

// A connection identifier:
//
//	I, II  6B { [82 callID] | [80 static | 83 dynamic] }
//	III    6B { 80 callID | A1 { device } | 30 { 80 callID | A1 { device } } }
//	       device: 30 static DeviceID | 83 dynamic
const tagConnection ber.Tag = 0x6B

// connection reads a connection identifier, whatever its tag.
func (d *decoder) connection(e *ber.Element, conn *csta.ConnectionID) error {
	if !e.Tag.Constructed() {
		return e.Fault("a connection is constructed")
	}
	var inner ber.Element
	*conn = csta.ConnectionID{}
	for c := e.Content(); c.More(); {
		err := c.Next(&inner)
		if err != nil {
			return err
		}
		switch {
		case inner.Tag == ber.Sequence && d.dialect.wrapped:
			c = inner.Content()
		case inner.Tag == 0xA1 && d.dialect.wrapped:
			err = d.localDevice(&inner, &conn.Device)
		case inner.Tag&^0x20 == 0x80 && d.dialect.wrapped, inner.Tag&^0x20 == 0x82 && !d.dialect.wrapped:
			conn.Call, err = d.octets(&inner)
		case !d.dialect.wrapped && isChoice(inner.Tag):
			err = d.choice(&inner, &conn.Device, false)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// localDevice reads the device of a connection of phase III.
func (d *decoder) localDevice(e *ber.Element, id *csta.DeviceID) (err error) {
	var inner ber.Element
	c := e.Content()
	if err = next(&c, &inner, e, "a device of nothing"); err != nil {
		return err
	}
	if inner.Tag&^0x20 == 0x83 {
		id.Form = csta.DeviceDynamic
		id.Number, err = d.octets(&inner)
		return err
	}
	return d.device(&inner, id)
}

// connection writes a connection identifier under a tag.
func (w *writer) connection(tag ber.Tag, conn *csta.ConnectionID) {
	outer := w.begin(tag)
	switch {
	case !w.dialect.wrapped:
		if len(conn.Call) > 0 {
			w.bytes(0x82, conn.Call)
		}
		w.connectionDevice(&conn.Device)
	case conn.Device.Form == csta.DeviceAbsent:
		w.bytes(0x80, conn.Call)
	case len(conn.Call) == 0:
		w.localDevice(&conn.Device)
	default:
		both := w.begin(ber.Sequence)
		w.bytes(0x80, conn.Call)
		w.localDevice(&conn.Device)
		w.end(both)
	}
	w.end(outer)
}

// connectionDevice writes the device of a connection of phases I and II.
func (w *writer) connectionDevice(id *csta.DeviceID) {
	switch {
	case id.Form == csta.DeviceAbsent:
	case id.Form == csta.DeviceDynamic && w.dialect.phase != Phase1:
		w.bytes(0x83, id.Number)
	case id.Form == csta.DeviceDialingNumber, id.Form == csta.DeviceNumber:
		w.choice(id, false)
	default:
		w.inexpressible = true
	}
}

// localDevice writes the device of a connection of phase III.
func (w *writer) localDevice(id *csta.DeviceID) {
	outer := w.begin(0xA1)
	if id.Form == csta.DeviceDynamic {
		w.bytes(0x83, id.Number)
	} else {
		w.deviceID(ber.Sequence, id)
	}
	w.end(outer)
}

// deviceID writes a DeviceID: in phase III under a tag, in the others as it is.
func (w *writer) deviceID(tag ber.Tag, id *csta.DeviceID) {
	if !id.Known() {
		w.inexpressible = true
		return
	}
	if !w.dialect.wrapped {
		w.choice(id, false)
		return
	}
	seq := w.begin(tag)
	w.choice(id, false)
	w.end(seq)
}

// role writes a device under the tag of its role, or an implicit one in its place.
func (w *writer) role(tag ber.Tag, id *csta.DeviceID) {
	outer := w.begin(tag)
	if id.Known() && w.dialect.wrapped {
		w.deviceID(ber.Sequence, id)
	} else {
		w.choice(id, tag == tagRedirection)
	}
	w.end(outer)
}

// choice writes one alternative of a device identifier.
func (w *writer) choice(id *csta.DeviceID, redirection bool) {
	switch id.Form {
	case csta.DeviceDialingNumber:
		w.bytes(0x80, id.Number)
	case csta.DeviceNumber:
		w.decimal(0x81, id.Number)
	case csta.DeviceImplicitPublic:
		w.bytes(0x82, id.Number)
	case csta.DeviceExplicitPublic:
		w.typedNumber(0xA3, id)
	case csta.DeviceImplicitPrivate:
		w.bytes(0x84, id.Number)
	case csta.DeviceExplicitPrivate:
		w.typedNumber(0xA5, id)
	case csta.DeviceOther:
		w.bytes(0x86, id.Number)
	case csta.DeviceNotKnown:
		w.null(tagNotKnown)
	case csta.DeviceNotRequired:
		w.reason(0x88, redirection || !w.dialect.wrapped)
	case csta.DeviceNotSpecified:
		w.reason(0x89, redirection && w.dialect.wrapped)
	case csta.DeviceRestricted:
		if redirection {
			w.reason(0x8A, w.dialect.wrapped)
		} else {
			w.reason(0x88, w.dialect.wrapped)
		}
	default: // a dynamic identifier is one of connections alone
		w.inexpressible = true
	}
}

// reason writes why there is no device, if this is the place and phase for it. In all others
// notKnown stands for it.
func (w *writer) reason(tag ber.Tag, fits bool) {
	if !fits {
		tag = tagNotKnown
	}
	w.null(tag)
}

// decimal writes digits as an INTEGER, which has no form for zeros before them.
func (w *writer) decimal(tag ber.Tag, digits []byte) {
	var room [20]byte
	n, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil || string(strconv.AppendInt(room[:0], n, 10)) != string(digits) {
		w.inexpressible = true
		return
	}
	w.int(tag, n)
}

func (w *writer) typedNumber(tag ber.Tag, id *csta.DeviceID) {
	outer := w.begin(tag)
	w.bytes(0x80+ber.Tag(id.Type), id.Number)
	w.end(outer)
}

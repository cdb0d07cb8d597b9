package cstaber

import (
	"haproxy/codec/ber"
	"haproxy/codec/csta"
)

// The argument of an event report, operation 21:
//
//	I    30 { 55 crossRef | 80 eventType | 30 { info } }
//	II   30 { 55 crossRef | Ag { Ae { 30 { info } } } | [7E extensions] }
//	III  30 { 55 crossRef | Ag { Ae { info } } }
//
// g is the group and e the event in it. The event alternative of phase III is IMPLICIT, that of
// phase II explicit.
const tagCrossRef ber.Tag = 0x55

// report reads the argument of an event report.
func (d *decoder) report(argument *ber.Element) error {
	if argument.Tag != ber.Sequence {
		return argument.Fault("not an event report")
	}
	var e ber.Element
	c := argument.Content()
	if err := next(&c, &e, argument, "the cross reference is missing"); err != nil {
		return err
	}
	if e.Tag.Primitive() != tagCrossRef {
		return e.Fault("not a cross reference")
	}
	value, err := d.octets(&e)
	if err != nil {
		return err
	}
	d.msg.CrossRef, d.crossRef = value, e.Offset
	if err := next(&c, &e, argument, "the event is missing"); err != nil {
		return err
	}
	if d.dialect.numbered {
		return d.numberedEvent(argument, &c, &e)
	}
	group := e
	content := group.Content()
	if group.Tag&^0x1F != 0xA0 {
		return group.Fault("not a group of events")
	}
	if err := next(&content, &e, &group, "the event is missing"); err != nil {
		return err
	}
	info := e.Content()
	if e.Tag&^0x1F != 0xA0 {
		return e.Fault("not an event")
	}
	entry := d.dialect.event(int32(group.Tag&0x1F), int32(e.Tag&0x1F))
	if d.dialect.explicit {
		if err := d.explicitEvent(&c, &info, &e, entry); err != nil {
			return err
		}
	}
	return d.event(&info, entry)
}

// numberedEvent reads the event of phase I from its number on.
func (d *decoder) numberedEvent(argument *ber.Element, c *ber.Cursor, number *ber.Element) error {
	if number.Tag != 0x80 {
		return number.Fault("not an event type")
	}
	n, err := number.Int()
	if err != nil {
		return err
	}
	entry := d.dialect.event(0, n)
	if !c.More() {
		return d.event(c, entry)
	}
	var e ber.Element
	if err := next(c, &e, argument, ""); err != nil {
		return err
	}
	info := e.Content()
	if e.Tag != ber.Sequence {
		info = ber.Cursor{}
	}
	return d.event(&info, entry)
}

// explicitEvent goes into the SEQUENCE of an event of phase II, and reads the extensions behind it.
func (d *decoder) explicitEvent(rest, info *ber.Cursor, e *ber.Element, entry *eventEntry) error {
	if info.More() {
		inner := *info
		if err := inner.Next(e); err != nil {
			return err
		}
		if e.Tag == ber.Sequence && !inner.More() {
			*info = e.Content()
		}
	}
	for rest.More() {
		if err := rest.Next(e); err != nil {
			return err
		}
		if e.Tag == tagExtensions && (entry == nil || entry.event != csta.EventPrivate) {
			d.msg.Private = e.Bytes()
		}
	}
	return nil
}

// event reads the fields of an event.
func (d *decoder) event(info *ber.Cursor, entry *eventEntry) error {
	if entry == nil {
		return nil
	}
	d.msg.Event = entry.event
	if err := d.fields(info, entry.info.parts); err != nil {
		return err
	}
	if entry.pending != csta.AgentNone {
		d.msg.Pending = entry.pending
	}
	d.finish()
	return nil
}

// report writes the argument of an event report.
func (w *writer) report(m *csta.Message) {
	entry := w.dialect.eventOf(m)
	if entry == nil {
		w.inexpressible = true
		return
	}
	argument := w.begin(ber.Sequence)
	w.bytes(tagCrossRef, m.CrossRef)
	if w.dialect.numbered {
		w.int(0x80, int64(entry.number))
		info := w.begin(ber.Sequence)
		w.fields(m, entry.info.parts)
		w.end(info)
		w.end(argument)
		return
	}
	group := w.begin(0xA0 + ber.Tag(entry.group))
	event := w.begin(0xA0 + ber.Tag(entry.number))
	if w.dialect.explicit {
		info := w.begin(ber.Sequence)
		w.fields(m, entry.info.parts)
		w.end(info)
	} else {
		w.fields(m, entry.info.parts)
	}
	w.end(event)
	w.end(group)
	if w.dialect.explicit && len(m.Private) > 0 && m.Event != csta.EventPrivate {
		w.wellFormed(m.Private)
		w.bytes(tagExtensions, m.Private)
	}
	w.end(argument)
}

package cstaber

import (
	"slices"

	"haproxy/codec"
	"haproxy/codec/ber"
	"haproxy/codec/csta"
	"haproxy/codec/mould"
)

// skippedMax is how many elements of an event that mean nothing here may differ in the next one.
const skippedMax = 16

// known is what is kept with the mould of an event report.
type known struct {
	invoke mould.Span // the content of the invoke ID
}

// recall resets msg and fills it from a frame that is one of before but for its texts, and reports whether it is.
func (c *Codec) recall(msg *csta.Message, frm []byte) bool {
	of := c.moulds.Decode(msg, frm)
	if of == nil {
		return false
	}
	msg.Invoke = csta.InvokeID(ber.Signed(frm[of.invoke.Start:of.invoke.End]))
	return true
}

// keep makes a mould of an event report that was read. What may differ in one like it are the texts of the message,
// the elements that mean nothing here, and the invoke ID.
func (c *Codec) keep(msg *csta.Message, frm []byte) {
	d := &c.decoder
	m, of := c.moulds.Offer(msg, frm)
	if m == nil || d.unmouldable || !m.Cast(frm, c.framing.HeaderLen(), msg, false) {
		return
	}
	d.free = append(m.Texts(d.free[:0]), d.skipped[:d.skippedCount]...)
	if !definite(ber.Read(frm, c.framing.HeaderLen()), d.free, codec.MaxDepth) {
		return // where an element ends depends on what is in it
	}
	m.Free(d.invokeID)
	for _, at := range d.free {
		m.Free(at)
	}
	of.invoke = d.invokeID
	c.moulds.Keep()
}

// definite reports whether all elements have definite lengths. In those that may differ it does not look.
func definite(c ber.Cursor, free []mould.Span, levels int) bool {
	var e ber.Element
	for c.More() {
		if levels == 0 || c.Next(&e) != nil || e.Indefinite() {
			return false
		}
		at := mould.Span{Start: e.Start(), End: e.Stop()}
		if e.Tag.Constructed() && !slices.Contains(free, at) && !definite(e.Content(), free, levels-1) {
			return false
		}
	}
	return true
}

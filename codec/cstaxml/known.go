package cstaxml

import (
	"slices"

	"haproxy/codec/csta"
	"haproxy/codec/frame"
	"haproxy/codec/mould"
)

// known is what is kept with the mould of an event.
type known struct {
	shape              *shape
	crossRef, register span // where the identifiers are that can be rewritten
}

// recall resets msg and fills it from a frame that is one of before but for its texts, and returns what is known of
// it, nil where it is none.
func (c *Codec) recall(msg *csta.Message, invoke csta.InvokeID, frm []byte) *known {
	of := c.moulds.Decode(msg, frm)
	if of != nil {
		msg.Invoke = invoke
		c.decoder.crossRef, c.decoder.register = of.crossRef, of.register
	}
	return of
}

// keep makes a mould of a frame that was decoded by its shape. What may differ in one like it are the texts of the
// message, and the values that nothing is done with.
func (c *Codec) keep(s *shape, msg *csta.Message, frm []byte) {
	m, of := c.moulds.Offer(msg, frm)
	if m == nil || !m.Cast(frm, frame.ECMA323HeaderLen, msg, true) {
		return
	}
	*of = known{s, c.decoder.crossRef, c.decoder.register}
	for i := range s.slots {
		at := mould.Span{Start: c.shapes.slots[i].start, End: c.shapes.slots[i].end}
		if m.Has(at) || !slices.ContainsFunc(s.steps, func(st step) bool { return st.slot == i }) {
			m.Free(at)
		}
	}
	c.moulds.Keep()
}

package cstaber

import (
	"slices"

	"haproxy/codec"
	"haproxy/codec/ber"
	"haproxy/codec/csta"
	"haproxy/codec/mould"
)

// The bounds of what a leg remembers of its events, mouldSets × mouldWays at most.
const (
	mouldSets  = 32
	mouldWays  = 6
	mouldMax   = 1024 // octets of a frame
	missesMax  = 64   // frames without a mould, after which only one of missesEach is tried
	missesEach = 16
	skippedMax = 16 // elements of a frame that mean nothing here
)

// moulds are the event reports that a leg had, by their lengths: see package mould. What came last of a set is first.
type moulds struct {
	sets   [mouldSets][mouldWays]*pressed
	seen   [256]uint32 // kinds of events met once: only what comes again is cast
	full   int         // how often a full set turned an event away
	misses int         // events without a mould, since the last with one
	spare  *pressed    // to be cast next
}

// pressed is the mould of an event report.
type pressed struct {
	mould.Mould
	event  int        // where the octet is that says which event it is
	invoke mould.Span // the content of the invoke ID
}

// decode resets msg and fills it from an event report that differs from one known in its texts alone. It reports
// whether there is such a one, and else leaves msg as it was.
func (m *moulds) decode(msg *csta.Message, frm []byte) bool {
	if m.misses > missesMax && m.misses%missesEach != 0 {
		return false
	}
	set := &m.sets[len(frm)%mouldSets]
	for i, p := range set {
		if p == nil {
			return false
		}
		if p.Len() != len(frm) || p.Octet(p.event) != frm[p.event] || !p.Decode(msg, frm, false) {
			continue
		}
		set[0], set[i] = p, set[0]
		m.misses = 0
		invoke := int32(int8(frm[p.invoke.Start]))
		for _, octet := range frm[p.invoke.Start+1 : p.invoke.End] {
			invoke = invoke<<8 | int32(octet)
		}
		msg.Invoke = csta.InvokeID(invoke)
		return true
	}
	return false
}

// learn takes an event that had no mould. A full set takes one of many, in place of its last, so that a peer whose
// events are all different costs little.
func (m *moulds) learn(d *decoder, msg *csta.Message, frm []byte) {
	if m.misses++; len(frm) > mouldMax || d.unmouldable || m.misses > missesMax && m.misses%missesEach != 0 {
		return
	}
	kind := 1 | uint32(len(frm))<<24 ^ uint32(msg.Event)<<16 ^ uint32(msg.Cause)<<8 ^ uint32(msg.Local)<<4
	seen := &m.seen[(kind>>24^kind>>16^kind>>8^kind)%uint32(len(m.seen))]
	if *seen != kind {
		*seen = kind
		return
	}
	set := &m.sets[len(frm)%mouldSets]
	i := 0
	for i < len(set) && set[i] != nil {
		i++
	}
	if i == len(set) {
		if m.full++; m.full%missesEach != 0 {
			return
		}
		i--
	}
	if m.spare == nil {
		m.spare = new(pressed)
	}
	if d.cast(m.spare, msg, frm) {
		set[i], m.spare = m.spare, nil
	}
}

// cast makes the mould of an event that was read, and reports whether there is one. What may differ are the texts of
// the message, the elements that mean nothing here, and the invoke ID.
func (d *decoder) cast(p *pressed, msg *csta.Message, frm []byte) bool {
	if p.event, p.invoke = d.eventAt, d.invokeID; !p.Cast(frm, d.start, msg) {
		return false
	}
	free := append(p.Texts(nil), d.skipped[:d.skippedCount]...)
	if !definite(ber.Read(frm, d.start), free, codec.MaxDepth) {
		return false // where an element ends depends on what is in it
	}
	for _, at := range append(free, d.invokeID) {
		p.Free(at)
	}
	return p.Len() > 0
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

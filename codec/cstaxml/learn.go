package cstaxml

import "bytes"

// lesson records a full scan as a shape: which texts are values, and every effect in its order. It
// is given up where an effect takes a value that is not one text, such as one with a comment
// inside.
type lesson struct {
	slots  []span
	steps  []step
	failed bool

	text span // the last text, if its element has had no other
	runs int  // texts since the last start tag
}

// begin starts over.
func (l *lesson) begin() { *l = lesson{slots: l.slots[:0], steps: l.steps[:0]} }

// start records the start of an element.
func (l *lesson) start(e *element) {
	l.runs = 0
	if e.rule.do.begins() {
		l.steps = append(l.steps, step{rule: e.rule, slot: -1})
	}
}

// run records a text, or one part of it.
func (l *lesson) run(start, end int) {
	l.text = span{start, end}
	l.runs++
}

// close records the end of an element whose content ends at end.
func (l *lesson) close(e *element, end int) {
	slot := -1
	if l.runs == 1 && l.text == (span{e.content, end}) {
		slot = len(l.slots)
		l.slots = append(l.slots, l.text)
	}
	l.runs = 2 // whatever follows does not stand alone in its element
	st := step{rule: e.rule, number: e.number, slot: slot}
	switch {
	case e.rule.do == doNothing || e.rule.do.begins():
		return
	case e.rule.do.raw():
		st.slot, st.start, st.end = -1, l.position(e.content), l.position(end)
	case slot < 0 && (len(e.value) > 0 || e.rule.do == doCrossRef || e.rule.do == doRegister):
		l.failed = true
	case slot < 0 && e.rule.do == doDevice:
		return // an empty value is no device
	}
	l.steps = append(l.steps, st)
}

// position returns an offset of the frame from the end of the value before it.
func (l *lesson) position(offset int) position {
	n := len(l.slots)
	for n > 0 && l.slots[n-1].end > offset {
		n--
	}
	if n == 0 {
		return position{offset: offset}
	}
	return position{slots: n, offset: offset - l.slots[n-1].end}
}

// worth reports whether a frame is to be learned: one of a key that was met before.
func (c *shapes) worth(frm []byte, key uint32) bool {
	if key == 0 || len(frm) > shapeMax {
		return false
	}
	seen := &c.seen[key>>8%uint32(len(c.seen))]
	if *seen != key {
		*seen = key
		return false
	}
	return true
}

// keep makes a lesson a shape. A full bucket takes one shape of many, in place of its last, so that
// a peer whose messages are all different costs little.
func (c *shapes) keep(d *decoder, st *style, frm []byte, key uint32) {
	l := &c.lesson
	if l.failed || d.root == nil || len(l.slots) > slotMax || len(l.steps) > stepMax {
		return
	}
	s := &shape{
		template: bytes.Clone(frm),
		slots:    append([]span(nil), l.slots...),
		steps:    append([]step(nil), l.steps...),
		root:     d.root,
		style:    st,
		name:     d.local,
		crossRef: slotOf(l.steps, doCrossRef),
		register: slotOf(l.steps, doRegister),
	}
	if !c.match(s, frm) {
		return // a value that only the full scan reads: the shape would not be met again
	}
	bucket := &c.buckets[key/2%shapeBuckets]
	i := 0
	for i < len(bucket) && bucket[i] != nil {
		i++
	}
	if i == len(bucket) {
		if c.refused++; c.refused%16 != 0 {
			return
		}
		i--
	}
	bucket[i] = s
}

// slotOf returns the slot of the last step with an effect, -1 for none.
func slotOf(steps []step, do effect) int {
	for i := len(steps) - 1; i >= 0; i-- {
		if steps[i].rule.do == do && steps[i].slot >= 0 {
			return steps[i].slot
		}
	}
	return -1
}

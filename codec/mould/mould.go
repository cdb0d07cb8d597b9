package mould

import (
	"bytes"
	"encoding/binary"
	"slices"

	"haproxy/codec/csta"
)

// Span is where octets of a frame lie.
type Span struct{ Start, End int }

// Mould is one event and the frame it was decoded from. The texts in the frame are overwritten with those of each
// frame that is tried: both frames are equal then, or differ in more. Long texts are passed over.
//
//	frame      <E><callID>4711</callID><cause>newCall</cause></E>
//	texts                  4711                                    Subject.Call
//	stretches              4711</ca                                of which the first four octets may differ
//
// The zero value is cast from no frame, and fits none.
type Mould struct {
	frame     []byte
	start     int  // what comes before is not compared
	plain     bool // what differs has to be plain
	probe     int  // an octet that the last frame which did not fit had otherwise
	message   csta.Message
	texts     []text
	stretches []stretch
	long      []Span // octets that may differ as well: blocks of a long text, as the frame had them
	compared  []Span // what is not long
}

// text is where a text of the message lies.
type text struct {
	field int // of fields
	at    Span
}

// stretch is eight octets of a frame, of which those of the mask may differ.
type stretch struct {
	start int
	mask  uint64
}

const (
	frameMax = 2048 // octets of a frame that is kept
	block    = 32   // octets of a long text that are looked at in one: fewer are cut into stretches
)

// Cast makes m the mould of a frame and of the event that it was decoded to, and reports whether it is one: not of a
// long frame, nor of a message that has a list, or a text that does not lie in the frame. The frame is copied. What
// comes before start is not compared; of the rest nothing may differ, until Free says so. With plain, what differs has
// to be text that means itself in XML: characters of ASCII, no control, and neither <, & nor ]; and the texts of the
// message have no space around them.
func (m *Mould) Cast(frm []byte, start int, msg *csta.Message, plain bool) bool {
	*m = Mould{
		frame: m.frame[:0], start: start, plain: plain, probe: start,
		texts: m.texts[:0], stretches: m.stretches[:0], long: m.long[:0],
		compared: append(m.compared[:0], Span{start, len(frm)}),
	}
	if msg.Kind != csta.KindEvent || len(frm) > frameMax || len(msg.Scratch) > 0 || len(msg.Connections) > 0 ||
		len(msg.Agents) > 0 || len(msg.Forwards) > 0 || len(msg.Versions) > 0 {
		return false
	}
	m.message = *msg
	m.message.Connections, m.message.Agents, m.message.Forwards = nil, nil, nil
	m.message.Versions, m.message.Scratch, m.message.Invoke = nil, nil, 0
	for f, in := range fields {
		of := in(&m.message)
		if *of == nil {
			continue
		}
		at := place(frm, *of)
		if at.Start < 0 || plain && spaced(*of) {
			return false
		}
		*of = nil // it is borrowed
		m.texts = append(m.texts, text{f, at})
	}
	m.frame = append(m.frame, frm...)
	return true
}

// Has reports whether the octets of a span are a text of the message.
func (m *Mould) Has(at Span) bool {
	return slices.ContainsFunc(m.texts, func(t text) bool { return t.at == at })
}

// Texts appends where the texts of the message lie to dst, each place once.
func (m *Mould) Texts(dst []Span) []Span {
	for _, t := range m.texts {
		if t.at.End > t.at.Start && !slices.Contains(dst, t.at) {
			dst = append(dst, t.at)
		}
	}
	return dst
}

// Free says that octets of the frame may differ. No two spans lie over each other.
func (m *Mould) Free(at Span) {
	if len(m.frame) == 0 {
		return
	}
	pos := at.Start
	if end := at.End - (at.End-pos)%block; end > pos {
		if m.plain && oddIn(m.frame[pos:end], nil) != 0 {
			m.frame = m.frame[:0] // it would not fit itself
			return
		}
		m.pass(Span{pos, end})
		pos = end
	}
	for ; pos < at.End; pos += 8 {
		begin, mask := pos, ^uint64(0)>>(8*max(8-(at.End-pos), 0))
		if over := pos + 8 - len(m.frame); over > 0 { // at the frame's end
			begin, mask = pos-over, mask<<(8*over)
		}
		if begin < m.start {
			m.frame = m.frame[:0] // too short to be worth it
			return
		}
		m.stretches = append(m.stretches, stretch{begin, mask})
	}
}

// pass takes octets out of what is compared.
func (m *Mould) pass(long Span) {
	m.long = append(m.long, long)
	for i := range m.compared {
		if of := &m.compared[i]; of.Start <= long.Start && long.End <= of.End {
			m.compared = append(m.compared, Span{long.End, of.End})
			m.compared[i].End = long.Start
			return
		}
	}
}

// place returns where a text lies in a frame: Start is -1 where it does not, an empty one lies anywhere.
func place(frm, value []byte) Span {
	if len(value) == 0 {
		return Span{}
	}
	// a text that was cut out of the frame, and not of its room, has as much room as there is behind it
	if at := cap(frm) - cap(value); at >= 0 && at+len(value) <= len(frm) && &frm[at] == &value[0] {
		return Span{at, at + len(value)}
	}
	for at := 0; at+len(value) <= len(frm); at++ {
		if &frm[at] == &value[0] {
			return Span{at, at + len(value)}
		}
	}
	return Span{-1, -1}
}

// spaced reports whether there is a space around a text.
func spaced(value []byte) bool {
	return len(value) > 0 && (value[0] == ' ' || value[len(value)-1] == ' ')
}

// Decode resets msg and fills it from frm, if that is the frame that m was cast from but for what may differ, and
// reports whether it is. Its invoke ID is 0. Where it reports false, msg is as it was, or reset.
func (m *Mould) Decode(msg *csta.Message, frm []byte) bool {
	if len(frm) != len(m.frame) || len(frm) <= m.probe || frm[m.probe] != m.frame[m.probe] {
		return false
	}
	odd := m.overwrite(frm)
	for _, of := range m.compared {
		if !bytes.Equal(m.frame[of.Start:of.End], frm[of.Start:of.End]) {
			m.probe = of.Start
			for frm[m.probe] == m.frame[m.probe] { // what may differ does not any more
				m.probe++
			}
			return false
		}
	}
	if m.plain && (odd != 0 || m.oddLong(frm)) {
		return false
	}
	msg.CopyFrom(&m.message)
	for _, t := range m.texts {
		value := frm[t.at.Start:t.at.End:t.at.End]
		if m.plain && spaced(value) {
			msg.Reset()
			return false
		}
		*fields[t.field](msg) = value
	}
	return true
}

// overwrite puts what may differ of frm into the mould's frame, and returns what Odd says of it.
func (m *Mould) overwrite(frm []byte) (found uint64) {
	for _, s := range m.stretches {
		is, was := binary.LittleEndian.Uint64(frm[s.start:]), binary.LittleEndian.Uint64(m.frame[s.start:])
		found |= Odd(is&s.mask | spaces&^s.mask)
		binary.LittleEndian.PutUint64(m.frame[s.start:], was^(was^is)&s.mask)
	}
	return found
}

// oddLong reports whether there is anything in the long texts of frm that is not plain.
func (m *Mould) oddLong(frm []byte) bool {
	found := uint64(0)
	for _, at := range m.long {
		found |= oddIn(frm[at.Start:at.End], m.frame[at.Start:at.End])
	}
	return found != 0
}

// oddIn returns what Odd says of blocks of octets, but for those that are as plain ones before, which may be nil.
func oddIn(is, plain []byte) (found uint64) {
	for ; len(is) >= block; is = is[block:] {
		a, b := binary.LittleEndian.Uint64(is), binary.LittleEndian.Uint64(is[8:])
		c, d := binary.LittleEndian.Uint64(is[16:]), binary.LittleEndian.Uint64(is[24:])
		if len(plain) >= block {
			was := plain[:block]
			plain = plain[block:]
			if a == binary.LittleEndian.Uint64(was) && b == binary.LittleEndian.Uint64(was[8:]) &&
				c == binary.LittleEndian.Uint64(was[16:]) && d == binary.LittleEndian.Uint64(was[24:]) {
				continue
			}
		}
		found |= Odd(a) | Odd(b) | Odd(c) | Odd(d)
	}
	return found
}

const (
	ones   = 0x0101010101010101
	tops   = 0x8080808080808080
	spaces = ' ' * ones
)

// Odd returns 0 where eight octets, the first of them the lowest, are plain: see Cast. Else the lowest bit that is set
// is the highest of the first octet that is not; of those behind it nothing is said.
func Odd(w uint64) uint64 {
	less, amp, bracket := w^('<'*ones), w^('&'*ones), w^(']'*ones)
	return ((less - ones) | (amp - ones) | (bracket - ones) | (w - spaces) | w) & tops
}

package protocols

import (
	"haproxy/codec/ber"
	"haproxy/codec/csta"
	"haproxy/codec/cstaber"
)

// odd is an event that no phase has, or one whose last element is longer than what is around it:
//
//	A1 { 02 invoke | 02 operation 21 | 30 { 55 crossRef | event } }
func (p Protocol) odd(invoke csta.InvokeID, ref string, garbage bool) []byte {
	b := p.Framing.Begin(nil)
	b, pdu := ber.Begin(b, 0xA1)
	b = ber.AppendInt(b, ber.Integer, int64(invoke))
	b = ber.AppendInt(b, ber.Integer, 21)
	b, report := ber.Begin(b, ber.Sequence)
	b = ber.AppendBytes(b, 0x55, []byte(ref))
	switch {
	case garbage:
		b = append(b, 0x04, 0x7F, 0x00)
	case p.phase == cstaber.Phase1:
		b = ber.AppendInt(b, 0x80, 99)
		b = ber.AppendHeader(b, ber.Sequence, 0)
	default:
		b = ber.AppendBytes(b, 0xA0, []byte{0xBE, 0x00})
	}
	b = ber.End(ber.End(b, report), pdu)
	if err := p.Framing.Finish(b, 0); err != nil {
		panic(err) // it is short
	}
	return b
}

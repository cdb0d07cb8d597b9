package cstaber

import "haproxy/codec/ber"

// Private data. CSTACommonArguments of phases II and III closes most messages; a Message holds what
// is in it as it stands:
//
//	7E { [A0 security] | [A1 { private … }] }
//
// In Escape and PrivateEvent of phase III the private data is an element of any tag, which a Message
// holds with its header:
//
//	30 { [A0 { 04 escapeRegisterID }] | [30 security] | privateData }
const tagExtensions ber.Tag = 0x7E

// The private data is the last element, so a first SEQUENCE is it until another one follows.
var escape3 = standardGroup{
	services: `
51 Escape A0.04:register 30:privateData? **:privateData!
365 EscapeRegister = 7E:private 05:ack / A0.04:register! 7E:private
366 EscapeRegisterAbort A0.04:register! 7E:private
367 EscapeRegisterCancel A0.04:register! 7E:private
368 PrivateDataVersionSelection = 02:version!
`,
	events: `
7.0 Private 30:privateData? **:privateData!
`,
}

// escape2 was seen with extensions, and with a SEQUENCE of a vendor's own.
var escape2 = standardGroup{
	services: `
51 Escape = 7E:private! 30:private? / = 7E:private 05:ack
`,
	events: `
4.0 Private 30:private? A1:private? 7E:private!
`,
}

// escape1 is that of ECMA-180, from memory; events carry private data at their end.
var escape1 = standardGroup{
	services: `
51 Escape = 7D:private! 30:private? / = 7D:private 05:ack
`,
	events: `
4.1 Private 7D:private!
`,
}

// privateData writes an element that stands in the message with its header.
func (w *writer) privateData(element []byte) {
	if len(element) == 0 {
		w.bytes(ber.OctetString, nil)
		return
	}
	w.wellFormed(element)
	w.buf = append(w.buf, element...)
}

// wellFormed makes sure that what is to stand in the PDU as it is are elements.
func (w *writer) wellFormed(elements []byte) {
	c := ber.Read(elements, 0)
	if c.Check() != nil {
		w.inexpressible = true
	}
}

package cstaber

import (
	"haproxy/codec"
	"haproxy/codec/ber"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
	"haproxy/codec/mould"
)

// Phase is a phase of CSTA.
type Phase uint8

// The phases.
const (
	Phase1 Phase = iota + 1 // ECMA-179 and ECMA-180
	Phase2                  // ECMA-217 and ECMA-218
	Phase3                  // ECMA-269 and ECMA-285
)

// Codec translates the frames of one leg. The zero value is not usable.
type Codec struct {
	phase   Phase
	dialect *dialect
	framing frame.Framing
	decoder decoder
	writer  writer
	spare   csta.Message // of locate
	moulds  mould.Shelf[known]
}

var _ codec.Codec = (*Codec)(nil)

// New returns a Codec of a phase over a framing of the ASN.1 links.
func New(phase Phase, framing frame.Framing) *Codec {
	return &Codec{phase: phase, dialect: dialects[phase], framing: framing}
}

// scratchKeep is the most scratch that a message keeps for the next frame.
const scratchKeep = 128 << 10

// Decode resets msg and fills it from one whole frame. See codec.Codec.
func (c *Codec) Decode(msg *csta.Message, frm []byte) error {
	if cap(msg.Scratch) > scratchKeep {
		msg.Scratch = nil
	}
	if c.recall(msg, frm) {
		return nil
	}
	msg.Reset()
	err := c.read(msg, frm)
	switch {
	case err != nil:
		invoke := msg.Invoke
		msg.Reset()
		if msg.Invoke, msg.Problem = invoke, c.problem(frm); c.decoder.invoked {
			msg.Kind = csta.KindRequest
		}
	case msg.Kind == csta.KindEvent:
		c.keep(msg, frm)
	}
	return err
}

// problem returns what is to be said of a frame that could not be read: what its structure is, or else
// what the decoder came to.
func (c *Codec) problem(frm []byte) csta.Problem {
	if err := ber.Read(frm, c.framing.HeaderLen()).Check(); err != nil {
		return csta.ProblemBadlyStructured
	}
	return c.decoder.problem
}

// read fills a message that was reset.
func (c *Codec) read(msg *csta.Message, frm []byte) error {
	var e ber.Element
	d := &c.decoder
	d.problem, d.invoked = csta.ProblemBadlyStructured, false
	pdu := ber.Read(frm, c.framing.HeaderLen())
	if err := pdu.Next(&e); err != nil {
		return err
	}
	if pdu.More() {
		return e.Fault("more follows the PDU")
	}
	if e.Tag >= tagAARQ && e.Tag <= tagABRT {
		d.problem = csta.ProblemMistypedPDU
		return c.decodeACSE(msg, &e)
	}
	d.msg, d.dialect, d.crossRef, d.register = msg, c.dialect, 0, 0
	d.skippedCount, d.unmouldable = 0, false
	return d.rose(&e)
}

// Append appends the frame of msg to dst. See codec.Codec.
func (c *Codec) Append(dst []byte, msg *csta.Message) ([]byte, error) {
	w := &c.writer
	w.dialect, w.inexpressible = c.dialect, false
	w.buf = c.framing.Begin(dst)
	err := c.write(w, msg)
	if err == nil {
		err = c.framing.Finish(w.buf, len(dst))
	}
	out := w.buf
	w.buf = nil
	if err != nil {
		return dst, err
	}
	return out, nil
}

// write appends the PDU of msg.
func (c *Codec) write(w *writer, msg *csta.Message) error {
	if isACSE(msg) {
		var err error
		w.buf, err = c.appendACSE(w.buf, msg)
		return err
	}
	w.rose(msg)
	if w.inexpressible {
		return codec.ErrUnsupported
	}
	return nil
}

// The invoke IDs of requests of ours: they fit one or two octets, which every switch is known to
// take.
const (
	firstInvokeID csta.InvokeID = 1
	lastInvokeID  csta.InvokeID = 32767
)

// InvokeIDs returns 1 and 32767.
func (c *Codec) InvokeIDs() (first, last csta.InvokeID) { return firstInvokeID, lastInvokeID }

// EventInvokeID reports that events take fresh invoke IDs.
func (c *Codec) EventInvokeID() (id csta.InvokeID, fixed bool) { return 0, false }

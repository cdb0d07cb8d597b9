package cstaber

import (
	"haproxy/codec/ber"
	"haproxy/codec/csta"
	"haproxy/codec/mould"
)

// The PDUs of ROSE (X.229) as CSTA carries them, in all phases:
//
//	A1  ROIV  02 invokeID | [80 linkedID] | 02 operation | [argument]
//	A2  RORS  02 invokeID | [30 { 02 operation | result }]
//	A3  ROER  02 invokeID | 02 01 01 universalFailure | failure
//	A4  RORJ  02 invokeID or 05 00 | problem: 80 general, 81 invoke, 82 returnResult, 83 returnError
const (
	tagInvoke ber.Tag = 0xA1
	tagResult ber.Tag = 0xA2
	tagError  ber.Tag = 0xA3
	tagReject ber.Tag = 0xA4

	universalFailure = 1
	opEventReport    = 21
)

// rose reads a ROSE PDU.
func (d *decoder) rose(pdu *ber.Element) error {
	if pdu.Tag < tagInvoke || pdu.Tag > tagReject {
		d.problem = csta.ProblemUnrecognizedPDU
		return pdu.Fault("neither ROSE nor an association")
	}
	d.problem = csta.ProblemMistypedPDU
	var e ber.Element
	c := pdu.Content()
	if err := next(&c, &e, pdu, "the invoke ID is missing"); err != nil {
		return err
	}
	if e.Tag != ber.Integer && (e.Tag != ber.Null || pdu.Tag != tagReject) {
		return e.Fault("not an invoke ID")
	}
	if e.Tag == ber.Integer {
		id, err := e.Int()
		if err != nil {
			return err
		}
		d.msg.Invoke, d.invokeID = csta.InvokeID(id), mould.Span{Start: e.Start(), End: e.Stop()}
	}
	switch pdu.Tag {
	case tagInvoke:
		d.invoked = true
		return d.invoke(pdu, &c)
	case tagResult:
		return d.result(pdu, &c)
	case tagError:
		d.msg.Kind = csta.KindError
		return d.failed(pdu, &c)
	default:
		d.msg.Kind = csta.KindReject
		return d.rejected(pdu, &c)
	}
}

// invoke reads what follows the invoke ID of a ROIV.
func (d *decoder) invoke(pdu *ber.Element, c *ber.Cursor) error {
	var e ber.Element
	if err := next(c, &e, pdu, "the operation is missing"); err != nil {
		return err
	}
	if e.Tag == 0x80 { // linkedID
		if err := next(c, &e, pdu, "the operation is missing"); err != nil {
			return err
		}
	}
	operation, err := d.operation(&e)
	if err != nil {
		return err
	}
	d.problem = csta.ProblemMistypedArgument
	if operation == opEventReport {
		d.msg.Kind = csta.KindEvent
		if err := next(c, &e, pdu, "the event report is missing"); err != nil {
			return err
		}
		return d.report(&e)
	}
	d.msg.Kind = csta.KindRequest
	// A request goes to the switch as it stands: it is well-formed to the last element.
	if err := c.Check(); err != nil {
		return err
	}
	entry := d.dialect.entry(operation)
	if entry == nil {
		return nil
	}
	d.msg.Service = entry.service
	argument := *c
	if entry.choice != nil {
		if entry = entry.choice.find(argument); entry == nil {
			d.msg.Service = csta.ServiceUnknown
			return nil
		}
		d.msg.Service = entry.service
	}
	if err := d.content(c, entry.argument); err != nil {
		return err
	}
	d.finish()
	return nil
}

// result reads what follows the invoke ID of a RORS.
func (d *decoder) result(pdu *ber.Element, c *ber.Cursor) error {
	d.msg.Kind = csta.KindResponse
	if !c.More() {
		return nil
	}
	var e ber.Element
	if err := c.Next(&e); err != nil {
		return err
	}
	if e.Tag != ber.Sequence {
		return e.Fault("not a result")
	}
	r := e.Content()
	if err := next(&r, &e, pdu, "the operation is missing"); err != nil {
		return err
	}
	operation, err := d.operation(&e)
	if err != nil {
		return err
	}
	d.problem = csta.ProblemMistypedResult
	if err := r.Check(); err != nil {
		return err
	}
	entry := d.dialect.entry(operation)
	if entry == nil {
		return nil
	}
	d.msg.Service = entry.service
	if entry.choice != nil {
		if entry = entry.choice.answer(r); entry == nil {
			d.msg.Service = csta.ServiceUnknown
			return nil
		}
		d.msg.Service = entry.service
	}
	return d.content(&r, entry.result)
}

// operation reads an operation code; 0 is one of another number space.
func (d *decoder) operation(e *ber.Element) (int32, error) {
	switch e.Tag {
	case ber.Integer:
		return e.Int()
	case ber.OID:
		return 0, nil
	default:
		return 0, e.Fault("not an operation")
	}
}

// rejected reads what follows the invoke ID of a RORJ.
func (d *decoder) rejected(pdu *ber.Element, c *ber.Cursor) error {
	var e ber.Element
	if err := next(c, &e, pdu, "the problem is missing"); err != nil {
		return err
	}
	kind := csta.ProblemKind(e.Tag&0x1F) + csta.ProblemGeneral
	if e.Tag&^0x1F != 0x80 || kind > csta.ProblemReturnError {
		return e.Fault("not a problem")
	}
	value, err := e.Int()
	if err != nil {
		return err
	}
	if value < 0 || value > 255 {
		return e.Fault("a problem without a name")
	}
	d.msg.Problem = csta.Problem{Kind: kind, Value: uint8(value)}
	return nil
}

// next reads the next element, which has to be there.
func next(c *ber.Cursor, e, within *ber.Element, missing string) error {
	if !c.More() {
		return within.Fault(missing)
	}
	return c.Next(e)
}

// rose writes the PDU of a message.
func (w *writer) rose(m *csta.Message) {
	var pdu int
	switch m.Kind {
	case csta.KindRequest, csta.KindEvent:
		pdu = w.begin(tagInvoke)
		w.invokeID(m)
		w.invoke(m)
	case csta.KindResponse:
		pdu = w.begin(tagResult)
		w.invokeID(m)
		w.result(m)
	case csta.KindError:
		w.inexpressible = m.Service.Group() == csta.GroupSession
		pdu = w.begin(tagError)
		w.invokeID(m)
		w.int(ber.Integer, universalFailure)
		w.failure(m.Error)
	case csta.KindReject:
		pdu = w.begin(tagReject)
		w.reject(m)
	default:
		w.inexpressible = true
		return
	}
	w.end(pdu)
}

// invoke writes the operation and argument of a request or event.
func (w *writer) invoke(m *csta.Message) {
	if m.Kind == csta.KindEvent {
		w.int(ber.Integer, opEventReport)
		w.report(m)
		return
	}
	entry := w.dialect.service(m.Service)
	if entry == nil || entry.argument == nil {
		w.inexpressible = true
		return
	}
	w.int(ber.Integer, int64(entry.operation))
	w.content(m, entry.argument)
}

// result writes the operation and result of a response. Without a service there is no result.
func (w *writer) result(m *csta.Message) {
	if m.Service == csta.ServiceUnknown {
		return
	}
	entry := w.dialect.service(m.Service)
	if entry == nil || entry.result == nil {
		w.inexpressible = true
		return
	}
	seq := w.begin(ber.Sequence)
	w.int(ber.Integer, int64(entry.operation))
	w.content(m, entry.result)
	w.end(seq)
}

func (w *writer) invokeID(m *csta.Message) { w.int(ber.Integer, int64(m.Invoke)) }

// reject writes a problem. One of the PDU as a whole has no invoke ID to tell.
func (w *writer) reject(m *csta.Message) {
	p := m.Problem
	if p.Kind < csta.ProblemGeneral || p.Kind > csta.ProblemReturnError {
		w.inexpressible = true
		return
	}
	if p.Kind == csta.ProblemGeneral && m.Invoke == 0 {
		w.null(ber.Null)
	} else {
		w.invokeID(m)
	}
	w.int(0x80+ber.Tag(p.Kind-csta.ProblemGeneral), int64(p.Value))
}

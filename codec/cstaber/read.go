package cstaber

import (
	"strconv"

	"haproxy/codec/ber"
	"haproxy/codec/csta"
	"haproxy/codec/mould"
)

// decoder reads one PDU into a message. It remembers where the identifiers are that may be rewritten.
type decoder struct {
	msg      *csta.Message
	dialect  *dialect
	crossRef int          // where the element of the monitor cross reference begins, 0 if there is none
	register int          // that of the registration
	invoked  bool         // it is a ROIV, whose ID is the sender's own
	problem  csta.Problem // what is to be said of a PDU that cannot be read from here on

	// of an event report, for its mould
	invokeID     mould.Span // the content of the invoke ID
	skipped      [skippedMax]mould.Span
	skippedCount int          // contents that mean nothing here, as many as there is room for
	unmouldable  bool         // what differs in a text, or in one of these, may change more
	free         []mould.Span // the room of keep
}

// skip notes an element that means nothing here. The content of one of indefinite length says where it ends.
func (d *decoder) skip(e *ber.Element) {
	d.unmouldable = d.unmouldable || e.Indefinite()
	if d.skippedCount < len(d.skipped) {
		d.skipped[d.skippedCount] = mould.Span{Start: e.Start(), End: e.Stop()}
		d.skippedCount++
	}
}

// content reads an argument or result by its layout. What stands in another element than it should is
// passed over.
func (d *decoder) content(c *ber.Cursor, l *layout) error {
	if l == nil || !c.More() {
		return nil
	}
	if l.root == 0 {
		return d.fields(c, l.parts)
	}
	var e ber.Element
	if err := c.Next(&e); err != nil {
		return err
	}
	if e.Tag != l.root {
		return nil
	}
	inner := e.Content()
	return d.fields(&inner, l.parts)
}

// fields reads the elements of a layout. One that the layout does not have, or not there, is passed
// over.
func (d *decoder) fields(c *ber.Cursor, parts []part) error {
	var e ber.Element
	from := 0
	for c.More() {
		if err := c.Next(&e); err != nil {
			return err
		}
		i := from
		for i < len(parts) && (e.Tag > 0xFF || !parts[i].matches(e.Tag&^0x20)) {
			i++
		}
		if i == len(parts) {
			d.skip(&e)
			continue
		}
		if err := d.part(&parts[i], &e); err != nil {
			return err
		}
		from = i + 1
	}
	return nil
}

// part reads the element of a part.
func (d *decoder) part(p *part, e *ber.Element) error {
	if p.inner != 0 {
		outer := *e
		c := outer.Content()
		if !outer.Tag.Constructed() || !c.More() {
			return outer.Fault("an explicit tag around nothing")
		}
		if err := c.Next(e); err != nil {
			return err
		}
		if e.Tag.Primitive() != p.inner.Primitive() {
			return nil
		}
	}
	switch p.do {
	case doNothing, doAck:
		d.skip(e)
		return nil
	case doConnection:
		return d.connection(e, connectionIn(d.msg, p.field))
	case doObject:
		d.msg.CallObject = true
		return d.connection(e, connectionIn(d.msg, p.field))
	case doDevice, doObjectDevice, doOrigin, doRedirection:
		if p.tag == anyDevice {
			return d.choice(e, deviceIn(d.msg, p.field), false)
		}
		return d.role(e, deviceIn(d.msg, p.field), p.do == doRedirection)
	case doLocal, doCause, doStatus, doPending, doPendingWork, doRequestAgent, doForwarding,
		doMonitorType, doAgentState:
		n, err := e.Int()
		if err != nil {
			return err
		}
		d.number(p.do, n)
		return nil
	case doOn, doExisting, doLastSegment:
		on, err := e.Bool()
		if err != nil {
			return err
		}
		d.boolean(p.do, on)
		return nil
	case doPrivate:
		d.msg.Private = e.Bytes()
		return nil
	default:
		return d.other(p, e)
	}
}

// other is part for strings.
func (d *decoder) other(p *part, e *ber.Element) (err error) {
	m := d.msg
	switch p.do {
	case doCrossRef:
		d.crossRef = e.Offset
		m.CrossRef, err = d.octets(e)
	case doRegister:
		d.register = e.Offset
		m.Register, err = d.octets(e)
	case doServiceRef:
		m.ServiceRef, err = d.octets(e)
	case doAgentID:
		m.AgentID, err = d.octets(e)
	case doItem:
		m.Item, err = d.octets(e)
	case doItemDevice:
		var id csta.DeviceID
		err = d.device(e, &id)
		m.Item = id.Number
	case doVersion:
		m.Item, err = d.decimal(e)
	case doPrivateData:
		m.Private, d.unmouldable = e.Whole(), true
	default:
		err = d.several(p, e)
	}
	return err
}

// several is part for what holds several elements.
func (d *decoder) several(p *part, e *ber.Element) (err error) {
	switch p.do {
	case doMedia:
		err = d.media(e)
	case doFilter:
		err = d.filter(e)
	case doConnections:
		err = d.connections(e)
	case doSnapshot, doCallSnapshot:
		err = d.snapshot(e)
	case doAgents:
		err = d.agents(e)
	case doForwards:
		err = d.forwards(e)
	case doError:
		c := e.Content()
		err = d.failed(e, &c)
	case doPrimaryCall, doSecondaryCall:
		c := e.Content()
		err = d.fields(&c, oneCall(p.do).parts)
	case doDetails:
		err = d.details(e)
	case doForwardParameter, doForwardParameters:
		err = d.forwardParameters(e, p.do == doForwardParameters)
	case doAgentParameter:
		err = d.agentParameter(e)
	default: // all others were taken above
	}
	return err
}

// number sets the field of an enumeration. A number that has no name leaves the field unsaid, but
// for causes, which keep that there was one.
func (d *decoder) number(do effect, n int32) {
	m := d.msg
	switch do {
	case doLocal:
		m.Local = localState(n)
	case doCause:
		m.Cause = csta.CauseUnknown
		if n > 0 && n <= int32(csta.CauseLawfulInterception) {
			m.Cause = csta.Cause(n)
		}
	case doStatus:
		m.Status = oneMore(n, csta.StatusPartiallyDisabled)
	case doPending:
		m.Pending = pick(pendingStates[:], n)
	case doPendingWork:
		m.Pending = pick(pendingWorkStates[:], n)
	case doRequestAgent:
		m.RequestAgent = oneMore(n, csta.RequestWorkingAfterCall)
	case doForwarding:
		m.Forwarding = pick(forwardingTypes[:], n)
	case doMonitorType:
		m.MonitorType = oneMore(n, csta.MonitorTypeDevice)
	case doAgentState:
		m.Agents = append(m.Agents, agentOfPhase1(n))
	default: // all others were taken above
	}
}

func (d *decoder) boolean(do effect, on bool) {
	switch do {
	case doOn:
		d.msg.On = csta.SwitchOf(on)
	case doExisting:
		d.msg.Existing = csta.SwitchOf(on)
	default:
		d.msg.LastSegment = on
	}
}

// octets returns the content of a string; one in pieces is put together in the message's scratch.
func (d *decoder) octets(e *ber.Element) ([]byte, error) {
	value, scratch, err := e.Octets(d.msg.Scratch)
	d.msg.Scratch = scratch
	return value, err
}

// decimal returns the digits of an INTEGER, which are in the message's scratch.
func (d *decoder) decimal(e *ber.Element) ([]byte, error) {
	n, err := e.Int64()
	if err != nil {
		return nil, err
	}
	start := len(d.msg.Scratch)
	d.msg.Scratch = strconv.AppendInt(d.msg.Scratch, n, 10)
	return d.msg.Scratch[start:len(d.msg.Scratch):len(d.msg.Scratch)], nil
}

// finish sets the fields that a message means without an element of their own.
func (d *decoder) finish() {
	m := d.msg
	switch m.Event {
	case csta.EventAgentBusy:
		m.Agent = csta.AgentBusy
	case csta.EventAgentLoggedOn, csta.EventAgentNotReady:
		m.Agent = csta.AgentNotReady
	case csta.EventAgentLoggedOff:
		m.Agent = csta.AgentNull
	case csta.EventAgentReady:
		m.Agent = csta.AgentReady
	case csta.EventAgentWorkingAfterCall:
		m.Agent = csta.AgentWorkingAfterCall
	default:
	}
	if m.ActsOnCalling() && m.Device.Form == csta.DeviceAbsent {
		m.Device = m.Calling
	}
	if m.Kind == csta.KindRequest && m.Service == csta.SnapshotCall {
		m.CallObject = true
	}
}

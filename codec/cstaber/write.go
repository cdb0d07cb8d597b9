package cstaber

import (
	"cmp"

	"haproxy/codec/ber"
	"haproxy/codec/csta"
)

// writer appends one PDU.
type writer struct {
	buf           []byte
	dialect       *dialect
	inexpressible bool // something the phase has no form for was met
}

func (w *writer) begin(tag ber.Tag) (mark int) {
	w.buf, mark = ber.Begin(w.buf, tag)
	return mark
}

func (w *writer) end(mark int)                      { w.buf = ber.End(w.buf, mark) }
func (w *writer) bytes(tag ber.Tag, content []byte) { w.buf = ber.AppendBytes(w.buf, tag, content) }
func (w *writer) int(tag ber.Tag, n int64)          { w.buf = ber.AppendInt(w.buf, tag, n) }
func (w *writer) bool(tag ber.Tag, on bool)         { w.buf = ber.AppendBool(w.buf, tag, on) }
func (w *writer) null(tag ber.Tag)                  { w.buf = ber.AppendNull(w.buf, tag) }
func (w *writer) bits(tag ber.Tag, bits uint64)     { w.buf = ber.AppendBits(w.buf, tag, bits) }

// content writes an argument or result by its layout.
func (w *writer) content(m *csta.Message, l *layout) {
	if l.root == 0 {
		w.fields(m, l.parts)
		return
	}
	seq := w.begin(l.root)
	w.fields(m, l.parts)
	w.end(seq)
}

// fields writes the elements of a layout that the message has, and those that have to be there. One
// that would be read as another, which it stands in the place of, has no form.
func (w *writer) fields(m *csta.Message, parts []part) {
	start, from := len(w.buf), 0
	for i := range parts {
		p := &parts[i]
		at := len(w.buf)
		switch {
		case p.read:
		case p.fixed != nil:
			w.bytes(p.tag, p.fixed)
		case p.do == doAck:
			if at == start {
				w.null(p.tag)
			}
		case p.inner != 0:
			w.explicit(m, p)
		default:
			w.part(m, p, p.tag)
		}
		if len(w.buf) == at {
			continue
		}
		if p.doubtful && !w.isRead(at, parts[from:], p) {
			w.inexpressible = true
		}
		from = i + 1
	}
}

// explicit writes the element of a part within an explicit tag, if the message has it.
func (w *writer) explicit(m *csta.Message, p *part) {
	before := len(w.buf)
	outer := w.begin(p.tag)
	inner := len(w.buf)
	w.part(m, p, p.inner)
	if len(w.buf) == inner {
		w.buf = w.buf[:before] // nothing to wrap
	} else {
		w.end(outer)
	}
}

// isRead reports whether what was written at a place is one element, and the decoder takes it for the
// part that it was written for. The parts are those that the decoder looks at for it.
func (w *writer) isRead(at int, parts []part, p *part) bool {
	var e ber.Element
	c := ber.Read(w.buf, at)
	if c.Next(&e) != nil || c.More() || e.Tag > 0xFF {
		return false
	}
	for i := range parts {
		if parts[i].matches(e.Tag &^ 0x20) {
			return parts[i].do == p.do && parts[i].field == p.field
		}
	}
	return false
}

// part writes one element of a layout under a tag.
func (w *writer) part(m *csta.Message, p *part, tag ber.Tag) {
	switch p.do {
	case doConnection:
		w.connectionPart(p, tag, connectionIn(m, p.field))
	case doObject:
		if m.CallObject {
			w.connection(tag, &m.Subject)
		}
	case doObjectDevice:
		if !m.CallObject {
			w.devicePart(p, tag, &m.Device)
		}
	case doOrigin: // as its own element only beside another callingDevice
		if m.Calling.Form != csta.DeviceAbsent && !m.Device.Equal(m.Calling) {
			w.devicePart(p, tag, &m.Device)
		}
	case doDevice, doRedirection:
		id := deviceIn(m, p.field)
		if p.field == calling && id.Form == csta.DeviceAbsent && m.ActsOnCalling() {
			id = &m.Device
		}
		w.devicePart(p, tag, id)
	case doLocal, doCause, doStatus, doPending, doPendingWork, doRequestAgent, doForwarding,
		doMonitorType:
		n := enumerated(m, p)
		if p.do == doCause {
			n = w.dialect.cause(n, p.must)
		}
		switch {
		case n >= 0:
			w.int(tag, n)
		case p.must:
			w.inexpressible = true
		}
	case doOn:
		w.flag(p, tag, m.On)
	case doExisting:
		w.flag(p, tag, m.Existing)
	case doLastSegment:
		w.bool(tag, m.LastSegment)
	default:
		w.text(m, p, tag)
	}
}

// text is part for strings.
func (w *writer) text(m *csta.Message, p *part, tag ber.Tag) {
	switch p.do {
	case doCrossRef:
		w.octets(p, tag, m.CrossRef)
	case doRegister:
		w.octets(p, tag, m.Register)
	case doServiceRef:
		w.octets(p, tag, m.ServiceRef)
	case doAgentID:
		w.octets(p, tag, m.AgentID)
	case doItem:
		w.octets(p, tag, m.Item)
	case doPrivate:
		w.wellFormed(m.Private)
		w.octets(p, tag, m.Private)
	case doPrivateData:
		w.privateData(m.Private)
	default:
		w.list(m, p, tag)
	}
}

// list is part for what holds several elements.
func (w *writer) list(m *csta.Message, p *part, tag ber.Tag) {
	switch p.do {
	case doItemDevice:
		if len(m.Item) > 0 {
			w.deviceID(tag, &csta.DeviceID{Form: csta.DeviceDialingNumber, Number: m.Item})
		}
	case doVersion:
		w.decimal(tag, m.Item)
	case doMedia:
		w.media(tag, m.Media)
	case doFilter:
		if m.HasFilter || p.must {
			w.filter(tag, m.Filter)
		}
	case doConnections:
		if len(m.Connections) > 0 || p.must {
			w.connections(tag, m.Connections)
		}
	case doSnapshot, doCallSnapshot:
		w.snapshotPart(m, p, tag)
	case doAgents:
		w.agents(tag, m.Agents)
	case doForwards:
		w.forwards(tag, m.Forwards)
	case doError:
		if m.Error.Category != csta.ErrorNone {
			outer := w.begin(tag)
			w.failure(m.Error)
			w.end(outer)
		}
	case doPrimaryCall, doSecondaryCall:
		if p.do == doPrimaryCall || m.Secondary.Present() {
			seq := w.begin(tag)
			w.fields(m, oneCall(p.do).parts)
			w.end(seq)
		}
	case doDetails:
		w.details(m)
	case doForwardParameter:
		w.forwardParameter(tag, m.Forwarding, m.On, &m.ForwardTo)
	case doForwardParameters:
		w.forwardParameters(tag, m.Forwards)
	case doAgentParameter:
		w.agentParameter(tag, m)
	case doAgentState:
		w.agentState(tag, m.Agents)
	default: // nothing is written
	}
}

// connectionPart writes a connection that the message has. One that has to be there cannot be made
// up.
func (w *writer) connectionPart(p *part, tag ber.Tag, conn *csta.ConnectionID) {
	switch {
	case conn.Present():
		w.connection(tag, conn)
	case p.must:
		w.inexpressible = true
	}
}

// devicePart writes a device that the message has. One that has to be there is notKnown, or
// notRequired if it is the last redirection; but a DeviceID cannot be made up.
func (w *writer) devicePart(p *part, tag ber.Tag, id *csta.DeviceID) {
	isRole := tag >= tagCalling && tag <= tagExtended
	switch {
	case isRole && id.Form != csta.DeviceAbsent:
		w.role(tag, id)
	case isRole && p.must && tag == tagRedirection:
		w.role(tag, &csta.DeviceID{Form: csta.DeviceNotRequired})
	case isRole && p.must:
		w.role(tag, &csta.DeviceID{Form: csta.DeviceNotKnown})
	case isRole:
	case id.Known() || p.must:
		w.deviceID(tag, id)
	}
}

// voiceUnitInitiator is the last cause that phase I has, and the one that phase III has no more.
const voiceUnitInitiator = int64(csta.CauseVoiceUnitInitiator)

// cause returns the number of a cause in a phase, -1 for one that the phase does not have; one that has
// to be there is normal then. Switches of phase II were seen to use the causes of phase III.
func (d *dialect) cause(n int64, must bool) int64 {
	switch {
	case d.numbered && n > voiceUnitInitiator:
		return -1
	case d.wrapped && n == voiceUnitInitiator && must:
		return int64(csta.CauseNormal)
	case d.wrapped && n == voiceUnitInitiator:
		return -1
	default:
		return n
	}
}

// enumerated returns the number of an enumeration that a message has, -1 for none. A cause that has
// to be there is normal.
func enumerated(m *csta.Message, p *part) int64 {
	n := int64(-1)
	switch p.do {
	case doLocal:
		n = int64(m.Local) - 1
	case doCause:
		switch {
		case m.Cause != csta.CauseNone && m.Cause != csta.CauseUnknown:
			n = int64(m.Cause)
		case p.must:
			n = int64(csta.CauseNormal)
		}
		return n
	case doStatus: // the heartbeat that says nothing is a switch that is well
		n = int64(cmp.Or(m.Status, csta.StatusNormal)) - 1
	case doPending:
		n = numberIn(pendingStates[:], m.Pending)
	case doPendingWork:
		n = numberIn(pendingWorkStates[:], m.Pending)
	case doRequestAgent:
		n = int64(m.RequestAgent) - 1
	case doForwarding:
		n = numberIn(forwardingTypes[:], m.Forwarding)
	case doMonitorType:
		n = int64(m.MonitorType) - 1
	default: // all others were taken above
	}
	return n
}

// flag writes a boolean that the message has; one that has to be there is false.
func (w *writer) flag(p *part, tag ber.Tag, value csta.Switch) {
	if value != csta.SwitchNone || p.must {
		w.bool(tag, value == csta.SwitchOn)
	}
}

// octets writes a string that the message has, or that has to be there.
func (w *writer) octets(p *part, tag ber.Tag, value []byte) {
	if len(value) > 0 || p.must {
		w.bytes(tag, value)
	}
}

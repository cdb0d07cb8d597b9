package cstaxml

import (
	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
)

// Append appends the frame of msg to dst, in the style of the peer. See codec.Codec. The elements
// are those of the message's schema that msg has a value for; an event has the invoke ID 9999
// whatever msg says.
func (c *Codec) Append(dst []byte, msg *csta.Message) ([]byte, error) {
	r := outline(msg)
	id := msg.Invoke
	if msg.Kind == csta.KindEvent {
		id = frame.ECMA323EventID
	}
	if r == nil || id < 0 || id > frame.ECMA323EventID {
		return dst, codec.ErrUnsupported
	}
	s := c.styles[styleOf(r)]
	w := writer{buf: dst, prefix: s.prefix}
	w.buf = append(w.buf, make([]byte, frame.ECMA323HeaderLen)...)
	if s.declared {
		w.buf = append(w.buf, `<?xml version="1.0" encoding="UTF-8"?>`...)
	}
	w.root(r.name, s.namespace)
	for i := range r.layout {
		w.part(msg, &r.layout[i])
	}
	w.close(r.name)
	return w.finish(dst, id)
}

// part writes one element of a layout if the message has a value for it.
func (w *writer) part(m *csta.Message, p *part) {
	switch p.form {
	case asText:
		w.value(m, p)
	case asShortState:
		w.token(p.name, shortAgentStates[m.Pending%csta.AgentState(len(shortAgentStates))])
	case asConnection:
		if conn := connectionIn(m, p.rule.field); conn != nil {
			w.connection(p.name, conn)
		} else { // an element that is a device elsewhere
			w.connection(p.name, &m.Subject)
		}
	case asDevice:
		w.device(p.name, partDevice(m, p))
	case asWrapped:
		w.wrapped(p.name, "deviceIdentifier", partDevice(m, p))
	case asRedirection:
		w.wrapped(p.name, "numberDialed", partDevice(m, p))
	case asDeviceList:
		if id := partDevice(m, p); id.Known() {
			w.open(p.name)
			w.device("device", id)
			w.close(p.name)
		}
	case asErrorValue:
		w.errorValue(p.name, m.Error)
	case asSessionErr:
		w.sessionError(p.name, m.Error)
	case asTypes:
		w.open(p.name)
		w.token("systemStatus", "true")
		w.close(p.name)
	case asIORef:
		w.within(p.name, "switchProvided", m.ServiceRef)
	case asVersions:
		w.open(p.name)
		for _, version := range m.Versions {
			w.leaf("protocolVersion", version)
		}
		w.close(p.name)
	case asApplication:
		w.open(p.name)
		w.leaf("applicationID", m.Application)
		w.raw("applicationSpecificInfo", m.SessionInfo)
		w.close(p.name)
	case asReason:
		w.within(p.name, "definedEndReason", []byte("normal"))
	case asTermReason:
		w.within(p.name, "definedTermReason", []byte("sessionTimerExpired"))
	default:
		w.list(m, p)
	}
}

// absent is no device; nothing writes to it.
var absent csta.DeviceID

// partDevice returns the device that an element of a layout holds. Two elements stand for a field
// that is theirs in some messages only.
func partDevice(m *csta.Message, p *part) *csta.DeviceID {
	id := deviceIn(m, p.rule.field)
	switch {
	case p.name == "targetDevice" && m.Event == csta.EventMessageWaiting:
		return &m.Device
	case p.name == "originatingDevice" && m.Event == csta.EventOriginated &&
		m.Device.Equal(m.Calling):
		return &absent // callingDevice is it
	case p.name == "callingDevice" && m.ActsOnCalling() &&
		id.Form == csta.DeviceAbsent && !id.Known():
		return &m.Device
	default:
		return id
	}
}

// monitorTypes spells the types of monitors.
var monitorTypes = [...]string{
	csta.MonitorTypeCall: "call", csta.MonitorTypeDevice: "device",
}

// value writes an element that is text.
func (w *writer) value(m *csta.Message, p *part) {
	switch p.rule.do {
	case doCrossRef:
		w.leaf(p.name, m.CrossRef)
	case doRegister:
		w.leaf(p.name, m.Register)
	case doServiceRef:
		w.leaf(p.name, m.ServiceRef)
	case doAgentID:
		w.leaf(p.name, m.AgentID)
	case doItem:
		w.leaf(p.name, m.Item)
	case doSession:
		w.leaf(p.name, m.Session)
	case doVersion:
		if len(m.Versions) > 0 {
			w.leaf(p.name, m.Versions[0])
		}
	case doDuration:
		w.number(p.name, m.DurationSec)
	case doLocal:
		w.token(p.name, m.Local.String())
	case doCause:
		w.token(p.name, xmlCause(m.Cause))
	case doStatus:
		w.token(p.name, m.Status.String())
	case doPending:
		w.token(p.name, m.Pending.String())
	case doRequestAgent:
		w.token(p.name, m.RequestAgent.String())
	case doForwardingType:
		w.token(p.name, m.Forwarding.String())
	case doOn:
		w.flag(p.name, m.On)
	case doExisting:
		w.flag(p.name, m.Existing)
	case doLastSegment:
		w.flag(p.name, csta.SwitchOf(m.LastSegment))
	case doMonitorType:
		w.token(p.name, monitorTypes[m.MonitorType%csta.MonitorType(len(monitorTypes))])
	case doPrivate:
		w.private(p.name, m.Private)
	default: // no text of the message itself
	}
}

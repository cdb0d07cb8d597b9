package cstaxml

import "haproxy/codec/csta"

// begin tells the message what the name of its root says.
func (d *decoder) begin(prefix, local []byte, e *element) {
	d.prefix = prefix
	d.msg.Name = local
	r := roots[string(local)]
	d.root = r
	if r == nil {
		d.msg.Kind = unknownKind(local, d.msg.Invoke)
		e.in = inRoot
		return
	}
	d.msg.Kind, d.msg.Service, d.msg.Event = r.kind, r.service, r.event
	e.in = r.content
}

// apply does to the message what an element of a rule does.
func (d *decoder) apply(r rule, number numberForm, value []byte) {
	m := d.msg
	switch r.do {
	case doForm:
		if id := deviceIn(m, r.field); id != nil && id.Form == csta.DeviceAbsent {
			id.Form = csta.DeviceForm(r.arg)
		}
	case doDevice:
		if id := deviceIn(m, r.field); id != nil && id.Form == csta.DeviceAbsent && len(value) > 0 {
			*id = csta.DeviceID{Form: number.form, Type: number.kind, Number: value}
			if number.form == csta.DeviceAbsent {
				id.Form = csta.DeviceDialingNumber
			}
		}
	case doCall:
		if conn := connectionIn(m, r.field); conn != nil {
			conn.Call = value
		}
	case doCrossRef:
		m.CrossRef = value
	case doRegister:
		m.Register = value
	case doServiceRef:
		if len(value) > 0 {
			m.ServiceRef = value
		}
	case doAgentID:
		m.AgentID = value
	case doItem:
		m.Item = value
	case doSession:
		m.Session = value
	case doApplication:
		m.Application = value
	case doVersion:
		m.Versions = append(m.Versions, value)
	case doDuration:
		m.DurationSec, _ = decimal(value)
	case doPrivate:
		m.Private = value
	case doSessionInfo:
		m.SessionInfo = value
	case doError:
		category := csta.ErrorCategory(r.arg)
		m.Error = csta.ErrorCode{Category: category, Value: errorValue(category, value)}
	default:
		d.applyToken(r, value)
	}
}

// applyToken is apply for the effects of enumerations and flags.
func (d *decoder) applyToken(r rule, value []byte) {
	m := d.msg
	switch r.do {
	case doLocal:
		m.Local = connectionStates.find(value)
	case doCause:
		m.Cause = causeOf(value)
	case doStatus:
		m.Status = statuses.find(value)
	case doPending:
		m.Pending = agentStates.find(value)
	case doRequestAgent:
		m.RequestAgent = requestedStates.find(value)
	case doForwardingType:
		m.Forwarding = forwardingTypes.find(value)
	case doOn:
		m.On = boolean(value)
	case doLastSegment:
		m.LastSegment = boolean(value) == csta.SwitchOn
	case doExisting:
		m.Existing = boolean(value)
	case doMonitorType:
		switch string(value) {
		case "call":
			m.MonitorType = csta.MonitorTypeCall
		case "device":
			m.MonitorType = csta.MonitorTypeDevice
		}
	case doCallObject:
		m.CallObject = true
	case doHasFilter:
		m.HasFilter = true
	case doFilterEvent:
		if boolean(value) == csta.SwitchOn {
			m.Filter.Add(csta.Event(r.arg))
		}
	case doMedia:
		if boolean(value) == csta.SwitchOn {
			m.Media |= 1 << r.arg
		}
	default:
		d.applyItem(r, value)
	}
}

// applyItem is apply for the effects of lists, which act on the last item.
func (d *decoder) applyItem(r rule, value []byte) {
	m := d.msg
	switch r.do {
	case doNewItem:
		m.Connections = append(m.Connections, csta.ConnectionItem{})
		d.stated = false
	case doItemState:
		m.Connections[len(m.Connections)-1].State = connectionStates.find(value)
	case doFarState:
		d.addState(connectionStates.find(value))
	case doSimpleState:
		states := simpleStates[string(value)]
		d.addState(states[0])
		if states[1] != csta.ConnectionNone {
			d.addState(states[1])
		}
	case doNewForward:
		m.Forwards = append(m.Forwards, csta.ForwardItem{})
	case doItemForwardType:
		m.Forwards[len(m.Forwards)-1].Type = forwardingTypes.find(value)
	case doItemForwardOn:
		m.Forwards[len(m.Forwards)-1].On = boolean(value)
	default:
		d.applyAgent(r, value)
	}
}

// applyAgent is apply for the entries of a GetAgentState response: one a group, with the agent of
// the entry that they are in.
func (d *decoder) applyAgent(r rule, value []byte) {
	m := d.msg
	switch r.do {
	case doNewAgent:
		m.Agents = append(m.Agents, csta.AgentItem{})
		d.fresh = true
	case doNewAgentInfo:
		if !d.fresh {
			last := m.Agents[len(m.Agents)-1]
			next := csta.AgentItem{AgentID: last.AgentID, LoggedOn: last.LoggedOn}
			m.Agents = append(m.Agents, next)
		}
		d.fresh = false
	case doEntryAgentID:
		m.Agents[len(m.Agents)-1].AgentID = value
	case doLoggedOn:
		m.Agents[len(m.Agents)-1].LoggedOn = boolean(value)
	case doAgentState:
		m.Agents[len(m.Agents)-1].State = agentStates.find(value)
	case doAgentPending:
		m.Agents[len(m.Agents)-1].Pending = agentStates.find(value)
	default: // all others were taken above
	}
}

// addState adds one state of a compound call state to the last item: the first is the device's own, whether it is
// known or not.
func (d *decoder) addState(s csta.ConnectionState) {
	item := &d.msg.Connections[len(d.msg.Connections)-1]
	if !d.stated {
		item.State, d.stated = s, true
		return
	}
	item.Far = csta.AppendFar(item.Far, s)
}

// causeOf reads a cause; one that no table has is CauseUnknown.
func causeOf(value []byte) csta.Cause {
	if c := causes.find(value); c != csta.CauseNone {
		return c
	}
	if len(value) == 0 {
		return csta.CauseNone
	}
	return csta.CauseUnknown
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
	case csta.EventMessageWaiting: // its targetDevice is the subject
		m.Device, m.Destination = m.Destination, csta.DeviceID{}
	default:
	}
	if m.ActsOnCalling() && m.Device.Form == csta.DeviceAbsent {
		m.Device = m.Calling
	}
	if m.Kind == csta.KindRequest && m.Service == csta.SnapshotCall {
		m.CallObject = true
	}
}

package tserversim

import "haproxy/codec/csta"

// begins are the events with which a device's part in a call can begin.
var begins = csta.EventsOf(
	csta.EventServiceInitiated, csta.EventOriginated, csta.EventOffered, csta.EventDelivered,
	csta.EventQueued, csta.EventFailed, csta.EventTransferred, csta.EventConferenced,
)

// becomes returns the state of the subject connection after an event, or ConnectionNone where the
// event says nothing about it (ECMA-269, call control events).
func becomes(event csta.Event) csta.ConnectionState {
	switch event {
	case csta.EventServiceInitiated:
		return csta.ConnectionInitiated
	case csta.EventOriginated, csta.EventEstablished, csta.EventRetrieved, csta.EventNetworkReached:
		return csta.ConnectionConnected
	case csta.EventDelivered, csta.EventOffered:
		return csta.ConnectionAlerting
	case csta.EventHeld:
		return csta.ConnectionHold
	case csta.EventQueued:
		return csta.ConnectionQueued
	case csta.EventFailed:
		return csta.ConnectionFail
	case csta.EventConnectionCleared, csta.EventDiverted:
		return csta.ConnectionNull
	default:
		return csta.ConnectionNone
	}
}

// Apply takes one event of the view's monitor.
func (v *View) Apply(msg *csta.Message) {
	v.events++
	switch msg.Event.Category() {
	case csta.CategoryCallControl:
		v.applyCall(msg)
	case csta.CategoryCallAssociated:
		if len(msg.Subject.Call) > 0 && msg.Local > csta.ConnectionNull {
			v.own(v.call(msg), msg.Local)
		}
	default:
		v.applyFeature(msg)
	}
}

// applyCall takes a call control event.
func (v *View) applyCall(msg *csta.Message) {
	switch msg.Event {
	case csta.EventTransferred, csta.EventConferenced:
		v.applyJoin(msg)
		return
	case csta.EventCallCleared:
		v.end(string(msg.Subject.Call))
		return
	default:
	}
	c := v.call(msg)
	party := string(msg.Subject.Device.Number)
	switch state := becomes(msg.Event); {
	case state == csta.ConnectionNull:
		delete(c.Parties, party)
	case state != csta.ConnectionNone && party != "":
		c.Parties[party] = state
	}
	if v.follows {
		v.settle(c)
		return
	}
	v.own(c, msg.Local)
}

// call returns the call an event is about, made if it is new.
func (v *View) call(msg *csta.Message) *Call {
	id := string(msg.Subject.Call)
	c := v.Calls[id]
	if c == nil {
		c = &Call{ID: id, Parties: make(map[string]csta.ConnectionState)}
		c.Partial = !begins.Has(msg.Event) || msg.Cause == csta.CauseActiveParticipation
		v.Calls[id] = c
	}
	c.changed = v.events
	return c
}

// own sets the state of the monitored device's connection; null ends the call for the device.
func (v *View) own(c *Call, state csta.ConnectionState) {
	switch state {
	case csta.ConnectionNone:
	case csta.ConnectionNull:
		v.end(c.ID)
	default:
		c.Own = state
		c.Parties[v.Device] = state
	}
}

// settle ends a call of a call-type monitor when nobody is left in it.
func (v *View) settle(c *Call) {
	if len(c.Parties) == 0 {
		v.end(c.ID)
		return
	}
	c.Own = c.Parties[v.Device]
}

// end forgets a call.
func (v *View) end(id string) {
	delete(v.Calls, id)
	if v.asking > 0 {
		v.ended[id] = v.events
	}
}

// applyJoin takes a transfer or conference: the old calls end and the connection list is all there
// is of the new one.
func (v *View) applyJoin(msg *csta.Message) {
	before := func(old csta.ConnectionID) csta.ConnectionState {
		if c := v.Calls[string(old.Call)]; c != nil {
			return c.Parties[string(old.Device.Number)]
		}
		return csta.ConnectionNone
	}
	joined := make(map[string]*Call)
	for i := range msg.Connections {
		item := &msg.Connections[i]
		id := string(item.New.Call)
		c := joined[id]
		if c == nil {
			c = &Call{ID: id, Parties: make(map[string]csta.ConnectionState), changed: v.events}
			joined[id] = c
		}
		state := item.State
		if state == csta.ConnectionNone {
			state = before(item.Old)
		}
		if state == csta.ConnectionHold && item.State == csta.ConnectionNone && msg.Device.Equal(item.New.Device) {
			state = csta.ConnectionConnected // who joins a call that it holds retrieves it
		}
		c.Parties[string(item.New.Device.Number)] = state
	}
	v.end(string(msg.Subject.Call))
	v.end(string(msg.Secondary.Call))
	for i := range msg.Connections {
		v.end(string(msg.Connections[i].Old.Call))
	}
	for id, c := range joined {
		if v.follows {
			v.Calls[id] = c
			v.settle(c)
			continue
		}
		if _, in := c.Parties[v.Device]; !in || msg.Local == csta.ConnectionNull {
			continue
		}
		v.Calls[id] = c
		delete(v.ended, id)
		v.own(c, msg.Local)
	}
}

// applyFeature takes an agent, feature or maintenance event.
func (v *View) applyFeature(msg *csta.Message) {
	switch msg.Event {
	case csta.EventDoNotDisturb:
		v.DoNotDisturb = msg.On == csta.SwitchOn
		v.changed[changeDND] = v.events
	case csta.EventMessageWaiting:
		v.MessageWaiting = msg.On == csta.SwitchOn
		v.changed[changeMessage] = v.events
	case csta.EventForwarding:
		v.forwarded[msg.Forwarding] = v.events
		delete(v.Forwards, msg.Forwarding)
		if msg.On == csta.SwitchOn {
			v.Forwards[msg.Forwarding] = string(msg.ForwardTo.Number)
		}
	case csta.EventOutOfService:
		v.OutOfService, v.ServiceTold = true, true
	case csta.EventBackInService, csta.EventPartiallyInService:
		v.OutOfService, v.ServiceTold = false, true
	default:
		v.applyAgent(msg)
	}
}

// agentStates are the states that the agent events tell. One who logged on is not ready yet.
var agentStates = map[csta.Event]csta.AgentState{
	csta.EventAgentLoggedOn:         csta.AgentNotReady,
	csta.EventAgentLoggedOff:        csta.AgentNull,
	csta.EventAgentNotReady:         csta.AgentNotReady,
	csta.EventAgentReady:            csta.AgentReady,
	csta.EventAgentBusy:             csta.AgentBusy,
	csta.EventAgentWorkingAfterCall: csta.AgentWorkingAfterCall,
}

// applyAgent takes an agent event; an agent logged off is forgotten.
func (v *View) applyAgent(msg *csta.Message) {
	state, ok := agentStates[msg.Event]
	if !ok {
		return
	}
	v.changed[changeAgent] = v.events
	v.AgentTold = true
	key := v.agentKey(AgentKey{string(msg.AgentID), string(msg.Group.Number)})
	if state == csta.AgentNull {
		delete(v.Agents, key)
		return
	}
	v.Agents[key] = state
}

// agentKey returns the key of the agent that an event is about. Phases I and II name the group in
// few events: one without it is about the agent in whichever group, and one with it tells the group
// of an agent known so far by the ID alone. One with an ID tells who an agent without any is.
func (v *View) agentKey(key AgentKey) AgentKey {
	if state, known := v.Agents[AgentKey{}]; known && key.ID != "" {
		delete(v.Agents, AgentKey{})
		v.Agents[key] = state
	}
	bare := AgentKey{ID: key.ID}
	if state, known := v.Agents[bare]; known && key != bare {
		delete(v.Agents, bare)
		v.Agents[key] = state
	}
	if key != bare {
		return key
	}
	for other := range v.Agents {
		if other.ID == key.ID {
			return other
		}
	}
	return key
}

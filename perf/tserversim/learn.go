package tserversim

import (
	"maps"

	"haproxy/codec/csta"
)

// asked returns where the view's stream stands when a query goes out: what events change after that
// is newer than the answer.
func (v *View) asked(service csta.Service) uint64 {
	if service == csta.SnapshotDevice {
		v.asking++
	}
	return v.events
}

// forget ends a query without an answer.
func (v *View) forget(service csta.Service) {
	if service != csta.SnapshotDevice {
		return
	}
	if v.asking--; v.asking == 0 {
		clear(v.ended)
	}
}

// learn takes the answer to a query that was sent when the stream stood at since. It reports
// whether the answer agreed with what the view knew already; with settled false nothing was known
// for certain.
func (v *View) learn(service csta.Service, msg *csta.Message, since uint64, settled bool) bool {
	agrees := true
	switch service {
	case csta.SnapshotDevice:
		agrees = v.learnSnapshot(msg, since)
		v.forget(service)
	case csta.GetAgentState:
		agrees = v.learnAgents(msg, since)
	case csta.GetDoNotDisturb:
		if v.changed[changeDND] <= since {
			agrees = v.DoNotDisturb == (msg.On == csta.SwitchOn)
			v.DoNotDisturb = msg.On == csta.SwitchOn
		}
	case csta.GetMessageWaitingIndicator:
		if v.changed[changeMessage] <= since {
			agrees = v.MessageWaiting == (msg.On == csta.SwitchOn)
			v.MessageWaiting = msg.On == csta.SwitchOn
		}
	case csta.GetForwarding:
		agrees = v.learnForwards(msg, since)
	default: // no query of the model's
	}
	return agrees || !settled
}

// learnForwards takes the forwardings of the device, but for those that events told of since.
func (v *View) learnForwards(msg *csta.Message, since uint64) bool {
	forwards := make(map[csta.ForwardingType]string)
	for i := range msg.Forwards {
		if item := &msg.Forwards[i]; item.On != csta.SwitchOff && v.forwarded[item.Type] <= since {
			forwards[item.Type] = string(item.To.Number)
		}
	}
	for kind, to := range v.Forwards {
		if v.forwarded[kind] > since {
			forwards[kind] = to
		}
	}
	agrees := maps.Equal(forwards, v.Forwards)
	v.Forwards = forwards
	return agrees
}

// learnAgents takes the agents of the device. Phases I and II answer a state and do not say whose:
// that is compared with what is known and teaches nothing.
func (v *View) learnAgents(msg *csta.Message, since uint64) bool {
	if v.changed[changeAgent] > since {
		return true
	}
	agents := make(map[AgentKey]csta.AgentState)
	for i := range msg.Agents {
		item := &msg.Agents[i]
		if len(item.AgentID) == 0 && !item.Group.Known() {
			return !v.AgentTold || v.agentIn(item.State)
		}
		if item.LoggedOn != csta.SwitchOff && item.State != csta.AgentNull {
			agents[AgentKey{string(item.AgentID), string(item.Group.Number)}] = item.State
		}
	}
	agrees := maps.Equal(agents, v.Agents)
	v.Agents, v.AgentTold = agents, true
	return agrees
}

// agentIn reports whether an agent is in the state; null is that nobody is logged on.
func (v *View) agentIn(state csta.AgentState) bool {
	for _, known := range v.Agents {
		if known == state {
			return true
		}
	}
	return len(v.Agents) == 0 && state == csta.AgentNull
}

// learnSnapshot takes the connections of the device: calls that no event changed since the request
// are as the answer says.
func (v *View) learnSnapshot(msg *csta.Message, since uint64) bool {
	agrees := true
	there := make(map[string]bool, len(msg.Connections))
	for i := range msg.Connections {
		item := &msg.Connections[i]
		id := string(item.New.Call)
		there[id] = true
		c := v.Calls[id]
		switch {
		case v.ended[id] > since, c != nil && c.changed > since:
			continue
		case c == nil:
			agrees = false
			c = &Call{ID: id, Parties: make(map[string]csta.ConnectionState), Partial: true}
			v.Calls[id] = c
		case c.Own != item.State:
			agrees = false
		}
		c.Own = item.State
		c.Parties[v.Device] = item.State
	}
	for id, c := range v.Calls {
		if !there[id] && c.changed <= since {
			agrees = false
			delete(v.Calls, id)
		}
	}
	return agrees
}

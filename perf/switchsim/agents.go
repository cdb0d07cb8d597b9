package switchsim

import "haproxy/codec/csta"

// agentEvents names the event of each state.
var agentEvents = [...]csta.Event{
	csta.AgentNotReady:         csta.EventAgentNotReady,
	csta.AgentNull:             csta.EventAgentLoggedOff,
	csta.AgentReady:            csta.EventAgentReady,
	csta.AgentBusy:             csta.EventAgentBusy,
	csta.AgentWorkingAfterCall: csta.EventAgentWorkingAfterCall,
}

// setAgent moves an agent to a state and tells who watches the device; a log-on is an event of its
// own.
func (s *Switch) setAgent(a *agent, state csta.AgentState) {
	if a.state == state {
		return
	}
	if a.state == csta.AgentNull {
		on := a.event(csta.EventAgentLoggedOn, csta.AgentNotReady)
		s.tellDevice(a.dev, &on)
	}
	a.state = state
	s.tellAgent(a)
	if state == csta.AgentReady {
		s.serve(a.group)
	}
}

// tellAgent sends the event of an agent's present state.
func (s *Switch) tellAgent(a *agent) {
	msg := a.event(agentEvents[a.state], a.state)
	s.tellDevice(a.dev, &msg)
}

// event returns an event about the agent.
func (a *agent) event(event csta.Event, state csta.AgentState) csta.Message {
	return csta.Message{
		Event: event, Device: a.dev.id, AgentID: []byte(a.id), Group: a.group.queue.id,
		Agent: state,
	}
}

// readyAgent returns the next ready agent of the group whose station is free, or nil.
func (s *Switch) readyAgent(g *group) *agent {
	for i := range g.agents {
		a := g.agents[(g.next+i)%len(g.agents)]
		if a.state == csta.AgentReady && len(a.dev.conns) == 0 && !a.dev.outOfServ && !a.dev.dnd {
			g.next = (g.next + i + 1) % len(g.agents)
			return a
		}
	}
	return nil
}

// serve gives the longest waiting call of a group to an agent, if there are both.
func (s *Switch) serve(g *group) {
	for _, waiting := range g.queue.conns {
		if waiting.state == csta.ConnectionQueued && waiting.call.automatic {
			c := waiting.call
			s.after(s.opts.Load.Pace/10, func() {
				if !c.ended && c.connAt(g.queue) != nil {
					s.distribute(c.connAt(g.queue))
				}
			})
			return
		}
	}
}

// agentAnswered and agentFree follow a distributed call.
func (s *Switch) agentAnswered(c *conn) {
	if a := c.dev.agent; a != nil && a.state == csta.AgentReady && s.hasBusy {
		s.setAgent(a, csta.AgentBusy)
	}
}

func (s *Switch) agentFree(d *device) {
	a := d.agent
	if a == nil || a.state != csta.AgentBusy || len(d.conns) > 0 {
		return
	}
	s.setAgent(a, csta.AgentWorkingAfterCall)
	s.wrapUp(a)
}

// wrapUp has an agent be ready again before long, but not while everything is to stand still.
func (s *Switch) wrapUp(a *agent) {
	s.after(s.pace(), func() {
		switch {
		case a.state != csta.AgentWorkingAfterCall:
		case s.opts.Load.Still:
			s.wrapUp(a)
		default:
			s.setAgent(a, csta.AgentReady)
		}
	})
}

// randomAgent has an agent change its mind.
func (s *Switch) randomAgent() {
	if len(s.plant.agents) == 0 {
		return
	}
	a := s.plant.agents[s.rnd.IntN(len(s.plant.agents))]
	switch {
	case a.state == csta.AgentBusy:
	case a.state != csta.AgentReady:
		s.setAgent(a, csta.AgentReady)
	case s.chance(0.3):
		s.setAgent(a, csta.AgentNull)
	default:
		s.setAgent(a, csta.AgentNotReady)
	}
}

// getAgentState answers the agents at a device; a logged-off one is not there.
func (s *Switch) getAgentState(req, resp *csta.Message) csta.ErrorCode {
	d, code := s.feature(req)
	if d == nil {
		return code
	}
	if a := d.agent; a != nil && a.state != csta.AgentNull {
		resp.Agents = append(resp.Agents, csta.AgentItem{
			AgentID: []byte(a.id), LoggedOn: csta.SwitchOn, Group: a.group.queue.id, State: a.state,
		})
	} else if !s.names(csta.SnapshotDeviceData) { // phases I and II answer one state, whoever's it is
		resp.Agents = append(resp.Agents, csta.AgentItem{LoggedOn: csta.SwitchOff, State: csta.AgentNull})
	}
	return code
}

// setAgentState does what the computing function asks of an agent.
func (s *Switch) setAgentState(req, _ *csta.Message) csta.ErrorCode {
	d, code := s.feature(req)
	if d == nil {
		return code
	}
	a := d.agent
	if a == nil || len(req.AgentID) > 0 && string(req.AgentID) != a.id {
		return errInvalidAgent
	}
	if a.state == csta.AgentBusy {
		return errDeviceState
	}
	want := csta.AgentNotReady
	switch req.RequestAgent {
	case csta.RequestLoggedOff:
		want = csta.AgentNull
	case csta.RequestReady:
		want = csta.AgentReady
	case csta.RequestWorkingAfterCall:
		want = csta.AgentWorkingAfterCall
	default:
	}
	if a.state == want { // whatever is granted has its event, even if it changes nothing
		s.tellAgent(a)
		return csta.ErrorCode{}
	}
	s.setAgent(a, want)
	return csta.ErrorCode{}
}

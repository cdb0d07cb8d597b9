package switchsim

import "haproxy/codec/csta"

// moved is what a transfer or conference made of one connection.
type moved struct {
	conn *conn
	old  csta.ConnectionID // absent for a party that is new
}

// merge brings the parties of two calls into one. The result is the second call, or by chance a
// call of a new ID. It returns the new connections with their old ones, and the resulting call.
func (s *Switch) merge(first, second *call) (*call, []moved) {
	result := second
	if s.chance(0.4) {
		result = s.newCall(first.automatic || second.automatic)
		result.calling, result.called, result.last = second.calling, second.called, second.last
		s.schedule(result)
	}
	result.automatic = first.automatic || second.automatic
	var list []moved
	for _, c := range []*call{first, second} {
		for _, conn := range append([]*conn(nil), c.conns...) {
			old := conn.id()
			if c != result {
				s.rehome(conn, result)
			}
			list = append(list, moved{conn, old})
		}
		for _, m := range c.follow {
			result.followed(m)
		}
	}
	return result, list
}

// rehome moves a connection to another call; its device and state stay.
func (s *Switch) rehome(c *conn, to *call) {
	for i, other := range c.call.conns {
		if other == c {
			c.call.conns = append(c.call.conns[:i:i], c.call.conns[i+1:]...)
			break
		}
	}
	c.call = to
	to.conns = append(to.conns, c)
}

// retire forgets a call whose parties moved away. Its followers follow the result, so there is no
// CallCleared.
func (s *Switch) retire(c, result *call) {
	if c == result {
		return
	}
	for _, m := range c.follow {
		if m.call == c {
			m.call = result
		}
	}
	c.follow = nil
	s.finish(c)
}

// listed fills in a connection list.
func listed(msg *csta.Message, list []moved) {
	for _, m := range list {
		msg.Connections = append(msg.Connections, csta.ConnectionItem{
			New: m.conn.id(), Old: m.old, Endpoint: m.conn.dev.id, State: m.conn.state,
		})
	}
}

// transfer connects the far ends of a held and an active call of one device, which leaves both.
func (s *Switch) transfer(held, active *conn) *conn {
	first, second := held.call, active.call
	msg := s.joined(csta.EventTransferred, held, active, csta.CauseTransfer)
	s.part(held)
	s.part(active)
	result, list := s.merge(first, second)
	listed(msg, list)
	s.tell(result, msg, held)
	s.retire(first, result)
	s.retire(second, result)
	s.agentFree(held.dev)
	var remains *conn
	if len(result.conns) > 0 {
		remains = result.conns[len(result.conns)-1]
	}
	s.settle(result)
	return remains
}

// conference brings everybody of a held and an active call of one device together.
func (s *Switch) conference(held, active *conn) *conn {
	first, second := held.call, active.call
	msg := s.joined(csta.EventConferenced, held, active, csta.CauseConference)
	s.part(held)
	result, list := s.merge(first, second)
	listed(msg, list)
	s.tell(result, msg)
	s.retire(first, result)
	s.retire(second, result)
	return active
}

// joined returns the event of a transfer or conference of two calls, without its list.
func (s *Switch) joined(event csta.Event, held, active *conn, cause csta.Cause) *csta.Message {
	msg := about(event, held, cause)
	msg.Secondary = active.id()
	msg.Calling, msg.Called = held.call.calling, held.call.called
	msg.Destination = notKnown
	for _, far := range active.call.conns {
		if far != active {
			msg.Destination = far.dev.id
			break
		}
	}
	return msg
}

// singleStep transfers a connected party of a call to another device at once. The call keeps its
// ID.
func (s *Switch) singleStep(gone *conn, to *device) *conn {
	c := gone.call
	msg := about(csta.EventTransferred, gone, csta.CauseSingleStepTransfer)
	msg.Destination = to.id
	var list []moved
	s.part(gone)
	for _, conn := range c.conns {
		list = append(list, moved{conn, conn.id()})
	}
	fresh := s.join(c, to, csta.ConnectionAlerting)
	listed(msg, append(list, moved{conn: fresh}))
	c.last = gone.dev.id
	s.tell(c, msg, gone)
	s.tell(c, about(csta.EventDelivered, fresh, csta.CauseSingleStepTransfer))
	s.agentFree(gone.dev)
	return fresh
}

// settle ends a call that has too few parties to go on.
func (s *Switch) settle(c *call) {
	switch len(c.conns) {
	case 0:
		s.finish(c)
	case 1:
		s.drop(c.conns[0], csta.CauseNormalClearing)
	}
}

package state

import (
	"iter"
	"slices"

	"haproxy/codec/csta"
)

// TellsCall reports whether an event tells a connection's state, so that a comparison may have told
// it already.
func TellsCall(event csta.Event) bool {
	return event < csta.EventCount && (rules[event].keep == keepCall || rules[event].keep == keepJoin)
}

// ClearsConnection reports whether an event tells the end of one connection of a call.
func ClearsConnection(event csta.Event) bool {
	return event == csta.EventConnectionCleared || event == csta.EventDiverted
}

// Sees reports whether a monitor has a call open.
func (s *State) Sees(id MonitorID, call csta.CallID) bool {
	return s.isOpen(uint32(id)) && s.findWatch(uint32(id), s.findCall(call)) != 0
}

// Begins reports whether an event, not applied yet, begins a call on a monitor: its stream has the
// call from the first event on, which is about the monitored device's own connection. Another party
// may also be reached by a call that has long begun.
func (s *State) Begins(id MonitorID, msg *csta.Message) bool {
	if !s.isOpen(uint32(id)) {
		return false
	}
	if w := s.findWatch(uint32(id), s.findCall(msg.Subject.Call)); w != 0 && !s.watches.at(w).untold {
		return false
	}
	switch msg.Event {
	case csta.EventServiceInitiated, csta.EventOriginated, csta.EventOffered, csta.EventDelivered,
		csta.EventQueued:
		h := s.hear(uint32(id), 0, msg)
		return h.own || h.presumesOwn()
	default:
		return false
	}
}

// Reflects reports whether a monitor's stream has already what a call event, not applied yet, tells
// it: the connection in that state, the call ended, or the calls joined. That the model has it from
// another monitor is not enough.
func (s *State) Reflects(id MonitorID, msg *csta.Message) bool {
	monitor := uint32(id)
	if !s.isOpen(monitor) || !TellsCall(msg.Event) {
		return false
	}
	call := s.findCall(msg.Subject.Call)
	w := s.findWatch(monitor, call)
	if rules[msg.Event].keep == keepJoin {
		return s.reflectsJoin(monitor, msg)
	}
	h := s.hear(monitor, w, msg)
	switch {
	case w == 0:
		return h.to == csta.ConnectionNull || h.local == csta.ConnectionNull
	case msg.Event == csta.EventCallCleared:
		return false
	case h.own:
		wt := s.watches.at(w)
		return wt.own == h.to && !wt.suspect && !wt.answered
	}
	i := s.findConn(call, msg.Subject.Device, partyIn(msg))
	if i == 0 {
		return false // whether the stream told its end, or ever had it, nothing tells any more
	}
	c := s.conns.at(i)
	if c.place == 0 { // what was told of it is not kept
		return c.state == h.to
	}
	return s.watches.at(w).told.of(c) == h.to
}

// reflectsJoin reports whether a monitor's stream has what a join tells: none of the calls that ended in
// it, but the one that it led to, and just the parties that it lists; or not that call where the device left
// it.
func (s *State) reflectsJoin(monitor uint32, msg *csta.Message) bool {
	j := joining{heard: s.hear(monitor, 0, msg)}
	j.wp = s.findWatch(monitor, s.findCall(msg.Subject.Call))
	j.wq = s.findWatch(monitor, s.findCall(msg.Secondary.Call))
	s.resolve(&j)
	result := s.findWatch(monitor, s.findCall(j.id))
	switch {
	case j.wp != 0 && j.wp != result || j.wq != 0 && j.wq != result:
		return false
	case result == 0 || j.local == csta.ConnectionNull:
		return result == 0 && j.local == csta.ConnectionNull
	default:
		return s.isJust(s.watches.at(result), msg)
	}
}

// isJust reports whether a monitor's stream has those parties of a call that the connection list of a
// join has, and no other.
func (s *State) isJust(w *watch, msg *csta.Message) bool {
	if msg.Event == csta.EventTransferred && s.findConn(w.call, msg.Device, msg.Device) == 0 {
		return false // whether the stream has the one who left, nothing tells any more
	}
	for i := range msg.Connections {
		item := &msg.Connections[i]
		c := s.findConn(w.call, item.New.Device, item.Endpoint)
		if c == 0 || w.told.of(s.conns.at(c)) <= csta.ConnectionNull {
			return false
		}
	}
	for i := s.calls.at(w.call).conns; i != 0; i = s.conns.at(i).next {
		if w.told.of(s.conns.at(i)) > csta.ConnectionNull && !s.lists(msg, i) {
			return false
		}
	}
	return len(msg.Connections) > 0
}

// lists reports whether the connection list of a join has a connection.
func (s *State) lists(msg *csta.Message, conn uint32) bool {
	call := s.conns.at(conn).call
	return slices.ContainsFunc(msg.Connections, func(item csta.ConnectionItem) bool {
		return s.findConn(call, item.New.Device, item.Endpoint) == conn
	})
}

// Knows reports whether anything was ever told of what a query asks of a monitor's device.
func (s *State) Knows(id MonitorID, service csta.Service) bool {
	q, ok := queryOf(service)
	if !ok || !s.isOpen(uint32(id)) {
		return false
	}
	device := s.monitors.at(uint32(id)).device
	if device == 0 {
		return false
	}
	for i := s.names.records.at(device).head; i != 0; i = s.monitors.at(i).devNext {
		if s.monitors.at(i).hasAnswered(q.subject) {
			return true
		}
	}
	for i := s.names.records.at(device).items; i != 0; i = s.items.at(i).devNext {
		if it := s.items.at(i); it.kind == itemModel && it.event == q.key {
			return true
		}
	}
	return false
}

// Uncertain yields a connection of every call that has one which no monitor of its own tells about,
// or that a monitor which follows calls sees: SnapshotDevice does not tell all of these. The
// identifiers are borrowed, and the state must not change meanwhile.
func (s *State) Uncertain() iter.Seq[csta.ConnectionID] {
	return func(yield func(csta.ConnectionID) bool) {
		for i := uint32(1); i <= s.calls.top; i++ {
			c := s.calls.at(i)
			if c.watches == 0 || !s.isUncertain(c) {
				continue
			}
			if !yield(s.connectionOf(c)) {
				return
			}
		}
	}
}

// connectionOf returns a connection of a call, as far as one is known.
func (s *State) connectionOf(c *call) csta.ConnectionID {
	id := csta.ConnectionID{Call: s.names.bytes(c.id)}
	if c.conns != 0 {
		rec := s.conns.at(c.conns)
		if id.Device = s.names.device(rec.dev); rec.dev == 0 {
			id.Device = s.names.device(rec.party)
		}
	}
	return id
}

// isUncertain reports whether a call has connections, known or not, that only a SnapshotCall tells: no answer
// about a device of their own does, if only since its monitor is being stopped.
func (s *State) isUncertain(c *call) bool {
	owned := 0
	for i := c.conns; i != 0; i = s.conns.at(i).next {
		if s.hasWord(s.conns.at(i)) {
			owned++
		}
	}
	if owned < int(c.connCount) || owned < 2 {
		return true
	}
	for w := c.watches; w != 0; w = s.watches.at(w).callNext {
		if !s.monitors.at(s.watches.at(w).monitor).ofDevice() {
			return true
		}
	}
	return false
}

package state

import "haproxy/codec/csta"

// Answer fills resp with the positive response to req and reports true if the state of what req
// asks for is complete; else it leaves resp alone. Invoke is left to the caller. What resp refers
// to is valid until the next change of the state.
func (s *State) Answer(req, resp *csta.Message) bool {
	q, ok := queryOf(req.Service)
	if !ok || q.set {
		return false
	}
	s.far = s.far[:0]
	switch {
	case req.Service == csta.SnapshotDevice:
		return s.answerDevice(req, resp)
	case req.Service == csta.SnapshotCall:
		return s.answerCall(req, resp)
	case len(req.Item) > 0 || len(req.AgentID) > 0:
		return false
	}
	return s.answerFeature(req, resp, q)
}

// begin makes resp the positive response to req.
func begin(req, resp *csta.Message) {
	resp.Reset()
	resp.Kind, resp.Service = csta.KindResponse, req.Service
}

// answerDevice answers SnapshotDevice from the device's own monitor.
func (s *State) answerDevice(req, resp *csta.Message) bool {
	monitor := s.monitorOf(req.Device, callEvents, func(_ uint32, m *monitor) bool {
		return m.proved[subjectCalls] == s.epoch && s.knowsCalls(m)
	})
	if monitor == 0 {
		return false
	}
	begin(req, resp)
	w := s.oldestWatch(s.monitors.at(monitor))
	for w != 0 {
		wt := s.watches.at(w)
		resp.Connections = append(resp.Connections, s.snapshotItem(wt))
		w = wt.monPrev
	}
	return true
}

// oldestWatch returns the watch of a monitor from which monPrev leads to the younger ones.
func (s *State) oldestWatch(m *monitor) uint32 {
	last := uint32(0)
	for w := m.watches; w != 0; w = s.watches.at(w).monNext {
		last = w
	}
	return last
}

// knowsCalls reports whether everything a snapshot tells is known of all calls of a device monitor.
func (s *State) knowsCalls(m *monitor) bool {
	for w := m.watches; w != 0; {
		wt := s.watches.at(w)
		own := s.ownOf(wt)
		if wt.own == csta.ConnectionNone || own == 0 || s.conns.at(own).dev == 0 ||
			!s.knowsConns(wt.call) {
			return false
		}
		w = wt.monNext
	}
	return true
}

// knowsConns reports whether the state of every connection of a call is known.
func (s *State) knowsConns(callIndex uint32) bool {
	c := s.calls.at(callIndex)
	if c.partial {
		return false
	}
	for i := c.conns; i != 0; {
		rec := s.conns.at(i)
		if rec.state == csta.ConnectionNone {
			return false
		}
		i = rec.next
	}
	return true
}

// snapshotItem draws up one call of a device: its own connection, the far states, and the far
// device where there is one. A caller of which no event told is connected: who calls is.
func (s *State) snapshotItem(w *watch) csta.ConnectionItem {
	ownConn := s.ownOf(w)
	c, own := s.calls.at(w.call), s.conns.at(ownConn)
	item := csta.ConnectionItem{
		New:   csta.ConnectionID{Call: s.names.bytes(c.id), Device: s.names.device(own.dev)},
		State: w.own,
	}
	far := len(s.far)
	for i := c.conns; i != 0; {
		rec := s.conns.at(i)
		if i != ownConn {
			s.far = append(s.far, rec.state)
			item.Endpoint = s.partyOf(rec)
		}
		i = rec.next
	}
	if len(s.far)-far != 1 || !item.Endpoint.Known() {
		item.Endpoint = s.names.device(c.calling)
		if s.isCaller(own) {
			item.Endpoint = s.names.device(c.called)
		}
	}
	if len(s.far) == far && c.calling != 0 && !s.isCaller(own) {
		s.far = append(s.far, csta.ConnectionConnected)
	}
	item.Far = s.far[far:len(s.far):len(s.far)]
	return item
}

// partyOf returns the static device of a connection, absent where only a dynamic one is known.
func (s *State) partyOf(c *conn) csta.DeviceID {
	if c.party != 0 {
		return s.names.device(c.party)
	}
	if d := s.names.device(c.dev); d.Form != csta.DeviceDynamic {
		return d
	}
	return csta.DeviceID{}
}

// answerCall answers SnapshotCall.
func (s *State) answerCall(req, resp *csta.Message) bool {
	i := s.findCall(req.Subject.Call)
	if i == 0 {
		return false
	}
	c := s.calls.at(i)
	if c.proofEpoch != s.epoch || c.proofWatch == 0 || !s.knowsConns(i) {
		return false
	}
	m := s.monitors.at(s.watches.at(c.proofWatch).monitor)
	if !m.sees(callEvents) || c.proofSeq < m.sound[subjectCalls] {
		return false
	}
	if d := req.Subject.Device; d.Known() && s.findConn(i, d, csta.DeviceID{}) == 0 {
		return false
	}
	begin(req, resp)
	for k := c.conns; k != 0; {
		rec := s.conns.at(k)
		resp.Connections = append(resp.Connections, csta.ConnectionItem{
			New:      csta.ConnectionID{Call: s.names.bytes(c.id), Device: s.names.device(rec.dev)},
			Endpoint: s.partyOf(rec),
			State:    rec.state,
		})
		k = rec.next
	}
	return true
}

// answerFeature answers the queries of agents and features.
func (s *State) answerFeature(req, resp *csta.Message, q query) bool {
	group := uint32(0)
	if req.Group.Known() {
		if group = s.names.find(nameDevice, canonical(req.Group)); group == 0 {
			return false
		}
	}
	monitor := s.monitorOf(req.Device, q.events, func(i uint32, m *monitor) bool {
		return m.proved[q.subject] == s.epoch || group != 0 && s.provedGroup(i, m, group)
	})
	if monitor == 0 {
		return false
	}
	device := s.monitors.at(monitor).device
	if !s.knowsItems(device, group, q) {
		return false
	}
	begin(req, resp)
	last := uint32(0) // the oldest is the last of the list
	for i := s.names.records.at(device).items; i != 0; i = s.items.at(i).devNext {
		last = i
	}
	for i := last; i != 0; {
		it := s.items.at(i)
		if it.kind == itemModel && it.event == q.key && (group == 0 || it.group == group) {
			s.appendItem(resp, it)
		}
		i = it.devPrev
	}
	return true
}

// provedGroup reports whether the switch has answered about the agents of one group.
func (s *State) provedGroup(i uint32, m *monitor, group uint32) bool {
	p := s.findItem(itemKey{
		kind: itemProof, monitor: i, event: csta.EventAgentLoggedOn,
		group: group,
	})
	if p == 0 {
		return false
	}
	it := s.items.at(p)
	return it.epoch == s.epoch && it.seq >= m.sound[subjectAgents]
}

// knowsItems reports whether all of a device's items of a subject are certain: no change is open,
// each value is known, and no two could be the same agent or the same indicator.
func (s *State) knowsItems(device, group uint32, q query) bool {
	named, unnamed := false, false
	for i := s.names.records.at(device).items; i != 0; {
		it := s.items.at(i)
		i = it.devNext
		switch {
		case it.event != q.key:
		case it.kind == itemDoubt:
			return false
		case it.kind != itemModel || group != 0 && it.group != group:
		case q.subject == subjectAgents:
			if it.agent == csta.AgentNone || it.on == csta.SwitchNone {
				return false
			}
			named, unnamed = named || it.who != 0, unnamed || it.who == 0
		case it.who != 0 || it.on == csta.SwitchNone:
			return false
		case q.subject == subjectForwarding && it.forwarding == csta.ForwardNone:
			return false
		}
	}
	return !named || !unnamed
}

// appendItem puts an item into the response of its query.
func (s *State) appendItem(resp *csta.Message, it *item) {
	switch it.event {
	case csta.EventAgentLoggedOn:
		resp.Agents = append(resp.Agents, csta.AgentItem{
			AgentID: s.names.bytes(it.who), LoggedOn: it.on, Group: s.names.device(it.group),
			State: it.agent, Pending: it.pending,
		})
	case csta.EventForwarding:
		resp.Forwards = append(resp.Forwards, csta.ForwardItem{
			Type: it.forwarding, On: it.on, To: s.names.device(it.to),
		})
	default:
		resp.On = it.on
	}
}

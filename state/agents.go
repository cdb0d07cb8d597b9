package state

import "haproxy/codec/csta"

// attributed returns the device that an agent or feature event is about: the monitored device where
// the bytes are its own, whatever the form, or where none is named; else the one named. own says
// which.
func (s *State) attributed(monitor uint32, d csta.DeviceID) (device csta.DeviceID, own bool) {
	if monitor == 0 {
		return canonical(d), false
	}
	m := s.monitors.at(monitor)
	if !m.ofDevice() || d.Known() && !s.names.is(m.device, d.Number) {
		return canonical(d), false
	}
	return s.names.device(m.device), true
}

// holdKey makes the key of an agent or feature and holds its names until letKey; ok is false where
// a name cannot be kept.
func (s *State) holdKey(event csta.Event, device csta.DeviceID, who []byte, group csta.DeviceID,
) (key itemKey, ok bool) {
	key.event = event
	key.device = s.names.takeDevice(device)
	key.who = s.names.takeText(who)
	if group.Known() {
		key.group = s.names.takeDevice(canonical(group))
	}
	ok = (key.device != 0 || !device.Known()) && (key.who != 0 || len(who) == 0) &&
		(key.group != 0 || !group.Known())
	return key, ok
}

// letKey lets the names of a key go.
func (s *State) letKey(key itemKey) {
	s.names.drop(key.device)
	s.names.drop(key.who)
	s.names.drop(key.group)
}

// applyAgent takes an agent event. It reports whether the frame is kept.
func (s *State) applyAgent(monitor uint32, msg *csta.Message, frame []byte) bool {
	device, own := s.attributed(monitor, msg.Device)
	if monitor != 0 && !own {
		s.distrustSubject(monitor, subjectAgents)
	}
	key, ok := s.holdKey(csta.EventAgentLoggedOn, device, msg.AgentID, msg.Group)
	kept := false
	if ok && key.device != 0 {
		s.clearDoubts(key)
		s.setAgent(monitor, key, msg)
		kept = monitor != 0 && s.keepAgentFrame(monitor, key, msg.Event, frame)
	} else {
		s.refuse(monitor)
	}
	s.letKey(key)
	return kept
}

// keepAgentFrame puts an agent's log-on or latest state into the journal. A log-off makes void what
// the journal has of that agent, a log-on what it has of agents that left the device.
func (s *State) keepAgentFrame(monitor uint32, key itemKey, event csta.Event, frame []byte) bool {
	key.kind, key.monitor = itemJournal, monitor
	switch event {
	case csta.EventAgentLoggedOff:
		s.dropAgents(key, func(it *item) bool { return it.concerns(&key) || it.who == 0 })
	case csta.EventAgentLoggedOn:
		s.dropAgents(key, (*item).loggedOff)
	default:
	}
	if !s.keepInItem(key, event == csta.EventAgentLoggedOn, event, frame) {
		return false
	}
	s.items.at(s.findItem(key)).on = csta.SwitchOf(event != csta.EventAgentLoggedOff)
	return true
}

// dropAgents drops the items of a key's device, kind and monitor that gone says are void.
func (s *State) dropAgents(key itemKey, gone func(it *item) bool) {
	for i := s.names.records.at(key.device).items; i != 0; {
		it := s.items.at(i)
		next := it.devNext
		if it.kind == key.kind && it.monitor == key.monitor && it.event == key.event && gone(it) {
			s.dropItem(i)
		}
		i = next
	}
}

// loggedOff reports whether an agent's item tells that it logged off.
func (it *item) loggedOff() bool { return it.on == csta.SwitchOff }

// concerns reports whether an event with a key is about an item: the agent ID and the group are the
// item's, where both name them. Phases I and II name the group in some events of an agent only.
func (it *item) concerns(key *itemKey) bool {
	return it.event == key.event && (key.who == 0 || it.who == key.who) &&
		(key.group == 0 || it.group == 0 || it.group == key.group)
}

// setAgent takes an agent event into the model: into every agent of the device that it concerns,
// and into a new one where there is none.
func (s *State) setAgent(monitor uint32, key itemKey, msg *csta.Message) {
	key.kind = itemModel
	if msg.Event == csta.EventAgentLoggedOn {
		s.dropAgents(key, func(it *item) bool { return it.loggedOff() && it.who != key.who })
	}
	found := false
	for i := s.names.records.at(key.device).items; i != 0; {
		it := s.items.at(i)
		if it.kind == itemModel && it.concerns(&key) {
			it.tellAgent(msg, s.seq)
			found = true
		}
		i = it.devNext
	}
	if found {
		return
	}
	if key.who != 0 { // one of whom only an answer without a name told
		s.dropAgents(key, func(it *item) bool { return it.who == 0 })
	}
	i := s.takeItem(key)
	if i == 0 {
		s.refuse(monitor)
		return
	}
	s.items.at(i).tellAgent(msg, s.seq)
}

// tellAgent takes the state an agent event tells. After a log-on the state is not known until the
// next event.
func (it *item) tellAgent(msg *csta.Message, seq uint64) {
	it.seq = seq
	it.on = csta.SwitchOf(msg.Event != csta.EventAgentLoggedOff)
	it.agent, it.pending = rules[msg.Event].agent, msg.Pending
}

package state

import "haproxy/codec/csta"

// applyFeature takes an event of a device's lasting state. It reports whether the frame is kept.
func (s *State) applyFeature(monitor uint32, msg *csta.Message, frame []byte) bool {
	rule := &rules[msg.Event]
	device, own := s.attributed(monitor, msg.Device)
	about, asked := subjectOf(rule.key)
	if asked && monitor != 0 && !own {
		s.distrustSubject(monitor, about)
	}
	key, ok := s.holdKey(rule.key, device, memberOf(msg), csta.DeviceID{})
	if rule.key == csta.EventForwarding {
		key.forwarding = msg.Forwarding
	}
	kept := false
	if ok && (key.device != 0 || monitor != 0) {
		if asked && key.device != 0 {
			s.clearDoubts(key)
		}
		if key.device != 0 && (asked || rule.on != csta.SwitchNone) {
			s.setFeature(monitor, key, msg)
		}
		key.monitor = monitor
		kept = monitor != 0 && s.keepInItem(key, false, msg.Event, frame)
	} else {
		s.refuse(monitor)
	}
	s.letKey(key)
	return kept
}

// memberOf returns what tells the members of a device feature apart: the message's Item, and for
// call-backs their target.
func memberOf(msg *csta.Message) []byte {
	switch msg.Event {
	case csta.EventCallBack, csta.EventCallBackMessage:
		if msg.Destination.Known() {
			return msg.Destination.Number
		}
		return msg.Called.Number
	default:
		return msg.Item
	}
}

// setFeature takes the state a feature event tells into the model.
func (s *State) setFeature(monitor uint32, key itemKey, msg *csta.Message) {
	key.kind = itemModel
	i := s.takeItem(key)
	if i == 0 {
		s.refuse(monitor)
		return
	}
	it := s.items.at(i)
	it.seq = s.seq
	if it.on = rules[msg.Event].on; it.on == csta.SwitchNone {
		it.on = msg.On
	}
	if key.event == csta.EventForwarding {
		s.forwardTo(it, msg.ForwardTo)
	}
}

// forwardTo sets the number of a forwarding.
func (s *State) forwardTo(it *item, to csta.DeviceID) {
	if to.Known() && s.names.sameDevice(it.to, to) {
		return
	}
	s.names.drop(it.to)
	it.to = s.names.takeDevice(to)
	if it.to == 0 && to.Known() { // not a forwarding we could answer for
		s.stats.Refused++
		it.on = csta.SwitchNone
	}
}

// doubt makes what a key names uncertain: a Set… changed it, and its event is still to come.
func (s *State) doubt(key itemKey) {
	key.kind, key.monitor = itemDoubt, 0
	s.seq++ // a query asked at this moment was asked before
	if i := s.takeItem(key); i != 0 {
		s.items.at(i).seq = s.seq
		return
	}
	s.stats.Refused++
	about, _ := subjectOf(key.event)
	for i := s.names.records.at(key.device).head; i != 0; i = s.monitors.at(i).devNext {
		s.distrustSubject(i, about)
	}
}

// clearDoubts makes certain again what an event with a key tells.
func (s *State) clearDoubts(key itemKey) {
	for i := s.names.records.at(key.device).items; i != 0; {
		it := s.items.at(i)
		next := it.devNext
		if it.kind == itemDoubt && it.event == key.event && it.forwarding == key.forwarding &&
			(it.who == 0 || it.who == key.who) && (it.group == 0 || it.group == key.group) {
			s.dropItem(i)
		}
		i = next
	}
}

package state

import "haproxy/codec/csta"

// heard is a call event as one monitor heard it.
type heard struct {
	msg     *csta.Message
	monitor uint32
	m       *monitor             // nil where monitor is 0
	to      csta.ConnectionState // what the subject connection becomes
	// local is the state of the monitored device's own connection after the event: what the event
	// says, else what follows where the device is its subject; none where neither tells.
	local csta.ConnectionState
	own   bool // the monitored device is the subject
}

// hear works out what an event means to a monitor, which sees its call as w says, 0 where it does
// not.
func (s *State) hear(monitor, w uint32, msg *csta.Message) heard {
	h := heard{msg: msg, monitor: monitor}
	if msg.Event < csta.EventCount {
		h.to = rules[msg.Event].to
	}
	if monitor == 0 {
		return h
	}
	h.m = s.monitors.at(monitor)
	if !h.m.ofDevice() {
		return h
	}
	h.own = s.isAboutOwn(&h, w)
	switch {
	case msg.Local != csta.ConnectionNone:
		h.local = msg.Local
	case msg.Event == csta.EventCallCleared:
		h.local = csta.ConnectionNull
	case h.own:
		h.local = h.to
	}
	if h.own && h.local != csta.ConnectionNone {
		h.to = h.local
	}
	return h
}

// isAboutOwn reports whether the subject of an event is the monitored device's own connection: as
// its identifier says, or the connection that is known to be it, or else the device that the event
// names.
func (s *State) isAboutOwn(h *heard, w uint32) bool {
	msg := h.msg
	if s.isOwn(h.m, msg.Subject.Device) {
		return true
	}
	if w != 0 && s.watches.at(w).ownConn != 0 {
		wt := s.watches.at(w)
		if s.findConn(wt.call, msg.Subject.Device, partyIn(msg)) == wt.ownConn {
			return true
		}
		if namesAnother(msg.Event) {
			return false
		}
	}
	if h.to == csta.ConnectionNull && msg.Local > csta.ConnectionNull {
		return false // another's connection is gone, the own one is not
	}
	return s.isOwn(h.m, msg.Device)
}

// namesAnother reports whether the device of an event may be another than that of its connection:
// who made a party leave, who could not be reached.
func namesAnother(event csta.Event) bool {
	return event == csta.EventConnectionCleared || event == csta.EventFailed
}

// partyIn returns the device that an event has for its subject connection; absent where it may be
// another's and the connection's identifier has the device itself.
func partyIn(msg *csta.Message) csta.DeviceID {
	dev := msg.Subject.Device
	if namesAnother(msg.Event) && dev.Known() && dev.Form != csta.DeviceDynamic {
		return csta.DeviceID{}
	}
	return msg.Device
}

// applyCall takes an event that tells a connection's state. It reports whether the frame is kept.
func (s *State) applyCall(monitor uint32, msg *csta.Message, frame []byte) bool {
	callIndex := s.findCall(msg.Subject.Call)
	w := s.findWatch(monitor, callIndex)
	h := s.hear(monitor, w, msg)
	if w != 0 && s.begunAgain(w, &h) {
		s.endCall(callIndex)
		callIndex, w = 0, 0
	}
	fresh := w == 0
	if fresh && h.opens() {
		w = s.openWatch(monitor, msg.Subject.Call, 0)
		callIndex = s.findCall(msg.Subject.Call)
	}
	if w == 0 && (h.local == csta.ConnectionNull || msg.Event == csta.EventCallCleared) {
		s.missEnd(monitor, msg.Subject.Call)
	}
	if callIndex == 0 {
		return false
	}
	subject := s.tellSubject(callIndex, &h)
	kept := false
	if w != 0 {
		s.tellOwn(w, subject, fresh, &h)
		kept = s.keepOrEnd(w, &h, frame)
	}
	if msg.Event == csta.EventConnectionCleared {
		s.endDeserted(s.findCall(msg.Subject.Call))
	}
	return kept
}

// endDeserted ends a call whose last known connection cleared on the monitors that wait for just
// that: they may have heard of it before the monitor whose word counts.
func (s *State) endDeserted(callIndex uint32) {
	if callIndex == 0 || s.calls.at(callIndex).connCount > 0 {
		return
	}
	for w := s.calls.at(callIndex).watches; w != 0; {
		wt := s.watches.at(w)
		next := wt.callNext
		if wt.own == csta.ConnectionNone {
			s.endWatch(w, true)
		}
		w = next
	}
}

// opens reports whether an event begins a chain: it proves a live call in which the monitored
// device is. So does an event that ends another's connection, if it says that the device's own
// lives on: a caller may hear of its call first by the Diverted of a forwarded one.
func (h *heard) opens() bool {
	if h.monitor == 0 || h.local == csta.ConnectionNull || len(h.msg.Subject.Call) == 0 {
		return false
	}
	return rules[h.msg.Event].opens || h.m.ofDevice() && h.msg.Local != csta.ConnectionNone
}

// begunAgain reports whether the event begins another call under the same ID: it sets a connection
// to a state that, as this monitor told, the connection has long passed.
func (s *State) begunAgain(w uint32, h *heard) bool {
	switch h.msg.Event {
	case csta.EventServiceInitiated, csta.EventOriginated, csta.EventOffered:
	default:
		return false
	}
	if s.watches.at(w).untold {
		return false // no stream had the call yet
	}
	was := csta.ConnectionNone
	if h.own {
		was = s.watches.at(w).own
	} else if i := s.findConn(s.watches.at(w).call, h.msg.Subject.Device, h.msg.Device); i != 0 {
		if c := s.conns.at(i); s.isToldBy(c, h.monitor) {
			was = c.state
		}
	}
	switch h.msg.Event {
	case csta.EventServiceInitiated:
		return was > csta.ConnectionInitiated
	case csta.EventOriginated:
		return was >= csta.ConnectionHold
	default: // a failed or queued connection may be offered once more (camp-on), any by a recall
		return (was == csta.ConnectionConnected || was == csta.ConnectionHold) &&
			!isRecall(h.msg.Cause)
	}
}

// isRecall reports whether a call comes back to a device that had it.
func isRecall(cause csta.Cause) bool {
	switch cause {
	case csta.CauseRecall, csta.CauseRecallBusy, csta.CauseRecallForwarded,
		csta.CauseRecallNoAnswer, csta.CauseRecallResourcesNotAvailable:
		return true
	default:
		return false
	}
}

// tellSubject takes the state of the subject connection, and returns the connection unless it is
// gone.
func (s *State) tellSubject(callIndex uint32, h *heard) uint32 {
	msg := h.msg
	c := s.calls.at(callIndex)
	if msg.Event == csta.EventCallCleared {
		for i := c.conns; i != 0; {
			next := s.conns.at(i).next
			s.tell(i, csta.ConnectionNull, h.monitor, msg.Event)
			i = next
		}
		return 0
	}
	s.setParties(c, msg)
	dev := msg.Subject.Device
	if !dev.Known() {
		dev = msg.Device
	}
	if h.to == csta.ConnectionNull {
		if i := s.findConn(callIndex, dev, partyIn(msg)); i != 0 {
			s.tell(i, h.to, h.monitor, msg.Event)
		} else {
			s.missParty(callIndex, dev)
			s.hearDeparted(callIndex, h.monitor, dev, partyIn(msg))
		}
		return 0
	}
	if !h.own && s.overtaken(callIndex, dev) && s.findConn(callIndex, dev, partyIn(msg)) == 0 {
		s.tellDeparted(callIndex, h.monitor, dev, partyIn(msg), h.to)
		return 0
	}
	i := s.takeConn(callIndex, dev, partyIn(msg))
	if i == 0 {
		return 0
	}
	if msg.Event == csta.EventServiceInitiated || msg.Event == csta.EventOriginated {
		s.conns.at(i).caller = true
	}
	s.tell(i, h.to, h.monitor, msg.Event)
	return i
}

// tellOwn takes the state of the monitored device's own connection. fresh says that the event is
// the monitor's first of the call.
func (s *State) tellOwn(w, subject uint32, fresh bool, h *heard) {
	wt := s.watches.at(w)
	wt.seq = max(wt.seq, s.seq)
	if h.m == nil || !h.m.ofDevice() {
		return
	}
	switch {
	case subject == 0:
	case h.own:
		s.own(w, subject)
	case fresh && h.presumesOwn():
		s.own(w, subject)
		dev := h.msg.Subject.Device
		if h.m.alias == 0 && dev.Known() && dev.Form != csta.DeviceDynamic {
			h.m.alias = s.names.takeDevice(dev)
		}
	}
	if h.local == csta.ConnectionNone {
		return
	}
	wt.own, wt.suspect, wt.untold, wt.answered = h.local, false, false, false
	if h.local != csta.ConnectionNull {
		s.tell(wt.ownConn, h.local, h.monitor, h.msg.Event)
	} else {
		s.hearOwn(wt)
	}
}

// hearOwn notes that an event told now of a device's own connection, which it ends: the others hear of it next.
func (s *State) hearOwn(w *watch) {
	if w.ownConn != 0 {
		c := s.conns.at(w.ownConn)
		c.heard = max(c.heard, s.seq)
	}
}

// presumesOwn reports whether the subject connection of a monitor's first event of a call must be
// the monitored device's own, though it is spelled otherwise: both take the same state, and either
// nobody but the device itself begins a call there, or the identifier is dynamic and no other
// device is named.
func (h *heard) presumesOwn() bool {
	if h.msg.Local == csta.ConnectionNone || h.msg.Local != h.to {
		return false
	}
	switch h.msg.Event {
	case csta.EventServiceInitiated, csta.EventOriginated:
		return true
	default:
		return h.msg.Subject.Device.Form == csta.DeviceDynamic && !h.msg.Device.Known()
	}
}

// keepOrEnd ends the watch where the event was its last, and keeps the frame while its chain is
// open.
func (s *State) keepOrEnd(w uint32, h *heard, frame []byte) bool {
	chainIndex := s.watches.at(w).chain
	if s.isOver(w, h) {
		s.endWatch(w, true)
		if s.chains.at(chainIndex).watches == 0 {
			return false
		}
	}
	return s.keepInChain(chainIndex, h.msg.Event, frame)
}

// isOver reports whether a monitor has seen the last of a call: the device's own connection is
// null; where its state is not known, and on call monitors, the call or its last known connection
// cleared.
func (s *State) isOver(w uint32, h *heard) bool {
	wt := s.watches.at(w)
	switch {
	case h.msg.Event == csta.EventCallCleared:
		return true
	case wt.own != csta.ConnectionNone:
		return wt.own == csta.ConnectionNull
	default:
		return h.msg.Event == csta.EventConnectionCleared && s.calls.at(wt.call).connCount == 0
	}
}

// applyDetail takes an event that changes no connection; it is kept with the call it names, where
// that is open.
func (s *State) applyDetail(monitor uint32, msg *csta.Message, frame []byte) bool {
	w := s.findWatch(monitor, s.findCall(msg.Subject.Call))
	if w == 0 {
		return false
	}
	h := s.hear(monitor, w, msg)
	s.tellOwn(w, 0, false, &h)
	return s.keepOrEnd(w, &h, frame)
}

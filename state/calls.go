package state

import (
	"cmp"

	"haproxy/codec/csta"
)

// connsPerCall bounds the connections of one call, which are searched one by one.
const connsPerCall = 1024

// findCall returns the call with an ID, or 0.
func (s *State) findCall(id csta.CallID) uint32 {
	if name := s.names.findCall(id); name != 0 {
		return s.names.records.at(name).head
	}
	return 0
}

// takeCall returns the call with an ID, made where it is new; 0 at the limit. A call that is made
// must get a watch.
func (s *State) takeCall(id csta.CallID) uint32 {
	name := s.names.take(nameCall, csta.DeviceID{Number: id})
	if name == 0 {
		return 0
	}
	rec := s.names.records.at(name)
	if rec.head != 0 {
		s.names.drop(name)
		return rec.head
	}
	i, c := s.calls.alloc()
	if c == nil {
		s.names.drop(name)
		return 0
	}
	c.id, rec.head = name, i
	return i
}

// dropCall forgets a call that no monitor sees any more.
func (s *State) dropCall(i uint32) {
	c := s.calls.at(i)
	for c.conns != 0 {
		s.dropConn(c.conns)
	}
	s.dropDeparted(c)
	s.names.drop(c.calling)
	s.names.drop(c.called)
	s.names.records.at(c.id).head = 0
	s.names.drop(c.id)
	s.calls.release(i)
}

// endCall ends a call on every monitor: its ID was used again, or the switch denies it.
func (s *State) endCall(i uint32) {
	for {
		w := s.calls.at(i).watches
		last := s.watches.at(w).callNext == 0
		s.endWatch(w, true)
		if last {
			return
		}
	}
}

// setParties notes the calling and the called device of a call, where the event knows them.
func (s *State) setParties(c *call, msg *csta.Message) {
	if msg.Calling.Known() && !s.names.sameDevice(c.calling, msg.Calling) {
		s.names.drop(c.calling)
		c.calling = s.names.takeDevice(msg.Calling)
	}
	if msg.Called.Known() && !s.names.sameDevice(c.called, msg.Called) {
		s.names.drop(c.called)
		c.called = s.names.takeDevice(msg.Called)
	}
}

// isCalling reports whether a device is known to be the one that called.
func (s *State) isCalling(call uint32, device csta.DeviceID) bool {
	return call != 0 && device.Known() && s.names.is(s.calls.at(call).calling, device.Number)
}

// isCaller reports whether a connection is the caller's. Who called in a call that was joined to this
// one is a party here like any other.
func (s *State) isCaller(c *conn) bool {
	if !c.caller {
		return false
	}
	static := s.partyOf(c)
	return s.calls.at(c.call).calling == 0 || !static.Known() || s.isCalling(c.call, static)
}

// findConn returns the connection of a call at a device: the one whose connection ID has it, else
// one of which only the static device is known, as snapshots tell the far ends.
func (s *State) findConn(call uint32, dev, party csta.DeviceID) uint32 {
	if call == 0 {
		return 0
	}
	return s.findConnIn(s.calls.at(call).conns, dev, party)
}

// findConnIn is findConn in a list of connections.
func (s *State) findConnIn(first uint32, dev, party csta.DeviceID) uint32 {
	byParty := uint32(0)
	dynamic := dev.Form == csta.DeviceDynamic
	for i := first; i != 0; {
		c := s.conns.at(i)
		switch {
		case c.dev == 0:
			if s.names.is(c.party, party.Number) || !dynamic && s.names.is(c.party, dev.Number) {
				byParty = i
			}
		case s.names.is(c.dev, dev.Number):
			if dynamic == (s.names.records.at(c.dev).form == csta.DeviceDynamic) {
				return i
			}
		}
		i = c.next
	}
	return byParty
}

// takeConn returns the connection of a call at a device, made where it is new; 0 where it names no
// device, and at the limit, which leaves the call partial.
func (s *State) takeConn(call uint32, dev, party csta.DeviceID) uint32 {
	if !dev.Known() && !party.Known() {
		return 0
	}
	i := s.findConn(call, dev, party)
	if i == 0 {
		i = s.bringBack(call, dev, party)
	}
	if i == 0 {
		i = s.newConn(call)
	}
	if i == 0 {
		return 0
	}
	c := s.conns.at(i)
	if c.dev == 0 {
		c.dev = s.names.takeDevice(dev)
	}
	if c.party == 0 && party.Form != csta.DeviceDynamic {
		c.party = s.names.takeDevice(party)
	}
	if c.dev == 0 && c.party == 0 {
		s.dropConn(i)
		s.leavePartial(call)
		return 0
	}
	return i
}

// newConn appends an empty connection to a call.
func (s *State) newConn(call uint32) uint32 {
	c := s.calls.at(call)
	var i uint32
	var added *conn
	if c.connCount < connsPerCall {
		i, added = s.conns.alloc()
	}
	if added == nil {
		s.leavePartial(call)
		return 0
	}
	added.call, added.place = call, s.freePlace(c)
	s.appendConn(c, i)
	return i
}

func (s *State) appendConn(c *call, i uint32) {
	c.connCount++
	at := &c.conns
	for *at != 0 {
		at = &s.conns.at(*at).next
	}
	*at = i
}

// leavePartial notes that a connection of a call was left out: nothing is certain about the call.
func (s *State) leavePartial(call uint32) {
	s.calls.at(call).partial = true
	s.stats.Refused++
}

// dropConn takes a connection out of its call.
func (s *State) dropConn(i uint32) {
	gone := s.conns.at(i)
	c := s.calls.at(gone.call)
	at := &c.conns
	for *at != i {
		if *at == 0 {
			panic("state: a connection is missing from its call")
		}
		at = &s.conns.at(*at).next
	}
	*at = gone.next
	c.connCount--
	if gone.owner != 0 {
		s.watches.at(gone.owner).ownConn = 0
	}
	s.rememberEnded(0, c.id, cmp.Or(gone.dev, gone.party))
	s.depart(c, i)
}

// tell takes the state of a connection from a monitor's event. The monitor of the connection's own
// device has the last word: another one is passed over where that one gets the event too. A
// connection that becomes null is gone.
func (s *State) tell(i uint32, state csta.ConnectionState, monitor uint32, event csta.Event) {
	if i == 0 || state == csta.ConnectionNone {
		return
	}
	c := s.conns.at(i)
	if event != csta.EventUnknown {
		if c.heard == s.seq && c.seq == s.seq && s.late == 0 && c.told == monitor && c.state == state && !c.answered {
			return // this event told it: its subject is the monitored device
		}
		s.noteTold(monitor, c, state)
		c.answered, c.heard = false, max(c.heard, s.seq)
	}
	owner := uint32(0)
	if c.owner != 0 {
		owner = s.watches.at(c.owner).monitor
		if owner != monitor && !s.monitors.at(owner).filter.Has(event) {
			return
		}
	}
	if s.late != 0 && c.seq > s.late && owner != monitor {
		return // overtaken by another monitor's word
	}
	if state == csta.ConnectionNull {
		s.dropConn(i)
		return
	}
	c.state, c.told, c.seq = state, monitor, max(c.seq, s.seq)
	c.answered = event == csta.EventUnknown
}

// isToldBy reports whether a monitor, and not one that had its place before, last told of a connection.
func (s *State) isToldBy(c *conn, monitor uint32) bool {
	return c.told == monitor && c.seq >= s.monitors.at(monitor).opened
}

// own makes a connection the one of a watch's own device.
func (s *State) own(w, i uint32) {
	wt := s.watches.at(w)
	if i == 0 || wt.ownConn == i {
		return
	}
	if wt.ownConn != 0 {
		s.conns.at(wt.ownConn).owner = 0
	}
	c := s.conns.at(i)
	if c.owner != 0 { // two monitors of one device: the first keeps the word
		wt.ownConn = 0
		return
	}
	c.owner, wt.ownConn = w, i
}

// ownOf returns the connection of a watch's own device, 0 where it is not known. Another monitor of
// the device may have, or have had, the word about it.
func (s *State) ownOf(w *watch) uint32 {
	m := s.monitors.at(w.monitor)
	if w.ownConn != 0 || !m.ofDevice() || m.device == 0 {
		return w.ownConn
	}
	for i := s.calls.at(w.call).conns; i != 0; i = s.conns.at(i).next {
		c := s.conns.at(i)
		if s.isOwn(m, s.names.device(c.dev)) ||
			c.owner != 0 && s.monitors.at(s.watches.at(c.owner).monitor).device == m.device {
			return i
		}
	}
	return 0
}

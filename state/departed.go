package state

import "haproxy/codec/csta"

// A party that left a call by the word of one monitor is still there for who listens to another, until that
// one tells it too; where its event was lost, for good. So a connection that the model has no more is kept
// beside those of its call as departed, while any monitor's stream tells of it: Settle tells the rest.

// depart keeps a connection that has been taken out of its call while a stream tells of it, and else
// releases it.
func (s *State) depart(c *call, i uint32) {
	gone := s.conns.at(i)
	if !s.isTold(c, gone) {
		s.releaseConn(i)
		return
	}
	gone.state, gone.owner, gone.snap = csta.ConnectionNull, 0, 0
	gone.next, c.departed = c.departed, i
}

// isTold reports whether a stream of any monitor tells of a connection, and would tell its end: one whose filter
// has no ends keeps nobody.
func (s *State) isTold(c *call, of *conn) bool {
	if of.place == 0 {
		return false
	}
	for i := c.watches; i != 0; i = s.watches.at(i).callNext {
		if s.tellsOf(s.watches.at(i), of) {
			return true
		}
	}
	return false
}

// tellsOf reports whether a monitor's stream has a connection, and would tell its end.
func (s *State) tellsOf(w *watch, of *conn) bool {
	return w.told.of(of) > csta.ConnectionNull && !s.monitors.at(w.monitor).filter.Has(csta.EventConnectionCleared)
}

func (s *State) releaseConn(i uint32) {
	gone := s.conns.at(i)
	s.names.drop(gone.dev)
	s.names.drop(gone.party)
	s.conns.release(i)
}

// tellDeparted notes that a monitor's stream tells the state of a party that has left already, and returns its
// departed connection; 0 where none is kept.
func (s *State) tellDeparted(call, monitor uint32, dev, party csta.DeviceID, state csta.ConnectionState) uint32 {
	c := s.calls.at(call)
	i := s.findConnIn(c.departed, dev, party)
	if i == 0 {
		var gone *conn
		if i, gone = s.conns.alloc(); gone == nil {
			return 0
		}
		gone.call, gone.place = call, s.freePlace(c)
		if gone.dev = s.names.takeDevice(dev); party.Form != csta.DeviceDynamic {
			gone.party = s.names.takeDevice(party)
		}
		gone.next, c.departed = c.departed, i
	}
	gone := s.conns.at(i)
	gone.heard = max(gone.heard, s.seq)
	s.noteTold(monitor, gone, state)
	if s.forgetDeparted(call, i) {
		return 0
	}
	return i
}

// hearDeparted notes that a monitor's stream told, too, that a party left a call.
func (s *State) hearDeparted(call, monitor uint32, dev, party csta.DeviceID) {
	if call == 0 || s.calls.at(call).departed == 0 {
		return
	}
	if i := s.findConnIn(s.calls.at(call).departed, dev, party); i != 0 {
		s.noteTold(monitor, s.conns.at(i), csta.ConnectionNull)
		s.forgetDeparted(call, i)
	}
}

// hearAllDeparted notes that a monitor's stream told who is in a call, and with it who is not: all but those that
// have the stamp of its list.
func (s *State) hearAllDeparted(call, monitor, stamp uint32) {
	for i := s.calls.at(call).departed; i != 0; i = s.conns.at(i).next {
		if c := s.conns.at(i); c.snap != stamp {
			s.noteTold(monitor, c, csta.ConnectionNull)
		}
	}
	s.sweepDeparted(call)
}

// sweepDeparted releases the departed connections of a call of which no stream tells any more.
func (s *State) sweepDeparted(call uint32) {
	for i := s.calls.at(call).departed; i != 0; {
		next := s.conns.at(i).next
		s.forgetDeparted(call, i)
		i = next
	}
}

// forgetDeparted releases a departed connection of which no stream tells any more, and reports whether it did.
func (s *State) forgetDeparted(call, i uint32) bool {
	c := s.calls.at(call)
	if s.isTold(c, s.conns.at(i)) {
		return false
	}
	s.takeDeparted(c, i)
	s.releaseConn(i)
	return true
}

// takeDeparted takes a connection out of those that departed.
func (s *State) takeDeparted(c *call, i uint32) {
	at := &c.departed
	for *at != i {
		if *at == 0 {
			panic("state: a departed connection is missing from its call")
		}
		at = &s.conns.at(*at).next
	}
	*at = s.conns.at(i).next
}

// dropDeparted releases all departed connections of a call.
func (s *State) dropDeparted(c *call) {
	for c.departed != 0 {
		i := c.departed
		c.departed = s.conns.at(i).next
		s.releaseConn(i)
	}
}

// bringBack makes a departed party's connection one of the call again, and returns it; 0 where there is none.
// What the streams told of it goes on.
func (s *State) bringBack(call uint32, dev, party csta.DeviceID) uint32 {
	c := s.calls.at(call)
	if !dev.Known() {
		dev = party // an answer may name the device alone
	}
	i := s.findConnIn(c.departed, dev, party)
	if i == 0 {
		return 0
	}
	s.takeDeparted(c, i)
	was := s.conns.at(i)
	*was = conn{call: call, dev: was.dev, party: was.party, place: was.place}
	s.appendConn(c, i)
	return i
}

// settleDeparted tells every stream that has a departed party of a call that it left.
func (d *differing) settleDeparted(call uint32) {
	var gone [places]uint32 // each has a place
	n := 0
	for i := d.calls.at(call).departed; i != 0; i = d.conns.at(i).next {
		gone[n] = i
		n++
	}
	id := d.calls.at(call).id
	for _, i := range gone[:n] {
		if d.names.records.at(id).head != call || !d.isDeparted(call, i) {
			continue
		}
		c := d.conns.at(i)
		if c.heard > d.mark.seq {
			continue // the other streams hear of it themselves
		}
		p := d.partyOf(call, c)
		for _, monitor := range d.monitorsOf(call, func(w *watch) bool { return d.tellsOf(w, c) }) {
			if m := d.monitors.at(monitor); d.isOwn(m, p.device) || d.isOwn(m, p.static) {
				d.say(monitor, csta.EventConnectionCleared, &p, csta.ConnectionNull)
				d.end(monitor, &p)
				continue
			}
			d.sayFar(monitor, csta.EventConnectionCleared, &p)
		}
	}
}

func (s *State) isDeparted(call, conn uint32) bool {
	for i := s.calls.at(call).departed; i != 0; i = s.conns.at(i).next {
		if i == conn {
			return true
		}
	}
	return false
}

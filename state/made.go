package state

import "haproxy/codec/csta"

// making is a replay made from the state under way.
type making struct {
	dst  []byte
	skip csta.EventSet
	made func(dst []byte, msg *csta.Message) []byte
	w    *watch
	told told  // what its stream told before the replay
	own  *conn // the device's own connection of w
	m    *monitor
}

// replayMade appends events made from the state for those calls of a monitor whose history was
// given up or never seen, the oldest call first.
func (s *State) replayMade(dst []byte, id uint32, skip csta.EventSet,
	made func(dst []byte, msg *csta.Message) []byte,
) []byte {
	k := making{dst: dst, skip: skip, made: made, m: s.monitors.at(id)}
	for i := s.oldestWatch(k.m); i != 0; i = k.w.monPrev {
		k.w = s.watches.at(i)
		if s.chains.at(k.w.chain).lost {
			k.told = k.w.told
			s.makeCall(&k)
		}
	}
	return k.dst
}

// makeCall makes the events that lead a call from nothing to what it is: the device's own
// connection first, then the others, then who holds.
func (s *State) makeCall(k *making) {
	local := k.w.own
	if local == csta.ConnectionHold {
		local = csta.ConnectionConnected
	}
	var stand conn // for an own connection of which only the state is known
	ownConn := s.ownOf(k.w)
	k.own = &stand
	if ownConn != 0 {
		k.own = s.conns.at(ownConn)
	}
	if k.w.own != csta.ConnectionNone {
		s.makeState(k, k.own, k.w.own, local)
	}
	c := s.calls.at(k.w.call)
	for i := c.conns; i != 0; {
		rec := s.conns.at(i)
		if i != ownConn && !s.isUntold(k, rec) {
			s.makeState(k, rec, k.toldOf(rec), local)
		}
		i = rec.next
	}
	if k.w.own == csta.ConnectionHold {
		s.makeEvent(k, csta.EventHeld, k.own, k.w.own)
	}
	for i := c.conns; i != 0; {
		rec := s.conns.at(i)
		if i != ownConn && k.toldOf(rec) == csta.ConnectionHold {
			s.makeEvent(k, csta.EventHeld, rec, k.w.own)
		}
		i = rec.next
	}
}

// toldOf returns the state of a connection in the stream that goes on after the replay: what that told,
// since the model may be ahead of it by the word of another monitor, or behind it where the device's own
// monitor has yet to tell; the model's where it told nothing, or where an answer denied it.
func (k *making) toldOf(c *conn) csta.ConnectionState {
	if told := k.told.of(c); told != csta.ConnectionNone && !c.answered {
		return told
	}
	return c.state
}

// isUntold reports whether who was there all along does not know of a connection: nothing tells a
// device's monitor of the caller that it has, but a join that lists it, nor of whom only an answer
// about another device told.
func (s *State) isUntold(k *making, c *conn) bool {
	elsewhere := c.heard == 0 && !s.isToldBy(c, k.w.monitor)
	return (s.isCaller(c) || elsewhere) && isUp(c.state) && k.m.ofDevice() &&
		k.told.of(c) == csta.ConnectionNone
}

// isUp reports whether a connection is or was connected.
func isUp(state csta.ConnectionState) bool {
	return state == csta.ConnectionConnected || state == csta.ConnectionHold
}

// makeState makes the event that brings one connection to a state; to hold it comes by way of
// connected. A caller is connected since it originated the call, which another device's monitor does
// not tell.
func (s *State) makeState(k *making, c *conn, state, local csta.ConnectionState) {
	var event csta.Event
	switch state {
	case csta.ConnectionInitiated:
		event = csta.EventServiceInitiated
	case csta.ConnectionAlerting:
		event = csta.EventDelivered
	case csta.ConnectionQueued:
		event = csta.EventQueued
	case csta.ConnectionFail:
		event = csta.EventFailed
	case csta.ConnectionConnected, csta.ConnectionHold:
		event = csta.EventEstablished
		if s.isCaller(c) && (c == k.own || !k.m.ofDevice()) {
			event = csta.EventOriginated
		}
	default:
		return
	}
	s.makeEvent(k, event, c, local)
}

// makeEvent makes one event about a connection. Its cause is number 1, which the standard has for a
// monitor placed on calls that exist (activeMonitor; ECMA-323 spells it activeParticipation).
func (s *State) makeEvent(k *making, event csta.Event, c *conn, local csta.ConnectionState) {
	if k.skip.Has(event) {
		return
	}
	of := s.calls.at(k.w.call)
	p := party{
		call: s.names.bytes(of.id), device: s.names.device(c.dev), static: s.partyOf(c),
		calling: s.names.device(of.calling), called: s.names.device(of.called),
	}
	if c.dev == 0 && c.party == 0 { // the stand-in
		p.static = s.objectDevice(k.m)
	}
	if !k.m.ofDevice() {
		local = csta.ConnectionNone
	}
	k.dst = k.made(k.dst, s.compose(event, csta.CauseActiveParticipation, &p, local))
	if c.place != 0 && k.told.of(c) == csta.ConnectionNone { // so that who joins later is told the same
		k.w.told = k.w.told.with(c.place, rules[event].to)
	}
}

// party is a connection that events are made about.
type party struct {
	call            csta.CallID
	device          csta.DeviceID // of the connection ID, absent where only the static one is known
	static          csta.DeviceID // the device itself, where known
	calling, called csta.DeviceID // of the call, where known
	caller          bool          // it originated the call
}

// compose makes an event about a connection, valid until the next one is made.
func (s *State) compose(event csta.Event, cause csta.Cause, p *party, local csta.ConnectionState) *csta.Message {
	msg := &s.made
	msg.Reset()
	msg.Kind, msg.Event, msg.Cause, msg.Local = csta.KindEvent, event, cause, local
	msg.Subject = csta.ConnectionID{Call: p.call, Device: p.device}
	if !p.device.Known() {
		msg.Subject.Device = p.static
	}
	msg.Device = orForm(p.static, csta.DeviceNotKnown)
	msg.Calling = orForm(p.calling, csta.DeviceNotKnown)
	if event == csta.EventOriginated && p.static.Known() { // phase I has one element for both
		msg.Calling = p.static
	}
	msg.Called = p.called
	if event != csta.EventServiceInitiated { // whose calledDevice older editions do not have
		msg.Called = orForm(p.called, csta.DeviceNotKnown)
	}
	msg.LastRedirection = csta.DeviceID{Form: csta.DeviceNotSpecified}
	return msg
}

// orForm returns d, or a device of the given form without a number where d is absent.
func orForm(d csta.DeviceID, form csta.DeviceForm) csta.DeviceID {
	if !d.Known() {
		return csta.DeviceID{Form: form}
	}
	return d
}

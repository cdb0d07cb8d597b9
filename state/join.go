package state

import (
	"bytes"
	"cmp"

	"haproxy/codec/csta"
)

// joining is a Transferred or Conferenced under way: the old calls, the resulting one, and how the
// monitor sees each.
type joining struct {
	heard
	primary, secondary uint32 // calls; 0 where not in the model
	id                 csta.CallID
	item               int // the connection list's item of the monitored device, or -1
	wp, wq, wr         uint32
	hearsay            hearsay
}

// applyJoin takes Transferred and Conferenced: the old calls end unless a new connection carries
// their ID, and their chains go on as one with the resulting call.
func (s *State) applyJoin(monitor uint32, msg *csta.Message, frame []byte) bool {
	j := joining{heard: s.hear(monitor, 0, msg)}
	j.primary = s.findCall(msg.Subject.Call)
	j.secondary = s.findCall(msg.Secondary.Call)
	j.wp = s.findWatch(monitor, j.primary)
	j.wq = s.findWatch(monitor, j.secondary)
	s.resolve(&j)
	j.wr = s.findWatch(monitor, s.findCall(j.id))
	s.judgeHearsay(&j)
	s.noteJoin(&j)
	chainIndex := s.mergeChains(s.chainOf(j.wp), s.chainOf(j.wq))
	chainIndex = s.mergeChains(chainIndex, s.chainOf(j.wr))
	if monitor != 0 && j.local != csta.ConnectionNull && len(j.id) > 0 {
		s.openResults(&j, chainIndex)
	}
	s.carry(&j)
	s.inheritParties(&j)
	if j.wr != 0 {
		s.ownOfResult(&j)
		chainIndex = s.watches.at(j.wr).chain
	}
	s.endOld(&j)
	if monitor == 0 || chainIndex == 0 || s.chains.at(chainIndex).watches == 0 {
		return false
	}
	return s.keepInChain(chainIndex, msg.Event, frame)
}

func (s *State) chainOf(w uint32) uint32 {
	if w == 0 {
		return 0
	}
	return s.watches.at(w).chain
}

// resolve works out the monitored device's item of the connection list, the ID of the resulting
// call (the primary's where the list tells none) and the local state.
func (s *State) resolve(j *joining) {
	j.item = -1
	j.id = nil
	for i := range j.msg.Connections {
		item := &j.msg.Connections[i]
		if len(item.New.Call) == 0 {
			continue
		}
		if j.id == nil {
			j.id = item.New.Call
		}
		if s.isOwnItem(j, item) {
			j.item, j.id = i, item.New.Call
			break
		}
	}
	if j.id == nil {
		j.id = j.msg.Subject.Call
	}
	if j.m == nil || !j.m.ofDevice() {
		return
	}
	j.local = j.msg.Local
	if j.local == csta.ConnectionNone && s.isOwn(j.m, j.msg.Device) {
		j.local = csta.ConnectionConnected
		if j.msg.Event == csta.EventTransferred && j.item < 0 {
			j.local = csta.ConnectionNull
		}
	}
}

// isOwnItem reports whether an item of a connection list is the monitored device's: by its names,
// or because its old connection was the device's own.
func (s *State) isOwnItem(j *joining, item *csta.ConnectionItem) bool {
	if j.m == nil || !j.m.ofDevice() {
		return false
	}
	if s.isOwn(j.m, item.New.Device) || s.isOwn(j.m, item.Endpoint) {
		return true
	}
	for _, w := range [...]uint32{j.wp, j.wq} {
		if w == 0 || !item.Old.Present() {
			continue
		}
		wt := s.watches.at(w)
		old := s.findConn(wt.call, item.Old.Device, item.Endpoint)
		if old != 0 && old == wt.ownConn && s.findCall(item.Old.Call) == wt.call {
			return true
		}
	}
	return false
}

// openResults makes the monitor watch the resulting call in the joined chain; a call monitor
// watches every new call of the list.
func (s *State) openResults(j *joining, chainIndex uint32) {
	if j.wr == 0 {
		j.wr = s.openWatch(j.monitor, j.id, chainIndex)
		s.goOn(j)
	}
	if j.wr == 0 || j.m.ofDevice() {
		return
	}
	chainIndex = s.chainOf(j.wr)
	for i := range j.msg.Connections {
		id := j.msg.Connections[i].New.Call
		if len(id) == 0 || bytes.Equal(id, j.id) {
			continue
		}
		if w := s.findWatch(j.monitor, s.findCall(id)); w == 0 {
			s.openWatch(j.monitor, id, chainIndex)
		}
	}
}

// goOn notes that the stream of the resulting call goes on where that of an old one was.
func (s *State) goOn(j *joining) {
	for _, old := range [...]uint32{j.wp, j.wq} {
		if old != 0 && j.wr != 0 {
			wr := s.watches.at(j.wr)
			wr.began = min(wr.began, s.watches.at(old).began)
		}
	}
}

// carry moves the connections from the old calls to the new ones of the list; the old calls'
// connections that are not in the list become null. It changes nothing the second time, when
// another monitor tells the same.
func (s *State) carry(j *joining) {
	stamp := s.stamp()
	listed := false
	for i := range j.msg.Connections {
		item := &j.msg.Connections[i]
		if len(item.New.Call) == 0 {
			continue
		}
		listed = true
		if to := s.findCall(item.New.Call); to != 0 {
			s.carryItem(j, to, item, stamp)
		}
	}
	s.clearOld(j, j.primary, listed, stamp)
	if j.secondary != j.primary {
		s.clearOld(j, j.secondary, listed, stamp)
	}
}

// carryItem puts one connection of the list into its new call, in the state it had.
func (s *State) carryItem(j *joining, to uint32, item *csta.ConnectionItem, stamp uint32) {
	told := s.toldBefore(j, item)
	i := s.findConn(to, item.New.Device, item.Endpoint)
	if i == 0 {
		if i = s.bring(j, to, item); i == 0 {
			s.carryDeparted(j, to, item, cmp.Or(item.State, told), stamp)
			return
		}
	} else if s.isController(j, item) && s.conns.at(i).state == csta.ConnectionHold {
		s.tell(i, csta.ConnectionConnected, j.monitor, j.msg.Event)
	}
	c := s.conns.at(i)
	c.snap, c.seq = stamp, max(c.seq, s.seq)
	if c.heard != 0 { // also where another monitor told the model first
		state := cmp.Or(item.State, told, c.state)
		if state == csta.ConnectionHold && item.State == csta.ConnectionNone && s.isController(j, item) {
			state = csta.ConnectionConnected // it held the call again after the join
		}
		s.noteTold(j.monitor, c, state)
	}
}

// carryDeparted notes a party of the list that has left the call meanwhile: the join came late, and its stream
// tells of the party all the same.
func (s *State) carryDeparted(j *joining, to uint32, item *csta.ConnectionItem, told csta.ConnectionState,
	stamp uint32,
) {
	if !s.overtaken(to, item.New.Device) {
		return
	}
	told = cmp.Or(told, s.joined.of(j.msg, item), csta.ConnectionConnected)
	if i := s.tellDeparted(to, j.monitor, item.New.Device, item.Endpoint, told); i != 0 {
		s.conns.at(i).snap = stamp
	}
}

// toldBefore returns the state that the monitor's own stream told of a party before a join; none where it did not.
func (s *State) toldBefore(j *joining, item *csta.ConnectionItem) csta.ConnectionState {
	for _, w := range [...]uint32{j.wp, j.wq, j.wr} {
		if w == 0 {
			continue
		}
		wt := s.watches.at(w)
		c := s.calls.at(wt.call)
		for _, first := range [...]uint32{c.conns, c.departed} {
			i := s.findConnIn(first, item.New.Device, item.Endpoint)
			if i == 0 && item.Old.Device.Known() && s.findCall(item.Old.Call) == wt.call {
				i = s.findConnIn(first, item.Old.Device, item.Endpoint)
			}
			if i != 0 && wt.told.of(s.conns.at(i)) > csta.ConnectionNull {
				return wt.told.of(s.conns.at(i))
			}
		}
	}
	return csta.ConnectionNone
}

// bring makes the connection of a party in its new call, in the state it had, and returns it.
func (s *State) bring(j *joining, to uint32, item *csta.ConnectionItem) uint32 {
	state, caller, guessed := s.oldState(j, item)
	heard := s.heardBefore(j, item, state)
	if state == csta.ConnectionNull || s.overtaken(to, item.New.Device) {
		return 0
	}
	i := s.takeConn(to, item.New.Device, item.Endpoint)
	if i == 0 {
		return 0
	}
	c := s.conns.at(i)
	c.caller = caller
	if guessed {
		c.state, c.told = state, j.monitor
	} else {
		s.tell(i, state, j.monitor, j.msg.Event)
		if heard != 0 {
			c.heard = heard
		}
	}
	return i
}

// heardBefore returns when an event told of the state that a party brings along, 0 where the join itself does: it
// tells who is there, and not how.
func (s *State) heardBefore(j *joining, item *csta.ConnectionItem, state csta.ConnectionState) uint64 {
	old := s.oldConn(j, s.findCall(item.Old.Call), item)
	if old == 0 || item.State != csta.ConnectionNone || s.conns.at(old).state != state {
		return 0
	}
	return s.conns.at(old).heard
}

// oldState returns the state a party brings along: what the list says, else that of its old
// connection. A connection that no event told is the caller's, and connected: a trunk may go by another
// number than who calls. It is not known where the call is older than its monitors, since anybody's may
// not have been told then: it may wait in a queue. Who holds a call and joins it holds it no longer. A state
// is guessed where no event told it, so that no stream has it.
func (s *State) oldState(j *joining, item *csta.ConnectionItem) (state csta.ConnectionState, caller, guessed bool) {
	from := s.findCall(item.Old.Call)
	switch old := s.oldConn(j, from, item); {
	case old != 0:
		c := s.conns.at(old)
		state, caller, guessed = c.state, c.caller, c.heard == 0
	case s.joined.of(j.msg, item) != csta.ConnectionNone:
		state = s.joined.of(j.msg, item)
	case s.isCalling(from, item.Endpoint), s.isCalling(from, item.Old.Device), !j.isHearsay(from):
		state, guessed = csta.ConnectionConnected, true
	}
	held := state == csta.ConnectionNone || state == csta.ConnectionHold
	if item.State != csta.ConnectionNone {
		state, guessed = item.State, false
	} else if held && s.isController(j, item) {
		state, guessed = csta.ConnectionConnected, false
	}
	return state, caller, guessed
}

// oldConn returns the connection that a party had in the old call, of which the list may not tell which it is;
// 0 where the model has none.
func (s *State) oldConn(j *joining, from uint32, item *csta.ConnectionItem) uint32 {
	if old := s.findConn(from, item.Old.Device, item.Endpoint); old != 0 {
		return old
	}
	if old := s.findConn(j.primary, item.New.Device, item.Endpoint); old != 0 {
		return old
	}
	return s.findConn(j.secondary, item.New.Device, item.Endpoint)
}

// isController reports whether an item of the list is the device that transfers or conferences.
func (s *State) isController(j *joining, item *csta.ConnectionItem) bool {
	return j.msg.Device.Equal(item.Endpoint) || j.msg.Device.Equal(item.New.Device)
}

// clearOld makes the connections of an old call null that the list does not carry on. Without a
// list only the transferring device is known to leave.
func (s *State) clearOld(j *joining, old uint32, listed bool, stamp uint32) {
	if old == 0 {
		return
	}
	if !listed {
		if j.msg.Event == csta.EventTransferred {
			s.tell(s.findConn(old, j.msg.Device, j.msg.Device), csta.ConnectionNull,
				j.monitor, j.msg.Event)
			s.hearDeparted(old, j.monitor, j.msg.Device, j.msg.Device)
		}
		return
	}
	for i := s.calls.at(old).conns; i != 0; {
		c := s.conns.at(i)
		next := c.next
		if c.snap != stamp {
			s.tell(i, csta.ConnectionNull, j.monitor, j.msg.Event)
		}
		i = next
	}
	s.hearAllDeparted(old, j.monitor, stamp)
	if j.msg.Event == csta.EventTransferred && s.findConn(old, j.msg.Device, j.msg.Device) == 0 {
		s.missParty(old, j.msg.Device)
	}
}

// inheritParties gives the resulting call the parties of the primary where it has none of its own.
func (s *State) inheritParties(j *joining) {
	to := s.findCall(j.id)
	if to == 0 {
		return
	}
	c := s.calls.at(to)
	if j.primary == 0 || j.primary == to {
		return
	}
	from := s.calls.at(j.primary)
	if c.calling == 0 {
		c.calling = s.names.again(from.calling)
	}
	if c.called == 0 {
		c.called = s.names.again(from.called)
	}
}

// ownOfResult tells the monitored device's own connection in the resulting call: as the event says,
// else as it was in the old call.
func (s *State) ownOfResult(j *joining) {
	wt := s.watches.at(j.wr)
	wt.seq = s.seq
	if !j.m.ofDevice() {
		return
	}
	if j.item >= 0 {
		item := &j.msg.Connections[j.item]
		s.own(j.wr, s.findConn(wt.call, item.New.Device, item.Endpoint))
	}
	switch {
	case j.local != csta.ConnectionNone:
		wt.own = j.local
	case wt.own == csta.ConnectionNone || j.wp != 0 && j.wq != 0:
		wt.own = s.ownBefore(j)
	}
	own := wt.ownConn
	if wt.answered = wt.answered && wt.own == csta.ConnectionNone; own == 0 {
		return
	}
	heard := s.conns.at(own).heard
	s.tell(own, wt.own, j.monitor, j.msg.Event)
	if heard != 0 && wt.ownConn == own {
		s.conns.at(own).heard = heard // the others do not hear how it is
	}
}

// ownBefore returns the state of the monitored device's own connection in the old call that it
// comes from. Of two, its item tells which; who joins them is connected.
func (s *State) ownBefore(j *joining) csta.ConnectionState {
	from := max(j.wp, j.wq)
	if j.wp != 0 && j.wq != 0 {
		if j.item < 0 || s.isController(j, &j.msg.Connections[j.item]) {
			return csta.ConnectionConnected
		}
		switch old := j.msg.Connections[j.item].Old.Call; {
		case bytes.Equal(old, j.msg.Subject.Call):
			from = j.wp
		case bytes.Equal(old, j.msg.Secondary.Call):
			from = j.wq
		default:
			return csta.ConnectionConnected
		}
	}
	if from == 0 {
		return csta.ConnectionNone
	}
	return s.watches.at(from).own
}

// endOld ends the old calls on the monitor, and the resulting one where the device has left it.
func (s *State) endOld(j *joining) {
	leaves := j.local == csta.ConnectionNull
	if j.wq != 0 && j.wq != j.wp && (leaves || j.wq != j.wr) {
		s.endOfJoin(j.wq)
	}
	if j.wp != 0 && (leaves || j.wp != j.wr) {
		s.endOfJoin(j.wp)
	}
	if leaves && j.wr != 0 && j.wr != j.wp && j.wr != j.wq {
		s.endOfJoin(j.wr)
	}
	if j.wp == 0 && (leaves || !bytes.Equal(j.id, j.msg.Subject.Call)) {
		s.missEnd(j.monitor, j.msg.Subject.Call)
	}
	if j.wq == 0 && (leaves || !bytes.Equal(j.id, j.msg.Secondary.Call)) {
		s.missEnd(j.monitor, j.msg.Secondary.Call)
	}
}

// endOfJoin ends a call on the monitor that tells of a join.
func (s *State) endOfJoin(w uint32) {
	s.hearOwn(s.watches.at(w))
	s.endWatch(w, true)
}

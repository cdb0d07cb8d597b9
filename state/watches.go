package state

import "haproxy/codec/csta"

// findWatch returns how a monitor sees a call, or 0. It walks the calls of the monitor and the
// monitors of the call in step, so it takes no longer than the shorter list.
func (s *State) findWatch(monitor, call uint32) uint32 {
	if monitor == 0 || call == 0 {
		return 0
	}
	byCall, byMonitor := s.calls.at(call).watches, s.monitors.at(monitor).watches
	for byCall != 0 && byMonitor != 0 {
		of := s.watches.at(byCall)
		if of.monitor == monitor {
			return byCall
		}
		by := s.watches.at(byMonitor)
		if by.call == call {
			return byMonitor
		}
		byCall, byMonitor = of.callNext, by.monNext
	}
	return 0
}

// openWatch begins to watch a call on a monitor, in a chain of its own or in the one given. It
// returns 0 on a monitor that would not hear of the end, and at a limit; nothing is certain on that
// monitor then.
func (s *State) openWatch(monitor uint32, id csta.CallID, inChain uint32) uint32 {
	if !s.monitors.at(monitor).hearsEnds() {
		return 0
	}
	callIndex := s.takeCall(id)
	if callIndex == 0 {
		s.refuse(monitor)
		return 0
	}
	i, w := s.watches.alloc()
	chainIndex := inChain
	if w != nil && chainIndex == 0 {
		chainIndex = s.newChain(monitor)
	}
	c := s.calls.at(callIndex)
	if w == nil || chainIndex == 0 {
		if w != nil {
			s.watches.release(i)
		}
		if c.watches == 0 {
			s.dropCall(callIndex)
		}
		s.refuse(monitor)
		return 0
	}
	m := s.monitors.at(monitor)
	w.monitor, w.call, w.seq, w.began = monitor, callIndex, s.seq, s.seq
	w.callNext, w.monNext = c.watches, m.watches
	if c.watches != 0 {
		s.watches.at(c.watches).callPrev = i
	}
	if m.watches != 0 {
		s.watches.at(m.watches).monPrev = i
	}
	c.watches, m.watches = i, i
	s.joinChain(i, chainIndex)
	return i
}

// endWatch ends a call on one monitor. cleared says that the monitored device has left the call, so
// that its connection is null; else only the monitor ends.
func (s *State) endWatch(i uint32, cleared bool) {
	w := s.watches.at(i)
	w.told = 0 // nobody listens to it any more
	m, c := s.monitors.at(w.monitor), s.calls.at(w.call)
	if cleared {
		s.rememberEnded(w.monitor, c.id, 0)
	}
	if own := w.ownConn; own != 0 {
		s.conns.at(own).owner, w.ownConn = 0, 0
		if cleared {
			s.dropConn(own)
		} else {
			s.settleBereft(i, own)
		}
	}
	if c.proofWatch == i {
		c.proofEpoch, c.proofWatch = 0, 0
	}
	s.unlinkWatch(i, m, c)
	s.leaveChain(i)
	if c.watches == 0 {
		s.dropCall(w.call)
	} else {
		s.sweepDeparted(w.call)
	}
	s.watches.release(i)
}

// bequeath ends a call on a monitor that ends. What an answer alone told of it goes to another monitor of the device:
// its stream will tell what becomes of the call.
func (s *State) bequeath(i uint32) {
	w := s.watches.at(i)
	call, own := w.call, w.ownConn
	heir := uint32(0)
	if w.began == 0 && own != 0 && w.own > csta.ConnectionNull {
		heir = s.heirOf(w)
	}
	if heir == 0 {
		s.endWatch(i, false)
		return
	}
	state := s.conns.at(own).state
	s.endWatch(i, false)
	for c := s.calls.at(call).conns; c != 0; c = s.conns.at(c).next {
		if c == own {
			s.own(heir, own)
			s.conns.at(own).state = state
			return
		}
	}
	s.endWatch(heir, true) // another stream told that the device has left
}

// heirOf has another monitor of a device see a call that none of them sees but one; 0 where there is none.
func (s *State) heirOf(w *watch) uint32 {
	m := s.monitors.at(w.monitor)
	other := uint32(0)
	if !m.ofDevice() || m.device == 0 {
		return 0
	}
	for i := s.names.records.at(m.device).head; i != 0; i = s.monitors.at(i).devNext {
		switch {
		case i == w.monitor || !s.monitors.at(i).ofDevice() || !s.monitors.at(i).hearsEnds():
		case s.findWatch(i, w.call) != 0:
			return 0
		default:
			other = i
		}
	}
	if other == 0 {
		return 0
	}
	heir := s.openWatch(other, s.names.bytes(s.calls.at(w.call).id), 0)
	if heir == 0 {
		return 0
	}
	h := s.watches.at(heir)
	h.seq, h.began, h.own, h.answered, h.untold = w.seq, 0, w.own, w.answered, w.untold
	s.chains.at(h.chain).lost = true
	return heir
}

// settleBereft takes the word of the other monitors of a call about a connection whose own device's
// monitor ends: where they heard of it later, since its own was waited for and does not come any more.
// Where no other stream has the connection, nobody will tell what becomes of it; but everybody hears of
// the caller that is connected.
func (s *State) settleBereft(ending, own uint32) {
	c := s.conns.at(own)
	shared := s.isCaller(c) && isUp(c.state)
	for i := s.calls.at(c.call).watches; i != 0; i = s.watches.at(i).callNext {
		w := s.watches.at(i)
		told := w.told.of(c)
		switch {
		case i == ending || told == csta.ConnectionNone && c.place != 0:
			continue
		case c.heard <= c.seq || c.place == 0:
		case told == csta.ConnectionNull:
			s.dropConn(own)
			return
		case told != c.state:
			c.state, c.told, c.seq = told, w.monitor, c.heard
		}
		shared = true
	}
	if !shared {
		c.state = csta.ConnectionNone
	}
}

func (s *State) unlinkWatch(i uint32, m *monitor, c *call) {
	w := s.watches.at(i)
	if w.callPrev == 0 {
		c.watches = w.callNext
	} else {
		s.watches.at(w.callPrev).callNext = w.callNext
	}
	if w.callNext != 0 {
		s.watches.at(w.callNext).callPrev = w.callPrev
	}
	if w.monPrev == 0 {
		m.watches = w.monNext
	} else {
		s.watches.at(w.monPrev).monNext = w.monNext
	}
	if w.monNext != 0 {
		s.watches.at(w.monNext).monPrev = w.monPrev
	}
}

// newChain begins a chain on a monitor, the youngest of all.
func (s *State) newChain(monitor uint32) uint32 {
	i, c := s.chains.alloc()
	if c == nil {
		return 0
	}
	c.monitor, c.born = monitor, s.now
	s.chainAges.push(i)
	if s.richest == 0 {
		s.richest = i
	}
	if s.unaudited == 0 {
		s.unaudited = i
	}
	s.monitors.at(monitor).chains++
	return i
}

// dropChain ends a chain without calls: its frames leave the journal.
func (s *State) dropChain(i uint32) {
	c := s.chains.at(i)
	s.dropHistory(c)
	younger := s.chainAges.remove(i)
	if s.richest == i {
		s.richest = younger
	}
	if s.unaudited == i {
		s.unaudited = younger
	}
	s.monitors.at(c.monitor).chains--
	s.chains.release(i)
}

// joinChain puts a watch into a chain.
func (s *State) joinChain(i, chainIndex uint32) {
	w, c := s.watches.at(i), s.chains.at(chainIndex)
	w.chain, w.chainNext = chainIndex, c.watches
	c.watches = i
}

// leaveChain takes a watch out of its chain, and ends the chain with its last one.
func (s *State) leaveChain(i uint32) {
	w := s.watches.at(i)
	c := s.chains.at(w.chain)
	at := &c.watches
	for *at != i {
		if *at == 0 {
			panic("state: a call is missing from its chain")
		}
		at = &s.watches.at(*at).chainNext
	}
	*at = w.chainNext
	if c.watches == 0 {
		s.dropChain(w.chain)
	}
}

// mergeChains makes two chains of a monitor one, the older of them, and returns it. Either may be
// 0. Where one has no history the whole has none: a part would mislead.
func (s *State) mergeChains(a, b uint32) uint32 {
	if a == 0 || a == b {
		return b
	}
	if b == 0 {
		return a
	}
	into, from := s.chains.at(a), s.chains.at(b)
	if from.born < into.born {
		a, b = b, a
		into, from = from, into
	}
	if into.lost != from.lost {
		s.dropHistory(into)
		s.dropHistory(from)
		into.lost = true
	}
	for from.watches != 0 {
		w := from.watches
		from.watches = s.watches.at(w).chainNext
		s.joinChain(w, a)
	}
	if into.first == 0 {
		into.first, into.last = from.first, from.last
	} else if from.first != 0 {
		s.entries.at(into.last).chainNext = from.first
		into.last = from.last
	}
	from.first, from.last = 0, 0
	s.dropChain(b)
	return a
}

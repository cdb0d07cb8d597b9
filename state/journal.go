package state

import "haproxy/codec/csta"

// makeRoom gives up histories until a frame fits: the oldest chain's, and where no chain has one,
// the oldest item's. A chain is given up on its own monitor; the same call on another monitor is
// the next oldest. It reports false for a frame that cannot fit at all.
func (s *State) makeRoom(size int) bool {
	need := s.cells.need(size)
	if need > s.cells.limit {
		return false
	}
	for !s.cells.room(need) {
		if s.giveUpChain() {
			continue
		}
		if s.itemAges.first == 0 {
			panic("state: the journal is full of frames that belong to nothing")
		}
		s.giveUpItem(s.itemAges.first)
	}
	return true
}

// giveUpChain gives up the history of the oldest chain that has one.
func (s *State) giveUpChain() bool {
	for i := s.richest; i != 0; i = s.richest {
		c := s.chains.at(i)
		s.richest = c.ageNext
		if !c.lost {
			s.loseHistory(i)
			s.stats.GivenUp++
			return true
		}
	}
	return false
}

// loseHistory drops the frames of a chain; from now on its replay is made from the model.
func (s *State) loseHistory(i uint32) {
	c := s.chains.at(i)
	s.dropHistory(c)
	c.lost = true
}

// dropHistory drops the frames of a chain.
func (s *State) dropHistory(c *chain) {
	for e := c.first; e != 0; {
		next := s.entries.at(e).chainNext
		s.dropEntry(c.monitor, e)
		e = next
	}
	c.first, c.last = 0, 0
}

// keepInChain puts a frame into the journal as part of a chain. It reports whether it is there; in
// a chain without its history it is not, since the replay is made.
func (s *State) keepInChain(i uint32, event csta.Event, frame []byte) bool {
	c := s.chains.at(i)
	if c.lost {
		return false
	}
	if !s.makeRoom(len(frame)) {
		s.loseHistory(i)
		s.stats.GivenUp++
		return false
	}
	if c.lost { // it was the oldest itself
		return false
	}
	e := s.newEntry(c.monitor, event, frame)
	if c.last == 0 {
		c.first = e
	} else {
		s.entries.at(c.last).chainNext = e
	}
	c.last = e
	return true
}

// newEntry puts a frame at the end of a monitor's journal. The caller made room.
func (s *State) newEntry(monitor uint32, event csta.Event, frame []byte) uint32 {
	i, e := s.entries.alloc()
	if e == nil {
		panic("state: the journal has more entries than cells")
	}
	m := s.monitors.at(monitor)
	e.cell, e.size, e.event, e.seq = s.cells.put(frame), uint32(len(frame)), event, s.seq
	e.prev = m.last
	if m.last == 0 {
		m.first = i
	} else {
		s.entries.at(m.last).next = i
	}
	m.last = i
	m.entries++
	m.bytes += int64(len(frame))
	s.stats.JournalBytes += int64(len(frame))
	return i
}

// dropEntry takes a frame out of a monitor's journal.
func (s *State) dropEntry(monitor, i uint32) {
	m, e := s.monitors.at(monitor), s.entries.at(i)
	if e.prev == 0 {
		m.first = e.next
	} else {
		s.entries.at(e.prev).next = e.next
	}
	if e.next == 0 {
		m.last = e.prev
	} else {
		s.entries.at(e.next).prev = e.prev
	}
	m.entries--
	m.bytes -= int64(e.size)
	s.stats.JournalBytes -= int64(e.size)
	s.cells.drop(e.cell)
	s.entries.release(i)
}

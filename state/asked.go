package state

import "haproxy/codec/csta"

// Mark remembers when a request went to the switch. The zero Mark is one that concerns nothing. It
// is comparable and holds no pointer.
type Mark struct {
	slot, stamp uint32
}

// Asked notes that req goes to the switch now: a snapshot, a query (Get…) or a change (Set…) that
// the model follows. For every other request, and where no monitor would keep the answer up to
// date, it returns the zero Mark.
func (s *State) Asked(req *csta.Message) Mark {
	q, ok := queryOf(req.Service)
	switch {
	case !ok:
		return Mark{}
	case q.set:
		return s.askedSet(req, q)
	case req.Service == csta.SnapshotCall:
		return s.askedCall(req, q)
	case len(req.Item) > 0 || len(req.AgentID) > 0:
		return Mark{} // a part of what the state keeps as one
	}
	anyone := func(uint32, *monitor) bool { return true }
	monitor := s.monitorOf(req.Device, q.events, anyone)
	blind := monitor == 0 && req.Service == csta.SnapshotDevice
	if blind {
		monitor = s.monitorOf(req.Device, csta.EventSet{}, anyone)
	}
	if monitor == 0 {
		return Mark{}
	}
	key, ok := s.holdKey(q.key, canonical(req.Device), nil, req.Group)
	if !ok {
		s.letKey(key)
		return Mark{}
	}
	return s.newMark(mark{
		service: req.Service, monitor: monitor, device: key.device,
		group: key.group, blind: blind,
	})
}

// askedCall is Asked for SnapshotCall: it needs a monitor that sees the call.
func (s *State) askedCall(req *csta.Message, q query) Mark {
	i := s.findCall(req.Subject.Call)
	if i == 0 {
		return Mark{}
	}
	c := s.calls.at(i)
	for w := c.watches; w != 0; {
		wt := s.watches.at(w)
		if s.monitors.at(wt.monitor).sees(q.events) {
			return s.newMark(mark{
				service: req.Service, monitor: wt.monitor,
				call: s.names.again(c.id),
			})
		}
		w = wt.callNext
	}
	return Mark{}
}

// askedSet is Asked for a change. It concerns the device under whatever form it is known; a change
// that cannot be followed makes its object uncertain at once.
func (s *State) askedSet(req *csta.Message, q query) Mark {
	known := false
	s.names.eachForm(req.Device.Number, func(i uint32) {
		rec := s.names.records.at(i)
		known = known || rec.head != 0 || rec.items != 0
	})
	if !known {
		return Mark{}
	}
	key, ok := s.holdKey(q.key, canonical(req.Device), nil, req.Group)
	key.who = s.names.takeText(setMember(req))
	m := mark{
		service: req.Service, device: key.device, who: key.who, group: key.group,
		forwarding: req.Forwarding,
	}
	if ok {
		if asked := s.newMark(m); asked != (Mark{}) {
			return asked
		}
		key, ok = s.holdKey(q.key, canonical(req.Device), nil, req.Group)
	}
	if ok {
		m = mark{device: key.device, service: req.Service, forwarding: req.Forwarding}
		s.doubtSet(&m)
	}
	s.letKey(key)
	return Mark{}
}

// setMember returns the agent or the member of a feature that a change names.
func setMember(req *csta.Message) []byte {
	if req.Service == csta.SetAgentState {
		return req.AgentID
	}
	return req.Item
}

// newMark keeps a mark, whose names are held; at the limit it lets them go and returns the zero
// Mark.
func (s *State) newMark(m mark) Mark {
	i, rec := s.marks.alloc()
	if rec == nil {
		s.dropMarkNames(&m)
		s.stats.Refused++
		return Mark{}
	}
	s.seq++ // so that of two questions one is the earlier
	m.seq, m.stamp = s.seq, s.stamp()
	*rec = m
	s.markAges.push(i)
	return Mark{slot: i, stamp: m.stamp}
}

// stamp returns a number that no mark and no connection list has, never 0.
func (s *State) stamp() uint32 {
	s.stamps++
	if s.stamps == 0 {
		s.stamps++
	}
	return s.stamps
}

func (s *State) dropMarkNames(m *mark) {
	s.names.drop(m.device)
	s.names.drop(m.call)
	s.names.drop(m.who)
	s.names.drop(m.group)
}

// markOf returns the record of a mark, nil for one that is spent. The monitor that it was asked through may have
// ended: where another has its place, the mark has none.
func (s *State) markOf(m Mark) *mark {
	if m.slot == 0 || m.slot > s.marks.top {
		return nil
	}
	rec := s.marks.at(m.slot)
	if rec.stamp != m.stamp {
		return nil
	}
	if s.isOpen(rec.monitor) && rec.seq < s.monitors.at(rec.monitor).opened {
		rec.monitor = 0
	}
	return rec
}

// releaseMark spends a mark, and forgets what ended before the oldest one left was asked.
func (s *State) releaseMark(i uint32) {
	rec := s.marks.at(i)
	s.dropMarkNames(rec)
	s.markAges.remove(i)
	rec.stamp = 0
	s.marks.release(i)
	for s.ended.first != 0 {
		oldest := s.markAges.first
		if oldest != 0 && s.items.at(s.ended.first).seq > s.marks.at(oldest).seq {
			return
		}
		s.dropItem(s.ended.first)
	}
}

// Forget drops a mark whose request failed, was refused or timed out. Whether a change that failed
// left its object untouched is not known for certain, so the object is uncertain until its event or
// a fresh answer comes.
func (s *State) Forget(mark Mark) {
	m := s.markOf(mark)
	if m == nil {
		return
	}
	if q, _ := queryOf(m.service); q.set {
		s.doubtSet(m)
	}
	s.releaseMark(mark.slot)
}

// LinkLost makes everything incomplete and spends every mark. Monitors, calls and the journal stay.
func (s *State) LinkLost() {
	s.epoch++
	for s.markAges.first != 0 {
		s.releaseMark(s.markAges.first)
	}
}

// MessagesLost makes everything incomplete, as the switch lost events. What it answers to requests of before
// may be older than those and teaches nothing, but whoever asked knows it: see Denies and Suspect.
func (s *State) MessagesLost() {
	s.epoch++
	for i := s.markAges.first; i != 0; i = s.marks.at(i).ageNext {
		s.marks.at(i).stale = true
	}
}

// IsCurrent reports whether the answer to what a mark stands for can be compared: the switch lost no events
// since.
func (s *State) IsCurrent(mark Mark) bool {
	m := s.markOf(mark)
	return m != nil && !m.stale
}

// IsOvertaken reports whether the answer to what a mark stands for is of the past where it is about a feature, or about
// agents: one that was asked for later was taken, or the monitor that it was asked through has ended. What changed in
// between left no trace.
func (s *State) IsOvertaken(mark Mark) bool {
	m := s.markOf(mark)
	if m == nil {
		return false
	}
	q, ok := queryOf(m.service)
	if !ok || q.subject == subjectCalls || m.device == 0 {
		return false
	}
	if !s.isOpen(m.monitor) {
		return true
	}
	for i := s.names.records.at(m.device).head; i != 0; i = s.monitors.at(i).devNext {
		if s.monitors.at(i).hasNewer(q.subject, m.seq) {
			return true
		}
	}
	return false
}

// doubtSet makes uncertain what a change names, under every form of its device, unless its event
// came since it was asked.
func (s *State) doubtSet(m *mark) {
	q, _ := queryOf(m.service)
	s.names.eachForm(s.names.bytes(m.device), func(device uint32) {
		rec := s.names.records.at(device)
		if rec.head == 0 && rec.items == 0 {
			return
		}
		key := itemKey{
			event: q.key, device: device, who: m.who, group: m.group,
			forwarding: m.forwarding,
		}
		if !s.toldSince(key, m.seq) {
			s.doubt(key)
		}
	})
}

// toldSince reports whether an event told of what a key names since another event.
func (s *State) toldSince(key itemKey, seq uint64) bool {
	for i := s.names.records.at(key.device).items; i != 0; {
		it := s.items.at(i)
		if it.kind == itemModel && it.seq > seq && it.concerns(&key) &&
			it.forwarding == key.forwarding {
			return true
		}
		i = it.devNext
	}
	return false
}

package state

import (
	"time"

	"haproxy/codec/csta"
)

// Learn takes the positive answer of the switch to what mark stands for, or a segment of it
// (SnapshotDeviceData, SnapshotCallData). The mark is spent by an answer with its data or by the
// last segment; an answer that only announces segments (ServiceRef) keeps it. What events told
// since the request was asked wins over the answer. An error teaches nothing, not even doubt: what
// was refused was not done.
func (s *State) Learn(mark Mark, resp *csta.Message, now time.Time) {
	m := s.markOf(mark)
	if m == nil {
		return
	}
	s.now = now.UnixNano()
	if resp.Kind == csta.KindError || resp.Kind == csta.KindReject {
		s.releaseMark(mark.slot)
		return
	}
	done := isWhole(resp)
	q, _ := queryOf(m.service)
	switch {
	case q.set:
		s.doubtSet(m)
	case !s.isSound(m, q.subject):
	case m.service == csta.SnapshotDevice:
		s.learnDevice(m, resp, done)
	case m.service == csta.SnapshotCall:
		s.learnCall(m, resp, done)
	case m.service == csta.GetAgentState:
		s.learnAgents(m, resp)
	case m.service == csta.GetForwarding:
		s.learnForwarding(m, resp)
	default:
		s.learnSwitch(m, q, resp)
	}
	if done {
		if !q.set {
			s.noteAnswered(m, q.subject)
		}
		s.releaseMark(mark.slot)
	}
}

// isWhole reports whether an answer is complete with this message of it.
func isWhole(resp *csta.Message) bool {
	return resp.LastSegment || resp.Kind == csta.KindResponse && len(resp.ServiceRef) == 0
}

// isSound reports whether an answer can still be trusted: its monitor was open and missed no event of the
// subject since it was asked. An answer about a feature, or about agents, that comes after one that was asked
// for later is of the past: what ended in between left no trace.
func (s *State) isSound(m *mark, about subject) bool {
	if m.stale || m.seq < s.tainted || !s.isOpen(m.monitor) {
		return false
	}
	rec := s.monitors.at(m.monitor)
	return !rec.hasNewer(about, m.seq) && m.seq >= rec.sound[about] && (m.device == 0 || rec.device == m.device)
}

// hasNewer reports whether the model took an answer about a feature, or about agents, that was asked for after seq.
func (m *monitor) hasNewer(about subject, seq uint64) bool {
	return about != subjectCalls && seq < m.learned[about]
}

// noteAnswered notes that somebody knows what the switch says about a subject of a monitor's device.
func (s *State) noteAnswered(m *mark, about subject) {
	if m.device != 0 && s.isOpen(m.monitor) && s.monitors.at(m.monitor).device == m.device {
		s.monitors.at(m.monitor).answered[about] = true
	}
}

// prove notes that the switch has answered about a subject of a monitor's device.
func (s *State) prove(m *mark, about subject) {
	if s.isSound(m, about) {
		rec := s.monitors.at(m.monitor)
		rec.proved[about], rec.learned[about] = s.epoch, m.seq
	}
}

// learnDevice takes a SnapshotDevice answer or a segment of it. With the last one, the calls that
// no segment had and no event told of since have ended, on every monitor of the device.
func (s *State) learnDevice(m *mark, resp *csta.Message, done bool) {
	for i := range resp.Connections {
		item := &resp.Connections[i]
		switch {
		case item.State == csta.ConnectionNull:
		case len(item.New.Call) == 0:
			s.distrustSubject(m.monitor, subjectCalls)
		case !m.blind:
			s.learnConnection(m, item)
		}
		s.stampSiblings(m, item)
	}
	if !done {
		return
	}
	for i := s.names.records.at(m.device).head; i != 0; i = s.monitors.at(i).devNext {
		s.endUnstamped(m, s.monitors.at(i))
	}
	if !m.blind {
		s.prove(m, subjectCalls)
	}
}

// stampSiblings notes on every monitor of the device that a snapshot has a call.
func (s *State) stampSiblings(m *mark, item *csta.ConnectionItem) {
	callIndex := s.findCall(item.New.Call)
	if callIndex == 0 || item.State == csta.ConnectionNull {
		return
	}
	for i := s.names.records.at(m.device).head; i != 0; i = s.monitors.at(i).devNext {
		if w := s.findWatch(i, callIndex); w != 0 {
			s.watches.at(w).snap = m.stamp
		}
	}
}

// endUnstamped ends the calls of a device monitor that a snapshot did not have and no event told of
// since it was asked.
func (s *State) endUnstamped(m *mark, of *monitor) {
	if !of.ofDevice() {
		return
	}
	for w := of.watches; w != 0; {
		wt := s.watches.at(w)
		next := wt.monNext
		if wt.snap != m.stamp && wt.seq <= m.seq {
			s.endWatch(w, true)
		}
		w = next
	}
}

// learnConnection takes one call of a SnapshotDevice answer. A call that no event told of gets a
// chain without history.
func (s *State) learnConnection(m *mark, item *csta.ConnectionItem) {
	w := s.findWatch(m.monitor, s.findCall(item.New.Call))
	fresh := w == 0
	if fresh {
		if s.endedSince(m.seq, m.monitor, item.New.Call, csta.DeviceID{}) {
			return
		}
		if w = s.openWatch(m.monitor, item.New.Call, 0); w == 0 {
			return
		}
		s.watches.at(w).began = 0
		s.chains.at(s.watches.at(w).chain).lost = true
	}
	wt := s.watches.at(w)
	changed := wt.seq > m.seq && !fresh
	state := item.State
	if changed && wt.own != csta.ConnectionNone {
		state = wt.own
	}
	s.learnOwn(m, w, item.New.Device, state)
	if changed {
		return
	}
	if item.State == csta.ConnectionNone {
		s.distrustSubject(m.monitor, subjectCalls)
		return
	}
	if wt.own != csta.ConnectionNone && wt.own != item.State && !s.chains.at(wt.chain).lost {
		s.loseHistory(wt.chain) // it leads to a state that the switch denies: an event was lost
		s.stats.GivenUp++
	}
	wt.answered = wt.answered || wt.own == csta.ConnectionNone
	wt.own = item.State
	s.tell(wt.ownConn, item.State, m.monitor, csta.EventUnknown)
	s.learnFar(m, w, item)
}

// learnOwn takes the device's own connection ID from a snapshot, and its state where no event told
// it.
func (s *State) learnOwn(m *mark, w uint32, dev csta.DeviceID, state csta.ConnectionState) {
	if !dev.Known() {
		return
	}
	mon := s.monitors.at(m.monitor)
	i := s.takeConn(s.watches.at(w).call, dev, s.objectDevice(mon))
	s.own(w, i)
	if i != 0 && s.conns.at(i).state == csta.ConnectionNone {
		s.tell(i, state, m.monitor, csta.EventUnknown)
	}
	if mon.alias == 0 && dev.Form != csta.DeviceDynamic && !s.names.is(mon.device, dev.Number) {
		mon.alias = s.names.takeDevice(dev)
	}
}

// learnFar takes the far end of a call from a snapshot, which tells its device and its state but
// not its connection ID. Of several far ends only one is told: the call stays uncertain unless
// events told the rest.
func (s *State) learnFar(m *mark, w uint32, item *csta.ConnectionItem) {
	wt := s.watches.at(w)
	others, only := s.others(wt)
	if len(item.Far) == 0 {
		return
	}
	if others == 0 && item.Endpoint.Known() {
		if i := s.takeConn(wt.call, csta.DeviceID{}, item.Endpoint); i != 0 && i != s.ownOf(wt) {
			others, only = 1, i
		}
	}
	if others < len(item.Far) {
		s.calls.at(wt.call).partial = true
		return
	}
	if c := s.conns.at(only); s.isAnother(c, item.Endpoint) {
		s.calls.at(wt.call).partial = true
	} else if len(item.Far) == 1 && others == 1 && c.seq <= m.seq {
		s.tell(only, item.Far[0], m.monitor, csta.EventUnknown)
	}
}

// isAnother reports whether a connection of which only the device is known is not the far end that a
// snapshot names: it may have gone since.
func (s *State) isAnother(c *conn, endpoint csta.DeviceID) bool {
	return c.state == csta.ConnectionNone && endpoint.Known() && !s.partyOf(c).Equal(endpoint)
}

// others returns the number of a call's connections other than the watch's own, and the first.
func (s *State) others(w *watch) (count int, first uint32) {
	own := s.ownOf(w)
	for i := s.calls.at(w.call).conns; i != 0; i = s.conns.at(i).next {
		if i == own {
			continue
		}
		if count == 0 {
			first = i
		}
		count++
	}
	return count, first
}

// learnCall takes a SnapshotCall answer or a segment of it. With the last one, the connections that
// no segment had and no event told of since are null.
func (s *State) learnCall(m *mark, resp *csta.Message, done bool) {
	callIndex := s.names.records.at(m.call).head
	if callIndex == 0 {
		return
	}
	for i := range resp.Connections {
		item := &resp.Connections[i]
		if item.State != csta.ConnectionNull {
			s.learnParty(m, callIndex, item)
		}
	}
	if !done {
		return
	}
	for i := s.calls.at(callIndex).conns; i != 0; {
		c := s.conns.at(i)
		next := c.next
		switch {
		case c.snap == m.stamp || c.seq > m.seq:
		case c.owner != 0:
			s.endWatch(c.owner, true)
		default:
			s.dropConn(i)
		}
		if s.names.records.at(m.call).head == 0 {
			return // the last watch ended, and the call with it
		}
		i = next
	}
	if w := s.findWatch(m.monitor, callIndex); w != 0 && s.isSound(m, subjectCalls) {
		c := s.calls.at(callIndex)
		c.proofEpoch, c.proofSeq, c.proofWatch = s.epoch, m.seq, w
	}
}

// learnParty takes one connection of a SnapshotCall answer.
func (s *State) learnParty(m *mark, callIndex uint32, item *csta.ConnectionItem) {
	i := s.findConn(callIndex, item.New.Device, item.Endpoint)
	if i == 0 && s.endedSince(m.seq, 0, s.names.bytes(m.call), item.New.Device) {
		return
	}
	if i = s.takeConn(callIndex, item.New.Device, item.Endpoint); i == 0 {
		s.calls.at(callIndex).partial = true
		return
	}
	c := s.conns.at(i)
	c.snap = m.stamp
	if c.seq <= m.seq || c.state == csta.ConnectionNone {
		s.tell(i, item.State, m.monitor, csta.EventUnknown)
	}
}

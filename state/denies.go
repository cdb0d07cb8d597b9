package state

import "haproxy/codec/csta"

// Doubt is what an answer of the switch is about, which may show it to be otherwise than the streams told.
type Doubt struct {
	Monitor MonitorID         // of the device that was asked about
	Call    csta.ConnectionID // or of the call; borrowed until the next change
	Stale   bool              // the switch lost events since the request: see MessagesLost
}

// Denies reports whether the positive answer of the switch to what mark stands for, or a segment of it,
// denies what events told or an earlier answer: an event was lost of which the switch may not have spoken
// yet. Learn would let the asker alone know; instead the mark is to be given to Forget, and the switch to be
// asked again while the events wait, for Differ. What the switch never answered about before is knowledge
// that comes late, and denies nothing.
func (s *State) Denies(mark Mark, resp *csta.Message) (Doubt, bool) {
	m := s.markOf(mark)
	if m == nil || resp.Kind == csta.KindError || resp.Kind == csta.KindReject {
		return Doubt{}, false
	}
	q, ok := queryOf(m.service)
	if !ok || q.set || m.blind || !s.isOpen(m.monitor) || !m.stale && !s.isSound(m, q.subject) {
		return Doubt{}, false
	}
	d := differing{
		State: s, mark: *m, kept: s.kept, hearers: s.hearers,
		fresh: !s.monitors.at(m.monitor).hasAnswered(q.subject),
	}
	d.compare(resp)
	s.kept, s.hearers = d.kept[:0], d.hearers[:0]
	if call := s.names.records.at(m.call).head; m.call != 0 && call != 0 {
		return Doubt{Call: s.connectionOf(s.calls.at(call)), Stale: m.stale}, d.denied
	}
	return Doubt{Monitor: MonitorID(m.monitor), Stale: m.stale}, d.denied
}

// Suspect notes that the asker was given an answer that Denies: it knows of calls and states that no stream
// tells. The next comparison tells all of them once more, whatever has become of them. The mark is spent as
// by Learn.
func (s *State) Suspect(mark Mark, resp *csta.Message) {
	m := s.markOf(mark)
	if m == nil {
		return
	}
	q, _ := queryOf(m.service)
	switch {
	case m.device == 0 || !s.isOpen(m.monitor):
	case q.subject != subjectCalls:
		for i := s.names.records.at(m.device).head; i != 0; i = s.monitors.at(i).devNext {
			s.monitors.at(i).suspected[q.subject] = true
		}
		s.suspectFeatures(m, resp)
	default:
		for i := range resp.Connections {
			s.suspectCall(m, &resp.Connections[i])
		}
	}
	if isWhole(resp) {
		s.noteAnswered(m, q.subject)
		s.releaseMark(mark.slot)
	}
}

// suspectFeatures notes the agents and forwardings that an asker knows of and the model does not have on, so
// that the next comparison tells their end too.
func (s *State) suspectFeatures(m *mark, resp *csta.Message) {
	for i := range resp.Forwards {
		entry := &resp.Forwards[i]
		key := itemKey{event: csta.EventForwarding, device: m.device, forwarding: entry.Type}
		if entry.On != csta.SwitchOn {
			continue
		}
		if it := s.learnItem(m, key); it != nil && it.on != csta.SwitchOn {
			it.on = csta.SwitchOn
			s.forwardTo(it, entry.To)
		}
	}
	device := s.names.device(m.device)
	for i := range resp.Agents {
		entry := &resp.Agents[i]
		if loggedOn(entry) != csta.SwitchOn {
			continue
		}
		who, group := s.agentIn(m, entry)
		key, ok := s.holdKey(csta.EventAgentLoggedOn, device, who, group)
		if ok {
			if it := s.learnItem(m, key); it != nil && it.on != csta.SwitchOn {
				it.on, it.agent = csta.SwitchOn, entry.State
			}
		}
		s.letKey(key)
	}
}

// suspectCall notes that an asker knows a call of a device as an answer has it.
func (s *State) suspectCall(m *mark, item *csta.ConnectionItem) {
	if item.State <= csta.ConnectionNull || len(item.New.Call) == 0 {
		return
	}
	w := s.findWatch(m.monitor, s.findCall(item.New.Call))
	if w != 0 && s.watches.at(w).own == item.State {
		return
	}
	if w == 0 {
		s.learnConnection(m, item)
		if w = s.findWatch(m.monitor, s.findCall(item.New.Call)); w == 0 {
			return
		}
		s.watches.at(w).untold = true
		s.watches.at(w).seq = 0 // no answer that is compared is older
		if own := s.watches.at(w).ownConn; own != 0 && s.conns.at(own).heard == 0 {
			s.conns.at(own).seq = 0
		}
	}
	s.watches.at(w).suspect = true
}

// from returns the state of a monitored device's own connection that a comparison leads to another: what the
// stream told. Where an asker may know it otherwise, and it is as the switch has it, it is told once more.
func (d *differing) from(w *watch, to csta.ConnectionState) csta.ConnectionState {
	if d.publish == nil || !w.suspect {
		return w.own
	}
	untold := w.untold
	w.suspect, w.untold = false, false
	switch {
	case untold:
		w.own = csta.ConnectionNone // what leads to it now does not begin another call
		return csta.ConnectionNone
	case w.own != to:
		return w.own
	case to == csta.ConnectionConnected:
		return csta.ConnectionHold
	case to == csta.ConnectionHold:
		return csta.ConnectionConnected
	default:
		return csta.ConnectionNone
	}
}

// hasAnswered reports whether the switch ever answered about a subject of a monitor's device to anybody.
func (m *monitor) hasAnswered(about subject) bool { return m.proved[about] != 0 || m.answered[about] }

// isSuspected reports whether an asker may know a subject of the device asked about otherwise than the
// streams tell it, and trusts them again.
func (d *differing) isSuspected(about subject) bool {
	if d.publish == nil {
		return false
	}
	suspected := false
	for _, monitor := range d.siblings() {
		m := d.monitors.at(monitor)
		suspected = suspected || m.suspected[about]
		m.suspected[about] = false
	}
	return suspected
}

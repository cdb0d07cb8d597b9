package state

import "haproxy/codec/csta"

// learnItem returns the model's item of a key to take an answer into; nil where events told of it
// since the request was asked, or at a limit. It is stamped as answered.
func (s *State) learnItem(m *mark, key itemKey) *item {
	key.kind = itemModel
	i := s.takeItem(key)
	if i == 0 {
		s.refuse(m.monitor)
		return nil
	}
	it := s.items.at(i)
	it.epoch = m.stamp
	if it.seq > m.seq {
		return nil
	}
	return it
}

// dropUnanswered drops the items of a subject that the answer did not have and no event told of
// since, and the doubts that are older than the request.
func (s *State) dropUnanswered(m *mark, key csta.Event) {
	for i := s.names.records.at(m.device).items; i != 0; {
		it := s.items.at(i)
		next := it.devNext
		if it.event == key && it.seq <= m.seq && (m.group == 0 || it.group == m.group) &&
			(it.kind == itemModel && it.epoch != m.stamp || it.kind == itemDoubt) {
			s.dropItem(i)
		}
		i = next
	}
}

// learnAgents takes a GetAgentState answer.
func (s *State) learnAgents(m *mark, resp *csta.Message) {
	device := s.names.device(m.device)
	for i := range resp.Agents {
		entry := &resp.Agents[i]
		who, group := s.agentIn(m, entry)
		key, ok := s.holdKey(csta.EventAgentLoggedOn, device, who, group)
		if !ok {
			s.refuse(m.monitor)
		} else if it := s.learnItem(m, key); it != nil {
			it.on, it.agent, it.pending = entry.LoggedOn, entry.State, entry.Pending
		}
		s.letKey(key)
	}
	s.dropUnanswered(m, csta.EventAgentLoggedOn)
	if m.group == 0 {
		s.prove(m, subjectAgents)
		return
	}
	if !s.isSound(m, subjectAgents) {
		return
	}
	s.monitors.at(m.monitor).learned[subjectAgents] = m.seq
	proof := itemKey{
		kind: itemProof, monitor: m.monitor, event: csta.EventAgentLoggedOn,
		group: m.group,
	}
	if i := s.takeItem(proof); i != 0 {
		it := s.items.at(i)
		it.epoch, it.seq = s.epoch, m.seq
	}
}

// agentIn returns the agent and the group that an entry of an answer is about. An answer of phases I
// and II names neither: it is about the one who is known to be logged on there.
func (s *State) agentIn(m *mark, entry *csta.AgentItem) (who []byte, group csta.DeviceID) {
	who, group = entry.AgentID, entry.Group
	if !group.Known() {
		group = s.names.device(m.group)
	}
	if len(who) > 0 || group.Known() {
		return who, group
	}
	for i := s.names.records.at(m.device).items; i != 0; {
		it := s.items.at(i)
		if it.kind == itemModel && it.event == csta.EventAgentLoggedOn && it.on == csta.SwitchOn {
			return s.names.bytes(it.who), s.names.device(it.group)
		}
		i = it.devNext
	}
	return who, group
}

// learnForwarding takes a GetForwarding answer.
func (s *State) learnForwarding(m *mark, resp *csta.Message) {
	for i := range resp.Forwards {
		entry := &resp.Forwards[i]
		key := itemKey{event: csta.EventForwarding, device: m.device, forwarding: entry.Type}
		if it := s.learnItem(m, key); it != nil {
			it.on = entry.On
			s.forwardTo(it, entry.To)
		}
	}
	s.dropUnanswered(m, csta.EventForwarding)
	s.prove(m, subjectForwarding)
}

// learnSwitch takes the answer to GetDoNotDisturb or GetMessageWaitingIndicator. An answer about
// one of several members says nothing of the whole.
func (s *State) learnSwitch(m *mark, q query, resp *csta.Message) {
	if resp.On == csta.SwitchNone || len(resp.Item) > 0 {
		return
	}
	if it := s.learnItem(m, itemKey{event: q.key, device: m.device}); it != nil {
		it.on = resp.On
	}
	s.dropUnanswered(m, q.key)
	s.prove(m, q.subject)
}

package state

import "haproxy/codec/csta"

// agents compares the agents at a device.
func (d *differing) agents(resp *csta.Message) {
	suspected := d.isSuspected(subjectAgents)
	for i := range resp.Agents {
		d.agent(&resp.Agents[i], suspected)
	}
	for {
		it := d.unanswered(csta.EventAgentLoggedOn)
		if it == nil {
			return
		}
		if d.publish == nil {
			d.denied = true
			return
		}
		it.epoch, it.on = d.mark.stamp, csta.SwitchOff
		d.agentEvent(csta.EventAgentLoggedOff, d.names.bytes(it.who), d.names.device(it.group))
	}
}

// agent leads one agent to the state that the switch has for it: from what the model has, or if that is
// suspected from nothing.
func (d *differing) agent(entry *csta.AgentItem, suspected bool) {
	who, group := d.agentIn(&d.mark, entry)
	who, group = d.keep(who), d.keepDevice(group)
	key, ok := d.holdKey(csta.EventAgentLoggedOn, d.names.device(d.mark.device), who, group)
	defer d.letKey(key)
	if !ok {
		return
	}
	on, state := csta.SwitchNone, csta.AgentNone
	for i := d.names.records.at(d.mark.device).items; i != 0; {
		it := d.items.at(i)
		if it.kind == itemModel && it.concerns(&key) {
			if it.epoch = d.mark.stamp; it.seq > d.mark.seq {
				return
			}
			on, state = it.on, it.agent
		}
		i = it.devNext
	}
	if suspected {
		on, state = csta.SwitchNone, csta.AgentNone
	}
	if d.fresh && on == csta.SwitchNone {
		return
	}
	switch is := loggedOn(entry); {
	case is == csta.SwitchOff:
		if on == csta.SwitchOn || suspected {
			d.agentEvent(csta.EventAgentLoggedOff, who, group)
		}
		return
	case is == csta.SwitchOn && on != csta.SwitchOn:
		d.agentEvent(csta.EventAgentLoggedOn, who, group)
		state = csta.AgentNone
	}
	if event := agentEventOf(entry.State); event != csta.EventUnknown && state != entry.State {
		d.agentEvent(event, who, group)
	}
}

// loggedOn returns whether an agent is logged on, which phases I and II tell by the state alone.
func loggedOn(entry *csta.AgentItem) csta.Switch {
	if entry.LoggedOn != csta.SwitchNone || entry.State == csta.AgentNone {
		return entry.LoggedOn
	}
	return csta.SwitchOf(entry.State != csta.AgentNull)
}

// agentEventOf returns the event that tells a state of an agent who is logged on.
func agentEventOf(state csta.AgentState) csta.Event {
	switch state {
	case csta.AgentNotReady:
		return csta.EventAgentNotReady
	case csta.AgentReady:
		return csta.EventAgentReady
	case csta.AgentBusy:
		return csta.EventAgentBusy
	case csta.AgentWorkingAfterCall:
		return csta.EventAgentWorkingAfterCall
	default:
		return csta.EventUnknown
	}
}

func (d *differing) agentEvent(event csta.Event, who []byte, group csta.DeviceID) {
	who, group = d.keep(who), d.keepDevice(group)
	d.featureEvent(event, func(msg *csta.Message) {
		msg.AgentID, msg.Group, msg.Agent = who, group, rules[event].agent
	})
}

// forwards compares the forwardings of a device.
func (d *differing) forwards(resp *csta.Message) {
	suspected := d.isSuspected(subjectForwarding)
	for i := range resp.Forwards {
		entry := &resp.Forwards[i]
		on, same := csta.SwitchOff, true
		key := itemKey{
			kind: itemModel, event: csta.EventForwarding, device: d.mark.device, forwarding: entry.Type,
		}
		if i := d.findItem(key); i != 0 {
			it := d.items.at(i)
			if it.epoch = d.mark.stamp; it.seq > d.mark.seq {
				continue
			}
			on, same = it.on, !entry.To.Known() || d.names.sameDevice(it.to, entry.To)
		} else if d.fresh {
			continue
		}
		if entry.On != csta.SwitchNone && (entry.On != on || entry.On == csta.SwitchOn && !same || suspected) {
			d.forward(entry)
		}
	}
	for {
		it := d.unanswered(csta.EventForwarding)
		if it == nil {
			return
		}
		if d.publish == nil {
			d.denied = true
			return
		}
		it.epoch, it.on = d.mark.stamp, csta.SwitchOff
		d.forward(&csta.ForwardItem{Type: it.forwarding, On: csta.SwitchOff, To: d.names.device(it.to)})
	}
}

func (d *differing) forward(entry *csta.ForwardItem) {
	to := d.keepDevice(entry.To)
	d.featureEvent(csta.EventForwarding, func(msg *csta.Message) {
		msg.Forwarding, msg.On, msg.ForwardTo = entry.Type, entry.On, to
	})
}

// feature compares a feature that is on or off. An answer about one of several members says nothing
// of the whole.
func (d *differing) feature(resp *csta.Message) {
	if resp.On == csta.SwitchNone || len(resp.Item) > 0 {
		return
	}
	q, _ := queryOf(d.mark.service)
	on := csta.SwitchOff
	if i := d.findItem(itemKey{kind: itemModel, event: q.key, device: d.mark.device}); i != 0 {
		it := d.items.at(i)
		if it.seq > d.mark.seq {
			return
		}
		on = it.on
	} else if d.fresh {
		return
	}
	if d.isSuspected(q.subject) || on != resp.On {
		d.featureEvent(q.key, func(msg *csta.Message) { msg.On = resp.On })
	}
}

// unanswered returns an item of the device that is on, that the answer did not have and no event told
// of since it was asked; nil where there is none.
func (d *differing) unanswered(key csta.Event) *item {
	for i := d.names.records.at(d.mark.device).items; i != 0; {
		it := d.items.at(i)
		if it.kind == itemModel && it.event == key && it.on == csta.SwitchOn && it.epoch != d.mark.stamp &&
			it.seq <= d.mark.seq && (d.mark.group == 0 || it.group == d.mark.group) {
			return it
		}
		i = it.devNext
	}
	return nil
}

// featureEvent publishes an event about the device on each of its monitors.
func (d *differing) featureEvent(event csta.Event, fill func(msg *csta.Message)) {
	for _, monitor := range d.siblings() {
		if d.publish == nil {
			d.denied = true
			return
		}
		if !d.isOpen(monitor) {
			continue
		}
		msg := &d.made
		msg.Reset()
		msg.Kind, msg.Event = csta.KindEvent, event
		msg.Device = d.keepDevice(d.objectDevice(d.monitors.at(monitor)))
		fill(msg)
		d.publish(MonitorID(monitor), msg)
	}
}

package state

import "haproxy/codec/csta"

// snapshotDevice compares the calls of a device: those that the switch does not have any more are
// cleared, then the others are led to where it has them.
func (d *differing) snapshotDevice(resp *csta.Message, done bool) {
	for i := range resp.Connections {
		d.stampSiblings(&d.mark, &resp.Connections[i])
	}
	if done {
		for _, monitor := range d.siblings() {
			d.clearUnstamped(monitor)
		}
	}
	for i := range resp.Connections {
		item := &resp.Connections[i]
		if item.State > csta.ConnectionNull && len(item.New.Call) > 0 {
			d.ownCall(item)
			d.stampSiblings(&d.mark, item) // those that it began, for the last segment
			d.farEnd(item)
			d.noteUnsettled(item.New.Call)
		}
	}
}

// clearUnstamped clears the device's connection in every call of a monitor that no segment had.
func (d *differing) clearUnstamped(monitor uint32) {
	for w := d.monitors.at(monitor).watches; w != 0; {
		wt := d.watches.at(w)
		next := wt.monNext
		if wt.snap != d.mark.stamp && wt.seq <= d.mark.seq {
			d.clearOwn(w)
		}
		w = next
	}
}

// clearOwn tells that a monitored device has left a call: the other monitors that see the call first,
// since with the word of the device's own the connection is gone.
func (d *differing) clearOwn(w uint32) {
	wt := d.watches.at(w)
	monitor, own, p := wt.monitor, d.ownOf(wt), d.ownPartyOf(wt)
	device := d.monitors.at(monitor).device
	isDevices := func(w *watch) bool {
		m := d.monitors.at(w.monitor)
		return m.ofDevice() && m.device == device
	}
	overtaken := d.isOvertaken(&p) // the device came back to the call
	others := d.monitorsOf(wt.call, func(w *watch) bool {
		return !isDevices(w) && !overtaken && own != 0 && w.told.of(d.conns.at(own)) != csta.ConnectionNull
	})
	devices := d.monitorsOf(wt.call, func(w *watch) bool { return isDevices(w) && w.seq <= d.mark.seq })
	for _, other := range others {
		d.sayFar(other, csta.EventConnectionCleared, &p)
	}
	for _, monitor := range devices {
		if d.findWatch(monitor, d.findCall(p.call)) != 0 {
			d.say(monitor, csta.EventConnectionCleared, &p, csta.ConnectionNull)
			d.end(monitor, &p)
		}
	}
}

// ownPartyOf returns the party that a monitored device is in a call, whose connection may not be known.
func (d *differing) ownPartyOf(w *watch) party {
	if own := d.ownOf(w); own != 0 {
		return d.partyOf(w.call, d.conns.at(own))
	}
	stand := conn{party: d.monitors.at(w.monitor).device}
	return d.partyOf(w.call, &stand)
}

// ownCall leads the device's connection in one call to the state that the switch has for it: on the
// device's monitors, and on the others that see the call, which a lost link may have left behind the
// device's own; unless an event of theirs told of the connection since the device was asked about: then
// the device's own is still to come.
func (d *differing) ownCall(item *csta.ConnectionItem) {
	before, ours := csta.ConnectionNone, false
	p := d.ownParty(item)
	overtaken := d.isOvertaken(&p)
	if item.State == csta.ConnectionInitiated && !overtaken {
		d.endCallOn(p.call, d.hasOlder)
		p = d.ownParty(item) // whom the older one was between is none of its
	}
	for _, monitor := range d.siblings() {
		w, from := d.findWatch(monitor, d.findCall(p.call)), csta.ConnectionNone
		switch {
		case w == 0 && d.endedSince(d.mark.seq, monitor, p.call, csta.DeviceID{}),
			w == 0 && (d.fresh || !d.monitors.at(monitor).hearsEnds()):
			continue
		case w != 0 && d.watches.at(w).seq > d.mark.seq:
			return // the siblings hear it by themselves
		case w != 0:
			from = d.from(d.watches.at(w), item.State)
		}
		if from != item.State {
			d.lead(monitor, &p, from, item.State, true)
		}
		before, ours = max(before, from), true
	}
	if d.publish == nil && !overtaken {
		d.denied = d.denied || d.deniesOthers(&p, item.State)
		return
	}
	if ours && !overtaken {
		d.tellOthers(&p, before, item.State, func(w *watch) bool { return !d.ofAsked(w.monitor) })
	}
}

// hasOlder reports whether a monitor that sees a call which the device asked about has but initiated, and
// nobody else is in therefore, has an older call under the same ID, whose end was lost. One that was compared
// since the loss hears of the call itself.
func (d *differing) hasOlder(w *watch) bool {
	return !d.ofAsked(w.monitor) && w.seq <= d.mark.seq &&
		d.monitors.at(w.monitor).proved[subjectCalls] != d.epoch
}

// deniesOthers reports whether the streams of other monitors told another state of a party.
func (d *differing) deniesOthers(p *party, state csta.ConnectionState) bool {
	call := d.findCall(p.call)
	i := d.findConn(call, p.device, p.static)
	if i == 0 {
		return false
	}
	return len(d.monitorsOf(call, func(w *watch) bool {
		told := w.told.of(d.conns.at(i))
		return told != csta.ConnectionNone && told != state && !d.ofAsked(w.monitor) && w.began <= d.mark.seq
	})) > 0
}

// isOvertaken reports whether any monitor's event told of a party's state, or of its end, or another answer
// did, since the answer was asked for. A join tells who is there, and not how.
func (d *differing) isOvertaken(p *party) bool {
	if i := d.findConn(d.findCall(p.call), p.device, p.static); i != 0 {
		c := d.conns.at(i)
		return c.heard > d.mark.seq || c.answered && c.seq > d.mark.seq
	}
	return d.endedSince(d.mark.seq, 0, p.call, p.device)
}

// ownParty returns the party that the device asked about is in a call of its snapshot.
func (d *differing) ownParty(item *csta.ConnectionItem) party {
	asked := d.names.device(d.mark.device)
	call := d.findCall(item.New.Call)
	if call != 0 {
		if i := d.findConn(call, item.New.Device, asked); i != 0 {
			if c := d.conns.at(i); c.dev != 0 {
				return d.partyOf(call, c)
			}
		}
	}
	p := party{
		call: d.keep(item.New.Call), device: d.keepDevice(item.New.Device), static: d.keepDevice(asked),
	}
	switch {
	case call != 0:
		c := d.calls.at(call)
		p.calling = d.keepDevice(d.names.device(c.calling))
		p.called = d.keepDevice(d.names.device(c.called))
	case item.State == csta.ConnectionInitiated:
		p.calling = p.static
	case item.State == csta.ConnectionAlerting && item.Endpoint.Known():
		p.calling, p.called = d.keepDevice(item.Endpoint), p.static
	}
	return p
}

// tellOthers leads a party to a state on monitors that see its call and are not its device's own:
// from what their stream told of it, else from what it was. A caller that is connected is told by the
// events of the others; a stream that began since the answer was asked for needs no word that is older.
func (d *differing) tellOthers(p *party, before, to csta.ConnectionState, matches func(w *watch) bool) {
	for _, monitor := range d.monitorsOf(d.findCall(p.call), matches) {
		call := d.findCall(p.call)
		w := d.findWatch(monitor, call)
		if w == 0 || d.watches.at(w).began > d.mark.seq {
			continue
		}
		from := csta.ConnectionNone
		if i := d.findConn(call, p.device, p.static); i != 0 {
			from = d.watches.at(w).told.of(d.conns.at(i))
		}
		if from == csta.ConnectionNone {
			from = before
		}
		if from != to && (from != csta.ConnectionNone || !p.caller || !isUp(to)) {
			d.lead(monitor, p, from, to, false)
		}
	}
}

// farEnd leads the far end of a call to the state that a snapshot tells of it, where there is but one
// and no monitor of its own has the word about it.
func (d *differing) farEnd(item *csta.ConnectionItem) {
	if !d.isOpen(d.mark.monitor) || !d.ofAsked(d.mark.monitor) {
		return // it was closed meanwhile
	}
	w := d.findWatch(d.mark.monitor, d.findCall(item.New.Call))
	if w == 0 || len(item.Far) != 1 || item.Far[0] <= csta.ConnectionNull {
		return
	}
	wt := d.watches.at(w)
	others, only := d.others(wt)
	if others == 0 && item.Endpoint.Known() {
		d.newParty(wt.call, &csta.ConnectionItem{Endpoint: item.Endpoint, State: item.Far[0]})
	}
	if others != 1 {
		return
	}
	if c := d.conns.at(only); c.owner != 0 || c.state == item.Far[0] {
		d.laggingFarEnd(only, item.Far[0])
	} else if c.seq <= d.mark.seq && !d.isNews(c) && !d.isAnother(c, item.Endpoint) {
		p, before := d.partyOf(wt.call, c), c.state
		d.tellOthers(&p, before, item.Far[0], func(*watch) bool { return true })
	}
}

// laggingFarEnd leads the monitors of the device asked about to the state of a far end that its own monitor told
// already, and their streams did not: an event of theirs was lost.
func (d *differing) laggingFarEnd(far uint32, state csta.ConnectionState) {
	c := d.conns.at(far)
	p := d.partyOf(c.call, c)
	if c.state != state || d.isOvertaken(&p) {
		return
	}
	d.tellOthers(&p, csta.ConnectionNone, state, func(w *watch) bool {
		return d.ofAsked(w.monitor) && w.told.of(d.conns.at(far)) != csta.ConnectionNone
	})
}

// snapshotCall compares the connections of a call. Of those that have a monitor of their own, whose
// device's snapshot tells the state, only the end is taken from here.
func (d *differing) snapshotCall(resp *csta.Message, done bool) {
	for i := range resp.Connections {
		if item := &resp.Connections[i]; item.State > csta.ConnectionNull {
			d.callParty(item)
		}
	}
	call := d.names.records.at(d.mark.call).head
	d.noteUnsettled(d.names.bytes(d.mark.call))
	if !done || call == 0 {
		return
	}
	for i := d.calls.at(call).conns; i != 0; {
		c := d.conns.at(i)
		next := c.next
		switch {
		case c.snap == d.mark.stamp || c.seq > d.mark.seq:
		case c.owner != 0:
			d.clearOwn(c.owner)
		default:
			d.clearFar(call, i)
		}
		if d.names.records.at(d.mark.call).head != call {
			return
		}
		i = next
	}
}

// callParty leads one connection of a call to the state that the switch has for it.
func (d *differing) callParty(item *csta.ConnectionItem) {
	call := d.names.records.at(d.mark.call).head
	if call == 0 {
		return
	}
	i := d.findConn(call, item.New.Device, item.Endpoint)
	if i == 0 {
		if !d.endedSince(d.mark.seq, 0, d.names.bytes(d.mark.call), item.New.Device) {
			d.newParty(call, item)
		}
	} else if c := d.conns.at(i); !d.hasWord(c) && c.seq <= d.mark.seq && c.state != item.State && !d.isNews(c) {
		p, before, owner := d.partyOf(call, c), c.state, uint32(0)
		if c.owner != 0 {
			owner = d.watches.at(c.owner).monitor
			d.lead(owner, &p, d.watches.at(c.owner).own, item.State, true)
		}
		d.tellOthers(&p, before, item.State, func(w *watch) bool { return w.monitor != owner })
	}
	if i = d.findConn(d.names.records.at(d.mark.call).head, item.New.Device, item.Endpoint); i != 0 {
		d.conns.at(i).snap = d.mark.stamp
	}
}

// hasWord reports whether the monitor of a connection's own device was compared: a SnapshotDevice had
// the word about the connection's state.
func (s *State) hasWord(c *conn) bool {
	return c.owner != 0 &&
		s.monitors.at(s.watches.at(c.owner).monitor).proved[subjectCalls] == s.epoch
}

// isNews reports whether nothing was known of a connection's state, so that an answer denies nothing.
func (d *differing) isNews(c *conn) bool { return d.publish == nil && c.state == csta.ConnectionNone }

// newParty tells of a connection that the model does not have. That of a monitored device waits for
// the snapshot of the device.
func (d *differing) newParty(call uint32, item *csta.ConnectionItem) {
	if d.publish == nil {
		return
	}
	static := item.Endpoint
	if !static.Known() && item.New.Device.Form != csta.DeviceDynamic {
		static = item.New.Device
	}
	if d.monitorOf(static, csta.EventSet{}, func(uint32, *monitor) bool { return true }) != 0 {
		return
	}
	c := d.calls.at(call)
	p := party{
		call: d.keep(d.names.bytes(c.id)), device: d.keepDevice(item.New.Device),
		static:  d.keepDevice(static),
		calling: d.keepDevice(d.names.device(c.calling)), called: d.keepDevice(d.names.device(c.called)),
		caller: static.Known() && d.names.is(c.calling, static.Number),
	}
	d.tellOthers(&p, csta.ConnectionNone, item.State, func(*watch) bool { return true })
}

// clearFar tells every monitor that sees a call that a connection of it is gone.
func (d *differing) clearFar(call, i uint32) {
	c := d.conns.at(i)
	p := d.partyOf(call, c)
	for _, monitor := range d.monitorsOf(call, func(w *watch) bool {
		return w.told.of(c) != csta.ConnectionNull
	}) {
		d.sayFar(monitor, csta.EventConnectionCleared, &p)
	}
}

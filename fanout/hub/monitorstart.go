package hub

import (
	"slices"

	"haproxy/codec/csta"
)

// monitorStart takes a MonitorStart of a T-Server: it joins a monitor that stands, waits for one
// that is under way, or asks the switch for the first.
func (h *Hub) monitorStart(l *leg, frame []byte) {
	key := monitorKey(&h.in)
	var want csta.EventSet
	if h.in.HasFilter {
		want = h.in.Filter
	}
	w := waiter{l.id, h.in.Invoke, csta.MonitorStart, want, h.arrived.renewals}
	switch m := h.standing(key, l); {
	case m == nil:
		h.firstMonitorStart(l, key, want, frame)
	case m.phase == monitorPending:
		beside := h.askBeside(m, l)
		h.wait(m, l, w)
		if beside && h.clearToSend(l.tserver) {
			h.pump()
		}
	case m.phase != monitorStopping:
		h.join(m, l, w)
	default:
		m.blocked = h.block(m.blocked, l, frame)
	}
}

// standing returns the monitor that a MonitorStart of a leg is answered from: one that the T-Server
// can join, else one that was asked for, else one that is being stopped; nil where the switch has
// to be asked. What it asked for before it had to ask anew is never a second one.
func (h *Hub) standing(key string, l *leg) *monitor {
	if !h.cfg.Answer.Monitor {
		return nil
	}
	var other *monitor
	for m := h.monitors.byKey[key]; m != nil; m = m.next {
		switch m.phase {
		case monitorPending:
			if other == nil || other.phase == monitorStopping {
				other = m
			}
		case monitorStopping:
			if other == nil {
				other = m
			}
		default:
			if !h.has(m, l) || h.isRenewed(l, h.arrived.renewals) {
				return m
			}
		}
	}
	return other
}

// wait lets a request wait for the answer under way for its monitor.
func (h *Hub) wait(m *monitor, l *leg, w waiter) {
	if !hasRoom(m.waiters, func(other waiter) bool { return other.leg == l.id }) {
		h.sendError(l, w.invoke, w.service, csta.ErrOutstandingRequestLimit)
		return
	}
	m.waiters = append(m.waiters, w)
}

// block has a request start afresh when those are over that are blocked so, unless its T-Server has too many there.
// h.in is the request.
func (h *Hub) block(others []blocked, l *leg, frame []byte) []blocked {
	if !hasRoom(others, func(other blocked) bool { return other.leg == l.id }) {
		h.sendError(l, h.in.Invoke, h.in.Service, csta.ErrOutstandingRequestLimit)
		return others
	}
	return append(others, blocked{l.id, append([]byte(nil), frame...), h.arrived})
}

// askBeside has a MonitorStart that waits in another T-Server's line wait in that of a leg as well, so that what the
// other sent before it does not hold this one up. It reports whether it does. h.in is the leg's own.
func (h *Hub) askBeside(m *monitor, l *leg) bool {
	if m.queued == 0 || slices.ContainsFunc(m.waiters, func(w waiter) bool { return w.leg == l.id }) {
		return false
	}
	r := h.newRequest(l, forMonitorStart)
	r.mon, r.object = m, objectOf(&h.in)
	if h.queueFull(&r, m.request) {
		return false
	}
	h.enqueue(&r, m.request)
	return true
}

// askedBeside takes the end of a MonitorStart that waited while another for the same monitor waits still, or was sent.
// It reports false where that was the last.
func (h *Hub) askedBeside(r *request, code csta.ErrorCode) bool {
	m := r.mon
	if r.sent || m.queued < 2 && m.phase == monitorPending && !m.sent {
		return false
	}
	m.queued = max(m.queued-1, 0)
	if i := slices.IndexFunc(m.waiters, func(w waiter) bool { return w.leg == r.leg && w.invoke == r.invoke }); i >= 0 {
		m.waiters = slices.Delete(m.waiters, i, i+1)
		h.sendError(h.legs[r.leg], r.invoke, r.service, code)
	}
	return true
}

// firstMonitorStart asks the switch for a monitor that nobody has yet.
func (h *Hub) firstMonitorStart(l *leg, key string, want csta.EventSet, frame []byte) {
	r := h.newRequest(l, forMonitorStart)
	if h.link.state != LinkNormal || h.full(len(key)+len(frame)) {
		h.sendError(l, r.invoke, r.service, csta.ErrSystemResource)
		return
	}
	m := &monitor{
		key: key, object: ownObject(&h.in), request: append([]byte(nil), frame...),
		requested: want, asked: want, members: make([]member, len(h.tservers)),
		waiters: []waiter{{l.id, r.invoke, r.service, want, h.arrived.renewals}},
	}
	h.insertMonitor(m)
	h.monitors.starting++
	r.mon = m
	h.forward(r, frame)
}

// monitorStarted takes the switch's answer to a first MonitorStart.
func (h *Hub) monitorStarted(r *request, frame []byte) {
	m := r.mon
	if h.in.Kind != csta.KindResponse || len(h.in.CrossRef) == 0 {
		h.monitorFailed(m, func(l *leg, id csta.InvokeID) { h.sendUnder(l, frame, id) })
		return
	}
	if !h.activate(m, frame) {
		h.monitorFailed(m, func(l *leg, id csta.InvokeID) {
			h.sendError(l, id, csta.MonitorStart, csta.ErrSystemResource)
		})
		return
	}
	h.monitors.starting--
	h.stopLate(m)
	h.serveWaiters(m)
	h.rest(m)
	h.claimHeld(m)
	if h.cfg.Seed && m.isDevice() {
		h.seeds.monitors = append(h.seeds.monitors, m)
	}
}

// insertMonitor makes a monitor known by its key.
func (h *Hub) insertMonitor(m *monitor) {
	h.room.take(len(m.key) + len(m.request) + len(m.answer))
	h.monitors.insert(m)
}

// forgetMonitor takes a monitor out of the table.
func (h *Hub) forgetMonitor(m *monitor) {
	h.room.give(len(m.key) + len(m.request) + len(m.answer))
	h.monitors.remove(m)
}

// activate makes a granted monitor ready for members and events. h.in is the answer.
func (h *Hub) activate(m *monitor, frame []byte) bool {
	m.granted = m.asked
	if h.in.HasFilter {
		m.granted = h.in.Filter
	}
	m.object.Filter = m.granted
	ref := string(h.in.CrossRef)
	if h.monitors.byRef[ref] != nil { // the switch gave an ID that it has in use
		h.counters[countCrossRefsDoubled]++
		return false
	}
	id, err := h.state.Open(m.object)
	if err != nil {
		h.notice(NoticeError, Link, "monitor refused: %v", err)
		h.stopAtSwitch(ref)
		return false
	}
	m.id, m.phase = id, monitorActive
	h.monitors.byState[id] = m
	h.nameMonitor(m, ref)
	m.answer = append([]byte(nil), frame...)
	h.room.grow(len(m.answer))
	if m.ref != ref {
		if answer, err := h.link.codec.SetCrossRef(nil, frame, csta.CrossRefID(m.ref)); err == nil {
			h.room.grow(len(answer) - len(m.answer))
			m.answer = answer
		}
	}
	return true
}

// nameMonitor makes a monitor known by the switch's ID.
func (h *Hub) nameMonitor(m *monitor, ref string) {
	delete(h.held.doomed, ref)
	h.monitors.name(m, ref)
}

// monitorFailed ends a monitor that was not granted and tells everyone who waits for it.
func (h *Hub) monitorFailed(m *monitor, tell func(*leg, csta.InvokeID)) {
	if m.phase != monitorPending {
		return
	}
	h.forgetMonitor(m)
	h.monitors.starting--
	h.stopLate(m)
	for _, w := range m.waiters {
		if l := h.live(w.leg); l != nil {
			tell(l, w.invoke)
		}
	}
	m.waiters = nil
	h.releaseHeld()
}

// adoptMonitor takes a positive answer whose asker was already told that there was none: the
// monitor lingers for the next who asks.
func (h *Hub) adoptMonitor(m *monitor, frame []byte) {
	ref := string(h.in.CrossRef)
	if ref == "" || h.monitors.byRef[ref] != nil {
		return
	}
	if h.held.wasStopped(ref) {
		return
	}
	if again := h.monitors.pending(m.key); again != nil { // it may be named alike
		again.late = append(again.late, ref)
		return
	}
	if h.monitors.byKey[m.key] != nil || !m.isDevice() || h.link.state < LinkRecovering {
		h.stopAtSwitch(ref)
		return
	}
	h.counters[countMonitorsAdopted]++
	h.insertMonitor(m)
	if !h.activate(m, frame) {
		h.forgetMonitor(m)
		return
	}
	h.rest(m)
	h.claimHeld(m)
}

// stopLate stops what late answers named while a monitor was asked for once more, but for that monitor.
func (h *Hub) stopLate(m *monitor) {
	for _, ref := range m.late {
		if h.monitors.byRef[ref] == nil && !h.held.wasStopped(ref) {
			h.stopAtSwitch(ref)
		}
	}
	m.late = nil
}

// rest lets a monitor without members linger, or stops it where it may not.
func (h *Hub) rest(m *monitor) {
	switch m.phase {
	case monitorActive, monitorLost, monitorRestoring:
	default:
		return
	}
	if m.hasMembers() {
		return
	}
	if !m.isDevice() || h.cfg.MonitorLinger <= 0 {
		h.endMonitor(m)
		return
	}
	h.monitors.rest(m, h.now)
}

// sweepMonitors stops the monitors that lingered long enough.
func (h *Hub) sweepMonitors() {
	for m := h.monitors.idleFirst; m != nil && h.now.Sub(m.idle) >= h.cfg.MonitorLinger; {
		next := m.idleNext
		h.counters[countMonitorsLingered]++
		h.endMonitor(m)
		m = next
	}
}

// endMonitor forgets a monitor and stops it at the switch, for nobody.
func (h *Hub) endMonitor(m *monitor) {
	ref := m.switchRef
	h.removeMonitor(m)
	if ref != "" {
		h.stopAtSwitch(ref)
	}
}

// removeMonitor forgets a monitor.
func (h *Hub) removeMonitor(m *monitor) {
	if m.phase == monitorGone {
		return
	}
	for _, e := range m.awaiting {
		h.forgetAwaited(e)
	}
	m.comparing, m.awaiting, m.cleared = false, nil, nil
	if h.recovery.active && h.hasCalls(m) {
		h.recovery.comparison.bereft = true
	}
	h.state.Close(m.id)
	h.forgetMonitor(m)
	h.serveWaiters(m)
	h.unblock(&m.blocked)
}

// unblock lets those start afresh that met a MonitorStop, or the cancel of a registration.
func (h *Hub) unblock(all *[]blocked) {
	h.afresh = append(h.afresh, *all...)
	*all = nil
}

// stopAtSwitch asks the switch to stop a monitor that nobody has. Where that comes to nothing, the
// monitor's next event makes the hub ask again.
func (h *Hub) stopAtSwitch(ref string) {
	h.made.Reset()
	h.made.Service, h.made.CrossRef = csta.MonitorStop, csta.CrossRefID(ref)
	if h.cleanUp(&h.made, ref) {
		h.held.doomed[ref] = doomAsked
	}
}

// cleanUp asks the switch to end what nobody has: a monitor, by the switch's ID, or a registration, by its name.
func (h *Hub) cleanUp(msg *csta.Message, object string) bool {
	return h.askAs(request{
		purpose: forCleanup, class: classRecovery, source: ownSource, leg: Link, service: msg.Service,
		expires: h.now.Add(h.cfg.RequestTimeout), object: object,
	}, msg)
}

// isRevived reports whether somebody has what a clean-up is to end: while it waited the switch gave the ID anew.
func (h *Hub) isRevived(r *request) bool {
	if r.service == csta.MonitorStop {
		return h.monitors.byRef[r.object] != nil
	}
	return h.registrations.byRef[r.object] != nil
}

// cleanedUp takes the end of a clean-up. Of a registration nothing is to be known.
func (h *Hub) cleanedUp(r *request, end doom) {
	if r.service == csta.MonitorStop {
		h.held.stopped(r.object, end)
	}
}

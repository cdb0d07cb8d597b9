package hub

import (
	"haproxy/codec/csta"
)

// monitorStart takes a MonitorStart of a T-Server: it joins a monitor that stands, waits for one that
// is under way, or asks the switch for the first.
func (h *Hub) monitorStart(l *leg, frame []byte) {
	key := monitorKey(&h.in)
	var want csta.EventSet
	if h.in.HasFilter {
		want = h.in.Filter
	}
	for m := h.monitors.byKey[key]; m != nil && h.cfg.Answer.Monitor; m = m.next {
		switch {
		case m.phase == monitorPending:
			m.waiters = append(m.waiters, waiter{l.id, h.in.Invoke, want})
			return
		case m.phase == monitorStopping:
			m.blocked = append(m.blocked, blocked{l.id, append([]byte(nil), frame...)})
			return
		case !m.members[l.tserver].joined || !m.members[l.tserver].confirmed:
			h.join(m, l, h.in.Invoke, want)
			return
		}
	}
	h.firstMonitorStart(l, key, want, frame)
}

// firstMonitorStart asks the switch for a monitor that nobody has yet.
func (h *Hub) firstMonitorStart(l *leg, key string, want csta.EventSet, frame []byte) {
	r := h.newRequest(l, forMonitorStart)
	if h.link.state != LinkNormal || len(h.monitors.all) >= monitorsMax {
		h.sendError(l, r.invoke, r.service, csta.ErrSystemResource)
		return
	}
	m := &monitor{
		key: key, object: ownObject(&h.in), request: append([]byte(nil), frame...),
		requested: want, asked: want, members: make([]member, len(h.tservers)),
		waiters: []waiter{{l.id, r.invoke, want}},
	}
	h.monitors.insert(m)
	h.monitors.starting++
	r.mon = m
	h.forward(r, frame)
}

// monitorsMax bounds the monitors of a link.
const monitorsMax = 1 << 20

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
	waiters := m.waiters
	m.waiters = nil
	for _, w := range waiters {
		if l := h.legs[w.leg]; l != nil && !l.closing() {
			h.join(m, l, w.invoke, w.filter)
		}
	}
	h.rest(m)
	h.claimHeld(m)
	if h.cfg.Seed && m.isDevice() {
		h.seed(m)
	}
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
	h.monitors.name(m, ref)
	m.answer = append([]byte(nil), frame...)
	if m.ref != ref {
		if answer, err := h.link.codec.SetCrossRef(nil, frame, csta.CrossRefID(m.ref)); err == nil {
			m.answer = answer
		}
	}
	return true
}

// monitorFailed ends a monitor that was not granted and tells everyone who waits for it.
func (h *Hub) monitorFailed(m *monitor, tell func(*leg, csta.InvokeID)) {
	if m.phase != monitorPending {
		return
	}
	h.monitors.remove(m)
	h.monitors.starting--
	for _, w := range m.waiters {
		if l := h.legs[w.leg]; l != nil && !l.closing() {
			tell(l, w.invoke)
		}
	}
	m.waiters = nil
	h.releaseHeld()
}

// adoptMonitor takes a positive answer whose asker was already told that there was none: the monitor
// lingers for the next who asks.
func (h *Hub) adoptMonitor(m *monitor, frame []byte) {
	ref := string(h.in.CrossRef)
	if ref == "" || h.monitors.byRef[ref] != nil {
		return
	}
	if h.monitors.byKey[m.key] != nil || !m.isDevice() || h.link.state < LinkRecovering {
		h.stopAtSwitch(ref)
		return
	}
	h.counters[countMonitorsAdopted]++
	h.monitors.insert(m)
	if !h.activate(m, frame) {
		h.monitors.remove(m)
		return
	}
	h.rest(m)
	h.claimHeld(m)
}

// rest lets a monitor without members linger, or stops it where it may not.
func (h *Hub) rest(m *monitor) {
	if m.phase != monitorActive && m.phase != monitorLost && m.phase != monitorRestoring || m.hasMembers() {
		return
	}
	if !m.isDevice() || h.cfg.MonitorLinger <= 0 {
		h.endMonitor(m)
		return
	}
	m.idle = h.now
	h.monitors.idle = append(h.monitors.idle, idleMonitor{m, h.now})
}

// sweepMonitors stops the monitors that lingered long enough.
func (h *Hub) sweepMonitors() {
	idle := h.monitors.idle
	for len(idle) > 0 && h.now.Sub(idle[0].since) >= h.cfg.MonitorLinger {
		m, since := idle[0].monitor, idle[0].since
		idle[0] = idleMonitor{}
		idle = idle[1:]
		if m.phase != monitorGone && m.phase != monitorStopping && m.idle.Equal(since) {
			h.counters[countMonitorsLingered]++
			h.endMonitor(m)
		}
	}
	h.monitors.idle = idle
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
	h.state.Close(m.id)
	h.monitors.remove(m)
	for _, b := range m.blocked { // they start afresh
		if l := h.legs[b.leg]; l != nil && !l.closing() {
			h.again(l, b.frame)
		}
	}
	m.blocked = nil
}

// stopAtSwitch asks the switch to stop a monitor that nobody has.
func (h *Hub) stopAtSwitch(ref string) {
	h.made.Reset()
	h.made.Service, h.made.CrossRef = csta.MonitorStop, csta.CrossRefID(ref)
	h.ask(&h.made, forCleanup, h.now.Add(h.cfg.RequestTimeout))
}

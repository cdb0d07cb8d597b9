package hub

import (
	"haproxy/codec/csta"
)

// monitorStop takes a MonitorStop of a T-Server. It reaches the switch only with the last member.
func (h *Hub) monitorStop(l *leg, frame []byte) {
	m := h.monitors.byOurs[string(h.in.CrossRef)]
	if m == nil || !m.members[l.tserver].joined || m.phase == monitorStopping {
		h.sendError(l, h.in.Invoke, h.in.Service, csta.ErrInvalidMonitorCrossRef)
		return
	}
	filter := m.members[l.tserver].filter
	m.members[l.tserver] = member{}
	switch {
	case m.hasMembers():
		h.sendDone(l, h.in.Invoke, csta.MonitorStop)
	case m.phase != monitorActive || h.link.state != LinkNormal:
		h.sendDone(l, h.in.Invoke, csta.MonitorStop)
		h.endMonitor(m)
	default:
		m.phase = monitorStopping
		r := h.newRequest(l, forMonitorStop)
		r.mon, r.filter = m, filter
		h.forward(r, h.asSwitchKnows(m, frame))
	}
}

// asSwitchKnows returns a T-Server's frame about a monitor as the switch has to get it: under the
// switch's own cross reference ID.
func (h *Hub) asSwitchKnows(m *monitor, frame []byte) []byte {
	if m.ref == m.switchRef {
		return frame
	}
	out, err := h.link.codec.SetCrossRef(h.arena.tail(), frame, csta.CrossRefID(m.switchRef))
	if err != nil {
		h.counters[countUnexpressible]++
		return frame
	}
	h.arena.keep(out)
	return out
}

// monitorStopped takes the switch's answer to the last member's MonitorStop. Where the switch could
// not do it, the monitor and the membership stand.
func (h *Hub) monitorStopped(r *request, positive bool) {
	m := r.mon
	if m.phase != monitorStopping {
		return
	}
	if !positive && h.in.Error.Category != csta.ErrorOperation {
		m.phase = monitorActive
		if l := h.legs[r.leg]; l != nil && !l.closing() {
			m.members[r.source] = member{joined: true, confirmed: true, filter: r.filter}
		}
		h.rest(m)
		return
	}
	h.removeMonitor(m)
}

// stoppedBySwitch takes a MonitorStop of the switch: the monitor ends for all members.
func (h *Hub) stoppedBySwitch(frame []byte) {
	ref := string(h.in.CrossRef)
	h.sendDone(&h.link.leg, h.in.Invoke, csta.MonitorStop)
	m := h.monitors.byRef[ref]
	if m == nil {
		h.counters[countCrossRefsUnknown]++
		return
	}
	h.counters[countMonitorsStoppedBySwitch]++
	if m.ref != m.switchRef {
		out, err := h.link.codec.SetCrossRef(nil, frame, csta.CrossRefID(m.ref))
		if err != nil {
			h.counters[countUnexpressible]++
			return
		}
		frame = out
	}
	h.tellStopped(m, frame)
	h.removeMonitor(m)
}

// tellStopped passes a MonitorStop to the members of a monitor.
func (h *Hub) tellStopped(m *monitor, frame []byte) {
	for i := range m.members {
		if l := h.tservers[i].leg; m.members[i].joined && l != nil {
			h.sendUnder(l, frame, l.nextInvoke())
		}
	}
}

// leaveMonitors ends the memberships of a leg that is gone. Device monitors linger.
func (h *Hub) leaveMonitors(l *leg) {
	for i := 0; i < len(h.monitors.all); i++ {
		m := h.monitors.all[i]
		m.waiters = without(m.waiters, l.id)
		if !m.members[l.tserver].joined {
			continue
		}
		m.members[l.tserver] = member{}
		if m.hasMembers() {
			continue
		}
		h.rest(m)
		if m.phase == monitorGone {
			i-- // the last one took its place
		}
	}
}

// unconfirm makes a T-Server's memberships ones that it has to ask for again: it was told that the
// link is disabled, or it opened its association anew.
func (h *Hub) unconfirm(tserver int) {
	for _, m := range h.monitors.all {
		m.members[tserver].confirmed = false
	}
}

// without returns the waiters of other legs.
func without(waiters []waiter, leg LegID) []waiter {
	kept := waiters[:0]
	for _, w := range waiters {
		if w.leg != leg {
			kept = append(kept, w)
		}
	}
	return kept
}

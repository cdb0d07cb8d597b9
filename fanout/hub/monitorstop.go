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
	switch {
	case m.hasOthers(l.tserver):
		m.members[l.tserver] = member{}
		h.sendDone(l, h.in.Invoke, csta.MonitorStop)
	case m.phase != monitorActive || h.link.state != LinkNormal:
		h.sendDone(l, h.in.Invoke, csta.MonitorStop)
		h.endMonitor(m)
	default: // a member until the switch has acknowledged
		m.phase = monitorStopping
		r := h.newRequest(l, forMonitorStop)
		r.mon = m
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
		h.stands(m)
		return
	}
	h.removeMonitor(m)
}

// stopFailed ends a MonitorStop that has no answer. Where the switch may have got it the monitor is
// given up: should it live, its next event has it stopped.
func (h *Hub) stopFailed(r *request) {
	switch {
	case r.mon.phase != monitorStopping:
	case r.sent:
		h.removeMonitor(r.mon)
	default:
		h.stands(r.mon)
	}
}

// stands makes a monitor that could not be stopped one like before.
func (h *Hub) stands(m *monitor) {
	m.phase = monitorActive
	h.unblock(&m.blocked)
	h.rest(m)
}

// stoppedBySwitch takes a MonitorStop of the switch: the monitor ends for all members.
func (h *Hub) stoppedBySwitch(frame []byte) {
	m := h.monitors.byRef[string(h.in.CrossRef)]
	h.sendDone(&h.link.leg, h.in.Invoke, csta.MonitorStop)
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
			h.sendUnder(l, frame, h.nextInvoke(l))
		}
	}
}

// leaveMonitors ends the memberships of a leg that is gone. Device monitors linger.
func (h *Hub) leaveMonitors(l *leg) {
	for i := 0; i < len(h.monitors.all); i++ {
		m := h.monitors.all[i]
		m.waiters = without(m.waiters, l.id)
		m.members[l.tserver] = member{}
		if m.phase != monitorPending && !m.hasMembers() {
			h.rest(m)
		}
		if m.phase == monitorGone {
			i-- // the last one took its place
		}
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

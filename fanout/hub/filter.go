package hub

import "haproxy/codec/csta"

// changeFilter takes a ChangeMonitorFilter of a T-Server. The switch is asked only where the members
// together want other events than before.
func (h *Hub) changeFilter(l *leg) {
	m := h.monitors.byOurs[string(h.in.CrossRef)]
	if m == nil || !m.members[l.tserver].joined || m.phase == monitorStopping {
		h.sendError(l, h.in.Invoke, h.in.Service, csta.ErrInvalidMonitorCrossRef)
		return
	}
	want := h.in.Filter
	wanted := m.wanted(l.tserver, want)
	if wanted == m.asked || m.phase != monitorActive || h.link.state != LinkNormal {
		m.asked = wanted
		m.members[l.tserver].filter = want
		h.sendFilter(l, h.in.Invoke, csta.ChangeMonitorFilter, want.Union(m.granted))
		return
	}
	r := h.newRequest(l, forFilter)
	r.mon, r.filter = m, want
	h.askFilter(r, wanted)
}

// askFilter asks the switch to work with another filter.
func (h *Hub) askFilter(r request, wanted csta.EventSet) {
	h.made.Reset()
	h.made.Service, h.made.CrossRef = csta.ChangeMonitorFilter, csta.CrossRefID(r.mon.switchRef)
	h.made.HasFilter, h.made.Filter = true, wanted
	if !h.askAs(r, &h.made) {
		h.refuse(&r, csta.ErrPerformanceLimitExceeded)
	}
}

// filterChanged takes the switch's answer to a changed filter: a joining T-Server is admitted now,
// a changing one gets its answer.
func (h *Hub) filterChanged(r *request, frame []byte) {
	m := r.mon
	l := h.legs[r.leg]
	if h.in.Kind == csta.KindResponse && m.phase == monitorActive {
		m.asked = m.wanted(r.source, r.filter)
		m.granted = m.asked
		if h.in.HasFilter {
			m.granted = h.in.Filter
		}
		h.state.SetFilter(m.id, m.granted)
	}
	if r.source == ownSource {
		return
	}
	switch {
	case l == nil || l.closing():
		h.counters[countAnswersOrphaned]++
	case h.in.Kind != csta.KindResponse:
		h.deliver(r, frame)
	case m.phase == monitorGone || m.phase == monitorStopping:
		h.sendError(l, r.invoke, r.service, csta.ErrInvalidMonitorCrossRef)
	case r.service == csta.MonitorStart:
		h.admit(m, l, r.invoke, r.filter)
	default:
		m.members[l.tserver].filter = r.filter
		h.sendFilter(l, r.invoke, r.service, r.filter.Union(m.granted))
	}
}

// sendFilter answers a ChangeMonitorFilter with the filter that the T-Server's stream now has.
func (h *Hub) sendFilter(l *leg, id csta.InvokeID, service csta.Service, filter csta.EventSet) {
	h.made.Reset()
	h.made.Kind, h.made.Service, h.made.Invoke = csta.KindResponse, service, id
	h.made.HasFilter, h.made.Filter = true, filter
	h.sendMessage(l, &h.made)
}

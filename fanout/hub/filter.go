package hub

import "haproxy/codec/csta"

// changeFilter takes a ChangeMonitorFilter of a T-Server. h.in is the request.
func (h *Hub) changeFilter(l *leg, frame []byte) {
	m := h.monitors.byOurs[string(h.in.CrossRef)]
	w := waiter{l.id, h.in.Invoke, csta.ChangeMonitorFilter, h.in.Filter, h.arrived.renewals}
	switch {
	case m == nil || !m.members[l.tserver].joined || m.phase == monitorStopping:
		h.sendError(l, w.invoke, w.service, csta.ErrInvalidMonitorCrossRef)
	case m.changing:
		h.wait(m, l, w)
	default:
		h.setFilter(m, l, w, frame)
	}
}

// setFilter gives a member another filter. The switch is asked only where the members together want
// other events than before: by the T-Server's own frame, if there is one and they want what it
// wants.
func (h *Hub) setFilter(m *monitor, l *leg, w waiter, frame []byte) {
	if m.changing {
		h.wait(m, l, w)
		return
	}
	wanted := m.wanted(l.tserver, w.filter)
	switch {
	case !m.members[l.tserver].joined || m.phase == monitorStopping:
		h.sendError(l, w.invoke, w.service, csta.ErrInvalidMonitorCrossRef)
	case wanted == m.asked || m.phase != monitorActive || h.link.state < LinkRecovering:
		m.asked = wanted // of a lost monitor: asked for once it is restored
		m.members[l.tserver].filter = w.filter
		h.sendFilter(l, w.invoke, w.service, w.filter.Union(m.granted))
	case wanted == w.filter && frame != nil && h.link.state == LinkNormal:
		m.changing = true
		h.forward(h.filterRequest(m, l, w, wanted), h.asSwitchKnows(m, frame))
	default:
		h.askFilter(h.filterRequest(m, l, w, wanted))
	}
}

// filterRequest is the request for a filter that a member, present or to be, needs.
func (h *Hub) filterRequest(m *monitor, l *leg, w waiter, wanted csta.EventSet) request {
	return request{
		purpose: forFilter, class: classRegistration, source: l.tserver, leg: l.id, invoke: w.invoke,
		service: w.service, expires: h.arrived.at.Add(h.cfg.RequestTimeout), mon: m, filter: w.filter,
		wanted: wanted, renewals: w.renewals,
	}
}

// restoreFilter asks the switch for the filter that a restored monitor had.
func (h *Hub) restoreFilter(m *monitor) {
	h.recovery.outstanding++
	h.askFilter(request{
		purpose: forFilter, class: classRecovery, source: ownSource, leg: Link,
		service: csta.ChangeMonitorFilter, expires: h.now.Add(h.cfg.RequestTimeout), mon: m,
		wanted: m.asked,
	})
}

// askFilter asks the switch to work with another filter.
func (h *Hub) askFilter(r request) {
	r.mon.changing = true
	h.made.Reset()
	h.made.Service, h.made.CrossRef = csta.ChangeMonitorFilter, csta.CrossRefID(r.mon.switchRef)
	h.made.HasFilter, h.made.Filter = true, r.wanted
	if !h.askAs(r, &h.made) {
		h.refuse(&r, csta.ErrPerformanceLimitExceeded)
	}
}

// filterChanged takes the switch's answer to a changed filter: a joining T-Server is admitted now,
// a changing one gets its answer.
func (h *Hub) filterChanged(r *request, frame []byte) {
	m := r.mon
	if r.source == ownSource && h.isTransient() && h.postpone(r) {
		h.filterSettled(r)
		h.serveWaiters(m)
		h.recover()
		return
	}
	if h.in.Kind != csta.KindResponse {
		h.filterStands(r)
		if r.source != ownSource {
			h.deliver(r, frame)
		}
		return
	}
	h.filterSettled(r)
	if m.phase != monitorGone {
		m.asked, m.granted = r.wanted, r.wanted
		if h.in.HasFilter {
			m.granted = h.in.Filter
		}
		h.state.SetFilter(m.id, m.granted)
	}
	if r.source != ownSource {
		h.filterAnswer(r, frame)
	}
	h.serveWaiters(m)
	h.rest(m)
	h.recover()
}

// filterAnswer gives the T-Server that wanted another filter its answer.
func (h *Hub) filterAnswer(r *request, frame []byte) {
	m, l := r.mon, h.live(r.leg)
	switch {
	case l == nil:
		h.counters[countAnswersOrphaned]++
	case m.phase == monitorGone:
		h.sendError(l, r.invoke, r.service, csta.ErrInvalidMonitorCrossRef)
	case r.service == csta.MonitorStart:
		h.admitInTime(m, l, waiter{r.leg, r.invoke, r.service, r.filter, r.renewals})
	default:
		m.members[l.tserver].filter = r.filter
		if r.filter == r.wanted {
			h.deliver(r, frame)
			return
		}
		h.sendFilter(l, r.invoke, r.service, r.filter.Union(m.granted))
	}
}

// filterFailed ends a filter change that did not come about. The switch may have got the request or
// not: what either filter suppresses is taken for suppressed.
func (h *Hub) filterFailed(r *request) {
	if r.sent {
		r.mon.asked = r.mon.asked.Union(r.wanted)
	}
	h.filterStands(r)
}

// filterStands ends a filter change that the switch refused, or did not get.
func (h *Hub) filterStands(r *request) {
	m := r.mon
	h.filterSettled(r)
	if r.source == ownSource && m.phase == monitorActive {
		h.counters[countMonitorsNotRestored]++
		h.dropMonitor(m)
		return
	}
	h.serveWaiters(m)
	h.rest(m)
}

// filterSettled takes a filter change off the books.
func (h *Hub) filterSettled(r *request) {
	r.mon.changing = false
	switch {
	case r.source == ownSource:
		h.recovery.settled()
	case r.service == csta.MonitorStart:
		r.mon.joining--
	}
}

// sendFilter answers a ChangeMonitorFilter with the filter that the T-Server's stream now has.
func (h *Hub) sendFilter(l *leg, id csta.InvokeID, service csta.Service, filter csta.EventSet) {
	h.made.Reset()
	h.made.Kind, h.made.Service, h.made.Invoke = csta.KindResponse, service, id
	h.made.HasFilter, h.made.Filter = true, filter
	h.sendMessage(l, &h.made)
}

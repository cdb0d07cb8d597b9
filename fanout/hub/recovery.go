package hub

import (
	"fmt"
	"slices"
	"time"

	"haproxy/codec/csta"
)

// recovery restores registrations and monitors after the link was lost, or after the switch said
// that it restarted; then it compares the state with the switch. The link is not normal before it is
// finished.
type recovery struct {
	active        bool
	began         time.Time
	registrations []*registration // to be restored
	monitors      []*monitor
	comparison    comparison
	outstanding   int
	postponed     []postponed // in the order of their times
	restored      int
}

// postponed is a request that the switch had no room for.
type postponed struct {
	request request
	until   time.Time
}

const (
	restoreRetries = 3                // of an unanswered restoration
	postponedFor   = time.Second      // what the switch has no room for
	postponingFor  = 10 * time.Second // of a recovery; then it is refused
)

func (r *recovery) stop() { *r = recovery{} }

// settled takes one request of the recovery off the books.
func (r *recovery) settled() {
	if r.outstanding > 0 {
		r.outstanding--
	}
}

// startRecovery begins once the switch has answered the start of the link.
func (h *Hub) startRecovery() {
	h.link.state = LinkRecovering
	h.recovery = recovery{active: true, began: h.now}
	for _, m := range h.monitors.all {
		if m.phase == monitorLost {
			h.recovery.monitors = append(h.recovery.monitors, m)
		}
	}
	h.recovery.registrations = slices.Clone(h.registrations.all)
	if m, r := len(h.recovery.monitors), len(h.recovery.registrations); m+r > 0 {
		h.notice(NoticeInfo, Link, "restoring %d monitors and %d registrations", m, r)
	}
	h.recover()
}

// recover restores what the budget allows and ends the recovery when nothing is left.
func (h *Hub) recover() {
	r := &h.recovery
	if !r.active || h.link.leg.closing() {
		return
	}
	if len(r.registrations)+len(r.monitors) > 0 {
		r.began = h.now // what was not asked for yet is tried for as long as the first
	}
	for len(r.registrations) > 0 && h.clearToSend(ownSource) {
		reg := r.registrations[0]
		r.registrations = r.registrations[1:]
		if reg.phase == monitorLost {
			reg.phase = monitorRestoring
			h.restore(request{reg: reg, service: reg.kind}, reg.request)
		}
	}
	for len(r.monitors) > 0 && h.clearToSend(ownSource) {
		m := r.monitors[0]
		r.monitors = r.monitors[1:]
		if m.phase == monitorLost {
			m.phase = monitorRestoring
			h.restore(request{mon: m, service: csta.MonitorStart}, m.request)
		}
	}
	for len(r.postponed) > 0 && !h.now.Before(r.postponed[0].until) && h.clearToSend(ownSource) {
		late := r.postponed[0].request
		r.postponed = slices.Delete(r.postponed, 0, 1)
		h.takeUp(&late)
	}
	if len(r.registrations)+len(r.monitors)+len(r.postponed) == 0 && h.compare() {
		h.recovered()
	}
}

// restore sends one request of the recovery.
func (h *Hub) restore(r request, frame []byte) {
	r.purpose, r.class, r.source, r.leg = forRestore, classRecovery, ownSource, Link
	r.expires = h.now.Add(h.cfg.RequestTimeout)
	h.recovery.outstanding++
	h.transmit(&r, frame)
}

// recovered makes the link normal and tells the T-Servers.
func (h *Hub) recovered() {
	for _, m := range h.monitors.all {
		h.endAwaiting(m, false)
	}
	r := h.recovery
	h.recovery.stop()
	differences := ""
	if n := r.comparison.published; n > 0 {
		differences = fmt.Sprintf(", %d differences published", n)
	}
	if h.link.state == LinkNormal { // messages were lost on it
		if r.comparison.spot {
			return // counted, and no news of the link
		}
		h.notice(NoticeInfo, Link, "state compared with the switch%s", differences)
		return
	}
	h.link.state = LinkNormal
	h.releaseHeld()
	h.notice(NoticeInfo, Link, "CTI link normal, %d monitors restored%s", r.restored, differences)
	h.tellAll(h.status())
	h.pump()
}

// restored takes the switch's answer to a restoration.
func (h *Hub) restored(r *request) {
	h.recovery.settled()
	switch {
	case h.in.Kind != csta.KindResponse && h.isTransient() && h.postpone(r):
	case h.in.Kind != csta.KindResponse:
		h.notRestored(r)
	case r.mon != nil:
		h.monitorRestored(r.mon)
	default:
		h.registrationRestored(r.reg)
	}
	h.recover()
}

// monitorRestored names a monitor by its new ID. One that was given up meanwhile is stopped.
func (h *Hub) monitorRestored(m *monitor) {
	ref := string(h.in.CrossRef)
	switch {
	case m.phase != monitorRestoring && m.phase != monitorLost:
		if ref != "" && h.monitors.byRef[ref] == nil {
			h.stopAtSwitch(ref)
		}
		return
	case ref == "" || h.monitors.byRef[ref] != nil: // the switch gave an ID that it has in use
		h.counters[countCrossRefsDoubled]++
		h.dropMonitor(m)
		return
	}
	h.recovery.restored++
	h.counters[countMonitorsRestored]++
	m.phase, m.granted = monitorActive, m.requested
	if h.in.HasFilter {
		m.granted = h.in.Filter
	}
	h.state.SetFilter(m.id, m.granted)
	h.nameMonitor(m, ref)
	if m.asked = m.wanted(ownSource, m.asked); m.asked != m.requested {
		h.restoreFilter(m)
	}
	if h.recovery.active && m.isDevice() {
		h.compareRestored(m)
	}
	h.claimHeld(m)
}

// registrationRestored names a registration by its new ID.
func (h *Hub) registrationRestored(reg *registration) {
	ref := registrationID(&h.in)
	if reg.phase != monitorRestoring && reg.phase != monitorLost {
		if h.registrations.byRef[named(reg.kind, ref)] == nil {
			h.cancelAtSwitch(reg.kind, ref)
		}
		return
	}
	reg.phase = monitorActive
	h.nameRegistration(reg, ref)
	h.restRegistration(reg)
}

// isTransient reports whether an answer says that the switch has no room for a request now, as one that has just
// started: not that it never will. h.in is the answer.
func (h *Hub) isTransient() bool {
	switch h.in.Error {
	case csta.ErrSystemResource, csta.ErrResourceBusy, csta.ErrInternalResourceBusy, csta.ErrOutstandingRequestLimit:
		return h.in.Kind == csta.KindError
	default:
		return h.in.Kind == csta.KindError && h.in.Error.Category == csta.ErrorPerformance
	}
}

// postpone has a restoration made anew after a while. It reports false where the recovery has done so for long.
func (h *Hub) postpone(r *request) bool {
	if h.now.Sub(h.recovery.began) >= postponingFor {
		return false
	}
	h.recovery.postponed = append(h.recovery.postponed, postponed{*r, h.now.Add(postponedFor)})
	return true
}

// takeUp makes a restoration anew, unless something else came of what it is for.
func (h *Hub) takeUp(r *request) {
	switch {
	case r.purpose == forFilter:
		switch {
		case r.mon.phase != monitorActive || r.mon.asked == r.mon.granted:
		case r.mon.changing: // which may come to nothing
			h.recovery.postponed = append(h.recovery.postponed, postponed{*r, h.now.Add(postponedFor)})
		default:
			h.restoreFilter(r.mon)
		}
	case r.mon != nil && r.mon.phase == monitorRestoring:
		h.restore(*r, r.mon.request)
	case r.reg != nil && r.reg.phase == monitorRestoring:
		h.restore(*r, r.reg.request)
	}
}

// restoreFailed takes the time-out of a restoration: it is tried again, a few times.
func (h *Hub) restoreFailed(r *request) {
	h.recovery.settled()
	switch {
	case h.link.state != LinkRecovering: // the next recovery restores it
	case r.mon != nil && r.mon.phase == monitorRestoring && r.mon.retries < restoreRetries:
		r.mon.phase = monitorLost
		r.mon.retries++
		h.recovery.monitors = append(h.recovery.monitors, r.mon)
	case r.reg != nil && r.reg.phase == monitorRestoring && r.reg.retries < restoreRetries:
		r.reg.phase = monitorLost
		r.reg.retries++
		h.recovery.registrations = append(h.recovery.registrations, r.reg)
	default:
		h.notRestored(r)
	}
}

// notRestored ends a monitor or registration that the switch does not give back.
func (h *Hub) notRestored(r *request) {
	switch {
	case r.mon != nil && r.mon.phase == monitorRestoring:
		h.counters[countMonitorsNotRestored]++
		h.dropMonitor(r.mon)
	case r.reg != nil && r.reg.phase == monitorRestoring:
		h.counters[countMonitorsNotRestored]++
		h.dropRegistration(r.reg)
	}
}

// dropMonitor ends a monitor that the switch no longer has, and tells its members.
func (h *Hub) dropMonitor(m *monitor) {
	for i := range m.members {
		l := h.tservers[i].leg
		if !m.members[i].joined || l == nil || l.closing() {
			continue
		}
		h.made.Reset()
		h.made.Kind, h.made.Service, h.made.Invoke = csta.KindRequest, csta.MonitorStop, h.nextInvoke(l)
		h.made.CrossRef = csta.CrossRefID(m.ref)
		h.sendMessage(l, &h.made)
	}
	h.removeMonitor(m)
}

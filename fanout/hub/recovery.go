package hub

import (
	"slices"
	"strings"

	"haproxy/codec/csta"
)

// recovery restores registrations and monitors after the link was lost, or after the switch said that
// it restarted. The link is not normal before it is finished.
type recovery struct {
	active        bool
	registrations []*registration // to be restored
	monitors      []*monitor
	outstanding   int
	restored      int
}

// restoreRetries is how often an unanswered restoration is tried again.
const restoreRetries = 3

func (r *recovery) stop() { *r = recovery{} }

// startRecovery begins once the switch has answered the start of the link.
func (h *Hub) startRecovery() {
	h.link.state = LinkRecovering
	h.recovery = recovery{active: true}
	for _, m := range h.monitors.all {
		if m.phase == monitorLost {
			h.recovery.monitors = append(h.recovery.monitors, m)
		}
	}
	h.recovery.registrations = h.registrations.sorted()
	if n := len(h.recovery.monitors); n > 0 {
		h.notice(NoticeInfo, Link, "restoring %d monitors and %d registrations", n,
			len(h.recovery.registrations))
	}
	h.recover()
}

// recover restores what the budget allows and ends the recovery when nothing is left.
func (h *Hub) recover() {
	r := &h.recovery
	if !r.active || h.link.leg.closing() {
		return
	}
	for len(r.registrations) > 0 && h.clearToSend() {
		reg := r.registrations[0]
		r.registrations = r.registrations[1:]
		if reg.phase == monitorLost {
			reg.phase = monitorRestoring
			h.restore(request{reg: reg, service: reg.kind}, reg.request)
		}
	}
	for len(r.monitors) > 0 && h.clearToSend() {
		m := r.monitors[0]
		r.monitors = r.monitors[1:]
		if m.phase == monitorLost {
			m.phase = monitorRestoring
			h.restore(request{mon: m, service: csta.MonitorStart}, m.request)
		}
	}
	if len(r.registrations) == 0 && len(r.monitors) == 0 && r.outstanding == 0 {
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
	restored := h.recovery.restored
	h.recovery.stop()
	h.link.state = LinkNormal
	h.releaseHeld()
	h.notice(NoticeInfo, Link, "CTI link normal, %d monitors restored", restored)
	h.tellAll(h.status())
	h.pump()
}

// restored takes the switch's answer to a restoration, on time or late.
func (h *Hub) restored(r *request) {
	if h.recovery.outstanding > 0 {
		h.recovery.outstanding--
	}
	switch {
	case h.in.Kind != csta.KindResponse:
		h.restoreFailed(r, false)
	case r.mon != nil:
		h.monitorRestored(r.mon)
	case r.reg != nil && r.reg.phase == monitorRestoring:
		r.reg.phase = monitorActive
		h.nameRegistration(r.reg, registrationID(&h.in))
	}
	h.recover()
}

// monitorRestored names a monitor by its new ID. One that was given up meanwhile is stopped.
func (h *Hub) monitorRestored(m *monitor) {
	ref := string(h.in.CrossRef)
	if m.phase != monitorRestoring && m.phase != monitorLost || ref == "" || h.monitors.byRef[ref] != nil {
		if ref != "" && m.switchRef != ref {
			h.stopAtSwitch(ref)
		}
		return
	}
	h.recovery.restored++
	h.counters[countMonitorsRestored]++
	m.phase, m.granted = monitorActive, m.requested
	if h.in.HasFilter {
		m.granted = h.in.Filter
	}
	h.state.SetFilter(m.id, m.granted)
	h.monitors.name(m, ref)
	if m.asked != m.requested {
		r := request{
			purpose: forFilter, class: classRecovery, source: ownSource, leg: Link,
			service: csta.ChangeMonitorFilter, expires: h.now.Add(h.cfg.RequestTimeout), mon: m,
			filter: m.asked,
		}
		h.askFilter(r, m.asked)
	}
	h.claimHeld(m)
}

// restoreFailed ends a monitor or registration that the switch does not give back: its members are
// told by a MonitorStop. One without an answer is tried again first.
func (h *Hub) restoreFailed(r *request, silent bool) {
	if silent && h.recovery.outstanding > 0 {
		h.recovery.outstanding--
	}
	switch {
	case h.link.state == LinkDown: // the next recovery restores it
	case r.reg != nil:
		h.removeRegistration(r.reg)
	case r.mon == nil || r.mon.phase != monitorRestoring:
	case silent && r.mon.retries < restoreRetries:
		r.mon.phase = monitorLost
		r.mon.retries++
		h.recovery.monitors = append(h.recovery.monitors, r.mon)
	default:
		h.counters[countMonitorsNotRestored]++
		h.dropMonitor(r.mon)
	}
}

// dropMonitor ends a monitor that the switch no longer has, and tells its members.
func (h *Hub) dropMonitor(m *monitor) {
	for i := range m.members {
		l := h.tservers[i].leg
		if !m.members[i].joined || l == nil {
			continue
		}
		h.made.Reset()
		h.made.Kind, h.made.Service, h.made.Invoke = csta.KindRequest, csta.MonitorStop, l.nextInvoke()
		h.made.CrossRef = csta.CrossRefID(m.ref)
		h.sendMessage(l, &h.made)
	}
	h.removeMonitor(m)
}

// unnameAll forgets the switch's IDs, which a link loss voids.
func (t *registrationTable) unnameAll() {
	clear(t.byRef)
	for _, reg := range t.byKey {
		reg.phase = monitorLost
	}
}

// sorted returns the registrations in an order that does not depend on chance.
func (t *registrationTable) sorted() []*registration {
	var all []*registration
	for _, reg := range t.byKey {
		all = append(all, reg)
	}
	slices.SortFunc(all, func(a, b *registration) int { return strings.Compare(a.key, b.key) })
	return all
}

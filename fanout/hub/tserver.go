package hub

import (
	"slices"
	"time"

	"haproxy/codec/csta"
)

// fromTServer takes a request of a T-Server. h.in is the request. While the leg's backlog is high,
// requests wait in order; heartbeats, and what keeps its session, do not.
func (h *Hub) fromTServer(l *leg, frame []byte) {
	h.counters[countRequestsFromTServers]++
	l.bad = 0
	h.arrived.renewals = h.tservers[l.tserver].renewals
	if !keepsAlive(h.in.Service) && (len(l.deferred) > 0 || h.crowded(l)) {
		h.hold(l, frame, h.arrived)
		return
	}
	h.serve(l, frame)
}

// keepsAlive reports whether a leg, or its session, lives by a service.
func keepsAlive(s csta.Service) bool {
	switch s {
	case csta.SystemStatus, csta.StartApplicationSession, csta.ResetApplicationSessionTimer,
		csta.StopApplicationSession:
		return true
	default:
		return false
	}
}

// serve answers a request from here or forwards it. h.in is the request.
func (h *Hub) serve(l *leg, frame []byte) {
	switch h.in.Service {
	case csta.MonitorStart:
		h.monitorStart(l, frame)
	case csta.MonitorStop:
		h.monitorStop(l, frame)
	case csta.ChangeMonitorFilter:
		h.changeFilter(l, frame)
	case csta.SystemStatus, csta.RequestSystemStatus, csta.SystemRegister, csta.SystemRegisterCancel,
		csta.ChangeSysStatFilter:
		h.systemService(l)
	case csta.StartApplicationSession, csta.ResetApplicationSessionTimer, csta.StopApplicationSession:
		h.sessionService(l)
	case csta.SnapshotDevice, csta.SnapshotCall:
		h.query(l, frame, h.cfg.Answer.Snapshot)
	case csta.GetAgentState, csta.GetDoNotDisturb, csta.GetForwarding, csta.GetMessageWaitingIndicator:
		h.query(l, frame, h.cfg.Answer.Features)
	case csta.SetAgentState, csta.SetDoNotDisturb, csta.SetForwarding, csta.SetMessageWaitingIndicator:
		h.query(l, frame, false)
	case csta.RouteRegister, csta.EscapeRegister, csta.IORegister, csta.StartCDRTransmission,
		csta.PrivateDataVersionSelection:
		h.register(l, frame)
	case csta.RouteRegisterCancel, csta.EscapeRegisterCancel, csta.IORegisterCancel,
		csta.StopCDRTransmission:
		h.unregister(l, frame)
	case csta.RouteSelect, csta.RouteEnd, csta.RouteReject:
		h.routeFromTServer(l, frame)
	default:
		h.pass(l, frame)
	}
}

// pass forwards a request as it is, but for the registration that it names.
func (h *Hub) pass(l *leg, frame []byte) {
	frame = h.asRegistered(frame)
	if !h.in.Service.HasResponse() {
		h.passOneWay(h.newRequest(l, forNobody), frame)
		return
	}
	h.forward(h.newRequest(l, forAsker), frame)
}

// passOneWay forwards a message that has no answer. It takes no slot, but its share of the rate.
func (h *Hub) passOneWay(r request, frame []byte) {
	switch {
	case h.link.state != LinkNormal || h.queueFull(&r, frame) || h.now.After(r.expires):
		h.refuse(&r, csta.ErrPerformanceLimitExceeded)
	case h.queue.oneWay > 0 || !h.inBudget():
		h.enqueue(&r, frame)
	default:
		h.transmit(&r, frame)
	}
}

// transmitOneWay puts a message out that has no answer.
func (h *Hub) transmitOneWay(frame []byte) {
	h.rate.spend(h.now)
	h.counters[countRequestsToSwitch]++
	id, fixed := h.link.codec.EventInvokeID()
	if !fixed {
		id = h.slots.lend()
	}
	h.sendUnder(&h.link.leg, frame, id)
}

// query answers from the state where that is allowed and complete, and else asks the switch, whose
// answer completes the state.
func (h *Hub) query(l *leg, frame []byte, local bool) {
	if local && h.link.state == LinkNormal && h.answerLocally(l) {
		return
	}
	r := h.newRequest(l, forAsker)
	if h.link.state == LinkNormal {
		r.mark = h.state.Asked(&h.in)
	}
	h.forward(r, frame)
}

// answerLocally answers a query from the state. It reports whether it could: the state may have what the phase
// has no form for, such as an agent whose events told more than an answer can. h.in is the query.
func (h *Hub) answerLocally(l *leg) bool {
	if !h.makeAnswer() {
		return false
	}
	answer, err := h.append(l.codec, &h.made)
	if err != nil {
		h.counters[countUnexpressible]++
		return false
	}
	h.counters[countAnswersLocal]++
	if !l.closing() {
		h.send(l, answer)
	}
	return true
}

// makeAnswer makes the answer to a query from the state, in h.made. It reports whether the state has it. h.in is the
// query.
func (h *Hub) makeAnswer() bool {
	if h.made.Reset(); !h.state.Answer(&h.in, &h.made) {
		return false
	}
	h.made.Kind, h.made.Service, h.made.Invoke = csta.KindResponse, h.in.Service, h.in.Invoke
	return true
}

// seeds are monitored devices whose calls and features are to be asked for, so that what is older
// than the monitor is known.
type seeds struct {
	monitors []*monitor
	service  int // the next one for the first of them
}

// sow asks for the next seed whenever the last one is on its way, so that seeds fill no queue.
func (h *Hub) sow() {
	s := &h.seeds
	for len(s.monitors) > 0 && h.link.state == LinkNormal && h.queue.waiting[classRecovery] == 0 {
		if m := s.monitors[0]; m.phase == monitorActive && s.service < len(deviceServices) {
			h.learnDevice(m.object.Device, deviceServices[s.service])
			s.service++
			continue
		}
		s.monitors[0] = nil
		s.monitors, s.service = s.monitors[1:], 0
	}
}

// deviceServices are what is asked about a device: its calls, its agents and its features.
var deviceServices = [...]csta.Service{
	csta.SnapshotDevice, csta.GetAgentState, csta.GetDoNotDisturb, csta.GetForwarding,
	csta.GetMessageWaitingIndicator,
}

// learnDevice asks the switch about a device, for the state alone.
func (h *Hub) learnDevice(device csta.DeviceID, service csta.Service) {
	h.learnAs(request{service: service}, device)
}

// learnAs is learnDevice with what is to be known of the request.
func (h *Hub) learnAs(r request, device csta.DeviceID) {
	h.made.Reset()
	h.made.Kind, h.made.Service, h.made.Device = csta.KindRequest, r.service, device
	r.purpose, r.class, r.source, r.leg = forLearning, classRecovery, ownSource, Link
	r.expires, r.mark = h.now.Add(h.cfg.RequestTimeout), h.state.Asked(&h.made)
	if !h.askAs(r, &h.made) {
		h.state.Forget(r.mark)
	}
}

// audits are checks of chains that the switch had no room for, or did not answer, in the order of their times.
type audits []postponed

const (
	auditAgainAfter = time.Minute
	auditTries      = 10
	auditsMax       = 1 << 12 // further ones are not made again
)

// audit checks chains that have been open for very long.
func (h *Hub) audit() {
	if h.cfg.CallAudit <= 0 || h.link.state != LinkNormal || h.queue.waiting[classRecovery] > 0 {
		return
	}
	if len(h.audits) > 0 && !h.now.Before(h.audits[0].until) {
		r := h.audits[0].request
		h.audits = slices.Delete(h.audits, 0, 1)
		h.auditMonitor(request{mon: r.mon, tries: r.tries})
		return
	}
	if id, ok := h.state.Audit(h.now.Add(-h.cfg.CallAudit)); ok {
		h.auditMonitor(request{mon: h.monitors.byState[id]})
	}
}

// auditMonitor asks what became of the chains of a device.
func (h *Hub) auditMonitor(r request) {
	if r.mon != nil && r.mon.phase == monitorActive {
		h.counters[countCallsAudited]++
		r.service = csta.SnapshotDevice
		h.learnAs(r, r.mon.object.Device)
	}
}

// auditAgain has a check made again after a while, a few times.
func (h *Hub) auditAgain(r *request) {
	if r.purpose != forLearning || r.mon == nil || r.tries >= auditTries || len(h.audits) >= auditsMax {
		return
	}
	r.tries++
	h.audits = append(h.audits, postponed{*r, h.now.Add(auditAgainAfter)})
}

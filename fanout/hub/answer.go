package hub

import (
	"haproxy/codec/csta"
	"haproxy/state"
)

// answer takes a response, error or reject of the switch. h.in is the answer.
func (h *Hub) answer(frame []byte) {
	id := h.in.Invoke
	at := h.slots.at(id)
	switch {
	case at == nil:
		h.counters[countAnswersUnsolicited]++
	case at.phase == slotResting:
		h.lateAnswer(at, frame)
	case h.mismatched(&at.request):
		h.counters[countAnswersMismatched]++
	default:
		r := at.request
		h.slots.release(id)
		h.link.unanswered, h.link.probing = 0, false
		h.settle(&r, frame)
		h.pump()
	}
}

// mismatched reports a positive response to another service than the one asked under its ID.
func (h *Hub) mismatched(r *request) bool {
	asked := r.service
	if r.purpose == forFilter { // on behalf of a MonitorStart, perhaps
		asked = csta.ChangeMonitorFilter
	}
	return h.in.Kind == csta.KindResponse && h.in.Service != csta.ServiceUnknown &&
		asked != csta.ServiceUnknown && h.in.Service != asked
}

// settle gives an answer to whom it is for.
func (h *Hub) settle(r *request, frame []byte) {
	positive := h.in.Kind == csta.KindResponse
	switch r.purpose {
	case forMonitorStart:
		h.monitorStarted(r, frame)
		return
	case forRegister:
		h.registered(r, frame)
		return
	case forRestore:
		h.restored(r)
		return
	case forFilter:
		h.filterChanged(r, frame)
		return
	case forMonitorStop:
		h.monitorStopped(r, positive)
	case forUnregister:
		h.unregistered(r, positive)
	case forCleanup:
		end := doomRefused
		if positive {
			end = doomDone
		}
		h.cleanedUp(r, end)
	case forSessionStart, forSessionTimer, forSystemRegister:
		h.startAnswered(r)
		return
	case forComparison:
		h.compared(r, positive)
		return
	case forAsker, forLearning:
		h.learn(r, frame, positive)
		return
	default:
	}
	if r.source != ownSource {
		h.deliver(r, frame)
	}
}

// learn lets the state take what an answer teaches before the asker gets it, and follows its
// segments where it has some.
func (h *Hub) learn(r *request, frame []byte, positive bool) {
	ref := ""
	switch {
	case !positive:
		h.state.Learn(r.mark, &h.in, h.now)
		if h.isTransient() {
			h.auditAgain(r)
		}
	case len(h.in.ServiceRef) > 0 && segmented(r.service):
		ref = string(h.in.ServiceRef)
		h.segments.follow(h, r)
	default:
		h.learnUnlessDenied(r.mark, r.service)
	}
	if r.source != ownSource {
		h.deliver(r, frame)
	}
	h.passEarly(ref)
}

// learnUnlessDenied lets the state take an answer, or a segment of one, unless it denies what the streams
// told: then an event was lost, and the switch is asked again while the events wait, so that every T-Server
// is told the difference and not the asker alone. While the device is compared it is ahead of the events that
// wait. h.in is the answer.
func (h *Hub) learnUnlessDenied(mark state.Mark, service csta.Service) {
	about, denied := h.state.Denies(mark, &h.in)
	m := h.monitors.byState[about.Monitor]
	if denied {
		h.counters[countAnswersDenying]++
	}
	ahead := service == csta.SnapshotDevice && m != nil && m.comparing
	switch {
	case (denied || about.Stale) && !ahead && h.doubt(&about, service):
		h.state.Suspect(mark, &h.in)
	case ahead, about.Stale:
		h.state.Suspect(mark, &h.in)
	default:
		h.state.Learn(mark, &h.in, h.now)
	}
}

// deliver passes an answer to its asker under the asker's own invoke ID.
func (h *Hub) deliver(r *request, frame []byte) {
	l := h.live(r.leg)
	if l == nil {
		h.counters[countAnswersOrphaned]++
		return
	}
	h.counters[countAnswersToTServers]++
	h.answerUnder(l, frame, r.invoke, r.service)
}

// lateAnswer takes an answer that came after its request had been failed. What it created is
// adopted, the rest is dropped.
func (h *Hub) lateAnswer(at *slot, frame []byte) {
	h.counters[countAnswersLate]++
	r := at.request
	if h.in.Kind != csta.KindResponse || h.mismatched(&r) {
		return
	}
	at.request = request{}
	switch {
	case r.purpose == forMonitorStart && r.mon != nil:
		h.adoptMonitor(r.mon, frame)
	case r.purpose == forRegister && r.reg != nil:
		h.adoptRegistration(r.reg, frame)
	case r.purpose == forRestore && r.mon != nil:
		h.lateMonitor(r.mon)
	case r.purpose == forRestore:
		h.registrationRestored(r.reg)
		h.recover()
	}
}

// lateMonitor takes a restored monitor whose restoration was tried again since: the first answer
// names it, a second one is stopped. One whose events came before the answer has been stopped already, as
// nobody's.
func (h *Hub) lateMonitor(m *monitor) {
	ref := string(h.in.CrossRef)
	switch {
	case h.held.wasStopped(ref):
	case m.phase == monitorLost:
		h.monitorRestored(m)
		h.recover()
	case ref != "" && h.monitors.byRef[ref] == nil:
		h.stopAtSwitch(ref)
	}
}

// undecodable takes a frame of the switch that could be framed but not decoded: what may be an answer goes to
// its asker, anything else to all, verbatim. Both sides number what they ask for themselves, so that the ID of
// an event says nothing of our requests.
func (h *Hub) undecodable(err error, frame []byte) {
	h.counters[countUndecodableFromSwitch]++
	if h.counters[countUndecodableFromSwitch] == 1 {
		h.notice(NoticeWarn, Link, "a message of the switch cannot be decoded and is passed on"+
			" verbatim; more are only counted: %v", err)
	}
	at := h.slots.at(h.in.Invoke)
	if at == nil || at.phase != slotBusy || h.in.Kind == csta.KindRequest {
		h.toAll(frame)
		return
	}
	r := at.request
	h.slots.release(h.in.Invoke)
	h.link.unanswered, h.link.probing = 0, false
	h.in.Kind = csta.KindReject // whatever it is, nothing can be learned from it
	h.settle(&r, frame)
	h.pump()
}

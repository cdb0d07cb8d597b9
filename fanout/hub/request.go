package hub

import (
	"slices"
	"time"

	"haproxy/codec/csta"
	"haproxy/state"
)

// request is a request on its way to the switch: waiting in the queue or outstanding in a slot.
type request struct {
	purpose  purpose
	class    class
	source   int   // index of the T-Server, or ownSource
	leg      LegID // that the answer goes to; Link for requests of ours
	invoke   csta.InvokeID
	service  csta.Service
	frame    []byte // owned; nil once it was sent
	expires  time.Time
	object   string // the device it is about, while it waits
	mark     state.Mark
	mon      *monitor
	reg      *registration
	question *question     // of a comparison
	route    *route        // of a RouteSelect, or what ends a dialogue
	filter   csta.EventSet // that the asker wants, of monitor services
	wanted   csta.EventSet // that the switch is asked for, of filter changes
	renewals uint          // of its T-Server, when the request came
	tries    int           // of an audit
	sent     bool
}

// purpose says what an answer of the switch is for.
type purpose uint8

const (
	forAsker          purpose = iota // pass it to the T-Server
	forMonitorStart                  // a first MonitorStart
	forMonitorStop                   // the last member's MonitorStop
	forFilter                        // a filter changed for one member, or for a joining one
	forRegister                      // a first registration
	forUnregister                    // the last member's cancel
	forRestore                       // a monitor or registration after a link loss
	forCleanup                       // a stop of ours: nobody waits
	forLearning                      // a snapshot or query of ours
	forComparison                    // one that the state is compared with after a link loss
	forSessionStart                  // of ECMA-354
	forSessionTimer                  // of ECMA-354
	forSystemRegister                // at the link's start
	forHeartbeat
	forNobody // it has no answer
)

// ownSource is the source of requests that the proxy makes itself.
const ownSource = -1

// callControlTimeout bounds requests that somebody waits for with a telephone in hand.
const callControlTimeout = 5 * time.Second

// classOf sorts a service for the queue toward the switch.
func classOf(s csta.Service) class {
	switch s.Group() {
	case csta.GroupCallControl, csta.GroupCallAssociated, csta.GroupRouteing, csta.GroupMedia:
		if s == csta.RouteRegister || s == csta.RouteRegisterCancel {
			return classRegistration
		}
		return classControl
	case csta.GroupMonitor, csta.GroupSystem:
		return classRegistration
	default:
		switch s {
		case csta.EscapeRegister, csta.EscapeRegisterCancel, csta.IORegister, csta.IORegisterCancel,
			csta.PrivateDataVersionSelection:
			return classRegistration
		default:
			return classQuery
		}
	}
}

// newRequest fills what every request of a T-Server has. h.in is the request.
func (h *Hub) newRequest(l *leg, why purpose) request {
	r := request{
		purpose: why, class: classOf(h.in.Service), source: l.tserver, leg: l.id,
		invoke: h.in.Invoke, service: h.in.Service,
	}
	timeout := h.cfg.RequestTimeout
	if r.class == classControl {
		timeout = min(timeout, callControlTimeout)
	}
	r.expires = h.arrived.at.Add(timeout)
	return r
}

// forward passes a request of a T-Server to the switch, now or when its turn comes. frame is
// borrowed. Past the bounds the asker gets the standard's error.
func (h *Hub) forward(r request, frame []byte) {
	if h.link.state != LinkNormal && r.purpose != forRestore {
		h.refuse(&r, csta.ErrSystemResource)
		return
	}
	if h.now.After(r.expires) { // it was held back before
		h.expire(&r)
		return
	}
	if h.queue.empty() && h.clearToSend(r.source) {
		h.transmit(&r, frame)
		return
	}
	if h.queueFull(&r, frame) {
		h.counters[countQueueFull]++
		h.refuse(&r, csta.ErrPerformanceLimitExceeded)
		return
	}
	r.object = objectOf(&h.in)
	h.enqueue(&r, frame)
	if h.clearToSend(r.source) { // what waits may be of another, who has as many outstanding as it may have
		h.pump()
	}
}

// enqueue lets a request wait for the link's budget. frame is borrowed.
func (h *Hub) enqueue(r *request, frame []byte) {
	r.frame = append([]byte(nil), frame...)
	if r.purpose == forMonitorStart {
		r.mon.queued++
	}
	h.queue.push(r)
	h.counters[countRequestsQueued]++
}

// queueFull reports whether a source has its share of the queue in use: by number, or by bytes. Each
// T-Server has a share of its own, so that one that floods the link costs the others nothing; what it
// may have waiting is no more than what may wait for it.
func (h *Hub) queueFull(r *request, frame []byte) bool {
	has := h.queue.held[sourceLine(r.source)]
	if r.source == ownSource {
		return has.requests >= h.cfg.RequestQueue
	}
	return has.requests >= h.queueShare() || has.bytes+len(frame) > h.cfg.TServers[r.source].BacklogMax
}

// queueShare is how many requests of one T-Server may wait.
func (h *Hub) queueShare() int { return max(h.cfg.RequestQueue/len(h.tservers), 1) }

// objectOf names what a request is about, for the order within one T-Server and device.
func objectOf(msg *csta.Message) string {
	if msg.Device.Known() {
		return string(msg.Device.Number)
	}
	return string(msg.Subject.Device.Number)
}

// askAs sends a request of ours, made from msg, to the switch by the queue.
func (h *Hub) askAs(r request, msg *csta.Message) bool {
	if h.link.state < LinkRecovering {
		return false
	}
	msg.Kind = csta.KindRequest
	frame, err := h.append(h.link.codec, msg)
	if err != nil {
		h.counters[countUnexpressible]++
		return false
	}
	if h.queue.empty() && h.clearToSend(r.source) {
		h.transmit(&r, frame)
		return true
	}
	if h.queueFull(&r, frame) {
		h.counters[countQueueFull]++
		return false
	}
	h.enqueue(&r, frame)
	return true
}

// clearToSend reports whether the link's budget allows one more request of a source now.
func (h *Hub) clearToSend(source int) bool { return h.slotFree(source) && h.inBudget() }

// slotFree reports whether one more request of a source may be outstanding now. Where there are several T-Servers, none
// has all of them: what the switch never answers to one is not to stop the others. Nor has the proxy itself.
func (h *Hub) slotFree(source int) bool {
	most := max(h.cfg.RequestOutstanding/h.relief(), 1)
	if h.slots.busy >= most || !h.slots.available() {
		return false
	}
	left, own := most-most/slotsReserved, h.slots.of[sourceLine(ownSource)]
	others := len(h.tservers) - 1 // who may each have as much without leaving none to the last
	switch {
	case h.link.state != LinkNormal:
		return true
	case source == ownSource:
		return h.slots.busy-slices.Min(h.slots.of[1:]) < left // of which the last T-Server has no need
	default:
		return others < 1 || own+h.slots.of[sourceLine(source)] < max(left/others, own+1)
	}
}

// slotsReserved is the part of the requests outstanding, one in so many, that is left to the last who wants one. Of
// fewer nothing is left.
const slotsReserved = 4

// inBudget reports whether the switch may be sent one more message now.
func (h *Hub) inBudget() bool { return h.rate.allow(h.now, h.relief()) && !h.linkCrowded() }

// relief is the part of its budget that the switch is asked for no more than, by its own word about
// its load: all, half, or an eighth.
func (h *Hub) relief() int {
	switch h.link.service {
	case csta.StatusOverloadImminent:
		return 2
	case csta.StatusOverloadReached:
		return 8
	default:
		return 1
	}
}

// linkCrowded reports whether the switch does not read what it is sent: it gets no more for now, so
// that a T-Server that floods it does not cost the link.
func (h *Hub) linkCrowded() bool {
	return h.link.leg.backlog+h.link.leg.out.bytes > linkBacklogMax
}

// linkBacklogMax is the output backlog of the link, in bytes, above which requests wait.
const linkBacklogMax = 4 << 20

// transmit gives a request an invoke ID and puts it out on the link. One that is too long with it is
// refused.
func (h *Hub) transmit(r *request, frame []byte) {
	if r.purpose == forNobody {
		h.transmitOneWay(frame)
		if r.route != nil {
			r.route.frame = nil
		}
		return
	}
	id := h.slots.take(*r, h.now)
	h.rate.spend(h.now)
	h.counters[countRequestsToSwitch]++
	if !h.sendUnder(&h.link.leg, frame, id) {
		h.slots.release(id)
		h.refuse(r, csta.ErrGeneric)
		return
	}
	if r.purpose == forMonitorStart {
		r.mon.sent = true
	}
}

// pump sends what waits, as far as the budget allows.
func (h *Hub) pump() {
	if h.link.state < LinkRecovering {
		return
	}
	h.sow()
	for !h.queue.empty() && h.inBudget() {
		r, ok := h.queue.pop(h.slotFree)
		if !ok {
			return
		}
		switch {
		case h.now.After(r.expires):
			h.expire(&r)
		case h.isVoid(&r):
			h.counters[countRequestsDropped]++
		default:
			if r.purpose == forMonitorStart {
				r.mon.queued--
			}
			h.transmit(&r, r.frame)
		}
	}
}

// isVoid reports whether nothing is to come any more of a request that waited: a MonitorStart that was sent for
// another, the clean-up of what lives again, a part of a dialogue that another has replaced.
func (h *Hub) isVoid(r *request) bool {
	switch r.purpose {
	case forMonitorStart:
		return r.mon.sent || r.mon.phase != monitorPending
	case forCleanup:
		return h.isRevived(r)
	default:
		return r.route != nil && (h.routes.open[r.route.ref] != r.route || r.route.owner != r.leg)
	}
}

// expire fails a request that waited too long to be sent.
func (h *Hub) expire(r *request) {
	h.counters[countRequestsExpired]++
	h.refuse(r, csta.ErrPerformanceLimitExceeded)
}

// refuse fails a request that was not sent, or that the switch did not answer, with a standard
// error and unwinds what waited for it.
func (h *Hub) refuse(r *request, code csta.ErrorCode) {
	h.abandoned(r)
	switch r.purpose {
	case forMonitorStart:
		if !h.askedBeside(r, code) {
			h.monitorFailed(r.mon, func(l *leg, id csta.InvokeID) {
				h.sendError(l, id, csta.MonitorStart, code)
			})
		}
		return
	case forRegister:
		h.registrationFailed(r.reg, func(l *leg, id csta.InvokeID) {
			h.sendError(l, id, r.service, code)
		})
		return
	case forNobody:
		h.counters[countOneWayDropped]++
		h.notSelected(r)
		return
	case forCleanup:
		h.cleanedUp(r, doomNone)
	case forFilter:
		h.filterFailed(r)
	case forMonitorStop:
		h.stopFailed(r)
	case forUnregister:
		h.unregisterFailed(r)
	case forRestore:
		h.restoreFailed(r)
	case forComparison:
		h.comparisonFailed(r)
	case forLearning:
		h.auditAgain(r)
	default:
	}
	if l := h.legs[r.leg]; l != nil {
		h.sendError(l, r.invoke, r.service, code)
	}
}

// dropped lets go of a waiting request whose T-Server left: it is never sent, unless another waits
// for the same answer.
func (h *Hub) dropped(r *request) {
	switch r.purpose {
	case forMonitorStart:
		if h.askedBeside(r, csta.ErrPerformanceLimitExceeded) {
			break
		}
		if h.inherit(r, r.mon.waiters) {
			return
		}
		h.monitorFailed(r.mon, func(l *leg, id csta.InvokeID) {
			h.sendError(l, id, csta.MonitorStart, csta.ErrPerformanceLimitExceeded)
		})
	case forRegister:
		if h.inherit(r, r.reg.waiters) {
			return
		}
		h.registrationFailed(r.reg, func(l *leg, id csta.InvokeID) {
			h.sendError(l, id, r.service, csta.ErrPerformanceLimitExceeded)
		})
	case forFilter:
		h.filterFailed(r)
	case forMonitorStop:
		h.stopFailed(r)
	case forUnregister:
		h.unregisterFailed(r)
	default:
	}
	h.counters[countRequestsDropped]++
	h.abandoned(r)
}

// inherit makes the first of those who wait for the same answer, and have room in the queue, the asker of a
// waiting request.
func (h *Hub) inherit(r *request, waiters []waiter) bool {
	for _, w := range waiters {
		if l := h.live(w.leg); l != nil {
			r.leg, r.source, r.invoke = l.id, l.tserver, w.invoke
			if !h.queueFull(r, r.frame) {
				h.queue.push(r)
				return true
			}
		}
	}
	return false
}

// abandoned lets go of what a request's answer would have taught.
func (h *Hub) abandoned(r *request) {
	h.state.Forget(r.mark)
	r.mark = state.Mark{}
}

// sweepRequests fails the requests whose time is over, waiting or outstanding.
func (h *Hub) sweepRequests() {
	h.queue.expire(h.now, func(r *request) { h.expire(r) })
	h.slots.overdue(h.now, func(r *request) {
		h.counters[countRequestsTimedOut]++
		switch r.purpose {
		case forHeartbeat, forSystemRegister, forSessionStart, forSessionTimer:
			h.startUnanswered(r)
			return
		default:
		}
		h.link.unanswered++
		h.refuse(r, csta.ErrSystemResource)
	})
	h.recover()
	if h.link.unanswered >= max(h.cfg.RequestOutstanding, unansweredMin) && h.link.state != LinkDown {
		h.probeLink()
	}
}

// probeLink sends the switch a heartbeat after as many requests in a row were not answered as may be outstanding: a
// T-Server may have asked for what this switch never answers. Without an answer to that the link is lost.
func (h *Hub) probeLink() {
	if !h.link.probing && !h.beat() {
		h.linkUnanswered()
		return
	}
	h.link.probing = true
}

// linkUnanswered gives up a link on which nothing is answered any more.
func (h *Hub) linkUnanswered() {
	h.notice(NoticeError, Link, "%d requests in a row were not answered: the link is lost", h.link.unanswered)
	h.link.unanswered, h.link.probing = 0, false
	h.closeLeg(&h.link.leg, CloseUnanswered)
}

// unansweredMin keeps one slow answer from costing a link that allows one request at a time.
const unansweredMin = 3

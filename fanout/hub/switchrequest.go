package hub

import (
	"slices"
	"time"

	"haproxy/codec/csta"
)

// switchRequests are requests of the switch that wait for a T-Server's answer.
type switchRequests struct {
	open  []*switchAsk // in the order they came
	byLeg map[legInvoke]*switchAsk
}

// legInvoke is an invoke ID of ours on one leg.
type legInvoke struct {
	leg    LegID
	invoke csta.InvokeID
}

// switchAsk is one request of the switch. The first positive answer passes; negative ones wait
// while another T-Server may still answer.
type switchAsk struct {
	invoke   csta.InvokeID
	service  csta.Service
	frame    []byte // owned, to be offered to one that returns
	reg      *registration
	waiting  []legInvoke
	refusal  []byte // the last negative answer, owned
	expires  time.Time
	orphaned time.Time // since nobody is there to answer; zero while somebody is
}

const switchAsksMax = 1024

func (s *switchRequests) init() {
	s.byLeg = make(map[legInvoke]*switchAsk)
}

// has reports whether the switch already waits for an answer under the invoke ID.
func (s *switchRequests) has(id csta.InvokeID) bool {
	return slices.ContainsFunc(s.open, func(o *switchAsk) bool { return o.invoke == id })
}

// switchRequest takes a request of the switch. h.in is the request.
func (h *Hub) switchRequest(frame []byte) {
	h.counters[countRequestsFromSwitch]++
	switch s := h.in.Service; {
	case s == csta.SystemStatus:
		h.switchStatus()
	case s == csta.RequestSystemStatus:
		h.answerStatus(&h.link.leg, csta.StatusNormal)
	case s == csta.MonitorStop:
		h.stoppedBySwitch(frame)
	case s == csta.ApplicationSessionTerminated:
		h.sessionTerminated()
	case isSegment(s):
		h.segment(frame)
	case s == csta.RouteRequest || s == csta.ReRoute || s == csta.RouteUsed || s == csta.RouteEnd ||
		s == csta.RouteReject:
		h.routeFromSwitch(frame)
	case s == csta.RouteRegisterAbort || s == csta.EscapeRegisterAbort || s == csta.IORegisterAbort:
		h.registrationAborted(frame)
	case s == csta.SystemRegisterAbort:
		h.registeredNoMore()
	case !s.HasResponse():
		h.toMembers(h.registrations.bySwitch(&h.in), frame)
	default:
		h.askTServers(frame)
	}
}

// toMembers sends a frame that gets no answer to the members of a registration, or to all.
func (h *Hub) toMembers(reg *registration, frame []byte) {
	if reg == nil {
		h.toAll(frame)
		return
	}
	frame = h.asTServersKnow(reg, frame)
	h.eachMember(reg, func(l *leg) { h.send(l, frame) })
}

// eachMember calls do with the leg of every member of a registration; every T-Server is one of nil.
func (h *Hub) eachMember(reg *registration, do func(l *leg)) {
	h.each(func(l *leg) {
		if reg == nil || reg.members[l.tserver] {
			do(l)
		}
	})
}

// askTServers passes a request of the switch to all members, under an invoke ID of each leg's own.
func (h *Hub) askTServers(frame []byte) {
	id := h.in.Invoke
	if h.asked.has(id) || len(h.asked.open) >= switchAsksMax {
		h.sendError(&h.link.leg, id, h.in.Service, csta.ErrResourceBusy)
		return
	}
	reg := h.registrations.bySwitch(&h.in)
	ask := &switchAsk{
		invoke: id, service: h.in.Service, reg: reg, expires: h.now.Add(h.cfg.RequestTimeout),
		frame: append([]byte(nil), h.asTServersKnow(reg, frame)...),
	}
	h.asked.open = append(h.asked.open, ask)
	h.eachMember(reg, func(l *leg) { h.offer(ask, l) })
	if len(ask.waiting) == 0 {
		ask.orphaned = h.now
	}
}

// offer gives a request of the switch to one T-Server.
func (h *Hub) offer(ask *switchAsk, l *leg) {
	key := legInvoke{l.id, h.nextInvoke(l)}
	ask.waiting = append(ask.waiting, key)
	ask.orphaned = time.Time{}
	h.asked.byLeg[key] = ask
	h.sendUnder(l, ask.frame, key.invoke)
}

// offerUnanswered gives a T-Server that came, or registered, what nobody else is there to answer.
func (h *Hub) offerUnanswered(l *leg, reg *registration) {
	for _, at := range h.routes.order {
		if !at.orphaned.IsZero() && at.reg == reg {
			h.offerRoute(at, l)
		}
	}
	for _, ask := range h.asked.open {
		if !ask.orphaned.IsZero() && ask.reg == reg {
			h.offer(ask, l)
		}
	}
}

// tserverAnswer takes an answer of a T-Server. h.in is the answer.
func (h *Hub) tserverAnswer(l *leg, frame []byte) {
	key := legInvoke{l.id, h.in.Invoke}
	ask := h.asked.byLeg[key]
	if ask == nil { // of a heartbeat or status, or one that another T-Server was faster with
		h.counters[countAnswersAbsorbed]++
		h.statusRead(l)
		return
	}
	delete(h.asked.byLeg, key)
	ask.drop(key)
	switch {
	case h.in.Kind == csta.KindResponse:
		h.answerUnder(&h.link.leg, frame, ask.invoke, ask.service)
		h.closeAsk(ask)
	case len(ask.waiting) == 0:
		h.answerUnder(&h.link.leg, frame, ask.invoke, ask.service)
		h.closeAsk(ask)
	default:
		ask.refusal = append(ask.refusal[:0], frame...)
	}
}

// drop takes one leg out of those that may answer.
func (a *switchAsk) drop(key legInvoke) {
	for i := range a.waiting {
		if a.waiting[i] == key {
			a.waiting = append(a.waiting[:i], a.waiting[i+1:]...)
			return
		}
	}
}

// closeAsk forgets a request of the switch that was answered; later answers are absorbed.
func (h *Hub) closeAsk(ask *switchAsk) {
	h.asked.open = slices.DeleteFunc(h.asked.open, func(o *switchAsk) bool { return o == ask })
	for _, key := range ask.waiting {
		delete(h.asked.byLeg, key)
	}
}

// leaveSwitchRequests takes a leg that is gone out of the requests it had not answered.
func (h *Hub) leaveSwitchRequests(l *leg) {
	for _, ask := range slices.Clone(h.asked.open) {
		for i := 0; i < len(ask.waiting); {
			key := ask.waiting[i]
			if key.leg != l.id {
				i++
				continue
			}
			delete(h.asked.byLeg, key)
			ask.drop(key)
		}
		switch {
		case len(ask.waiting) > 0 || !ask.orphaned.IsZero():
		case ask.refusal != nil:
			h.answerUnder(&h.link.leg, ask.refusal, ask.invoke, ask.service)
			h.closeAsk(ask)
		default: // another may have come since it was asked
			ask.orphaned = h.now
			h.eachMember(ask.reg, func(other *leg) { h.offer(ask, other) })
		}
	}
}

// sweepSwitchRequests fails the requests of the switch that nobody answered in time.
func (h *Hub) sweepSwitchRequests() {
	for _, ask := range slices.Clone(h.asked.open) {
		orphaned := !ask.orphaned.IsZero() && h.now.Sub(ask.orphaned) > h.cfg.RouteTimeout
		if !orphaned && !h.now.After(ask.expires) {
			continue
		}
		h.counters[countSwitchRequestsFailed]++
		if ask.refusal != nil {
			h.answerUnder(&h.link.leg, ask.refusal, ask.invoke, ask.service)
		} else {
			h.sendError(&h.link.leg, ask.invoke, ask.service, csta.ErrSystemResource)
		}
		h.closeAsk(ask)
	}
}

// clearSwitchRequests forgets them all: the link they came on is gone.
func (h *Hub) clearSwitchRequests() {
	h.asked.open = nil
	clear(h.asked.byLeg)
}

package hub

import (
	"cmp"
	"slices"
	"time"

	"haproxy/codec/csta"
)

// routeTable knows the routeing dialogues under way by their cross reference ID.
type routeTable struct {
	open map[string]*route
	seq  uint64 // of the newest
}

// route is one routeing dialogue. The first RouteSelect owns it until RouteEnd, or until its leg is
// gone.
type route struct {
	ref      string
	seq      uint64
	frame    []byte // the RouteRequest, owned; nil once it was answered
	reg      *registration
	register string // the switch's registration ID
	owner    LegID  // zero while nobody owns it
	since    time.Time
	orphaned time.Time // since nobody is there to answer; zero while somebody is
}

const (
	routesMax = 65536
	routeAge  = time.Hour // a dialogue that nobody ends
)

func (t *routeTable) init() { t.open = make(map[string]*route) }

// routeFromSwitch takes the switch's part of a routeing dialogue.
func (h *Hub) routeFromSwitch(frame []byte) {
	reg := h.registrations.bySwitch(csta.RouteRegister, h.in.Register)
	ref := string(h.in.ServiceRef)
	switch h.in.Service {
	case csta.RouteRequest, csta.ReRoute:
		h.openRoute(ref, reg, frame)
	case csta.RouteEnd, csta.RouteReject:
		delete(h.routes.open, ref)
	}
	h.toMembers(reg, frame)
}

// openRoute notes a dialogue that waits for a RouteSelect.
func (h *Hub) openRoute(ref string, reg *registration, frame []byte) {
	at := h.routes.open[ref]
	if at == nil {
		if len(h.routes.open) >= routesMax {
			h.counters[countRoutesLost]++
			return
		}
		h.routes.seq++
		at = &route{ref: ref, seq: h.routes.seq, reg: reg, register: string(h.in.Register)}
		h.routes.open[ref] = at
	}
	at.since, at.orphaned = h.now, h.now
	at.frame = append(at.frame[:0], h.asTServersKnow(reg, frame)...)
	h.eachMember(reg, func(*leg) { at.orphaned = time.Time{} })
}

// routeFromTServer takes a T-Server's part of a routeing dialogue. h.in is the message.
func (h *Hub) routeFromTServer(l *leg, frame []byte) {
	at := h.routes.open[string(h.in.ServiceRef)]
	if at != nil && at.owner != Link && at.owner != l.id {
		h.counters[countRoutesRefused]++ // another T-Server was faster
		return
	}
	if at != nil {
		at.owner, at.frame, at.orphaned = l.id, nil, time.Time{}
		if h.in.Service == csta.RouteEnd {
			delete(h.routes.open, at.ref)
		}
		if at.reg != nil && at.reg.ref != at.reg.switchRef && len(h.in.Register) > 0 {
			frame = h.asSwitchRegistered(at.reg, frame)
		}
	}
	h.passOneWay(frame)
}

// dropLeg frees the dialogues of a leg that is gone.
func (t *routeTable) dropLeg(id LegID) {
	for _, at := range t.open {
		if at.owner == id {
			at.owner = Link
		}
	}
}

// offerRoutes gives a T-Server that registered the route requests that nobody has answered.
func (h *Hub) offerRoutes(l *leg, reg *registration) {
	for _, at := range h.routes.sorted() {
		if at.reg == reg && at.owner == Link && at.frame != nil && !at.orphaned.IsZero() {
			at.orphaned = time.Time{}
			h.send(l, h.copied(at.frame))
		}
	}
}

// sweepRoutes ends the dialogues that nobody answers, and forgets those that nobody ends.
func (h *Hub) sweepRoutes() {
	for _, at := range h.routes.sorted() {
		if at.owner == Link && at.frame != nil && at.orphaned.IsZero() {
			at.orphaned = h.now
			h.eachMember(at.reg, func(*leg) { at.orphaned = time.Time{} })
		}
		switch {
		case !at.orphaned.IsZero() && h.now.Sub(at.orphaned) > h.cfg.RouteTimeout:
			h.counters[countRoutesLost]++
			h.endRoute(at)
			delete(h.routes.open, at.ref)
		case h.now.Sub(at.since) > routeAge:
			delete(h.routes.open, at.ref)
		}
	}
}

// sorted returns the dialogues in the order they came.
func (t *routeTable) sorted() []*route {
	if len(t.open) == 0 {
		return nil
	}
	all := make([]*route, 0, len(t.open))
	for _, at := range t.open {
		all = append(all, at)
	}
	slices.SortFunc(all, func(a, b *route) int { return cmp.Compare(a.seq, b.seq) })
	return all
}

// endRoute tells the switch that its route request gets no answer.
func (h *Hub) endRoute(at *route) {
	id, _ := h.link.codec.EventInvokeID()
	h.made.Reset()
	h.made.Kind, h.made.Service, h.made.Invoke = csta.KindRequest, csta.RouteEnd, id
	h.made.ServiceRef = csta.ServiceCrossRefID(at.ref)
	h.made.Register = csta.RegisterID(at.register)
	h.sendMessage(&h.link.leg, &h.made)
}

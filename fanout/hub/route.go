package hub

import (
	"slices"
	"time"

	"haproxy/codec/csta"
)

// routeTable knows the routeing dialogues under way by their cross reference ID.
type routeTable struct {
	open  map[string]*route
	order []*route // as they came
}

// route is one routeing dialogue. The first RouteSelect owns it until it ends, or until its leg is
// gone.
type route struct {
	ref      string
	frame    []byte // the RouteRequest, owned; nil once its answer went to the switch
	reg      *registration
	register string  // the switch's registration ID
	offered  []LegID // who may answer it
	owner    LegID   // Link while nobody owns it
	selected bool    // the owner has answered the last RouteRequest or ReRoute, whether that was sent or waits
	since    time.Time
	orphaned time.Time // since nobody is there to answer; zero while somebody is
	over     time.Time // since it ended; zero while it goes on
}

const (
	routesMax = 65536
	routeAge  = time.Hour        // a dialogue that nobody ends
	routeOver = 10 * time.Second // for how long a T-Server's late part of one that ended is known as such
)

func (t *routeTable) init() { *t = routeTable{open: make(map[string]*route)} }

// end notes that a dialogue is over. It is known for a while, so that a late RouteSelect does not reach the
// switch, which may have another dialogue under the ID by then.
func (t *routeTable) end(at *route, now time.Time) {
	if at != nil {
		*at = route{ref: at.ref, since: at.since, over: now}
	}
}

// forget takes a dialogue out, as another has its ID.
func (t *routeTable) forget(at *route) {
	delete(t.open, at.ref)
	t.order = slices.DeleteFunc(t.order, func(other *route) bool { return other == at })
}

// live returns how many dialogues are under way.
func (t *routeTable) live() int {
	n := 0
	for _, at := range t.order {
		if at.over.IsZero() {
			n++
		}
	}
	return n
}

// routeFromSwitch takes the switch's part of a routeing dialogue.
func (h *Hub) routeFromSwitch(frame []byte) {
	reg := h.registrations.bySwitch(&h.in)
	ref := string(h.in.ServiceRef)
	switch h.in.Service {
	case csta.RouteRequest, csta.ReRoute:
		h.openRoute(ref, reg, frame)
	case csta.RouteEnd, csta.RouteReject:
		h.routes.end(h.routes.open[ref], h.now)
	default:
	}
	h.toMembers(reg, frame)
}

// openRoute notes a dialogue that waits for a RouteSelect.
func (h *Hub) openRoute(ref string, reg *registration, frame []byte) {
	at := h.routes.open[ref]
	if at != nil && h.in.Service == csta.RouteRequest { // a new dialogue under the ID of another
		h.routes.forget(at)
		at = nil
	}
	if at == nil {
		if len(h.routes.order) >= routesMax {
			h.counters[countRoutesLost]++
			return
		}
		at = &route{ref: ref}
		h.routes.open[ref] = at
		h.routes.order = append(h.routes.order, at)
	}
	at.reg, at.register, at.over = reg, string(h.in.Register), time.Time{}
	at.since, at.orphaned, at.offered, at.selected = h.now, time.Time{}, at.offered[:0], false
	at.frame = append(at.frame[:0], h.asTServersKnow(reg, frame)...)
	h.eachMember(reg, func(l *leg) { at.offered = append(at.offered, l.id) })
	if len(at.offered) == 0 {
		at.orphaned = h.now
	}
}

// routeFromTServer takes a T-Server's part of a routeing dialogue. h.in is the message.
func (h *Hub) routeFromTServer(l *leg, frame []byte) {
	at := h.routes.open[string(h.in.ServiceRef)]
	switch {
	case at == nil:
		h.pass(l, frame)
		return
	case !at.over.IsZero(), at.owner != Link && at.owner != l.id,
		(at.selected || at.owner == Link && at.frame == nil) && h.in.Service == csta.RouteSelect:
		h.counters[countRoutesRefused]++ // it is over, or was answered, even by one that is gone
		return
	case h.in.Service == csta.RouteSelect:
		at.owner, at.selected, at.orphaned = l.id, true, time.Time{}
	default:
		h.routes.end(at, h.now)
		at.owner = l.id // whose RouteSelect may wait still, as this
	}
	r := h.newRequest(l, forNobody)
	r.route = at
	h.passOneWay(r, h.asRegistered(frame))
}

// notSelected takes a RouteSelect that was not sent: somebody may answer still, for a while.
func (h *Hub) notSelected(r *request) {
	if at := r.route; at != nil && at.owner == r.leg && at.over.IsZero() {
		at.owner, at.selected, at.orphaned = Link, false, h.now
	}
}

// leaveRoutes takes a leg that is gone out of its dialogues: what it owned is free, what it had not
// answered goes to one that came since.
func (h *Hub) leaveRoutes(l *leg) {
	for _, at := range h.routes.order {
		if at.owner == l.id {
			at.owner, at.selected = Link, false
			at.offered = at.offered[:0] // the others were told that they are slower, if its RouteSelect was not sent
		}
		at.offered = slices.DeleteFunc(at.offered, func(id LegID) bool { return id == l.id })
		if at.frame == nil || len(at.offered) > 0 || !at.orphaned.IsZero() {
			continue
		}
		at.orphaned = h.now
		h.eachMember(at.reg, func(other *leg) { h.offerRoute(at, other) })
	}
}

// offerRoute gives a T-Server a route request that nobody else is there to answer.
func (h *Hub) offerRoute(at *route, l *leg) {
	if at.frame == nil {
		return
	}
	at.orphaned = time.Time{}
	at.offered = append(at.offered, l.id)
	h.send(l, h.copied(at.frame))
}

// sweepRoutes ends the dialogues that nobody is there to answer, and forgets those that nobody
// ends.
func (h *Hub) sweepRoutes() {
	h.routes.order = slices.DeleteFunc(h.routes.order, func(at *route) bool {
		if !at.orphaned.IsZero() && h.now.Sub(at.orphaned) > h.cfg.RouteTimeout && h.endRoute(at) {
			h.counters[countRoutesLost]++
			h.routes.end(at, h.now) // and known for a while, as the RouteEnd may wait
		}
		over := !at.over.IsZero() && h.now.Sub(at.over) > routeOver
		if over || h.now.Sub(at.since) > routeAge {
			delete(h.routes.open, at.ref)
			return true
		}
		return false
	})
}

// endRoute tells the switch that its route request gets no answer. It reports whether it could.
func (h *Hub) endRoute(at *route) bool {
	h.made.Reset()
	h.made.Service, h.made.ServiceRef = csta.RouteEnd, csta.ServiceCrossRefID(at.ref)
	h.made.Register = csta.RegisterID(at.register)
	return h.askAs(request{
		purpose: forNobody, class: classControl, source: ownSource, leg: Link, service: csta.RouteEnd,
		expires: h.now.Add(callControlTimeout), route: at,
	}, &h.made)
}

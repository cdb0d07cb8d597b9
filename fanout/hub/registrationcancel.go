package hub

import (
	"slices"

	"haproxy/codec/csta"
)

// unregister takes a T-Server's cancel. It reaches the switch only with the last member.
func (h *Hub) unregister(l *leg, frame []byte) {
	ref := registrationID(&h.in)
	reg := h.registrations.byOurs[named(kindOf(h.in.Service), ref)]
	switch {
	case ref == "":
		h.pass(l, frame) // of a registration that the switch gave no ID
		return
	case reg == nil || !reg.members[l.tserver] || reg.phase == monitorStopping:
		h.sendError(l, h.in.Invoke, h.in.Service, csta.ErrInvalidCrossRef)
		return
	}
	reg.members[l.tserver] = false
	switch {
	case reg.hasMembers():
		h.sendDone(l, h.in.Invoke, h.in.Service)
	case reg.phase != monitorActive || h.link.state != LinkNormal:
		h.sendDone(l, h.in.Invoke, h.in.Service)
		h.endRegistration(reg)
	default:
		reg.phase = monitorStopping // who registers now waits, and starts afresh
		r := h.newRequest(l, forUnregister)
		r.reg = reg
		h.forward(r, h.asSwitchRegistered(reg, frame))
	}
}

// unregistered takes the switch's answer to the last member's cancel. Where the switch could not do it, the
// registration and the membership stand.
func (h *Hub) unregistered(r *request, positive bool) {
	switch {
	case r.reg.phase != monitorStopping:
	case !positive && h.in.Error.Category != csta.ErrorOperation:
		h.registrationStands(r)
	default:
		h.removeRegistration(r.reg)
	}
}

// unregisterFailed ends a cancel that has no answer. Where the switch may have got it the registration is given up.
func (h *Hub) unregisterFailed(r *request) {
	switch {
	case r.reg.phase != monitorStopping:
	case r.sent:
		h.endRegistration(r.reg)
	default:
		h.registrationStands(r)
	}
}

// registrationStands makes a registration that could not be canceled one like before. It lingers where its last
// member is gone.
func (h *Hub) registrationStands(r *request) {
	r.reg.phase = monitorActive
	if h.live(r.leg) != nil {
		r.reg.members[r.source] = true
	}
	h.restRegistration(r.reg)
	h.unblock(&r.reg.blocked)
}

// endRegistration forgets a registration and cancels it at the switch, for nobody.
func (h *Hub) endRegistration(reg *registration) {
	kind, ref := reg.kind, reg.switchRef
	wanted := slices.ContainsFunc(reg.blocked, func(b blocked) bool { return h.live(b.leg) != nil })
	h.removeRegistration(reg)
	if wanted { // it is asked for again, perhaps under this very ID
		h.registrations.doubtful[reg.key] = ref
		return
	}
	h.cancelAtSwitch(kind, ref)
}

// cancelDoubtful cancels what a registration was known by before, once it is known whether the ID has another use.
func (h *Hub) cancelDoubtful(reg *registration) {
	ref, ok := h.registrations.doubtful[reg.key]
	delete(h.registrations.doubtful, reg.key)
	if ok && h.registrations.byRef[named(reg.kind, ref)] == nil {
		h.cancelAtSwitch(reg.kind, ref)
	}
}

// cancelAtSwitch asks the switch to end a registration that nobody has.
func (h *Hub) cancelAtSwitch(kind csta.Service, ref string) {
	if ref == "" || h.link.state < LinkRecovering {
		return
	}
	h.made.Reset()
	h.made.Service = cancelOf(kind)
	nameIn(&h.made, kind, ref)
	h.cleanUp(&h.made, named(kind, ref))
}

// cancelOf is the service that ends a registration.
func cancelOf(kind csta.Service) csta.Service {
	switch kind {
	case csta.RouteRegister:
		return csta.RouteRegisterCancel
	case csta.EscapeRegister:
		return csta.EscapeRegisterCancel
	case csta.IORegister:
		return csta.IORegisterCancel
	default:
		return csta.StopCDRTransmission
	}
}

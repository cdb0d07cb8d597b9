package hub

import (
	"time"

	"haproxy/codec/csta"
)

// registration is one registration at the switch (routeing, escape, I/O, CDR) and the T-Servers that
// share it.
type registration struct {
	kind      csta.Service // that made it: RouteRegister, EscapeRegister, …
	key       string
	phase     monitorPhase
	ref       string // T-Servers' ID
	switchRef string // the switch's, the same until a link loss
	request   []byte
	answer    []byte // the positive answer as T-Servers get it
	members   []bool
	waiters   []waiter
	idle      time.Time // since it has no member; zero while it has
}

// registrationTable finds registrations by what was asked and by either side's ID.
type registrationTable struct {
	byKey  map[string]*registration
	byRef  map[string]*registration // kind and the switch's ID
	byOurs map[string]*registration // kind and the T-Servers' ID
}

const (
	// registrationLinger is how long a registration outlives its last member.
	registrationLinger = 5 * time.Second
	registrationsMax   = 65536
)

func (t *registrationTable) init() {
	t.byKey = make(map[string]*registration)
	t.byRef = make(map[string]*registration)
	t.byOurs = make(map[string]*registration)
}

// kindOf is the service that makes the registration a service speaks of.
func kindOf(s csta.Service) csta.Service {
	switch s {
	case csta.RouteRegisterCancel, csta.RouteRegisterAbort, csta.RouteRequest, csta.ReRoute,
		csta.RouteUsed, csta.RouteEnd, csta.RouteReject, csta.RouteSelect:
		return csta.RouteRegister
	case csta.EscapeRegisterCancel, csta.EscapeRegisterAbort, csta.Escape:
		return csta.EscapeRegister
	case csta.StopCDRTransmission, csta.CDRNotification, csta.CDRReport, csta.SendStoredCDR:
		return csta.StartCDRTransmission
	case csta.IORegisterCancel, csta.IORegisterAbort, csta.StartDataPath, csta.FastData, csta.SendData,
		csta.SendBroadcastData, csta.SendMulticastData:
		return csta.IORegister
	default:
		return s
	}
}

// named is the key of an ID of a kind.
func named(kind csta.Service, ref string) string { return string(rune(kind)) + ref }

// bySwitch finds the registration that a message of the switch belongs to; nil where it names none.
func (t *registrationTable) bySwitch(s csta.Service, id csta.RegisterID) *registration {
	if len(id) == 0 {
		return nil
	}
	return t.byRef[named(kindOf(s), string(id))]
}

// register takes a registration of a T-Server: shared like a monitor.
func (h *Hub) register(l *leg, frame []byte) {
	kind := h.in.Service
	key := make([]byte, 0, 64)
	key = append(key, byte(kind), byte(h.in.Media), byte(h.in.Media>>8))
	key = appendPart(key, h.in.Device.Number)
	key = appendPart(key, h.in.Private)
	r := h.newRequest(l, forRegister)
	reg := h.registrations.byKey[string(key)]
	switch {
	case reg != nil && reg.phase == monitorPending:
		reg.waiters = append(reg.waiters, waiter{leg: l.id, invoke: r.invoke})
	case reg != nil:
		h.admitRegistered(reg, l, r.invoke)
	case h.link.state != LinkNormal || len(h.registrations.byKey) >= registrationsMax:
		h.sendError(l, r.invoke, r.service, csta.ErrSystemResource)
	default:
		r.reg = &registration{
			kind: kind, key: string(key), request: append([]byte(nil), frame...),
			members: make([]bool, len(h.tservers)), waiters: []waiter{{leg: l.id, invoke: r.invoke}},
		}
		h.registrations.byKey[r.reg.key] = r.reg
		h.forward(r, frame)
	}
}

// registered takes the switch's answer to a first registration.
func (h *Hub) registered(r *request, frame []byte) {
	reg := r.reg
	if h.in.Kind != csta.KindResponse {
		h.registrationFailed(reg, func(l *leg, id csta.InvokeID) { h.sendUnder(l, frame, id) })
		return
	}
	h.activateRegistration(reg, frame)
	waiters := reg.waiters
	reg.waiters = nil
	for _, w := range waiters {
		if l := h.legs[w.leg]; l != nil && !l.closing() {
			h.admitRegistered(reg, l, w.invoke)
		}
	}
	h.restRegistration(reg)
}

// activateRegistration names a granted registration. h.in is the answer.
func (h *Hub) activateRegistration(reg *registration, frame []byte) {
	reg.phase = monitorActive
	h.nameRegistration(reg, registrationID(&h.in))
	reg.answer = append([]byte(nil), frame...)
	if reg.ref != reg.switchRef {
		if answer, err := h.link.codec.SetRegister(nil, frame, csta.RegisterID(reg.ref)); err == nil {
			reg.answer = answer
		}
	}
}

// registrationID is the ID that a registration's answer gives it.
func registrationID(msg *csta.Message) string {
	if len(msg.Register) > 0 {
		return string(msg.Register)
	}
	return string(msg.ServiceRef) // of CDR transmissions
}

// nameRegistration makes a registration known by the switch's ID and by the T-Servers'.
func (h *Hub) nameRegistration(reg *registration, ref string) {
	t := &h.registrations
	reg.switchRef = ref
	t.byRef[named(reg.kind, ref)] = reg
	if reg.ref == "" {
		reg.ref = freshRef(ref, func(s string) bool { return t.byOurs[named(reg.kind, s)] != nil })
		t.byOurs[named(reg.kind, reg.ref)] = reg
	}
}

// admitRegistered makes a T-Server a member and gives it the stored answer, then the requests of the
// switch that nobody has answered yet.
func (h *Hub) admitRegistered(reg *registration, l *leg, invoke csta.InvokeID) {
	reg.members[l.tserver] = true
	reg.idle = time.Time{}
	h.sendUnder(l, reg.answer, invoke)
	h.offerRoutes(l, reg)
	h.offerOpen(l, reg)
}

// registrationFailed ends a registration that was not granted.
func (h *Hub) registrationFailed(reg *registration, tell func(*leg, csta.InvokeID)) {
	if reg.phase != monitorPending {
		return
	}
	h.removeRegistration(reg)
	for _, w := range reg.waiters {
		if l := h.legs[w.leg]; l != nil && !l.closing() {
			tell(l, w.invoke)
		}
	}
	reg.waiters = nil
}

// adoptRegistration takes a positive answer whose asker was already told that there was none.
func (h *Hub) adoptRegistration(reg *registration, frame []byte) {
	if h.registrations.byKey[reg.key] != nil || h.link.state < LinkRecovering {
		return
	}
	h.registrations.byKey[reg.key] = reg
	h.activateRegistration(reg, frame)
	h.restRegistration(reg)
}

// unregister takes a T-Server's cancel. It reaches the switch only with the last member.
func (h *Hub) unregister(l *leg, frame []byte) {
	kind := kindOf(h.in.Service)
	reg := h.registrations.byOurs[named(kind, registrationID(&h.in))]
	if reg == nil || !reg.members[l.tserver] || reg.phase == monitorStopping {
		h.sendError(l, h.in.Invoke, h.in.Service, csta.ErrInvalidCrossRef)
		return
	}
	reg.members[l.tserver] = false
	switch {
	case reg.hasMembers():
		h.sendDone(l, h.in.Invoke, h.in.Service)
	case reg.phase != monitorActive || h.link.state != LinkNormal:
		h.sendDone(l, h.in.Invoke, h.in.Service)
		h.removeRegistration(reg)
	default:
		reg.phase = monitorStopping
		delete(h.registrations.byKey, reg.key) // who registers now starts afresh
		r := h.newRequest(l, forUnregister)
		r.reg = reg
		h.forward(r, h.asSwitchRegistered(reg, frame))
	}
}

// asSwitchRegistered returns a T-Server's frame under the switch's registration ID.
func (h *Hub) asSwitchRegistered(reg *registration, frame []byte) []byte {
	return h.underRegister(reg, frame, reg.switchRef)
}

// asTServersKnow returns a frame of the switch under the T-Servers' registration ID.
func (h *Hub) asTServersKnow(reg *registration, frame []byte) []byte {
	if reg == nil {
		return frame
	}
	return h.underRegister(reg, frame, reg.ref)
}

func (h *Hub) underRegister(reg *registration, frame []byte, ref string) []byte {
	if reg.ref == reg.switchRef {
		return frame
	}
	out, err := h.link.codec.SetRegister(h.arena.tail(), frame, csta.RegisterID(ref))
	if err != nil {
		h.counters[countUnexpressible]++
		return frame
	}
	h.arena.keep(out)
	return out
}

// registrationAborted takes the switch's word that a registration is over.
func (h *Hub) registrationAborted(frame []byte) {
	reg := h.registrations.bySwitch(h.in.Service, h.in.Register)
	h.toMembers(reg, frame)
	if reg != nil {
		h.removeRegistration(reg)
	}
}

// removeRegistration forgets a registration.
func (h *Hub) removeRegistration(reg *registration) {
	t := &h.registrations
	if t.byKey[reg.key] == reg {
		delete(t.byKey, reg.key)
	}
	if key := named(reg.kind, reg.switchRef); t.byRef[key] == reg {
		delete(t.byRef, key)
	}
	if key := named(reg.kind, reg.ref); t.byOurs[key] == reg {
		delete(t.byOurs, key)
	}
	reg.phase = monitorGone
}

func (r *registration) hasMembers() bool {
	for _, joined := range r.members {
		if joined {
			return true
		}
	}
	return false
}

// restRegistration lets a registration without members linger.
func (h *Hub) restRegistration(reg *registration) {
	if !reg.hasMembers() && reg.idle.IsZero() {
		reg.idle = h.now
	}
}

// leaveRegistrations ends the memberships of a leg that is gone.
func (h *Hub) leaveRegistrations(l *leg) {
	for _, reg := range h.registrations.byKey {
		reg.waiters = without(reg.waiters, l.id)
		if reg.members[l.tserver] {
			reg.members[l.tserver] = false
			h.restRegistration(reg)
		}
	}
}

// sweepRegistrations cancels those that had no member for too long.
func (h *Hub) sweepRegistrations() {
	if h.link.state != LinkNormal {
		return
	}
	for _, reg := range h.registrations.sorted() {
		if reg.phase != monitorActive || reg.idle.IsZero() || h.now.Sub(reg.idle) < registrationLinger {
			continue
		}
		h.made.Reset()
		h.made.Service = cancelOf(reg.kind)
		h.made.Register = csta.RegisterID(reg.switchRef)
		if reg.kind == csta.StartCDRTransmission {
			h.made.ServiceRef = csta.ServiceCrossRefID(reg.switchRef)
		}
		h.removeRegistration(reg)
		h.ask(&h.made, forCleanup, h.now.Add(h.cfg.RequestTimeout))
	}
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

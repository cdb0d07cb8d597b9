package hub

import (
	"slices"
	"time"

	"haproxy/codec/csta"
)

// registration is one registration at the switch (routeing, escape, I/O, CDR, or the link's private
// data version) and the T-Servers that share it.
type registration struct {
	kind      csta.Service // that made it: RouteRegister, EscapeRegister, …
	key       string
	phase     monitorPhase
	ref       string // T-Servers' ID
	switchRef string // the switch's, the same until a link loss
	request   []byte
	answer    []byte // the positive answer as T-Servers get it
	members   []bool
	waiters   []waiter  // for its answer
	blocked   []blocked // for the cancel under way
	idle      time.Time // since it has no member; zero while it has
	retries   int       // of its restoration
	version   string    // of a private data version selection
}

// registrationTable finds registrations by what was asked and by either side's ID.
type registrationTable struct {
	byKey  map[string]*registration
	byRef  map[string]*registration // kind and the switch's ID
	byOurs map[string]*registration // kind and the T-Servers' ID
	all    []*registration          // in the order they were asked for
	// doubtful are the IDs of cancels that were not answered, by the key of what is asked for again.
	doubtful map[string]string
}

const (
	// registrationLinger is how long a registration outlives its last member.
	registrationLinger = 5 * time.Second
)

func (t *registrationTable) init() {
	t.byKey = make(map[string]*registration)
	t.byRef = make(map[string]*registration)
	t.byOurs = make(map[string]*registration)
	t.doubtful = make(map[string]string)
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
	case csta.IORegisterCancel, csta.IORegisterAbort, csta.StartDataPath, csta.StopDataPath, csta.SuspendDataPath,
		csta.DataPathSuspended, csta.ResumeDataPath, csta.DataPathResumed, csta.FastData, csta.SendData,
		csta.SendBroadcastData, csta.SendMulticastData:
		return csta.IORegister
	default:
		return s
	}
}

// named is the key of an ID of a kind.
func named(kind csta.Service, ref string) string { return string(rune(kind)) + ref }

// bySwitch finds the registration that a message of the switch belongs to; nil where it names none.
func (t *registrationTable) bySwitch(msg *csta.Message) *registration {
	kind, id := kindOf(msg.Service), []byte(msg.Register)
	if kind == csta.StartCDRTransmission {
		id = msg.ServiceRef
	}
	if len(id) == 0 {
		return nil
	}
	return t.byRef[named(kind, string(id))]
}

// register takes a registration of a T-Server: shared like a monitor.
func (h *Hub) register(l *leg, frame []byte) {
	kind, version := h.in.Service, ""
	if kind == csta.PrivateDataVersionSelection {
		version = string(h.in.Item)
	}
	key := make([]byte, 0, 64)
	key = append(key, byte(kind), byte(h.in.Media), byte(h.in.Media>>8),
		byte(effectiveForm(h.in.Device.Form)), byte(h.in.Device.Type))
	key = appendPart(key, h.in.Device.Number)
	key = appendPart(key, h.in.Private)
	r := h.newRequest(l, forRegister)
	w := waiter{leg: l.id, invoke: r.invoke, service: kind}
	reg := h.registrations.byKey[string(key)]
	switch {
	case reg != nil && reg.version != version: // there is one for the link
		h.sendError(l, r.invoke, kind, errPrivateVersion)
	case reg != nil && reg.phase == monitorStopping:
		reg.blocked = h.block(reg.blocked, l, frame)
	case reg != nil && reg.phase == monitorPending &&
		!hasRoom(reg.waiters, func(other waiter) bool { return other.leg == l.id }):
		h.sendError(l, r.invoke, kind, csta.ErrOutstandingRequestLimit)
	case reg != nil && reg.phase == monitorPending:
		reg.waiters = append(reg.waiters, w)
	case reg != nil:
		h.admitRegistered(reg, l, r.invoke)
	case h.link.state != LinkNormal || h.full(len(key)+len(frame)):
		h.sendError(l, r.invoke, r.service, csta.ErrSystemResource)
	default:
		r.reg = &registration{
			kind: kind, key: string(key), request: append([]byte(nil), frame...),
			members: make([]bool, len(h.tservers)), waiters: []waiter{w}, version: version,
		}
		h.insertRegistration(r.reg)
		h.forward(r, frame)
	}
}

// insert makes a registration known by what was asked.
func (t *registrationTable) insert(reg *registration) {
	t.byKey[reg.key] = reg
	t.all = append(t.all, reg)
}

// lose makes every registration that the switch granted one to be restored.
func (t *registrationTable) lose() {
	clear(t.byRef)
	clear(t.doubtful)
	for _, reg := range t.all {
		reg.switchRef = ""
		if reg.phase == monitorActive || reg.phase == monitorRestoring {
			reg.phase, reg.retries = monitorLost, 0
		}
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
		if l := h.live(w.leg); l != nil {
			h.admitRegistered(reg, l, w.invoke)
		}
	}
	h.restRegistration(reg)
}

// activateRegistration names a granted registration. h.in is the answer.
func (h *Hub) activateRegistration(reg *registration, frame []byte) {
	reg.phase = monitorActive
	h.nameRegistration(reg, registrationID(&h.in))
	h.cancelDoubtful(reg)
	reg.answer = append([]byte(nil), frame...)
	h.room.grow(len(reg.answer))
	if reg.ref != reg.switchRef {
		if answer, err := h.link.codec.SetRegister(nil, frame, csta.RegisterID(reg.ref)); err == nil {
			h.room.grow(len(answer) - len(reg.answer))
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
	if reg.switchRef = ref; ref == "" {
		return // the switch tells its registrations apart by other means
	}
	t.byRef[named(reg.kind, ref)] = reg
	if reg.ref == "" {
		reg.ref = freshRef(ref, func(s string) bool { return t.byOurs[named(reg.kind, s)] != nil })
		t.byOurs[named(reg.kind, reg.ref)] = reg
	}
}

// admitRegistered makes a T-Server a member and gives it the stored answer, then the requests of
// the switch that nobody has answered yet.
func (h *Hub) admitRegistered(reg *registration, l *leg, invoke csta.InvokeID) {
	reg.members[l.tserver] = true
	reg.idle = time.Time{}
	h.sendUnder(l, reg.answer, invoke)
	h.offerUnanswered(l, reg)
}

// registrationFailed ends a registration that was not granted.
func (h *Hub) registrationFailed(reg *registration, tell func(*leg, csta.InvokeID)) {
	if reg.phase != monitorPending {
		return
	}
	h.removeRegistration(reg)
	h.cancelDoubtful(reg)
	for _, w := range reg.waiters {
		if l := h.live(w.leg); l != nil {
			tell(l, w.invoke)
		}
	}
	reg.waiters = nil
}

// adoptRegistration takes a positive answer whose asker was already told that there was none.
func (h *Hub) adoptRegistration(reg *registration, frame []byte) {
	ref := registrationID(&h.in)
	switch {
	case h.registrations.byRef[named(reg.kind, ref)] != nil: // it is that of one that was asked for since
		return
	case h.registrations.byKey[reg.key] != nil || h.link.state < LinkRecovering:
		h.cancelAtSwitch(reg.kind, ref)
		return
	}
	h.insertRegistration(reg)
	h.activateRegistration(reg, frame)
	h.restRegistration(reg)
}

// dropRegistration ends a registration that the switch no longer has, and tells its members.
func (h *Hub) dropRegistration(reg *registration) {
	h.eachMember(reg, func(l *leg) {
		if reg.kind == csta.PrivateDataVersionSelection {
			return // nothing says that it is over
		}
		h.made.Reset()
		h.made.Kind, h.made.Service = csta.KindRequest, abortOf(reg.kind)
		nameIn(&h.made, reg.kind, reg.ref)
		if id, fixed := l.codec.EventInvokeID(); fixed && !h.made.Service.HasResponse() {
			h.made.Invoke = id
		} else {
			h.made.Invoke = h.nextInvoke(l)
		}
		h.sendMessage(l, &h.made)
	})
	h.removeRegistration(reg)
}

// nameIn puts a registration's ID where messages of its kind have it.
func nameIn(msg *csta.Message, kind csta.Service, ref string) {
	if kind == csta.StartCDRTransmission {
		msg.ServiceRef = csta.ServiceCrossRefID(ref)
		return
	}
	msg.Register = csta.RegisterID(ref)
}

// asRegistered returns a T-Server's frame under the switch's ID of the registration that it names, if any. h.in is the
// message.
func (h *Hub) asRegistered(frame []byte) []byte {
	if len(h.in.Register) == 0 {
		return frame
	}
	reg := h.registrations.byOurs[named(kindOf(h.in.Service), string(h.in.Register))]
	if reg == nil {
		return frame
	}
	return h.asSwitchRegistered(reg, frame)
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
	reg := h.registrations.bySwitch(&h.in)
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
	if at := slices.Index(t.all, reg); at >= 0 {
		h.room.give(len(reg.key) + len(reg.request) + len(reg.answer))
		t.all = slices.Delete(t.all, at, at+1)
	}
	reg.phase = monitorGone
	h.unblock(&reg.blocked)
}

// insertRegistration makes a registration known by its key.
func (h *Hub) insertRegistration(reg *registration) {
	h.room.take(len(reg.key) + len(reg.request) + len(reg.answer))
	h.registrations.insert(reg)
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
	if reg.phase != monitorPending && reg.phase != monitorStopping && !reg.hasMembers() &&
		reg.idle.IsZero() {
		reg.idle = h.now
	}
}

// leaveRegistrations ends the memberships of a leg that is gone.
func (h *Hub) leaveRegistrations(l *leg) {
	for _, reg := range h.registrations.all {
		reg.waiters = without(reg.waiters, l.id)
		reg.members[l.tserver] = false
		h.restRegistration(reg)
	}
}

// sweepRegistrations cancels those that had no member for too long.
func (h *Hub) sweepRegistrations() {
	if h.link.state != LinkNormal {
		return
	}
	for i := 0; i < len(h.registrations.all); i++ {
		reg := h.registrations.all[i]
		if reg.phase == monitorActive && !reg.idle.IsZero() && h.now.Sub(reg.idle) >= registrationLinger {
			h.endRegistration(reg)
			i-- // the next one moved up
		}
	}
}

// errPrivateVersion refuses a private data version that is not the link's.
var errPrivateVersion = csta.ErrorCode{Category: csta.ErrorPrivateData, Value: 1}

// abortOf is the service by which the switch says that a registration is over.
func abortOf(kind csta.Service) csta.Service {
	switch kind {
	case csta.RouteRegister:
		return csta.RouteRegisterAbort
	case csta.EscapeRegister:
		return csta.EscapeRegisterAbort
	case csta.IORegister:
		return csta.IORegisterAbort
	default:
		return csta.StopCDRTransmission
	}
}

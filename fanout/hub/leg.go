package hub

import (
	"slices"
	"time"

	"haproxy/codec"
	"haproxy/codec/csta"
)

// leg is one socket: the link's or a T-Server's.
type leg struct {
	id      LegID
	tserver int // index of the T-Server; ownSource for the link
	codec   codec.Codec
	out     outbox
	backlog int  // bytes taken and not yet sent
	credit  int  // bytes of replay in the backlog, which do not make the leg slow
	gone    bool // to be closed, or closed: takes no more output

	candidate bool // has not yet sent a valid message
	opened    time.Time
	lastIn    time.Time
	lastBeat  time.Time   // of the last heartbeat sent
	told      csta.Status // the last status that was sent
	nextID    csta.InvokeID
	session   []byte // of the T-Server, empty without one
	expires   time.Time
	bad       int // undecodable messages in a row

	// deferred are requests held back while the leg's backlog is high, in order.
	deferred []deferred
}

// deferred is a request of a T-Server that waits for its leg's backlog to shrink.
type deferred struct {
	frame   []byte
	arrived time.Time
}

// closing reports whether the leg takes no more output.
func (l *leg) closing() bool { return l.gone }

// tserver is one T-Server and the leg it has now.
type tserver struct {
	index      int
	leg        *leg // nil while it has none; candidates are in Hub.legs alone
	candidates int
}

const (
	candidatesMax    = 4
	candidateTimeout = 5 * time.Second
	undecodableMax   = 16 // in a row, before a leg is closed
)

// LegUp steps the hub with a new socket of a T-Server. It is a candidate until its first valid
// message, so that a probe or a scan replaces nobody.
func (h *Hub) LegUp(now time.Time, id LegID, index int) {
	h.now = now
	l := &leg{
		id: id, tserver: index, codec: h.cfg.NewCodec(), candidate: true,
		opened: now, lastIn: now, lastBeat: now,
	}
	h.legs[id] = l
	h.ordered = append(h.ordered, l)
	h.counters[countLegsAccepted]++
	if h.tservers[index].candidates >= candidatesMax {
		h.notice(NoticeWarn, id, "refused: %d more sockets of this T-Server have not spoken yet",
			candidatesMax)
		l.candidate = false // not counted as one
		h.closeLeg(l, CloseTooMany)
		return
	}
	h.tservers[index].candidates++
	h.greet(l)
}

// promote makes a candidate that has spoken the T-Server's leg.
func (h *Hub) promote(l *leg) {
	t := &h.tservers[l.tserver]
	l.candidate = false
	t.candidates--
	if old := t.leg; old != nil {
		h.notice(NoticeInfo, old.id, "replaced by a newer leg of the same T-Server")
		h.dropLeg(old)
		h.closeLeg(old, CloseReplaced)
	}
	t.leg = l
	h.counters[countLegsJoined]++
	h.notice(NoticeInfo, l.id, "T-Server joined")
}

// LegDown steps the hub with the end of a T-Server's socket.
func (h *Hub) LegDown(now time.Time, id LegID) {
	h.now = now
	l := h.legs[id]
	if l == nil {
		return
	}
	l.gone = true
	delete(h.legs, id)
	h.ordered = slices.DeleteFunc(h.ordered, func(o *leg) bool { return o == l })
	if l.candidate {
		h.forgetCandidate(l)
		return
	}
	if h.tservers[l.tserver].leg == l {
		h.notice(NoticeInfo, id, "T-Server left")
		h.dropLeg(l)
	}
}

// forgetCandidate takes a leg that never spoke out of the count.
func (h *Hub) forgetCandidate(l *leg) {
	l.candidate = false
	if h.tservers[l.tserver].candidates > 0 {
		h.tservers[l.tserver].candidates--
	}
}

// dropLeg ends what a T-Server had on a leg: its memberships, its dialogues, its waiting requests.
// Requests that the switch already has run on; their answers find nobody.
func (h *Hub) dropLeg(l *leg) {
	h.tservers[l.tserver].leg = nil
	l.deferred = nil
	h.queue.dropLeg(l.id, func(r *request) {
		h.counters[countRequestsDropped]++
		h.abandoned(r)
	})
	h.leaveMonitors(l)
	h.leaveRegistrations(l)
	h.leaveSwitchRequests(l)
	h.routes.dropLeg(l.id)
}

// refuseUndecodable answers or closes a leg that sent what cannot be decoded.
func (h *Hub) refuseUndecodable(l *leg, err error) {
	h.counters[countUndecodableFromTServers]++
	l.bad++
	event, fixed := l.codec.EventInvokeID()
	if l.candidate || l.bad > undecodableMax || fixed && h.in.Invoke == event {
		h.notice(NoticeWarn, l.id, "closed: %v", err)
		h.closeLeg(l, CloseUndecodable)
		return
	}
	if l.bad == 1 {
		h.notice(NoticeWarn, l.id, "refused a message: %v", err)
	}
	h.sendError(l, h.in.Invoke, csta.ServiceUnknown, csta.ErrGeneric)
}

// each calls do with the leg of every T-Server that has one.
func (h *Hub) each(do func(l *leg)) {
	for i := range h.tservers {
		if l := h.tservers[i].leg; l != nil && !l.closing() {
			do(l)
		}
	}
}

// toAll sends a frame of the switch verbatim to every T-Server.
func (h *Hub) toAll(frame []byte) {
	for i := range h.tservers {
		if l := h.tservers[i].leg; l != nil {
			h.send(l, frame)
		}
	}
}

// nextInvoke returns a fresh invoke ID for a request of ours to a T-Server.
func (l *leg) nextInvoke() csta.InvokeID {
	first, last := l.codec.InvokeIDs()
	if l.nextID < first || l.nextID > last {
		l.nextID = first
	}
	id := l.nextID
	l.nextID++
	return id
}

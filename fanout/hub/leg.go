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
	lastBeat  time.Time // of the last heartbeat sent
	drain     drain
	told      csta.Status // the last status that was sent
	nextID    csta.InvokeID
	session   []byte // of the T-Server, empty without one
	expires   time.Time

	// unread are the SystemStatus enabled and disabled that are not answered, the newest last.
	unread []csta.InvokeID

	associated  bool             // its association was granted
	associating bool             // it waits for the link
	asked       time.Time        // when it asked
	wants       csta.Association // what it asked for; owned

	bad    int  // undecodable messages in a row
	warned bool // of one

	// deferred are requests held back while the leg's backlog is high, in order.
	deferred []deferred
	held     int // bytes of their frames
}

// deferred waits for its leg's backlog to shrink: a request of a T-Server, or a T-Server that is to
// be admitted to a monitor.
type deferred struct {
	frame   []byte // owned; nil where waiter is to be admitted to monitor
	arrived arrival
	monitor *monitor
	waiter  waiter
}

// arrival is when a request came, and which renewals of its T-Server came before it.
type arrival struct {
	at       time.Time
	renewals uint
}

// closing reports whether the leg takes no more output.
func (l *leg) closing() bool { return l.gone }

// live returns a leg that takes output, nil for one that is gone or closing.
func (h *Hub) live(id LegID) *leg {
	if l := h.legs[id]; l != nil && !l.closing() {
		return l
	}
	return nil
}

// tserver is one T-Server and the leg it has now.
type tserver struct {
	index      int
	leg        *leg // nil while it has none; candidates are in Hub.legs alone
	candidates int
	noticed    time.Time // when a candidate was last a line in the log
	unnoticed  int       // candidates since, that were not
	renewals   uint      // how often it was made to ask anew for what it has
}

const (
	candidatesMax    = 4
	candidateTimeout = 5 * time.Second
	candidateTime    = time.Second // that a socket has to speak before it makes room for another
	undecodableMax   = 16          // in a row, before a leg is closed
	unreadMax        = 8
)

// LegUp steps the hub with a new socket of a T-Server. It is a candidate until its first valid
// message, so that a probe or a scan replaces nobody.
func (h *Hub) LegUp(now time.Time, id LegID, index int) {
	h.begin(now)
	l := &leg{
		id: id, tserver: index, codec: h.cfg.NewCodec(), candidate: true,
		opened: now, lastIn: now, lastBeat: now,
	}
	h.legs[id] = l
	h.ordered = append(h.ordered, l)
	h.counters[countLegsAccepted]++
	h.tservers[index].candidates++
	if h.tservers[index].candidates > candidatesMax {
		h.dropCandidate(l)
	}
	if !l.closing() {
		h.greet(l)
	}
}

// dropCandidate makes room for a new socket of a T-Server by closing the one that has been silent for the longest, so
// that probes now and then do not keep it out; the new one itself where all came just now.
func (h *Hub) dropCandidate(newest *leg) {
	drop := newest
	for _, l := range h.ordered {
		if l.tserver == newest.tserver && l.candidate && h.now.Sub(l.opened) >= candidateTime {
			drop = l
			break
		}
	}
	h.noticeCandidate(drop, "closed: %d more sockets of this T-Server have not spoken yet", candidatesMax)
	drop.candidate = false // not counted as one any more
	h.tservers[newest.tserver].candidates--
	h.closeLeg(drop, CloseTooMany)
}

// candidateNotice is the least time between two lines about candidates of one T-Server: a scan is not
// to fill the log. The counters have them all.
const candidateNotice = time.Minute

// noticeCandidate adds a line about a candidate, unless there was one a short while ago.
func (h *Hub) noticeCandidate(l *leg, format string, args ...any) {
	t := &h.tservers[l.tserver]
	if !t.noticed.IsZero() && h.now.Sub(t.noticed) < candidateNotice {
		t.unnoticed++
		return
	}
	if t.unnoticed > 0 {
		format += " (and %d more sockets like it since the last line)"
		args = append(args, t.unnoticed)
	}
	t.noticed, t.unnoticed = h.now, 0
	h.notice(NoticeWarn, l.id, format, args...)
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
	h.begin(now)
	l := h.legs[id]
	if l == nil {
		return
	}
	l.gone = true
	h.forgetOutput(l)
	delete(h.legs, id)
	h.ordered = slices.DeleteFunc(h.ordered, func(o *leg) bool { return o == l })
	switch {
	case l.candidate:
		h.tservers[l.tserver].candidates--
	case h.tservers[l.tserver].leg == l:
		h.notice(NoticeInfo, id, "T-Server left")
		h.dropLeg(l)
	}
	h.serveAfresh()
}

// dropLeg ends what a T-Server had on a leg: its memberships, its dialogues, its waiting requests.
// Requests that the switch already has run on; their answers find nobody.
func (h *Hub) dropLeg(l *leg) {
	h.tservers[l.tserver].leg = nil
	for _, d := range l.deferred {
		if d.monitor != nil {
			d.monitor.joining--
		}
	}
	l.deferred, l.held = nil, 0
	h.leaveMonitors(l)
	h.leaveRegistrations(l)
	h.queue.dropLeg(l.id, h.dropped)
	h.leaveSwitchRequests(l)
	h.leaveRoutes(l)
}

// refuseUndecodable answers or closes a leg that sent what cannot be decoded.
func (h *Hub) refuseUndecodable(l *leg, err error) {
	h.counters[countUndecodableFromTServers]++
	l.bad++
	if l.candidate || l.bad > undecodableMax || l.wantsNone(h.in.Invoke) {
		if l.candidate {
			h.noticeCandidate(l, "closed: %v", err)
		} else {
			h.notice(NoticeWarn, l.id, "closed: %v", err)
		}
		h.closeLeg(l, CloseUndecodable)
		return
	}
	if !l.warned {
		l.warned = true
		h.notice(NoticeWarn, l.id, "refused a message: %v", err)
	}
	h.sendReject(l, h.in.Invoke, h.in.Problem)
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

// nextInvoke returns an invoke ID for a request of ours on a T-Server's leg, none that an answer is awaited
// under.
func (h *Hub) nextInvoke(l *leg) csta.InvokeID {
	first, last := l.codec.InvokeIDs()
	for {
		if l.nextID < first || l.nextID > last {
			l.nextID = first
		}
		id := l.nextID
		l.nextID++
		if h.asked.byLeg[legInvoke{l.id, id}] == nil && !slices.Contains(l.unread, id) {
			return id
		}
	}
}

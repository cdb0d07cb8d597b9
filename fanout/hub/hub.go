package hub

import (
	"slices"
	"time"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/state"
)

// Hub routes one CTI link between the switch and its T-Servers. It is not safe for concurrent use.
type Hub struct {
	cfg     Config
	now     time.Time // of the step under way
	arrived arrival   // of the request being served, which may have been held back

	link     link
	tservers []tserver
	legs     map[LegID]*leg
	ordered  []*leg // the same, in the order they came

	slots slots // requests outstanding at the switch
	queue queue // requests that wait for the switch
	rate  rate

	state         *state.State
	room          room
	monitors      monitorTable
	registrations registrationTable
	held          heldEvents
	asked         switchRequests // requests of the switch that T-Servers are answering
	routes        routeTable
	segments      segmentTable
	seeds         seeds
	audits        audits
	recovery      recovery

	in       csta.Message // what is being read
	made     csta.Message // what is being made
	told     csta.Message // a difference, or an event that waited, beside in
	arena    arena        // bytes of ours, valid until Done
	outputs  []Output
	dirty    []*leg
	afresh   []blocked // requests to be served once more when the step is done
	notices  []Notice
	noticed  int // of them, those that were taken
	counters counters
	closed   [closeReasonCount]uint64
	swept    time.Time // of the last sweep of time-outs
}

// New returns the hub of a link that is down.
func New(cfg Config) *Hub {
	if cfg.MonitorsMax == 0 {
		cfg.MonitorsMax = DefaultMonitorsMax
	}
	if cfg.MonitorMemory == 0 {
		cfg.MonitorMemory = DefaultMonitorMemory
	}
	h := &Hub{
		cfg:      cfg,
		legs:     make(map[LegID]*leg),
		tservers: make([]tserver, len(cfg.TServers)),
		state:    state.New(state.Limits{JournalMax: cfg.JournalMax}),
	}
	for i := range h.tservers {
		h.tservers[i].index = i
	}
	h.link.leg = leg{id: Link, tserver: ownSource, gone: true}
	h.link.codec = cfg.NewCodec()
	first, last := h.link.codec.InvokeIDs()
	h.slots.init(first, last, len(cfg.TServers)+1)
	h.queue.init(len(cfg.TServers) + 1)
	h.rate.init(cfg.RequestRate)
	h.monitors.init()
	h.held.init()
	h.registrations.init()
	h.asked.init()
	h.routes.init()
	h.segments.init()
	return h
}

// begin takes the time of a step.
func (h *Hub) begin(now time.Time) { h.now, h.arrived = now, arrival{at: now} }

// FromLink steps the hub with a frame of the switch.
func (h *Hub) FromLink(now time.Time, frame []byte) {
	h.begin(now)
	if h.link.state == LinkDown || h.link.leg.closing() {
		return
	}
	h.counters[countFramesFromSwitch]++
	h.link.lastIn, h.link.heard = now, true
	if err := h.link.codec.Decode(&h.in, frame); err != nil {
		h.undecodable(err, frame)
		h.serveAfresh()
		return
	}
	switch h.in.Kind {
	case csta.KindEvent:
		h.event(frame)
	case csta.KindRequest, csta.KindResponse, csta.KindError, csta.KindReject:
		h.dialogue(frame)
	default:
		h.toAll(frame)
	}
	h.serveAfresh()
}

// dialogue takes what the switch asks or answers. h.in is the message.
func (h *Hub) dialogue(frame []byte) {
	switch {
	case isAssociation(h.in.Service):
		h.linkAssociation()
	case h.in.Kind == csta.KindRequest:
		h.switchRequest(frame)
	default:
		h.answer(frame)
	}
}

// FromLeg steps the hub with a frame of a T-Server.
func (h *Hub) FromLeg(now time.Time, id LegID, frame []byte) {
	h.begin(now)
	l := h.live(id)
	if l == nil {
		return
	}
	h.counters[countFramesFromTServers]++
	l.lastIn = now
	if err := l.codec.Decode(&h.in, frame); err != nil {
		h.refuseUndecodable(l, err)
		return
	}
	joined := l.candidate
	if joined {
		h.promote(l)
	}
	switch {
	case isAssociation(h.in.Service):
		h.legAssociation(l)
	case h.in.Kind == csta.KindRequest:
		h.fromTServer(l, frame)
	case h.in.Kind != csta.KindEvent:
		h.tserverAnswer(l, frame)
	case h.in.Event == csta.EventUnknown: // a message of the vendor's that gets no answer
		h.passOneWay(h.newRequest(l, forNobody), frame)
	default: // T-Servers have no events to give
		h.counters[countTServerEvents]++
	}
	if joined {
		h.offerUnanswered(l, nil)
	}
	h.serveAfresh()
}

// Heard tells the hub that bytes came on a leg, whole frames or not: any byte is a sign of life.
func (h *Hub) Heard(now time.Time, id LegID) {
	if id == Link {
		h.link.lastIn, h.link.heard = now, true
	} else if l := h.legs[id]; l != nil {
		l.lastIn = now
	}
}

// Backlog tells the hub how many bytes of a leg were taken from Outputs and not yet sent.
func (h *Hub) Backlog(id LegID, bytes int) {
	l := h.leg(id)
	if l == nil {
		return
	}
	l.backlog = bytes
	if l.id != Link && !h.crowded(l) {
		l.credit = 0
	}
}

// Tick steps the hub with the time: deadlines, heartbeats, queues and work held back.
func (h *Hub) Tick(now time.Time) {
	h.begin(now)
	h.tickLink()
	h.tickLegs()
	h.resume()
	h.recover()
	h.pump()
	if now.Sub(h.swept) >= sweepEvery {
		h.swept = now
		h.sweepRequests()
		h.sweepMonitors()
		h.sweepSwitchRequests()
		h.sweepRoutes()
		h.sweepSegments()
		h.sweepRegistrations()
		h.audit()
		h.pump()
	}
	h.serveAfresh()
}

// sweepEvery is how often deadlines that are seconds away are looked at.
const sweepEvery = 100 * time.Millisecond

// Waiting reports whether work is held back by a leg's backlog, or by the rate that the switch is asked at, so that
// the hub should be ticked as soon as the backlog shrinks or the rate allows more.
func (h *Hub) Waiting() bool {
	if !h.queue.empty() && !h.rate.allow(h.now, h.relief()) {
		return true
	}
	for _, l := range h.ordered {
		if len(l.deferred) > 0 && !l.closing() {
			return true
		}
	}
	return false
}

// Stop steps the hub with the end of the proxy: a session with the switch is ended in the protocol's
// way. The owner then closes the link.
func (h *Hub) Stop(now time.Time) {
	h.begin(now)
	h.stopSession()
}

// Status returns what T-Servers are told of the link.
func (h *Hub) Status() csta.Status { return h.status() }

// State returns where the link is on its way to normal.
func (h *Hub) State() LinkState { return h.link.state }

// Model returns the state of calls, agents and devices, for readers on the same goroutine.
func (h *Hub) Model() *state.State { return h.state }

// Outputs returns what has to be done, one entry a leg. It is valid until Done.
func (h *Hub) Outputs() []Output {
	h.outputs = h.outputs[:0]
	for _, l := range h.dirty {
		h.outputs = append(h.outputs, Output{Leg: l.id, Runs: l.out.runs, Close: l.out.reason})
	}
	return h.outputs
}

// Notices returns the lines for the operator's log since they were last asked for. They are valid until
// Done.
func (h *Hub) Notices() []Notice {
	fresh := h.notices[h.noticed:]
	h.noticed = len(h.notices)
	return fresh
}

// Done says that the outputs and notices were taken: the hub forgets them, and the frames it was
// given.
func (h *Hub) Done() {
	for _, l := range h.dirty {
		l.backlog += l.out.bytes
		l.drain.put += l.out.bytes
		l.out.clear()
	}
	h.dirty = h.dirty[:0]
	h.notices, h.noticed = h.notices[:0], 0
	h.arena.reset()
}

// leg returns a leg by its ID, the link's too; nil for one that is gone.
func (h *Hub) leg(id LegID) *leg {
	if id == Link {
		return &h.link.leg
	}
	return h.legs[id]
}

// send puts one frame out on a leg. The frame has to stay valid until Done.
func (h *Hub) send(l *leg, frame []byte) {
	if l.closing() {
		return
	}
	h.list(l)
	l.out.add(frame)
	if l.id != Link && l.backlog+l.out.bytes > h.cfg.TServers[l.tserver].BacklogMax+l.credit {
		h.cut(l)
	}
}

// cut closes the leg of a T-Server that does not read what it is sent.
func (h *Hub) cut(l *leg) {
	h.notice(NoticeWarn, l.id, "output backlog passed backlog_max (%d bytes): the T-Server is slow"+
		" and cut; it gets its replay when it returns", h.cfg.TServers[l.tserver].BacklogMax)
	l.out.empty()
	h.closeLeg(l, CloseSlow)
}

// forgetOutput drops what was to be done with a leg that is gone.
func (h *Hub) forgetOutput(l *leg) {
	l.out.clear()
	h.dirty = slices.DeleteFunc(h.dirty, func(o *leg) bool { return o == l })
}

// list puts a leg on the list of those with output.
func (h *Hub) list(l *leg) {
	if !l.out.listed {
		l.out.listed = true
		h.dirty = append(h.dirty, l)
	}
}

// closeLeg asks the owner to close a leg after what was put out.
func (h *Hub) closeLeg(l *leg, why CloseReason) {
	if l.closing() {
		return
	}
	h.list(l)
	l.out.reason, l.gone = why, true
	h.closed[why]++
}

// sendMessage makes a message in the peer's own style and puts it out.
func (h *Hub) sendMessage(l *leg, msg *csta.Message) {
	if l.closing() {
		return
	}
	frame, err := h.append(l.codec, msg)
	if err != nil {
		h.counters[countUnexpressible]++
		return
	}
	h.send(l, frame)
}

// append makes the frame of a message in the arena.
func (h *Hub) append(c codec.Codec, msg *csta.Message) ([]byte, error) {
	frame, err := c.Append(h.arena.tail(), msg)
	if err != nil {
		return nil, err
	}
	h.arena.keep(frame)
	return frame, nil
}

// withInvoke copies a frame under another invoke ID into the arena.
func (h *Hub) withInvoke(c codec.Codec, frame []byte, id csta.InvokeID) ([]byte, error) {
	out, err := c.SetInvokeID(h.arena.tail(), frame, id)
	if err != nil {
		return nil, err
	}
	h.arena.keep(out)
	return out, nil
}

// copied keeps a frame in the arena that may not last until Done.
func (h *Hub) copied(frame []byte) []byte {
	out := append(h.arena.room(len(frame)), frame...)
	h.arena.keep(out)
	return out
}

// sendUnder puts out a copy of a frame under another invoke ID. It reports false where the framing
// cannot carry the frame with that ID, which may be longer than the one it had.
func (h *Hub) sendUnder(l *leg, frame []byte, id csta.InvokeID) bool {
	if l.closing() {
		return true
	}
	out, err := h.withInvoke(l.codec, frame, id)
	if err != nil {
		h.counters[countUnexpressible]++
		return false
	}
	h.send(l, out)
	return true
}

// answerUnder gives an answer to its asker under the asker's invoke ID, or an error in its place where
// the framing cannot carry it.
func (h *Hub) answerUnder(l *leg, frame []byte, id csta.InvokeID, service csta.Service) {
	if !h.sendUnder(l, frame, id) {
		h.sendError(l, id, service, csta.ErrGeneric)
	}
}

// wantsNone reports whether an invoke ID is the one of messages that get no answer.
func (l *leg) wantsNone(id csta.InvokeID) bool {
	event, fixed := l.codec.EventInvokeID()
	return fixed && id == event
}

// sendError answers a request with a standard error.
func (h *Hub) sendError(l *leg, id csta.InvokeID, service csta.Service, code csta.ErrorCode) {
	if l.wantsNone(id) {
		return
	}
	h.made.Reset()
	h.made.Kind, h.made.Service, h.made.Invoke, h.made.Error = csta.KindError, service, id, code
	h.sendMessage(l, &h.made)
}

// sendReject answers what cannot be decoded: by a reject, or where the protocol has none, by an error.
func (h *Hub) sendReject(l *leg, id csta.InvokeID, problem csta.Problem) {
	h.made.Reset()
	h.made.Kind, h.made.Invoke, h.made.Problem = csta.KindReject, id, problem
	frame, err := h.append(l.codec, &h.made)
	if err != nil {
		h.sendError(l, id, csta.ServiceUnknown, csta.ErrGeneric)
		return
	}
	h.send(l, frame)
}

// sendDone answers a request with a positive response that carries nothing.
func (h *Hub) sendDone(l *leg, id csta.InvokeID, service csta.Service) {
	if l.wantsNone(id) {
		return
	}
	h.made.Reset()
	h.made.Kind, h.made.Service, h.made.Invoke = csta.KindResponse, service, id
	h.sendMessage(l, &h.made)
}

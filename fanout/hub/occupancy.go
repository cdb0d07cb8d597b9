package hub

import "haproxy/state"

// Occupancy is how much of one table or queue is in use.
type Occupancy struct {
	Name  string // what it holds, and the unit
	Held  int64
	Limit int64 // that Held never passes
}

// AppendOccupancy appends what bounds the hub's memory: every table and queue that a peer can fill, with its
// limit. What there is one of for each T-Server or monitor is the fullest of them. It goes through all monitors:
// it is for checks, not for every message.
func (h *Hub) AppendOccupancy(dst []Occupancy) []Occupancy {
	add := func(name string, held, limit int) {
		dst = append(dst, Occupancy{name, int64(held), int64(limit)})
	}
	add("requests outstanding", h.slots.busy, h.cfg.RequestOutstanding+h.keepAlives())
	h.occupiedQueue(add)
	h.occupiedLegs(add)
	h.occupiedMonitors(add)
	add("events held", h.held.count, heldMax)
	add("bytes of events held", h.held.bytes, heldBytesMax)
	add("monitors stopped for nobody", len(h.held.doomed), doomedMax+h.cfg.RequestQueue)
	c := &h.recovery.comparison
	add("events that wait for a comparison", c.waiting, awaitingMax)
	add("bytes of events that wait for a comparison", c.bytes, awaitingBytesMax)
	model := h.state.Stats()
	add("questions of a comparison", len(c.questions),
		len(deviceServices)*2*h.cfg.MonitorsMax+doubtsMax+model.Calls)
	add("segmented answers", len(h.segments.open), segmentedMax)
	add("early segments", h.segments.held, earlySegmentsMax)
	add("bytes of early segments", h.segments.bytes, earlyBytesMax)
	add("requests of the switch", len(h.asked.open), switchAsksMax)
	add("routeing dialogues", len(h.routes.order), routesMax)
	add("monitors and registrations", h.room.count, h.cfg.MonitorsMax)
	journalMax := h.cfg.JournalMax
	if journalMax <= 0 {
		journalMax = state.DefaultJournalMax
	}
	dst = append(dst,
		Occupancy{"bytes of monitors and registrations", h.room.bytes, h.cfg.MonitorMemory + monitorSlack},
		Occupancy{"bytes of the journal", model.JournalUsed, journalMax})
	return dst
}

// monitorSlack is what the answer of a monitor may take past monitor_memory, which is looked at when it is
// asked for: a frame.
const monitorSlack = 1 << 20

// keepAlives is how many requests of the link's own life may be outstanding beside request_outstanding.
func (h *Hub) keepAlives() int {
	const start = 3 // of a session, its timer, and the registration for system status
	if h.cfg.HeartbeatInterval <= 0 {
		return start
	}
	return start + int(h.cfg.RequestTimeout/h.cfg.HeartbeatInterval) + 1
}

// occupiedQueue adds what waits for the link's budget.
func (h *Hub) occupiedQueue(add func(name string, held, limit int)) {
	add("requests of the proxy's own that wait", h.queue.held[sourceLine(ownSource)].requests, h.cfg.RequestQueue)
	for i := range h.tservers {
		of := &h.queue.held[sourceLine(i)]
		add("requests of a T-Server that wait", of.requests, h.queueShare())
		add("bytes of requests of a T-Server that wait", of.bytes, h.cfg.TServers[i].BacklogMax)
	}
}

// occupiedLegs adds what the legs hold.
func (h *Hub) occupiedLegs(add func(name string, held, limit int)) {
	add("bytes of output to the switch", h.link.leg.backlog+h.link.leg.out.bytes, 2*linkBacklogMax)
	for _, l := range h.ordered {
		most := h.cfg.TServers[l.tserver].BacklogMax
		add("bytes of output to a T-Server", l.backlog+l.out.bytes, most+l.credit)
		add("requests held for a crowded leg", len(l.deferred), h.deferredMax())
		add("bytes of requests held for a crowded leg", l.held, most)
	}
	for i := range h.tservers {
		add("candidates", h.tservers[i].candidates, candidatesMax)
	}
}

// occupiedMonitors adds what waits for monitors.
func (h *Hub) occupiedMonitors(add func(name string, held, limit int)) {
	waiters, blocked := 0, 0
	for _, m := range h.monitors.all {
		waiters, blocked = max(waiters, len(m.waiters)), max(blocked, len(m.blocked))
	}
	add("requests that wait for one monitor", waiters, waitersMax*len(h.tservers))
	add("requests that wait for the end of one monitor", blocked, waitersMax*len(h.tservers))
}

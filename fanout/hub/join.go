package hub

import (
	"time"

	"haproxy/codec/csta"
)

// join makes a T-Server a member of a monitor that stands. Where it wants events that the switch was
// told to suppress, the switch's filter is widened first.
func (h *Hub) join(m *monitor, l *leg, invoke csta.InvokeID, want csta.EventSet) {
	wanted := m.asked.Intersection(want)
	if wanted != m.asked && m.phase == monitorActive && h.link.state == LinkNormal {
		r := request{
			purpose: forFilter, class: classRegistration, source: l.tserver, leg: l.id, invoke: invoke,
			service: csta.MonitorStart, expires: h.now.Add(h.cfg.RequestTimeout), mon: m, filter: want,
		}
		h.askFilter(r, wanted)
		return
	}
	m.asked = wanted // of a lost monitor: asked for once it is restored
	h.admit(m, l, invoke, want)
}

// admit answers a joining MonitorStart and gives the T-Server the monitor's journal. This is the cut:
// what the switch sends from here on follows in the leg's output.
func (h *Hub) admit(m *monitor, l *leg, invoke csta.InvokeID, want csta.EventSet) {
	m.members[l.tserver] = member{joined: true, confirmed: true, filter: want}
	m.idle = time.Time{}
	h.counters[countMonitorsJoined]++
	if want == m.requested {
		h.sendUnder(l, m.answer, invoke)
	} else {
		h.made.Reset()
		h.made.Kind, h.made.Service, h.made.Invoke = csta.KindResponse, csta.MonitorStart, invoke
		h.made.CrossRef = csta.CrossRefID(m.ref)
		h.made.HasFilter, h.made.Filter = true, want.Union(m.granted)
		h.sendMessage(l, &h.made)
	}
	if h.cfg.Replay == ReplayEvents {
		h.replay(m, l, want)
	}
}

// replay gives a leg the journal of a monitor, without the events its T-Server does not want. The
// bytes are credited to the leg, so that a joiner is never cut for being replayed to.
func (h *Hub) replay(m *monitor, l *leg, skip csta.EventSet) {
	if l.closing() {
		return
	}
	journal := h.state.Replay(h.arena.room(h.state.ReplayLen(m.id)), m.id, skip,
		func(dst []byte, msg *csta.Message) []byte {
			msg.CrossRef = csta.CrossRefID(m.ref)
			frame, err := h.link.codec.Append(dst, msg)
			if err != nil {
				h.counters[countUnexpressible]++
				return dst
			}
			h.counters[countEventsMade]++
			return frame
		})
	if len(journal) == 0 {
		return
	}
	h.arena.keep(journal)
	h.counters[countReplayBytes] += uint64(len(journal))
	h.counters[countReplays]++
	l.credit += len(journal)
	h.send(l, journal)
}

// crowded reports whether a leg's backlog is too high for it to join monitors now.
func (h *Hub) crowded(l *leg) bool {
	return l.backlog+l.out.bytes > h.cfg.TServers[l.tserver].BacklogMax/4
}

// hold keeps a request back until its leg's backlog has shrunk, behind those held before it.
func (h *Hub) hold(l *leg, frame []byte) {
	if len(l.deferred) >= h.cfg.RequestQueue {
		h.counters[countQueueFull]++
		h.sendError(l, h.in.Invoke, h.in.Service, csta.ErrPerformanceLimitExceeded)
		return
	}
	h.counters[countRequestsHeld]++
	l.deferred = append(l.deferred, deferred{append([]byte(nil), frame...), h.now})
}

// resume takes up the requests that were held back.
func (h *Hub) resume() {
	for _, l := range h.ordered {
		if len(l.deferred) == 0 || l.closing() {
			continue
		}
		waiting := l.deferred
		l.deferred = nil
		n := 0
		for n < len(waiting) && !h.crowded(l) && !l.closing() {
			d := waiting[n]
			n++
			if err := l.codec.Decode(&h.in, d.frame); err != nil {
				continue // it was decoded before
			}
			if h.now.Sub(d.arrived) > h.cfg.RequestTimeout {
				h.counters[countRequestsExpired]++
				h.sendError(l, h.in.Invoke, h.in.Service, csta.ErrPerformanceLimitExceeded)
				continue
			}
			h.serve(l, d.frame)
		}
		l.deferred = append(waiting[n:], l.deferred...)
		if n == len(waiting) && len(l.deferred) == 0 {
			l.deferred = nil
		}
	}
}

// again serves a request once more that had to wait for something to end.
func (h *Hub) again(l *leg, frame []byte) {
	if err := l.codec.Decode(&h.in, frame); err == nil {
		h.serve(l, frame)
	}
}

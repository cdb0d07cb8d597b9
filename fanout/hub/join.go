package hub

import (
	"slices"

	"haproxy/codec/csta"
)

// join makes a T-Server a member of a monitor that stands. Where it wants events that the switch
// was told to suppress, the switch's filter is widened first.
func (h *Hub) join(m *monitor, l *leg, w waiter) {
	wanted := m.wanted(l.tserver, m.asked.Intersection(w.filter))
	switch {
	case m.changing:
		h.wait(m, l, w)
	case wanted == m.asked:
		h.admitInTime(m, l, w)
	case m.phase != monitorActive || h.link.state < LinkRecovering:
		m.asked = wanted // asked for once the monitor is restored
		h.admitInTime(m, l, w)
	default:
		m.joining++
		h.askFilter(h.filterRequest(m, l, w, wanted))
	}
}

// serveWaiters takes up what waited for an answer about a monitor.
func (h *Hub) serveWaiters(m *monitor) {
	waiters := m.waiters
	m.waiters = nil
	for _, w := range waiters {
		l := h.live(w.leg)
		switch {
		case l == nil:
		case m.phase == monitorGone:
			h.sendError(l, w.invoke, w.service, csta.ErrSystemResource)
		case w.service == csta.MonitorStart:
			h.join(m, l, w)
		default:
			h.setFilter(m, l, w, nil)
		}
	}
}

// admitInTime admits a T-Server once its leg's backlog allows.
func (h *Hub) admitInTime(m *monitor, l *leg, w waiter) {
	if len(l.deferred) == 0 && !h.crowded(l) {
		h.admit(m, l, w)
		return
	}
	if len(l.deferred) >= h.deferredMax() {
		h.counters[countQueueFull]++
		h.sendError(l, w.invoke, w.service, csta.ErrPerformanceLimitExceeded)
		return
	}
	m.joining++
	l.deferred = append(l.deferred, deferred{monitor: m, waiter: w})
}

// deferredMax bounds what waits for a leg's backlog: the requests that it sends, which are held back, and
// as many that waited for an answer of the switch.
func (h *Hub) deferredMax() int { return 2 * h.cfg.RequestQueue }

// admit answers a joining MonitorStart and gives the T-Server the monitor's journal. This is the
// cut: what the switch sends from here on follows in the leg's output. A request that its T-Server has
// asked anew since takes nothing from what the newer one got.
func (h *Hub) admit(m *monitor, l *leg, w waiter) {
	overtaken := h.isRenewed(l, w.renewals) && h.has(m, l)
	if !overtaken {
		m.members[l.tserver] = member{joined: true, renewals: w.renewals, filter: w.filter}
	}
	h.monitors.busy(m)
	h.counters[countMonitorsJoined]++
	if w.filter == m.requested {
		h.sendUnder(l, m.answer, w.invoke)
	} else {
		h.answerFiltered(m, l, w)
	}
	if h.cfg.Replay == ReplayEvents && !overtaken {
		h.replay(m, l, w.filter)
	}
}

// renew makes a T-Server one that has to ask again for its monitors: it was told that the link is disabled
// or read that, it read that the switch is enabled, or it opened its association anew. What it asked for
// before that and gets later is no different.
func (h *Hub) renew(tserver int) { h.tservers[tserver].renewals++ }

// has reports whether a T-Server is a member of a monitor and need not ask for it again.
func (h *Hub) has(m *monitor, l *leg) bool {
	mem := &m.members[l.tserver]
	return mem.joined && !h.isRenewed(l, mem.renewals)
}

// isRenewed reports whether a T-Server had to ask anew since it sent a request.
func (h *Hub) isRenewed(l *leg, renewals uint) bool {
	return renewals != h.tservers[l.tserver].renewals
}

// answerFiltered answers a MonitorStart with the stored answer under the filter that the T-Server's
// stream will have.
func (h *Hub) answerFiltered(m *monitor, l *leg, w waiter) {
	if err := h.link.codec.Decode(&h.made, m.answer); err != nil {
		panic("hub: a monitor keeps an answer that cannot be read")
	}
	h.made.Invoke = w.invoke
	h.made.HasFilter, h.made.Filter = true, w.filter.Union(m.granted)
	h.sendMessage(l, &h.made)
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
func (h *Hub) hold(l *leg, frame []byte, arrived arrival) {
	if len(l.deferred) >= h.cfg.RequestQueue ||
		l.held+h.queue.held[sourceLine(l.tserver)].bytes+len(frame) > h.cfg.TServers[l.tserver].BacklogMax {
		h.counters[countQueueFull]++
		h.sendError(l, h.in.Invoke, h.in.Service, csta.ErrPerformanceLimitExceeded)
		return
	}
	h.counters[countRequestsHeld]++
	l.held += len(frame)
	l.deferred = append(l.deferred, deferred{frame: append([]byte(nil), frame...), arrived: arrived})
}

// resume takes up what was held back.
func (h *Hub) resume() {
	for _, l := range h.ordered {
		if len(l.deferred) == 0 {
			continue
		}
		waiting := l.deferred
		l.deferred = nil
		n := 0
		for n < len(waiting) && !h.crowded(l) && !l.closing() {
			h.serveDeferred(l, &waiting[n])
			n++
		}
		h.arrived = arrival{at: h.now}
		if rest := waiting[n:]; len(rest) > 0 {
			clear(waiting[:n])
			l.deferred = append(rest, l.deferred...)
		}
	}
}

// serveDeferred serves what waited for its leg's backlog.
func (h *Hub) serveDeferred(l *leg, d *deferred) {
	if d.monitor != nil {
		d.monitor.joining--
		if d.monitor.phase == monitorGone {
			h.sendError(l, d.waiter.invoke, d.waiter.service, csta.ErrSystemResource)
			return
		}
		h.admit(d.monitor, l, d.waiter)
		return
	}
	l.held -= len(d.frame)
	if err := l.codec.Decode(&h.in, d.frame); err != nil {
		return // it was decoded before
	}
	if h.arrived = d.arrived; h.now.Sub(d.arrived.at) > h.cfg.RequestTimeout {
		h.counters[countRequestsExpired]++
		h.sendError(l, h.in.Invoke, h.in.Service, csta.ErrPerformanceLimitExceeded)
		return
	}
	h.serve(l, d.frame)
}

// serveAfresh serves the requests once more that had to wait for something to end.
func (h *Hub) serveAfresh() {
	for len(h.afresh) > 0 {
		b := h.afresh[0]
		h.afresh = slices.Delete(h.afresh, 0, 1)
		l := h.live(b.leg)
		if l == nil || l.codec.Decode(&h.in, b.frame) != nil {
			continue
		}
		if h.arrived = b.arrived; len(l.deferred) > 0 || h.crowded(l) {
			h.hold(l, b.frame, b.arrived)
			continue
		}
		h.serve(l, b.frame)
	}
	h.arrived = arrival{at: h.now}
}

package hub

import (
	"haproxy/codec/csta"
	"haproxy/state"
)

// event takes an event of the switch: into the state, into the journal, and verbatim to the members
// of its monitor. h.in is the event.
func (h *Hub) event(frame []byte) {
	h.counters[countEventsFromSwitch]++
	if len(h.in.CrossRef) == 0 {
		h.counters[countEventsToAll]++
		h.state.Apply(0, &h.in, frame, h.now)
		h.toAll(frame)
		return
	}
	m := h.monitors.byRef[string(h.in.CrossRef)]
	if m == nil {
		h.unclaimed(frame)
		return
	}
	h.hear(m, frame, state.Mark{})
}

// hear takes an event of a monitor, which waits while the device is compared. h.in is the event; came
// is when it came, zero for now.
func (h *Hub) hear(m *monitor, frame []byte, came state.Mark) {
	if !m.comparing || !h.await(m, frame, came) {
		h.fan(m, &h.in, frame, came)
	}
}

// fan takes an event of a monitor into the state, in the place where it came, and sends it to the
// members.
func (h *Hub) fan(m *monitor, msg *csta.Message, frame []byte, came state.Mark) {
	if m.ref != m.switchRef {
		out, err := h.link.codec.SetCrossRef(h.arena.tail(), frame, csta.CrossRefID(m.ref))
		if err != nil {
			h.counters[countUnexpressible]++
			h.state.Forget(came)
			h.notice(NoticeError, Link, "an event was lost: it cannot be sent under the cross reference ID"+
				" that T-Servers have for its monitor: %v", err)
			return
		}
		h.arena.keep(out)
		frame = out
	}
	if h.state.BeginsAgain(came, m.id, msg) {
		h.state.DifferReused(came, m.id, msg, h.now, h.publish)
		_ = h.link.codec.Decode(msg, frame) // what was published may have taken its place
	}
	h.state.ApplyLate(came, m.id, msg, frame, h.now)
	h.spread(m, msg.Event, frame)
}

// spread sends an event to the members of its monitor, without those that filtered it.
func (h *Hub) spread(m *monitor, event csta.Event, frame []byte) {
	for i := range m.members {
		mem, l := &m.members[i], h.tservers[i].leg
		switch {
		case !mem.joined || l == nil || l.closing():
		case mem.filter.Has(event) && event != csta.EventUnknown:
			h.counters[countEventsFiltered]++
		default:
			h.counters[countEventsToTServers]++
			h.send(l, frame)
		}
	}
}

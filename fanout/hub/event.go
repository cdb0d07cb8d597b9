package hub

import "haproxy/codec/csta"

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
	h.hear(m, frame)
}

// hear takes an event of a monitor, which waits while the device is compared. h.in is the event.
func (h *Hub) hear(m *monitor, frame []byte) {
	if !m.comparing || !h.await(m, frame) {
		h.fan(m, &h.in, frame)
	}
}

// fan takes an event of a monitor into the state and sends it to the members.
func (h *Hub) fan(m *monitor, msg *csta.Message, frame []byte) {
	if m.ref != m.switchRef {
		out, err := h.link.codec.SetCrossRef(h.arena.tail(), frame, csta.CrossRefID(m.ref))
		if err != nil {
			h.counters[countUnexpressible]++
			h.notice(NoticeError, Link, "an event was lost: it cannot be sent under the cross reference ID"+
				" that T-Servers have for its monitor: %v", err)
			return
		}
		h.arena.keep(out)
		frame = out
	}
	h.state.Apply(m.id, msg, frame, h.now)
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

// heldEvents are events whose cross reference ID is not known yet, while a MonitorStart is
// outstanding that may claim them.
type heldEvents struct {
	frames [][]byte // owned, in order
	refs   []string
	bytes  int
	doomed map[string]bool // IDs that the switch was asked to stop, for nobody
}

// stopped takes the end of a stop. One that the switch refused is not asked for again until the ID
// has another use.
func (e *heldEvents) stopped(ref string, done bool) {
	if done || len(e.doomed) > doomedMax {
		delete(e.doomed, ref)
	}
}

func (e *heldEvents) init() { *e = heldEvents{doomed: make(map[string]bool)} }

const (
	heldMax      = 4096    // events
	heldBytesMax = 4 << 20 // bytes
	doomedMax    = 1 << 16 // IDs
)

// unclaimed takes an event of a monitor that the hub does not know.
func (h *Hub) unclaimed(frame []byte) {
	h.counters[countCrossRefsUnknown]++
	ref := string(h.in.CrossRef)
	if h.held.doomed[ref] {
		h.counters[countEventsUnclaimed]++
		return
	}
	if h.monitors.starting > 0 || h.recovery.active {
		if len(h.held.frames) < heldMax && h.held.bytes+len(frame) <= heldBytesMax {
			h.held.frames = append(h.held.frames, append([]byte(nil), frame...))
			h.held.refs = append(h.held.refs, ref)
			h.held.bytes += len(frame)
			return
		}
		h.counters[countEventsHeldLost]++
	}
	h.doom(ref)
}

// doom stops a monitor that the switch has for nobody.
func (h *Hub) doom(ref string) {
	h.counters[countEventsUnclaimed]++
	if !h.held.doomed[ref] {
		h.stopAtSwitch(ref)
	}
}

// claimHeld lets the events held for a monitor follow the answer that named it.
func (h *Hub) claimHeld(m *monitor) {
	if len(h.held.frames) == 0 {
		return
	}
	held := h.held
	h.held.frames, h.held.refs, h.held.bytes = nil, nil, 0
	for i, frame := range held.frames {
		if held.refs[i] != m.switchRef {
			h.held.frames = append(h.held.frames, frame)
			h.held.refs = append(h.held.refs, held.refs[i])
			h.held.bytes += len(frame)
			continue
		}
		if m.phase != monitorGone && h.link.codec.Decode(&h.in, frame) == nil {
			h.hear(m, frame)
		}
	}
	h.releaseHeld()
}

// releaseHeld gives up the events that nobody can claim any more.
func (h *Hub) releaseHeld() {
	if h.monitors.starting > 0 || h.recovery.active {
		return
	}
	refs := h.held.refs
	h.held.frames, h.held.refs, h.held.bytes = nil, nil, 0
	for _, ref := range refs {
		h.doom(ref)
	}
}

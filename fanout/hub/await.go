package hub

import (
	"slices"

	"haproxy/codec/csta"
	"haproxy/state"
)

// await lets an event wait until its device was compared. It reports whether there was room; an event
// without passes at once, and has the last word over the answer then.
func (h *Hub) await(m *monitor, frame []byte, came state.Mark) bool {
	c := &h.recovery.comparison
	if !h.recovery.active || c.waiting >= awaitingMax || c.bytes+len(frame) > awaitingBytesMax {
		h.counters[countEventsNotAwaited]++
		return false
	}
	if came == (state.Mark{}) {
		came = h.state.Arrived()
	}
	m.awaiting = append(m.awaiting, lateEvent{slices.Clone(frame), came})
	c.waiting++
	c.bytes += len(frame)
	return true
}

// passBegun passes what waited of the calls that began meanwhile: their streams are whole, and nothing
// has to be made of them.
func (h *Hub) passBegun(m *monitor) {
	begun, passed := h.begunMeanwhile(m), make(map[string]bool)
	kept := m.awaiting[:0]
	for _, e := range m.awaiting {
		h.decodeAwaited(e)
		switch {
		case begun[string(h.told.Subject.Call)]:
			passed[string(h.told.Subject.Call)] = true
			h.passAwaited(m, e)
		case len(h.told.Secondary.Call) > 0 && begun[joinedCall(&h.told)] && !passed[joinedCall(&h.told)]:
			h.forgetAwaited(e) // what it led to has ended, and its ID was used again
		default:
			kept = append(kept, e)
		}
	}
	clear(m.awaiting[len(kept):])
	m.awaiting = kept
}

// begunMeanwhile returns the calls of what waits that began meanwhile, and those that were joined with
// one of them: a transfer has its place among the events of both its calls.
func (h *Hub) begunMeanwhile(m *monitor) map[string]bool {
	begun := make(map[string]bool)
	for known := -1; known != len(begun); {
		known = len(begun)
		for _, e := range m.awaiting {
			h.decodeAwaited(e)
			switch {
			case !state.TellsCall(h.told.Event):
			case h.state.Begins(m.id, &h.told):
				begun[string(h.told.Subject.Call)] = true
			case len(h.told.Secondary.Call) > 0 &&
				(begun[string(h.told.Subject.Call)] || begun[string(h.told.Secondary.Call)]):
				begun[string(h.told.Subject.Call)], begun[string(h.told.Secondary.Call)] = true, true
				for i := range h.told.Connections {
					begun[string(h.told.Connections[i].New.Call)] = true
				}
			}
		}
	}
	return begun
}

// decodeAwaited reads an event that waits into h.told.
func (h *Hub) decodeAwaited(e lateEvent) {
	if h.link.codec.Decode(&h.told, e.frame) != nil {
		panic("hub: an event that waits cannot be read any more")
	}
}

// endAwaiting lets the events of a monitor pass that waited for its device's comparison. What the
// differences told already is left out; of a connection's states only the last can be news, and of a
// call that the switch does not have any more only the last of all.
func (h *Hub) endAwaiting(m *monitor, compared bool) {
	if m == nil || !m.comparing {
		return
	}
	m.comparing = false
	awaiting, cleared := m.awaiting, m.cleared
	m.awaiting, m.cleared = nil, nil
	last := make(map[string]int) // by connection, and by call
	ends := make(map[string]int) // of calls, for the device
	for i, e := range awaiting {
		if compared && h.link.codec.Decode(&h.told, e.frame) == nil && state.TellsCall(h.told.Event) {
			last[connectionKey(&h.told.Subject)] = i
			last[string(h.told.Subject.Call)] = i
			if h.told.Local == csta.ConnectionNull {
				ends[string(h.told.Subject.Call)] = i
			}
		}
	}
	for i, e := range awaiting {
		if m.phase == monitorGone || h.link.codec.Decode(&h.told, e.frame) != nil {
			h.forgetAwaited(e)
			continue
		}
		if compared && state.TellsCall(h.told.Event) &&
			(h.superseded(m, last, i) || h.ledNowhere(m, ends, i) || h.state.Reflects(m.id, &h.told) ||
				state.ClearsConnection(h.told.Event) && slices.Contains(cleared, connectionKey(&h.told.Subject))) {
			h.counters[countEventsReflected]++
			h.countAwaited(e)
			h.state.Heard(e.came, &h.told)
			continue
		}
		h.passAwaited(m, e)
	}
}

// superseded reports whether a later event that waited tells the same, or all that matters. h.told is
// the event.
func (h *Hub) superseded(m *monitor, last map[string]int, i int) bool {
	if h.state.Sees(m.id, h.told.Subject.Call) {
		return last[connectionKey(&h.told.Subject)] != i
	}
	return last[string(h.told.Subject.Call)] != i
}

// ledNowhere reports whether an event joins calls to one that the switch does not have any more, as a later
// event that waited tells. h.told is the event.
func (h *Hub) ledNowhere(m *monitor, ends map[string]int, i int) bool {
	call := joinedCall(&h.told)
	return len(h.told.Secondary.Call) > 0 && ends[call] > i && !h.state.Sees(m.id, csta.CallID(call))
}

// joinedCall returns the ID of the call that a join led to.
func joinedCall(msg *csta.Message) string {
	for i := range msg.Connections {
		if id := msg.Connections[i].New.Call; len(id) > 0 {
			return string(id)
		}
	}
	return string(msg.Subject.Call)
}

// connectionKey names a connection; no call ID is one.
func connectionKey(id *csta.ConnectionID) string {
	return string(id.Call) + "\x00" + string(id.Device.Number) + "\x00"
}

// passAwaited passes an event that waited. h.told is the event.
func (h *Hub) passAwaited(m *monitor, e lateEvent) {
	h.countAwaited(e)
	h.fan(m, &h.told, e.frame, e.came)
}

// forgetAwaited drops an event that waited.
func (h *Hub) forgetAwaited(e lateEvent) {
	h.countAwaited(e)
	h.state.Forget(e.came)
}

// countAwaited notes that an event waits no longer.
func (h *Hub) countAwaited(e lateEvent) {
	h.recovery.comparison.waiting--
	h.recovery.comparison.bytes -= len(e.frame)
}

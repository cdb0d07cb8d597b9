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
// has to be made of them. Of a call whose ID was used again, that is its end and what came after.
func (h *Hub) passBegun(m *monitor) {
	begun, passed := h.begunMeanwhile(m), make(map[string]bool)
	void := make(map[string]int) // calls that a join took away to one that has ended, and the event that did
	kept, places := m.awaiting[:0], make([]int, 0, len(m.awaiting))
	for i, e := range m.awaiting {
		h.decodeAwaited(e)
		call := string(h.told.Subject.Call)
		from, whole := begun[call]
		_, joins := begun[joinedCall(&h.told)]
		switch {
		case whole && (i < from || i == from && h.endsUnknown(m)):
			h.forgetAwaited(e) // it is about the call that had the ID before
		case whole:
			passed[call] = true
			h.passAwaited(m, e)
		case joins && len(h.told.Secondary.Call) > 0 && !passed[joinedCall(&h.told)]:
			// what it led to has ended, and its ID was used again
			void[call], void[string(h.told.Secondary.Call)] = i, i
			h.forgetAwaited(e)
		default:
			kept, places = append(kept, e), append(places, i)
		}
	}
	kept = h.forgetVoid(kept, places, void)
	clear(m.awaiting[len(kept):])
	m.awaiting = kept
}

// forgetVoid drops, of events that wait in places of theirs, those about calls that a later event took away, and
// returns the rest.
func (h *Hub) forgetVoid(events []lateEvent, places []int, void map[string]int) []lateEvent {
	if len(void) == 0 {
		return events
	}
	kept := events[:0]
	for i, e := range events {
		h.decodeAwaited(e)
		if by, ok := void[string(h.told.Subject.Call)]; ok && places[i] < by && state.TellsCall(h.told.Event) {
			h.forgetAwaited(e)
			continue
		}
		kept = append(kept, e)
	}
	return kept
}

// endsUnknown reports whether an event ends a call that its monitor's stream does not have. h.told is the event.
func (h *Hub) endsUnknown(m *monitor) bool {
	return h.told.Local == csta.ConnectionNull && !h.state.Sees(m.id, h.told.Subject.Call)
}

// begunMeanwhile returns from where on the streams of calls are whole in what waits: of those that began
// meanwhile, of those whose ID was used again, and of those that were joined with one of them, since a
// transfer has its place among the events of both its calls.
func (h *Hub) begunMeanwhile(m *monitor) map[string]int {
	begun := h.usedAgain(m)
	for known := -1; known != len(begun); {
		known = len(begun)
		for i, e := range m.awaiting {
			h.decodeAwaited(e)
			switch {
			case !state.TellsCall(h.told.Event):
			case h.state.Begins(m.id, &h.told):
				noteBegun(begun, h.told.Subject.Call)
			case len(h.told.Secondary.Call) > 0 &&
				(isBegun(begun, h.told.Subject.Call, i) || isBegun(begun, h.told.Secondary.Call, i)):
				noteBegun(begun, h.told.Subject.Call)
				noteBegun(begun, h.told.Secondary.Call)
				for i := range h.told.Connections {
					noteBegun(begun, h.told.Connections[i].New.Call)
				}
			}
		}
	}
	return begun
}

// usedAgain returns, for each call that ended for the device and whose ID was used again, which event that
// waits is the last such end.
func (h *Hub) usedAgain(m *monitor) map[string]int {
	ends, begun := make(map[string]int), make(map[string]int)
	for i, e := range m.awaiting {
		h.decodeAwaited(e)
		if !state.TellsCall(h.told.Event) {
			continue
		}
		call := string(h.told.Subject.Call)
		if end, ok := ends[call]; ok && h.told.Local > csta.ConnectionNull {
			begun[call] = end
		}
		if h.told.Local == csta.ConnectionNull {
			ends[call] = i
		}
	}
	return begun
}

// noteBegun notes that the whole stream of a call waits, where it is not known from where on it does.
func noteBegun(begun map[string]int, call csta.CallID) {
	if _, ok := begun[string(call)]; !ok {
		begun[string(call)] = 0
	}
}

// isBegun reports whether the stream of a call is whole from an event on.
func isBegun(begun map[string]int, call csta.CallID, i int) bool {
	from, ok := begun[string(call)]
	return ok && i >= from
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
			if len(h.told.Secondary.Call) > 0 {
				last[string(h.told.Secondary.Call)] = i
			}
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

package hub

import (
	"slices"

	"haproxy/state"
)

// lateEvent is an event that cannot be passed on yet.
type lateEvent struct {
	frame []byte // owned
	came  state.Mark
}

// heldEvents are events whose cross reference ID is not known yet, while a MonitorStart is
// outstanding that may claim them.
type heldEvents struct {
	byRef  map[string][]lateEvent
	refs   []string // in the order of their first event
	count  int
	bytes  int
	doomed map[string]doom // IDs that the switch was asked to stop, for nobody
	ended  []string        // of these, those that it answered about, the oldest first
}

// doom is what became of a stop that the switch was asked for, for nobody.
type doom uint8

const (
	doomNone    doom = iota // it was not asked, or does not say
	doomAsked               // the switch has not answered
	doomDone                // it stopped it
	doomRefused             // it did not, and is not asked again until the ID has another use
)

const (
	heldMax      = 4096    // events
	heldBytesMax = 4 << 20 // bytes
	doomedMax    = 1 << 16 // IDs
)

func (e *heldEvents) init() {
	*e = heldEvents{byRef: make(map[string][]lateEvent), doomed: make(map[string]doom)}
}

// stopped takes the end of a stop, unless the ID has another use by now. Of very many the oldest are forgotten.
func (e *heldEvents) stopped(ref string, end doom) {
	switch {
	case !e.wasStopped(ref):
		return
	case end == doomNone:
		delete(e.doomed, ref)
		return
	}
	e.doomed[ref] = end
	if e.ended = append(e.ended, ref); len(e.ended) > doomedMax {
		delete(e.doomed, e.ended[0])
		e.ended = e.ended[1:]
	}
}

// wasStopped reports whether an ID was stopped for nobody, or is about to be: an answer that names it only now
// comes too late.
func (e *heldEvents) wasStopped(ref string) bool {
	_, was := e.doomed[ref]
	return was
}

// add holds an event. It reports whether there was room.
func (e *heldEvents) add(ref string, frame []byte, st *state.State) bool {
	if e.count >= heldMax || e.bytes+len(frame) > heldBytesMax {
		return false
	}
	if len(e.byRef[ref]) == 0 {
		e.refs = append(e.refs, ref)
	}
	e.byRef[ref] = append(e.byRef[ref], lateEvent{slices.Clone(frame), st.Arrived()})
	e.count++
	e.bytes += len(frame)
	return true
}

// take returns the events of an ID, which are held no longer.
func (e *heldEvents) take(ref string) []lateEvent {
	events := e.byRef[ref]
	if len(events) == 0 {
		return nil
	}
	delete(e.byRef, ref)
	at := slices.Index(e.refs, ref)
	e.refs = slices.Delete(e.refs, at, at+1)
	e.count -= len(events)
	for i := range events {
		e.bytes -= len(events[i].frame)
	}
	return events
}

// unclaimed takes an event of a monitor that the hub does not know.
func (h *Hub) unclaimed(frame []byte) {
	h.counters[countCrossRefsUnknown]++
	ref := string(h.in.CrossRef)
	if h.held.doomed[ref] == doomAsked {
		h.counters[countEventsUnclaimed]++
		return
	}
	if h.monitors.starting > 0 || h.recovery.active {
		if h.held.add(ref, frame, h.state) {
			return
		}
		h.counters[countEventsHeldLost]++
	}
	h.counters[countEventsUnclaimed]++
	h.doom(ref)
}

// doom stops a monitor that the switch has for nobody.
func (h *Hub) doom(ref string) {
	switch h.held.doomed[ref] {
	case doomAsked, doomRefused:
	default:
		h.stopAtSwitch(ref)
	}
}

// claimHeld lets the events held for a monitor follow the answer that named it. Where the switch lost messages since
// one of them came, what followed may be among these: its device is compared.
func (h *Hub) claimHeld(m *monitor) {
	lost := false
	for _, e := range h.held.take(m.switchRef) {
		lost = lost || !h.state.IsCurrent(e.came)
		if m.phase != monitorGone && h.link.codec.Decode(&h.in, e.frame) == nil {
			h.hear(m, e.frame, e.came)
		} else {
			h.state.Forget(e.came)
		}
	}
	if lost && m.phase == monitorActive && m.isDevice() {
		h.doubtDevice(m)
	}
	h.releaseHeld()
}

// releaseHeld gives up the events that nobody can claim any more.
func (h *Hub) releaseHeld() {
	if h.monitors.starting > 0 || h.recovery.active {
		return
	}
	for len(h.held.refs) > 0 {
		ref := h.held.refs[0]
		for _, e := range h.held.take(ref) {
			h.counters[countEventsUnclaimed]++
			h.state.Forget(e.came)
		}
		h.doom(ref)
	}
}

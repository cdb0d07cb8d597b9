package hub

import (
	"time"

	"haproxy/codec/csta"
	"haproxy/state"
)

// segmentTable follows answers that come in segments, under a service cross reference ID of the
// switch, to the one who asked.
type segmentTable struct {
	open  map[string]*segments
	early map[string][][]byte // segments that came before the answer that names them; owned
	held  int                 // frames in early
}

// segments is one segmented answer on its way.
type segments struct {
	leg     LegID // Link where the proxy asked
	mark    state.Mark
	expires time.Time
}

const (
	segmentedMax     = 1024 // answers under way
	earlySegmentsMax = 1024 // frames
)

func (t *segmentTable) init() {
	t.open = make(map[string]*segments)
	t.early = make(map[string][][]byte)
}

// segmented reports whether a service may answer in segments.
func segmented(s csta.Service) bool {
	switch s {
	case csta.SnapshotDevice, csta.SnapshotCall, csta.GetSwitchingFunctionDevices, csta.GetMonitors,
		csta.GetRegistrations, csta.GetLocationTrackingSessions:
		return true
	default:
		return false
	}
}

// isSegment reports whether a service carries a segment of an answer.
func isSegment(s csta.Service) bool {
	switch s {
	case csta.SnapshotDeviceData, csta.SnapshotCallData, csta.SwitchingFunctionDevices, csta.MonitorInfo,
		csta.RegistrationInfo, csta.LocationSessionInfo:
		return true
	default:
		return false
	}
}

// follow notes whom the segments of an answer go to. h.in is the answer; its segments that came early
// are passed once the answer itself is out.
func (t *segmentTable) follow(h *Hub, r *request) {
	if len(t.open) >= segmentedMax {
		h.abandoned(r)
		return
	}
	t.open[string(h.in.ServiceRef)] = &segments{
		leg: r.leg, mark: r.mark, expires: h.now.Add(h.cfg.RequestTimeout),
	}
}

// segment takes one segment of an answer. h.in is the segment.
func (h *Hub) segment(frame []byte) {
	ref := string(h.in.ServiceRef)
	to := h.segments.open[ref]
	if to == nil {
		if h.segments.held >= earlySegmentsMax {
			h.counters[countSegmentsLost]++
			return
		}
		h.segments.early[ref] = append(h.segments.early[ref], append([]byte(nil), frame...))
		h.segments.held++
		return
	}
	h.state.Learn(to.mark, &h.in)
	if l := h.legs[to.leg]; l != nil {
		h.send(l, frame)
	}
	if h.in.LastSegment {
		delete(h.segments.open, ref)
	} else {
		to.expires = h.now.Add(h.cfg.RequestTimeout)
	}
}

// passEarly passes the segments that were there before their answer.
func (h *Hub) passEarly(ref string) {
	frames := h.segments.early[ref]
	if len(frames) == 0 {
		return
	}
	delete(h.segments.early, ref)
	h.segments.held -= len(frames)
	for _, frame := range frames {
		if h.link.codec.Decode(&h.in, frame) == nil {
			h.segment(frame)
		}
	}
}

// sweepSegments gives up answers whose segments stopped coming.
func (h *Hub) sweepSegments() {
	for ref, to := range h.segments.open {
		if h.now.After(to.expires) {
			h.state.Forget(to.mark)
			h.counters[countSegmentsLost]++
			delete(h.segments.open, ref)
		}
	}
	if h.segments.held > 0 && len(h.segments.open) == 0 && h.slots.busy == 0 {
		h.counters[countSegmentsLost] += uint64(h.segments.held)
		clear(h.segments.early)
		h.segments.held = 0
	}
}

// clearSegments forgets what a lost link will not finish.
func (h *Hub) clearSegments() {
	for _, to := range h.segments.open {
		h.state.Forget(to.mark)
	}
	clear(h.segments.open)
	clear(h.segments.early)
	h.segments.held = 0
}

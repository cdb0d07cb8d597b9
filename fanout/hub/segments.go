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
	early map[string]*earlySegments
	held  int // frames in early
	bytes int // and their bytes
}

// earlySegments came before the answer that names them.
type earlySegments struct {
	frames [][]byte // owned
	since  time.Time
}

// segments is one segmented answer on its way.
type segments struct {
	leg     LegID        // Link where the proxy asked
	service csta.Service // that was asked for
	mark    state.Mark
	expires time.Time
	compare *request // what the answer is compared for; nil for others
}

const (
	segmentedMax     = 1024    // answers under way
	earlySegmentsMax = 1024    // frames
	earlyBytesMax    = 4 << 20 // and their bytes
)

func (t *segmentTable) init() {
	t.open = make(map[string]*segments)
	t.early = make(map[string]*earlySegments)
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
	case csta.SnapshotDeviceData, csta.SnapshotCallData, csta.SwitchingFunctionDevices,
		csta.MonitorInfo, csta.RegistrationInfo, csta.LocationSessionInfo:
		return true
	default:
		return false
	}
}

// follow notes whom the segments of an answer go to. h.in is the answer; its segments that came
// early are passed once the answer itself is out.
func (t *segmentTable) follow(h *Hub, r *request) {
	ref := string(h.in.ServiceRef)
	if old := t.open[ref]; old != nil { // the switch has another use for the ID
		h.giveUpSegments(ref, old)
	}
	if len(t.open) >= segmentedMax {
		h.abandoned(r)
		if r.purpose == forComparison {
			h.comparisonFailed(r)
		}
		return
	}
	s := &segments{leg: r.leg, service: r.service, mark: r.mark, expires: h.now.Add(h.cfg.RequestTimeout)}
	if r.purpose == forComparison {
		of := *r
		s.compare = &of
	}
	t.open[ref] = s
}

// segment takes one segment of an answer. h.in is the segment.
func (h *Hub) segment(frame []byte) {
	ref := string(h.in.ServiceRef)
	to := h.segments.open[ref]
	switch {
	case ref == "":
		h.toAll(frame) // it cannot be told whose it is
		return
	case to == nil:
		h.holdSegment(ref, frame)
		return
	}
	last := h.in.LastSegment
	if last {
		delete(h.segments.open, ref)
	} else {
		to.expires = h.now.Add(h.cfg.RequestTimeout)
	}
	if to.compare != nil {
		h.compareSegment(to.compare, last)
		return
	}
	h.learnUnlessDenied(to.mark, to.service)
	if l := h.legs[to.leg]; l != nil {
		h.send(l, frame)
	}
}

// holdSegment keeps a segment until the answer comes that names it.
func (h *Hub) holdSegment(ref string, frame []byte) {
	if h.segments.held >= earlySegmentsMax || h.segments.bytes+len(frame) > earlyBytesMax {
		h.counters[countSegmentsLost]++
		return
	}
	early := h.segments.early[ref]
	if early == nil {
		early = &earlySegments{since: h.now}
		h.segments.early[ref] = early
	}
	early.frames = append(early.frames, append([]byte(nil), frame...))
	h.segments.held++
	h.segments.bytes += len(frame)
}

// takeEarly forgets the early segments of an answer and returns them.
func (t *segmentTable) takeEarly(ref string) [][]byte {
	early := t.early[ref]
	if early == nil {
		return nil
	}
	delete(t.early, ref)
	t.held -= len(early.frames)
	for _, frame := range early.frames {
		t.bytes -= len(frame)
	}
	return early.frames
}

// passEarly passes the segments that were there before their answer.
func (h *Hub) passEarly(ref string) {
	for _, frame := range h.segments.takeEarly(ref) {
		if h.link.codec.Decode(&h.in, frame) == nil {
			h.segment(frame)
		}
	}
}

// sweepSegments gives up answers whose segments stopped coming.
func (h *Hub) sweepSegments() {
	for ref, to := range h.segments.open {
		if h.now.After(to.expires) {
			h.giveUpSegments(ref, to)
		}
	}
	for ref, early := range h.segments.early {
		if h.now.Sub(early.since) > h.cfg.RequestTimeout {
			h.counters[countSegmentsLost] += uint64(len(h.segments.takeEarly(ref)))
		}
	}
}

// giveUpSegments ends an answer whose other segments do not come.
func (h *Hub) giveUpSegments(ref string, to *segments) {
	h.state.Forget(to.mark)
	h.counters[countSegmentsLost]++
	delete(h.segments.open, ref)
	if to.compare != nil {
		h.comparisonFailed(to.compare)
	}
}

// clearSegments forgets what a lost link will not finish.
func (h *Hub) clearSegments() {
	for _, to := range h.segments.open {
		h.state.Forget(to.mark)
	}
	clear(h.segments.open)
	clear(h.segments.early)
	h.segments.held, h.segments.bytes = 0, 0
}

package replay

import (
	"slices"

	"haproxy/codec/csta"
	"haproxy/fanout/record"
	"haproxy/perf/capture"
)

// standing is what stood on the legs of a record when it begins, its first files being gone: see capture.Leg. The
// dialogues that would bring it about tell it.
type standing struct {
	link     dialogues            // with the switch: monitors and registrations, and then queries
	events   []standingEvent      // that led to what was so
	tservers map[string]dialogues // of each T-Server: monitors and registrations
}

// standingEvent is an event of a monitor that stood.
type standingEvent struct {
	ref   string
	frame []byte
}

// exchange is a request and its answer.
type exchange struct {
	key             string
	service         csta.Service
	request, answer []byte
	device          string // of a MonitorStart
	ref             string // of a monitor, as the answer names it
}

// dialogues are exchanges in their order.
type dialogues struct {
	all     []*exchange
	pending *exchange // the last, until its answer comes
}

// note takes a message of a leg that tells what stood. It reports false where there is no room for it.
func (s *standing) note(m *capture.Message, room func(requests, bytes int) bool) bool {
	if m.Err != nil || !room(0, len(m.Frame)) {
		return false
	}
	if m.FromSwitch && m.Body.Kind == csta.KindEvent {
		s.events = append(s.events, standingEvent{string(m.Body.CrossRef), slices.Clone(m.Frame)})
		return true
	}
	if m.Leg.Standing == record.LinkName {
		s.link.note(m)
		return true
	}
	if s.tservers == nil {
		s.tservers = make(map[string]dialogues)
	}
	of := s.tservers[m.Leg.Standing]
	of.note(m)
	s.tservers[m.Leg.Standing] = of
	return true
}

func (d *dialogues) note(m *capture.Message) {
	switch {
	case !m.FromSwitch:
		d.pending = &exchange{key: keyOf(m.Body), service: m.Body.Service, request: slices.Clone(m.Frame)}
		if m.Body.Service == csta.MonitorStart {
			d.pending.device = string(m.Body.Device.Number)
		}
	case d.pending != nil:
		d.pending.answer, d.pending.ref = slices.Clone(m.Frame), string(m.Body.CrossRef)
		d.all = append(d.all, d.pending)
		d.pending = nil
	}
}

// stood is what of it was not given to the far side of a link yet.
type stood struct {
	exchanges map[string][]*exchange // by what is asked
	monitors  map[string][]*exchange // by device
	taken     map[*exchange]bool
	kept      int                        // bytes of events that came since
	events    map[string][][]byte        // of each monitor, by the switch's ID
	renamed   map[string]csta.CrossRefID // T-Servers' IDs of monitors, by the switch's, where they differ
	own       map[string]csta.CrossRefID // the other way round
}

// newStood returns what stood, for a link on which nothing of it was given.
func newStood(of *standing) stood {
	s := stood{
		exchanges: make(map[string][]*exchange), monitors: make(map[string][]*exchange), taken: make(map[*exchange]bool),
		events: make(map[string][][]byte), renamed: make(map[string]csta.CrossRefID),
		own: make(map[string]csta.CrossRefID),
	}
	for _, e := range of.link.all {
		s.exchanges[e.key] = append(s.exchanges[e.key], e)
		if e.ref != "" {
			s.events[e.ref] = nil
		}
		if e.device != "" {
			s.monitors[e.device] = append(s.monitors[e.device], e)
		}
	}
	for _, e := range of.events {
		s.events[e.ref] = append(s.events[e.ref], e.frame)
	}
	for _, d := range of.tservers {
		nth := make(map[string]int) // what asks the same is for the same, one by one
		for _, e := range d.all {
			n := nth[e.key]
			nth[e.key]++
			if of := s.exchanges[e.key]; n < len(of) && of[n].ref != e.ref {
				s.renamed[of[n].ref], s.own[e.ref] = csta.CrossRefID(e.ref), csta.CrossRefID(of[n].ref)
			}
		}
	}
	return s
}

// take returns the exchange that a request of the far side is for, once; nil where there is none. A monitor may be
// asked for in other words, with another filter.
func (s *stood) take(key string, msg *csta.Message) *exchange {
	for _, e := range s.exchanges[key] {
		if !s.taken[e] {
			s.taken[e] = true
			return e
		}
	}
	if msg.Service != csta.MonitorStart {
		return nil
	}
	for _, e := range s.monitors[string(msg.Device.Number)] {
		if !s.taken[e] {
			s.taken[e] = true
			return e
		}
	}
	return nil
}

// goOn keeps an event of a monitor that stood and that nobody has started yet: whoever does has to be told it, too. It
// reports false for others, and where there is no room.
func (s *stood) goOn(ref string, frame []byte) bool {
	events, stands := s.events[ref]
	if !stands || s.kept >= keptBytesMax {
		return false
	}
	s.kept += len(frame)
	s.events[ref] = append(events, slices.Clone(frame))
	return true
}

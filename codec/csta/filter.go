package csta

// EventSet is a set of events. As a monitor filter it holds the events that are NOT to be sent
// (ECMA-269, monitor filters: a set bit suppresses).
type EventSet [2]uint64

// Has reports whether the event is in the set.
func (s EventSet) Has(e Event) bool { return s[e>>6]&(1<<(e&63)) != 0 }

// Add puts the event into the set.
func (s *EventSet) Add(e Event) { s[e>>6] |= 1 << (e & 63) }

// Union returns the events that are in either set.
func (s EventSet) Union(other EventSet) EventSet {
	return EventSet{s[0] | other[0], s[1] | other[1]}
}

// Intersection returns the events that are in both sets. The intersection of two filters is the
// filter that lets pass what either lets pass.
func (s EventSet) Intersection(other EventSet) EventSet {
	return EventSet{s[0] & other[0], s[1] & other[1]}
}

// Overlaps reports whether the sets have an event in common.
func (s EventSet) Overlaps(other EventSet) bool { return s.Intersection(other) != EventSet{} }

// EventsOf returns the set of the given events.
func EventsOf(events ...Event) EventSet {
	var set EventSet
	for _, e := range events {
		set.Add(e)
	}
	return set
}

// MediaClass is a set of media classes (ECMA-269, monitor media class), in the order of ECMA-323.
type MediaClass uint16

// The media classes.
const (
	MediaVoice MediaClass = 1 << iota
	MediaData
	MediaImage
	MediaAudio
	MediaOther
	MediaNotKnown
	MediaChat
	MediaEmail
	MediaMessage
	MediaIM
	MediaSMS
	MediaMMS
)

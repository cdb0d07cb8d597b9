package state

import (
	"time"

	"haproxy/codec/csta"
)

// BeginsAgain reports whether an event, not applied yet, begins another call under the ID of one that its
// monitor has: the end of the old one was lost.
func (s *State) BeginsAgain(id MonitorID, msg *csta.Message) bool {
	switch msg.Event {
	case csta.EventServiceInitiated, csta.EventOriginated, csta.EventOffered:
	default:
		return false
	}
	if !s.isOpen(uint32(id)) {
		return false
	}
	w := s.findWatch(uint32(id), s.findCall(msg.Subject.Call))
	if w == 0 {
		return false
	}
	h := s.hear(uint32(id), w, msg)
	return s.begunAgain(w, &h)
}

// DifferReused publishes the end of a call on all monitors, before the event that uses its ID again.
func (s *State) DifferReused(call csta.CallID, now time.Time, publish Publish) {
	s.now = now.UnixNano()
	d := differing{State: s, mark: mark{seq: s.seq}, publish: publish, kept: s.kept, hearers: s.hearers}
	d.endCallOn(d.keep(call), func(*watch) bool { return true })
	s.kept, s.hearers = d.kept[:0], d.hearers[:0]
}

// endCallOn publishes the end of a call on monitors: on those of devices the device's own connection cleared,
// on those that follow calls the call.
func (d *differing) endCallOn(call csta.CallID, matches func(w *watch) bool) {
	p := party{call: call}
	for _, monitor := range d.monitorsOf(d.findCall(call), matches) {
		if !d.monitors.at(monitor).ofDevice() {
			d.say(monitor, csta.EventCallCleared, &p, csta.ConnectionNone)
			d.end(monitor, &p)
		} else if w := d.findWatch(monitor, d.findCall(call)); w != 0 {
			d.clearOwn(w)
		}
	}
}

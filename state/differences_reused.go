package state

import (
	"time"

	"haproxy/codec/csta"
)

// BeginsAgain reports whether an event, not applied yet, begins another call under the ID of one that is
// known: the end of the old one was lost. came is when the event came, if it had to wait.
func (s *State) BeginsAgain(came Mark, id MonitorID, msg *csta.Message) bool {
	switch msg.Event {
	case csta.EventServiceInitiated, csta.EventOriginated, csta.EventOffered:
	case csta.EventDelivered:
		if came == (Mark{}) {
			return false // there are switches that alert who is about to call
		}
	default:
		return false
	}
	if !s.isOpen(uint32(id)) {
		return false
	}
	call := s.findCall(msg.Subject.Call)
	w := s.findWatch(uint32(id), call)
	h := s.hear(uint32(id), w, msg)
	switch {
	case call == 0:
		return false
	case w == 0: // nobody takes a receiver off in a call of others
		return msg.Event == csta.EventServiceInitiated && h.own &&
			s.findConn(call, msg.Subject.Device, s.names.device(h.m.device)) == 0
	case msg.Event == csta.EventDelivered:
		return h.own && h.to == csta.ConnectionAlerting && s.watches.at(w).own == csta.ConnectionInitiated
	default:
		return s.begunAgain(w, &h)
	}
}

// DifferReused publishes the end of a call before the event that uses its ID again, on all monitors that
// heard nothing of it since that event came.
func (s *State) DifferReused(came Mark, call csta.CallID, now time.Time, publish Publish) {
	s.now = now.UnixNano()
	since := mark{seq: s.seq}
	if m := s.markOf(came); m != nil {
		since.seq = m.seq
	}
	d := differing{State: s, mark: since, publish: publish, kept: s.kept, hearers: s.hearers}
	d.endCallOn(d.keep(call), func(w *watch) bool { return w.seq <= since.seq })
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

package state

import (
	"bytes"
	"time"

	"haproxy/codec/csta"
)

// BeginsAgain reports whether an event, not applied yet, begins another call under the ID of one that is
// known: the end of the old one was lost. came is when the event came, if it had to wait.
func (s *State) BeginsAgain(came Mark, id MonitorID, msg *csta.Message) bool {
	if !s.isOpen(uint32(id)) {
		return false
	}
	if isJoin(msg.Event) {
		asked := s.monitors.at(uint32(id)).proved[subjectCalls] == s.epoch // its answer knew of the join
		return (came == (Mark{}) || !asked) && len(s.joinedAgain(id, msg)) > 0
	}
	switch msg.Event {
	case csta.EventServiceInitiated, csta.EventOriginated, csta.EventOffered:
	case csta.EventDelivered:
		if came == (Mark{}) {
			return false // there are switches that alert who is about to call
		}
	default:
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

// isJoin reports whether an event joins calls to one, which may have an ID of its own.
func isJoin(event csta.Event) bool {
	return event == csta.EventTransferred || event == csta.EventConferenced
}

// joinedAgain returns the call that a join leads to, if its monitor has another under that ID.
func (s *State) joinedAgain(id MonitorID, msg *csta.Message) csta.CallID {
	for i := range msg.Connections {
		call := msg.Connections[i].New.Call
		switch {
		case len(call) == 0:
			continue
		case bytes.Equal(call, msg.Subject.Call), bytes.Equal(call, msg.Secondary.Call),
			s.findWatch(uint32(id), s.findCall(call)) == 0:
			return nil
		default:
			return call
		}
	}
	return nil
}

// DifferReused publishes the end of a call before the event that uses its ID again, as BeginsAgain says, on all
// monitors; if the event had to wait, on those that heard nothing of the call since it came. One that was
// compared since the loss has of the ID what the switch has. A join ends it on its own monitor alone, since
// others may have heard of the join already.
func (s *State) DifferReused(came Mark, id MonitorID, msg *csta.Message, now time.Time, publish Publish) {
	s.now = now.UnixNano()
	since, waited := mark{seq: s.seq}, false
	if m := s.markOf(came); m != nil {
		since.seq, waited = m.seq, true
	}
	d := differing{State: s, mark: since, publish: publish, kept: s.kept, hearers: s.hearers}
	if isJoin(msg.Event) {
		d.mark.seq = s.seq
		d.leave(uint32(id), d.keep(s.joinedAgain(id, msg)))
	} else {
		d.endCallOn(d.keep(msg.Subject.Call), func(w *watch) bool {
			return w.seq <= since.seq && (!waited || s.monitors.at(w.monitor).proved[subjectCalls] != s.epoch)
		})
	}
	s.kept, s.hearers = d.kept[:0], d.hearers[:0]
}

// leave publishes on one device monitor that its device left a call.
func (d *differing) leave(monitor uint32, call csta.CallID) {
	w := d.findWatch(monitor, d.findCall(call))
	if w == 0 || !d.monitors.at(monitor).ofDevice() {
		return
	}
	p := d.ownPartyOf(d.watches.at(w))
	d.say(monitor, csta.EventConnectionCleared, &p, csta.ConnectionNull)
	d.end(monitor, &p)
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

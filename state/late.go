package state

import (
	"time"

	"haproxy/codec/csta"
)

// Arrived remembers that an event came now which is to be applied later, when its monitor is known or
// its device was compared: see ApplyLate. A mark that is not used is to be given to Forget.
func (s *State) Arrived() Mark {
	return s.newMark(mark{})
}

// ApplyLate is Apply for an event that came when at was taken. What other monitors told of a connection
// since is newer, and wins; where the monitor's own stream ends, the later events of that stream tell.
// The mark is spent. A zero or spent one makes the event the newest of all.
func (s *State) ApplyLate(at Mark, id MonitorID, msg *csta.Message, frame []byte, now time.Time) {
	m := s.markOf(at)
	if m == nil {
		s.Apply(id, msg, frame, now)
		return
	}
	latest := s.seq
	s.late, s.seq = m.seq, m.seq-1 // Apply counts it
	s.Apply(id, msg, frame, now)
	s.late, s.seq = 0, max(s.seq, latest)
	s.releaseMark(at.slot)
}

// Heard spends the mark of an event that is left out, since its monitor's stream has what it tells: that
// it told of its connection then is still news, as an answer that was asked for before is older.
func (s *State) Heard(at Mark, msg *csta.Message) {
	m := s.markOf(at)
	if m == nil {
		return
	}
	if i := s.findConn(s.findCall(msg.Subject.Call), msg.Subject.Device, partyIn(msg)); i != 0 {
		c := s.conns.at(i)
		c.heard = max(c.heard, m.seq)
	}
	s.releaseMark(at.slot)
}

// overtaken reports whether a connection that the model lacks was cleared after the late event that is
// being applied had come.
func (s *State) overtaken(call uint32, dev csta.DeviceID) bool {
	return s.late != 0 && s.endedSince(s.late, 0, s.names.bytes(s.calls.at(call).id), dev)
}

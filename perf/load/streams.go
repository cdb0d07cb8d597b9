package load

import (
	"strconv"

	"haproxy/codec/csta"
)

// streams tell whether a T-Server that joins is given what it has to be: of each device that it monitors, all of the
// call that is under way, from its first event on, then what the switch says, none of it twice.
type streams struct {
	of   *events
	next []uint64 // of each device: the event that is due, counted from 1; the first of any call where it is 0
	here []bool   // the device's monitor is granted
}

func newStreams(e *events) streams {
	return streams{of: e, next: make([]uint64, e.devices), here: make([]bool, e.devices)}
}

// begin takes that a monitor is granted.
func (s *streams) begin(ref csta.CrossRefID) {
	if i, err := strconv.Atoi(string(ref)); err == nil && i >= 1 && i <= len(s.here) {
		s.here[i-1] = true
	}
}

// follow takes an event. It reports whether it is the one that its device's stream goes on with.
func (s *streams) follow(number uint64) bool {
	calls := uint64(s.of.calls)
	device, step := number%calls, number/calls%uint64(len(steps))
	due := s.next[device]
	s.next[device] = number + calls + 1
	return s.here[device] && (due == number+1 || due == 0 && step == 0)
}

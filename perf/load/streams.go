package load

import (
	"strconv"

	"haproxy/codec/csta"
)

// streams tell whether a T-Server that joins is given what it has to be: of each device that it monitors, all of the
// call that is under way, from its first event on, then what the switch says, none of it twice.
type streams struct {
	of      *events
	devices []stream
}

// stream is what a T-Server is given of a device.
type stream struct {
	asked, granted bool   // its monitor
	from, to       uint64 // the first event is one of these, the first of a call
	next           uint64 // the one that is due; 0 before the first
}

// newStreams returns the streams of a T-Server that has nothing yet.
func newStreams(e *events) streams {
	return streams{of: e, devices: make([]stream, e.devices)}
}

// ask takes that the monitor of a device is asked for, when the proxy had taken so many events at least.
func (s *streams) ask(device int, told uint64) {
	s.devices[device] = stream{asked: true, from: s.of.firstOf(device, told)}
}

// grant takes that a monitor is granted, when the proxy had taken so many events at most.
func (s *streams) grant(ref csta.CrossRefID, offered uint64) {
	if i, err := strconv.Atoi(string(ref)); err == nil && i >= 1 && i <= len(s.devices) && s.devices[i-1].asked {
		of := &s.devices[i-1]
		of.granted, of.to = true, s.of.firstOf(i-1, offered)
	}
}

// follow takes an event. It reports whether it is the one that its device's stream goes on with.
func (s *streams) follow(number uint64) bool {
	calls := uint64(s.of.calls)
	of := &s.devices[number%calls]
	due := of.next
	of.next = number + calls
	if due > 0 {
		return number == due
	}
	return of.granted && number >= of.from && number <= of.to && s.of.stepOf(number) == 0
}

// stepOf returns which event of its call one is.
func (e *events) stepOf(number uint64) uint64 { return number / uint64(e.calls) % uint64(len(steps)) }

// firstOf returns the first event of the call of a device that is under way, or else of its next one, where so many
// events were said.
func (e *events) firstOf(device int, said uint64) uint64 {
	calls := uint64(e.calls)
	next := said + (uint64(device)+calls-said%calls)%calls
	return next - e.stepOf(next)*calls
}

package state

import (
	"errors"

	"haproxy/codec/csta"
)

// ErrLimit is a monitor that would be one more than Limits.Monitors, or whose object has an
// identifier that the model cannot keep: an over-long one, or one too many.
var ErrLimit = errors.New("state: a limit is reached")

// MonitorID is this package's handle of a monitor; 0 is none. It is used again after Close.
type MonitorID uint32

// Object is what a monitor watches and what it lets pass. Open copies what it keeps.
type Object struct {
	// Device is the monitored device of a device object.
	Device csta.DeviceID
	// Call is the monitored call of a call object.
	Call csta.ConnectionID
	// CallObject says that the object is Call, not Device.
	CallObject bool
	// Type is what the monitor follows; MonitorTypeNone means device for a device object and call
	// for a call object.
	Type csta.MonitorType
	// Filter is the filter granted: the events that are NOT sent.
	Filter csta.EventSet
}

// Open takes a monitor into the state and returns its handle. It fails with ErrLimit.
func (s *State) Open(obj Object) (MonitorID, error) {
	device := obj.Device
	if obj.CallObject {
		device = obj.Call.Device
	}
	deviceName := s.names.takeDevice(canonical(device))
	callName := s.names.take(nameCall, csta.DeviceID{Number: obj.Call.Call})
	lacking := device.Known() && deviceName == 0 || len(obj.Call.Call) > 0 && callName == 0
	var i uint32
	var m *monitor
	if !lacking {
		i, m = s.monitors.alloc()
	}
	if m == nil {
		s.names.drop(deviceName)
		s.names.drop(callName)
		return 0, ErrLimit
	}
	m.device, m.call, m.form = deviceName, callName, device.Form
	m.callObject, m.asked, m.kind = obj.CallObject, obj.Type, obj.Type
	if obj.Type == csta.MonitorTypeNone {
		m.kind = csta.MonitorTypeDevice
		if obj.CallObject {
			m.kind = csta.MonitorTypeCall
		}
	}
	m.filter, m.open = obj.Filter, true
	s.distrust(i)
	m.opened = s.seq
	if deviceName != 0 && !obj.CallObject {
		s.linkMonitor(i, m)
	}
	return MonitorID(i), nil
}

// linkMonitor puts a monitor into the list of its device.
func (s *State) linkMonitor(i uint32, m *monitor) {
	name := s.names.records.at(m.device)
	m.devNext = name.head
	if name.head != 0 {
		s.monitors.at(name.head).devPrev = i
	}
	name.head = i
}

func (s *State) unlinkMonitor(m *monitor) {
	if m.devPrev != 0 {
		s.monitors.at(m.devPrev).devNext = m.devNext
	} else {
		s.names.records.at(m.device).head = m.devNext
	}
	if m.devNext != 0 {
		s.monitors.at(m.devNext).devPrev = m.devPrev
	}
}

// forgetDevice drops the agents and features of a device that has no monitor any more: nobody would
// tell of their changes.
func (s *State) forgetDevice(device uint32) {
	for i := s.names.records.at(device).items; i != 0; {
		it := s.items.at(i)
		next := it.devNext
		if it.monitor == 0 {
			s.dropItem(i)
		}
		i = next
	}
}

// Close ends a monitor: its journal and its chains leave, and with them the calls that no other
// monitor sees, but for those that an answer told of where the device has another monitor, and the
// agents and features of a device with its last monitor. A handle that is not open is passed over.
func (s *State) Close(id MonitorID) {
	i := uint32(id)
	if !s.isOpen(i) {
		return
	}
	m := s.monitors.at(i)
	for m.watches != 0 {
		s.bequeath(m.watches)
	}
	for m.items != 0 {
		s.dropItem(m.items)
	}
	if m.first != 0 || m.bytes != 0 {
		panic("state: a closed monitor left frames in its journal")
	}
	if m.device != 0 && !m.callObject {
		s.unlinkMonitor(m)
		if s.names.records.at(m.device).head == 0 {
			s.forgetDevice(m.device)
		}
	}
	s.names.drop(m.device)
	s.names.drop(m.call)
	s.names.drop(m.alias)
	m.open = false
	s.monitors.release(i)
}

// SetFilter tells the filter that the switch now grants a monitor. Where it lets pass less than
// before, what was certain by this monitor is not certain any more; where no end of a call passes,
// its calls leave.
func (s *State) SetFilter(id MonitorID, granted csta.EventSet) {
	if !s.isOpen(uint32(id)) {
		return
	}
	m := s.monitors.at(uint32(id))
	if m.filter.Union(granted) != m.filter {
		s.distrust(uint32(id))
	}
	m.filter = granted
	for w := m.watches; w != 0; w = s.watches.at(w).monNext {
		s.sweepDeparted(s.watches.at(w).call)
	}
	if m.hearsEnds() {
		return
	}
	for m.watches != 0 {
		s.endWatch(m.watches, false)
	}
}

// hearsEnds reports whether a monitor can hear that a call is over. One that cannot keeps no call:
// none would ever leave its journal.
func (m *monitor) hearsEnds() bool {
	return !m.filter.Has(csta.EventConnectionCleared) || !m.filter.Has(csta.EventCallCleared)
}

// isOpen reports whether a monitor is.
func (s *State) isOpen(i uint32) bool {
	return i != 0 && i <= s.monitors.top && s.monitors.at(i).open
}

// distrust makes nothing certain by a monitor, nor by what is asked already: it lacks an event.
func (s *State) distrust(i uint32) {
	for about := range subjects {
		s.distrustSubject(i, about)
	}
}

// distrustSubject is distrust for one subject.
func (s *State) distrustSubject(i uint32, about subject) {
	if i == 0 {
		return
	}
	m := s.monitors.at(i)
	s.seq++ // what was asked at this moment was asked before
	m.sound[about], m.proved[about] = s.seq, 0
}

// refuse counts something left out of the model that the monitor told of.
func (s *State) refuse(monitor uint32) {
	s.stats.Refused++
	s.distrust(monitor)
}

// objectDevice returns the monitored device as it was given to Open, borrowed.
func (s *State) objectDevice(m *monitor) csta.DeviceID {
	d := s.names.device(m.device)
	if d.Known() {
		d.Form = m.form
	}
	return d
}

// isOwn reports whether a device of a call event is the monitored device, by its bytes or by those
// that the switch has for it in connections. A dynamic identifier names one connection, never the
// device.
func (s *State) isOwn(m *monitor, d csta.DeviceID) bool {
	if !m.ofDevice() || !d.Known() || d.Form == csta.DeviceDynamic {
		return false
	}
	return s.names.is(m.device, d.Number) || s.names.is(m.alias, d.Number)
}

// sees reports whether a monitor gets all of some events.
func (m *monitor) sees(events csta.EventSet) bool { return !m.filter.Overlaps(events) }

// monitorOf returns the first device monitor of a device that gets all of some events and that
// accept takes, or 0.
func (s *State) monitorOf(device csta.DeviceID, events csta.EventSet,
	accept func(i uint32, m *monitor) bool,
) uint32 {
	name := s.names.find(nameDevice, canonical(device))
	if name == 0 {
		return 0
	}
	for i := s.names.records.at(name).head; i != 0; {
		m := s.monitors.at(i)
		if m.ofDevice() && m.sees(events) && accept(i, m) {
			return i
		}
		i = m.devNext
	}
	return 0
}

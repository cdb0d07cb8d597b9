package hub

import (
	"time"

	"haproxy/codec/csta"
	"haproxy/state"
)

// monitor is one monitor at the switch and the T-Servers that share it.
type monitor struct {
	key    string
	next   *monitor // another monitor asked for with the same key
	phase  monitorPhase
	id     state.MonitorID
	object state.Object // owned

	ref       string // T-Servers' cross reference ID
	switchRef string // the switch's, the same until a link loss
	request   []byte // the MonitorStart, for restoring
	answer    []byte // the positive answer as T-Servers get it

	requested csta.EventSet // the filter in request
	asked     csta.EventSet // the filter the switch was last asked for
	granted   csta.EventSet // the filter the switch works with

	members []member // by T-Server
	waiters []waiter // for the answer to a first MonitorStart
	blocked []blocked
	place   int       // in monitorTable.all
	idle    time.Time // since it has no member; zero while it has
	retries int       // of its restoration
}

// monitorPhase is where a monitor is in its life.
type monitorPhase uint8

const (
	monitorPending   monitorPhase = iota // the switch was asked
	monitorActive                        // the switch granted it
	monitorLost                          // the link was lost: to be restored
	monitorRestoring                     // the switch was asked again
	monitorStopping                      // the switch was told to stop it
	monitorGone
)

// member is one T-Server's part in a monitor.
type member struct {
	joined    bool
	confirmed bool          // joined since its leg last had to ask anew
	filter    csta.EventSet // what it does not want
}

// waiter is a MonitorStart or registration whose answer is under way.
type waiter struct {
	leg    LegID
	invoke csta.InvokeID
	filter csta.EventSet
}

// blocked is a MonitorStart that met a MonitorStop under way.
type blocked struct {
	leg   LegID
	frame []byte
}

// monitorTable finds monitors by what was asked and by either side's cross reference ID.
type monitorTable struct {
	byKey    map[string]*monitor
	byRef    map[string]*monitor // the switch's ID
	byOurs   map[string]*monitor // T-Servers' ID
	all      []*monitor          // active and later phases, in no order
	idle     []idleMonitor       // without members, oldest first
	starting int                 // MonitorStarts outstanding at the switch
}

// idleMonitor is a monitor that had no member since then; it may have one again.
type idleMonitor struct {
	monitor *monitor
	since   time.Time
}

func (t *monitorTable) init() {
	t.byKey = make(map[string]*monitor)
	t.byRef = make(map[string]*monitor)
	t.byOurs = make(map[string]*monitor)
}

// insert makes a monitor known by its key.
func (t *monitorTable) insert(m *monitor) {
	m.next = t.byKey[m.key]
	t.byKey[m.key] = m
	m.place = len(t.all)
	t.all = append(t.all, m)
}

// name makes a monitor known by the switch's ID and by the T-Servers'.
func (t *monitorTable) name(m *monitor, ref string) {
	if m.switchRef != "" && t.byRef[m.switchRef] == m {
		delete(t.byRef, m.switchRef)
	}
	m.switchRef = ref
	t.byRef[ref] = m
	if m.ref == "" {
		m.ref = freshRef(ref, func(s string) bool { return t.byOurs[s] != nil })
		t.byOurs[m.ref] = m
	}
}

// remove forgets a monitor.
func (t *monitorTable) remove(m *monitor) {
	if t.byKey[m.key] == m {
		if m.next == nil {
			delete(t.byKey, m.key)
		} else {
			t.byKey[m.key] = m.next
		}
	} else {
		for at := t.byKey[m.key]; at != nil; at = at.next {
			if at.next == m {
				at.next = m.next
				break
			}
		}
	}
	if t.byRef[m.switchRef] == m {
		delete(t.byRef, m.switchRef)
	}
	if t.byOurs[m.ref] == m {
		delete(t.byOurs, m.ref)
	}
	last := t.all[len(t.all)-1]
	t.all[m.place], last.place = last, m.place
	t.all[len(t.all)-1] = nil
	t.all = t.all[:len(t.all)-1]
	m.phase, m.next = monitorGone, nil
}

// unnameAll forgets the switch's IDs, which a link loss voids.
func (t *monitorTable) unnameAll() {
	clear(t.byRef)
	for _, m := range t.all {
		m.switchRef = ""
	}
}

// wanted is the filter the switch has to work with: what no member wants is all it may suppress.
func (m *monitor) wanted(but int, also csta.EventSet) csta.EventSet {
	filter := also
	for i := range m.members {
		if m.members[i].joined && i != but {
			filter = filter.Intersection(m.members[i].filter)
		}
	}
	return filter
}

// hasMembers reports whether any T-Server is joined.
func (m *monitor) hasMembers() bool {
	for i := range m.members {
		if m.members[i].joined {
			return true
		}
	}
	return false
}

// isDevice reports whether the monitored object is a device.
func (m *monitor) isDevice() bool { return !m.object.CallObject }

// monitorKey names what a MonitorStart asks for, whatever its bytes: object, type, media, private
// data. The filter is not part of it, since members may want different events.
func monitorKey(msg *csta.Message) string {
	key := make([]byte, 0, 96)
	kind := byte('d')
	if msg.CallObject {
		kind = 'c'
	}
	key = append(key, kind, byte(effectiveType(msg)), byte(msg.Media), byte(msg.Media>>8))
	device := msg.Device
	if msg.CallObject {
		key = appendPart(key, msg.Subject.Call)
		device = msg.Subject.Device
	}
	key = append(key, byte(effectiveForm(device.Form)), byte(device.Type))
	key = appendPart(key, device.Number)
	return string(appendPart(key, msg.Private))
}

// appendPart appends one part of a key so that no two keys of different parts are equal.
func appendPart(key, part []byte) []byte {
	n := len(part)
	key = append(key, byte(n), byte(n>>8), byte(n>>16))
	return append(key, part...)
}

// effectiveType is the monitor type a MonitorStart means when it says none.
func effectiveType(msg *csta.Message) csta.MonitorType {
	switch {
	case msg.MonitorType != csta.MonitorTypeNone:
		return msg.MonitorType
	case msg.CallObject:
		return csta.MonitorTypeCall
	default:
		return csta.MonitorTypeDevice
	}
}

// effectiveForm is the form of a device ID that says none: a dialling number.
func effectiveForm(f csta.DeviceForm) csta.DeviceForm {
	if f == csta.DeviceAbsent {
		return csta.DeviceDialingNumber
	}
	return f
}

// freshRef returns ref, or where that is taken another ID of the same length and alphabet.
func freshRef(ref string, taken func(string) bool) string {
	id := []byte(ref)
	for first := ref; taken(string(id)); {
		for i := len(id) - 1; i >= 0 && !step(&id[i]); i-- {
		}
		if string(id) == first { // all of this length are taken
			id = append(id, '0')
			first = string(id)
		}
	}
	return string(id)
}

// step moves one character on within its own alphabet and reports whether it did not wrap.
func step(c *byte) bool {
	switch *c {
	case '9':
		*c = '0'
	case 'z':
		*c = 'a'
	case 'Z':
		*c = 'A'
	case 0xFF:
		*c = 0
	default:
		*c++
		return true
	}
	return false
}

// ownObject copies what a MonitorStart is about.
func ownObject(msg *csta.Message) state.Object {
	o := state.Object{CallObject: msg.CallObject, Type: effectiveType(msg), Device: msg.Device, Call: msg.Subject}
	o.Device.Number = append([]byte(nil), msg.Device.Number...)
	o.Call.Call = append(csta.CallID(nil), msg.Subject.Call...)
	o.Call.Device.Number = append([]byte(nil), msg.Subject.Device.Number...)
	return o
}

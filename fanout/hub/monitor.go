package hub

import (
	"time"

	"haproxy/codec/csta"
	"haproxy/state"
)

// monitor is one monitor at the switch and the T-Servers that share it. What an event needs comes first, close
// together.
type monitor struct {
	ref       string          // T-Servers' cross reference ID
	switchRef string          // the switch's, the same until a link loss
	members   []member        // by T-Server
	id        state.MonitorID // in the state
	comparing bool            // its events wait until its device was compared
	changing  bool            // the switch was asked to change the filter
	sent      bool            // the MonitorStart went to the switch
	phase     monitorPhase

	key     string
	next    *monitor     // another monitor asked for with the same key
	object  state.Object // owned
	request []byte       // the MonitorStart, for restoring
	answer  []byte       // the positive answer as T-Servers get it

	requested csta.EventSet // the filter in request
	asked     csta.EventSet // the filter the switch was last asked for
	granted   csta.EventSet // the filter the switch works with

	waiters []waiter  // for the first MonitorStart, or for the filter change under way
	blocked []blocked // for the MonitorStop under way
	joining int       // T-Servers that are to be admitted
	queued  int       // requests for it that wait to be sent, of a T-Server each; the first is sent
	late    []string  // the switch's IDs that late answers to the same request had, while it is pending again
	place   int       // in monitorTable.all
	retries int       // of its restoration

	awaiting []lateEvent // events that wait for the comparison
	cleared  []string    // connections that the comparison told the end of meanwhile

	idle               time.Time // since it has no member; zero while it has
	idleNext, idlePrev *monitor  // in the order they became idle
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
	joined   bool
	renewals uint          // of its T-Server, when it asked: it has to ask again once there are more
	filter   csta.EventSet // what it does not want
}

// waiter is a request whose answer needs another one first: a MonitorStart, a ChangeMonitorFilter
// or a registration.
type waiter struct {
	leg     LegID
	invoke  csta.InvokeID
	service csta.Service
	filter  csta.EventSet
	// renewals is how often the T-Server had been made to ask anew when it asked.
	renewals uint
}

// blocked is a MonitorStart that met a MonitorStop under way.
type blocked struct {
	leg     LegID
	frame   []byte // owned
	arrived arrival
}

// waitersMax bounds what one T-Server has waiting for one answer about one monitor or registration.
const waitersMax = 64

// hasRoom reports whether a T-Server may have one more among what waits, of which isOwn tells its own.
func hasRoom[T any](waiting []T, isOwn func(T) bool) bool {
	n := 0
	for _, w := range waiting {
		if isOwn(w) {
			n++
		}
	}
	return n < waitersMax
}

// monitorTable finds monitors by what was asked and by either side's cross reference ID.
type monitorTable struct {
	byKey    map[string]*monitor
	byRef    map[string]*monitor // the switch's ID
	byOurs   map[string]*monitor // T-Servers' ID
	byState  map[state.MonitorID]*monitor
	all      []*monitor // in no order
	starting int        // MonitorStarts waiting or outstanding

	idleFirst, idleLast *monitor // without members, the longest idle first
}

func (t *monitorTable) init() {
	t.byKey = make(map[string]*monitor)
	t.byRef = make(map[string]*monitor)
	t.byOurs = make(map[string]*monitor)
	t.byState = make(map[state.MonitorID]*monitor)
}

// insert makes a monitor known by its key, behind older ones with the same.
func (t *monitorTable) insert(m *monitor) {
	if at := t.byKey[m.key]; at == nil {
		t.byKey[m.key] = m
	} else {
		for at.next != nil {
			at = at.next
		}
		at.next = m
	}
	m.place = len(t.all)
	t.all = append(t.all, m)
}

// pending returns the monitor that the switch was asked for by a key, nil where none is.
func (t *monitorTable) pending(key string) *monitor {
	m := t.byKey[key]
	for m != nil && m.phase != monitorPending {
		m = m.next
	}
	return m
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
	if t.byState[m.id] == m {
		delete(t.byState, m.id)
	}
	last := t.all[len(t.all)-1]
	t.all[m.place], last.place = last, m.place
	t.all[len(t.all)-1] = nil
	t.all = t.all[:len(t.all)-1]
	m.phase, m.next = monitorGone, nil
	t.busy(m)
}

// rest notes since when a monitor has no member.
func (t *monitorTable) rest(m *monitor, now time.Time) {
	if !m.idle.IsZero() {
		return
	}
	m.idle, m.idlePrev = now, t.idleLast
	if t.idleLast == nil {
		t.idleFirst = m
	} else {
		t.idleLast.idleNext = m
	}
	t.idleLast = m
}

// busy notes that a monitor does not linger any more.
func (t *monitorTable) busy(m *monitor) {
	if m.idle.IsZero() {
		return
	}
	if m.idlePrev == nil {
		t.idleFirst = m.idleNext
	} else {
		m.idlePrev.idleNext = m.idleNext
	}
	if m.idleNext == nil {
		t.idleLast = m.idlePrev
	} else {
		m.idleNext.idlePrev = m.idlePrev
	}
	m.idle, m.idleNext, m.idlePrev = time.Time{}, nil, nil
}

// lose makes every monitor that the switch granted one to be restored: a link loss voids its ID.
func (t *monitorTable) lose() {
	clear(t.byRef)
	for _, m := range t.all {
		m.switchRef, m.comparing, m.awaiting, m.cleared = "", false, nil, nil
		if m.phase == monitorActive || m.phase == monitorRestoring {
			m.phase, m.retries = monitorLost, 0
		}
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

// hasOthers reports whether a T-Server beside the one named is joined, or is about to be.
func (m *monitor) hasOthers(but int) bool {
	for i := range m.members {
		if m.members[i].joined && i != but {
			return true
		}
	}
	return m.joining > 0 || len(m.waiters) > 0
}

// hasMembers reports whether any T-Server is joined, or is about to be.
func (m *monitor) hasMembers() bool { return m.hasOthers(ownSource) }

// isDevice reports whether the monitored object is a device.
func (m *monitor) isDevice() bool { return !m.object.CallObject }

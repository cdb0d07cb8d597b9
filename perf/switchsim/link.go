package switchsim

import (
	"maps"
	"slices"
	"time"

	"haproxy/codec/csta"
)

// link is what lives and dies with the CTI link.
type link struct {
	up, hangup bool
	disabled   bool   // told the computing function so
	gen        uint32 // how many times it came up
	events     int    // sent on this link
	greeted    bool   // its answer to our SystemStatus came
	associated bool   // by ACSE
	session    string // of ECMA-354; empty is none
	register   string // the system registration; empty is none
	monitors   map[string]*monitor
	routes     map[string]string // route registrations: ID to device number, empty is all devices
	ids        int               // of sessions, registrations and dialogues
	invoke     csta.InvokeID     // the last one used
	asked      map[csta.InvokeID]csta.Service
	open       map[csta.InvokeID]int // requests not answered
	past       []csta.InvokeID       // those answered lately, for wrong answers
	nextBeat   time.Time
	missed     int
}

// openLink begins a new link and greets.
func (s *Switch) openLink() {
	s.dropMonitors()
	first, _ := s.opts.Codec.InvokeIDs()
	s.link = link{
		up: true, gen: s.link.gen + 1, monitors: s.link.monitors, routes: make(map[string]string),
		asked: make(map[csta.InvokeID]csta.Service), open: make(map[csta.InvokeID]int),
		invoke: first - 1, nextBeat: s.now.Add(s.opts.Link.Heartbeat),
	}
	s.muted = false
	s.stats.Links++
	if !s.opts.Link.Silent && !s.opts.Link.Session && !s.opts.Link.Associate {
		s.greet(csta.StatusEnabled)
	}
}

// greet says that the switch is there.
func (s *Switch) greet(status csta.Status) {
	s.ask(&csta.Message{Service: csta.SystemStatus, Status: status})
}

// closeLink forgets everything that does not outlive the link.
func (s *Switch) closeLink() {
	s.dropMonitors()
	s.link = link{gen: s.link.gen, monitors: s.link.monitors}
	for _, id := range slices.Sorted(maps.Keys(s.routes)) {
		s.routeDefault(s.routes[id])
	}
}

// ask sends a request of the switch under the next invoke ID.
func (s *Switch) ask(msg *csta.Message) {
	if !s.link.up {
		return
	}
	msg.Kind = csta.KindRequest
	if msg.Service.HasResponse() {
		msg.Invoke = s.nextInvoke()
		s.link.asked[msg.Invoke] = msg.Service
	} else {
		msg.Invoke = s.eventInvoke()
	}
	s.send(msg)
}

// nextInvoke returns a fresh invoke ID of the switch's own number space.
func (s *Switch) nextInvoke() csta.InvokeID {
	first, last := s.opts.Codec.InvokeIDs()
	s.link.invoke++
	if s.link.invoke > last {
		s.link.invoke = first
	}
	return s.link.invoke
}

// eventInvoke returns the invoke ID of a message that gets no answer.
func (s *Switch) eventInvoke() csta.InvokeID {
	if id, fixed := s.opts.Codec.EventInvokeID(); fixed {
		return id
	}
	return s.nextInvoke()
}

// answered takes the computing function's answer to a request of the switch.
func (s *Switch) answered(msg *csta.Message) {
	service, ok := s.link.asked[msg.Invoke]
	if !ok {
		s.stats.Unasked++
		return
	}
	delete(s.link.asked, msg.Invoke)
	if service == csta.SystemStatus {
		s.link.greeted = true
		s.link.missed = 0
	}
	if msg.Kind != csta.KindResponse {
		s.stats.Refusals++
	}
}

// beat sends the switch's heartbeats and drops a link that does not answer them.
func (s *Switch) beat() {
	if !s.link.up {
		return
	}
	if p := s.opts.Fault.Drop; p > 0 && !s.due.drop.After(s.now) {
		s.due.drop = s.now.Add(time.Second)
		s.link.hangup = s.link.hangup || s.chance(p)
	}
	if s.opts.Link.Heartbeat == 0 || s.link.nextBeat.After(s.now) || s.barred() {
		return
	}
	s.link.nextBeat = s.now.Add(s.opts.Link.Heartbeat)
	if s.link.missed++; s.link.missed > s.opts.Link.Misses {
		s.stats.Silences++
		s.link.hangup = true
		return
	}
	s.ask(&csta.Message{Service: csta.SystemStatus, Status: csta.StatusNormal})
}

// SetStatus tells the computing function a system status. Disabled holds back every event until
// enabled or normal; enabled on a link that was up means that monitors and registrations are gone, and
// with them the answers that are still to come.
func (s *Switch) SetStatus(status csta.Status) {
	switch status {
	case csta.StatusEnabled:
		s.Forget(false)
		s.link.disabled = false
	case csta.StatusDisabled:
		s.link.disabled = true
	case csta.StatusNormal:
		s.link.disabled = false
	default:
	}
	s.ask(&csta.Message{
		Service: csta.SystemStatus, Status: status, Register: csta.RegisterID(s.link.register),
	})
}

// Forget has the switch lose its monitors, registrations and what it has not answered yet, on a link
// that stays; a cold one loses its calls too. It says nothing: SetStatus of enabled is to follow.
func (s *Switch) Forget(cold bool) {
	s.dropMonitors()
	clear(s.link.routes)
	clear(s.link.open)
	s.link.register = ""
	s.link.gen++
	for cold && len(s.order) > 0 {
		c := s.order[len(s.order)-1]
		for len(c.conns) > 0 {
			gone := c.conns[len(c.conns)-1]
			s.part(gone)
			s.agentFree(gone.dev)
		}
		s.finish(c)
	}
}

// Mute has the switch lose every event from now on, or no more. SetStatus of messagesLost is to follow.
func (s *Switch) Mute(mute bool) { s.muted = mute }

// SetFaults changes how the switch misbehaves.
func (s *Switch) SetFaults(faults Faults) { s.opts.Fault = faults }

// DropLink has the link closed.
func (s *Switch) DropLink() { s.link.hangup = s.link.up }

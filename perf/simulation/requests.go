package simulation

import (
	"bytes"
	"hash/maphash"
	"time"

	"haproxy/codec/csta"
	"haproxy/perf/inproc"
)

// linkView is what the referee knows of the link.
type linkView struct {
	refs   map[string]string          // devices by the switch's cross reference ID
	ended  map[string]bool            // monitors that were stopped, whose MonitorStart may be answered yet
	starts map[csta.InvokeID]string   // devices that MonitorStarts are under way for
	routes map[string]int             // RouteSelects that the switch may get yet, by dialogue
	open   map[csta.InvokeID]struct{} // requests unanswered
	rate   []time.Time                // when the last requests were sent
	next   int

	event []byte // the event that is being stepped; nil for another message
	ref   string // of event
}

func (l *linkView) reset() {
	l.refs, l.ended = make(map[string]string), make(map[string]bool)
	l.starts, l.routes = make(map[csta.InvokeID]string), make(map[string]int)
	l.open = make(map[csta.InvokeID]struct{})
	l.rate, l.next = l.rate[:0], 0
}

// monitors returns how many monitors of a device the switch has granted.
func (l *linkView) monitors(device string) int {
	n := 0
	for _, d := range l.refs {
		if d == device {
			n++
		}
	}
	return n
}

// fromSwitch notes a message of the switch.
func (r *referee) fromSwitch(step inproc.Step) {
	l := &r.link
	switch r.msg.Kind {
	case csta.KindEvent:
		l.event, l.ref = step.Frame, string(r.msg.CrossRef)
	case csta.KindRequest:
		if r.msg.Service == csta.SystemStatus && r.msg.Status == csta.StatusEnabled {
			clear(l.refs)
			clear(l.ended)
			clear(l.routes)
		}
		if r.msg.Service == csta.RouteRequest || r.msg.Service == csta.ReRoute {
			l.routes[string(r.msg.ServiceRef)]++
		}
		r.lost = r.lost || r.msg.Service == csta.SystemStatus && r.msg.Status == csta.StatusMessagesLost
	default:
		device, starting := l.starts[r.msg.Invoke]
		if starting && r.msg.Kind == csta.KindResponse && r.msg.Service == csta.MonitorStart &&
			!l.ended[string(r.msg.CrossRef)] {
			l.refs[string(r.msg.CrossRef)] = device
		}
		delete(l.starts, r.msg.Invoke)
		delete(l.open, r.msg.Invoke)
	}
}

// toSwitch judges what the hub sends to the switch: within the link's budget, and no request of a
// T-Server twice.
func (r *referee) toSwitch(step inproc.Step, f []byte) {
	if r.msg.Kind != csta.KindRequest || isAssociation(r.msg.Service) {
		return
	}
	if passedOn(r.msg.Service) && !r.sent.add(r.nameless(f), -1) {
		r.fail("the switch gets a request that no T-Server made, or gets it twice: %q", f)
	}
	r.selects()
	if r.msg.Service == csta.MonitorStart {
		r.link.starts[r.msg.Invoke] = string(r.msg.Device.Number)
	}
	if r.msg.Service == csta.MonitorStop {
		r.stops(string(r.msg.CrossRef))
		if device := r.link.refs[string(r.msg.CrossRef)]; r.link.monitors(device) == 1 {
			r.unwatched[device], r.lost = true, true // any answer may show what happens there meanwhile
		}
		delete(r.link.refs, string(r.msg.CrossRef))
		r.link.ended[string(r.msg.CrossRef)] = true
	}
	r.spend(step.Now)
}

// selects judges a RouteSelect that the switch gets: one for each route request.
func (r *referee) selects() {
	ref := string(r.msg.ServiceRef)
	if left, known := r.link.routes[ref]; known && r.msg.Service == csta.RouteSelect {
		if r.link.routes[ref] = left - 1; left < 1 {
			r.fail("the switch gets a second RouteSelect in dialogue %s", ref)
		}
	}
}

// spend judges the budget. What keeps the link up is not held back by it, but counts.
func (r *referee) spend(now time.Time) {
	l := &r.link
	keeps := r.msg.Service.Group() == csta.GroupSystem || r.msg.Service.Group() == csta.GroupSession
	if r.msg.Service.HasResponse() && !keeps {
		if _, busy := l.open[r.msg.Invoke]; busy && r.Faults[Never]+r.Faults[TooLate]+r.Faults[LinkStall] == 0 {
			r.fail("invoke ID %d is used twice at once", r.msg.Invoke)
		}
		l.open[r.msg.Invoke] = struct{}{}
		most := r.Hub.RequestOutstanding
		if len(l.open) > most && r.Faults[Restart]+r.Faults[ColdRestart]+r.Faults[LinkHalfOpen] == 0 &&
			len(l.open) > most+int(r.metric("requests_timed_out_total")) { // those the hub waits for no longer
			r.fail("%d requests are outstanding, %d may be", len(l.open), most)
		}
	}
	if rate := r.Hub.RequestRate; rate > 0 {
		if len(l.rate) < rate {
			l.rate = append(l.rate, now)
			return
		}
		if since := now.Sub(l.rate[l.next]); since < time.Second && !keeps {
			r.fail("%d requests in %v, %d a second may be", rate+1, since, rate)
		}
		l.rate[l.next] = now
		l.next = (l.next + 1) % rate
	}
}

// passedOn reports whether requests for a service come from T-Servers alone.
func passedOn(s csta.Service) bool {
	switch s {
	case csta.SetAgentState, csta.SetDoNotDisturb, csta.SetForwarding, csta.SetMessageWaitingIndicator:
		return true
	default:
		return s.Group() == csta.GroupCallControl
	}
}

// nameless returns a request without what the hub may change in it.
func (r *referee) nameless(f []byte) []byte {
	first, _ := r.codec.InvokeIDs()
	plain, err := r.codec.SetInvokeID(nil, f, first)
	if err != nil {
		return bytes.Clone(f)
	}
	return plain
}

// frameCounts counts frames by what they are.
type frameCounts map[uint64]int

var hashSeed = maphash.MakeSeed()

// add counts a frame and reports whether there are not less than none.
func (c frameCounts) add(f []byte, n int) bool {
	key := maphash.Bytes(hashSeed, f)
	c[key] += n
	return c[key] >= 0
}

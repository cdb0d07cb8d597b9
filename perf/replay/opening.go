package replay

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"haproxy/codec/csta"
)

// giveStood answers a request for what stood before the record, and, where nobody is compared, tells what was so of it.
// It reports false where nothing of that kind stood, or all of it was given.
func (s *switchSide) giveStood(key string, invoke csta.InvokeID) bool {
	if !s.isMidway() || !s.opts.Expect && s.isPast(key, &s.peer.msg) {
		return false
	}
	e := s.stood.take(key, &s.peer.msg)
	if e == nil {
		return false
	}
	s.give(invoke, &answer{[][]byte{s.named(e.answer, e.ref)}})
	if s.opts.Expect || e.ref == "" {
		return true
	}
	for _, frame := range s.stood.events[e.ref] {
		s.sendEvent(frame)
	}
	delete(s.stood.events, e.ref)
	s.peer.flush()
	return true
}

// isPast reports whether what stood is no answer to a query any more, since the switch has told or answered otherwise.
func (s *switchSide) isPast(key string, msg *csta.Message) bool {
	told := func(about ...csta.Event) bool {
		return slices.ContainsFunc(s.stood.monitors[string(msg.Device.Number)], func(e *exchange) bool {
			events, moved := s.moved[e.ref]
			return moved && (len(about) == 0 || slices.ContainsFunc(about, events.Has))
		})
	}
	switch answered := s.next[key] > 0 || len(s.owed[key]) > 0; msg.Service {
	case csta.SnapshotCall:
		return answered || len(s.moved) > 0
	case csta.SnapshotDevice:
		return answered || told()
	case csta.GetAgentState:
		return answered || told(csta.EventAgentLoggedOn, csta.EventAgentLoggedOff, csta.EventAgentReady,
			csta.EventAgentNotReady, csta.EventAgentBusy, csta.EventAgentWorkingAfterCall)
	case csta.GetDoNotDisturb:
		return answered || told(csta.EventDoNotDisturb)
	case csta.GetForwarding:
		return answered || told(csta.EventForwarding)
	case csta.GetMessageWaitingIndicator:
		return answered || told(csta.EventMessageWaiting)
	default:
		return false
	}
}

// queried has a query answered that the proxy of the capture could answer itself, and this one perhaps cannot: a record
// does not say all that was known of what stood. Then it was sent to the switch, which is told by what follows it.
func (t *tserverSide) queried() error {
	if err := t.sw.sync(); err != nil || t.peer == nil {
		return err
	}
	if t.query.key != "" { // this one answered it too
		t.query = question{}
		return nil
	}
	return t.sent()
}

// giveTold answers such a query by what the proxy of the capture told.
func (s *switchSide) giveTold(key string, invoke csta.InvokeID) bool {
	for _, t := range s.tservers {
		if t.query.key != key {
			continue
		}
		s.give(invoke, &answer{[][]byte{s.script.index.replies[t.query.number]}})
		t.query = question{}
		return true
	}
	return false
}

// named returns a message of the switch about a monitor, under the ID that T-Servers had for that where they are
// compared: a proxy that has never lost its link knows no other.
func (s *switchSide) named(frame []byte, ref string) []byte {
	own, renamed := s.stood.renamed[ref]
	if !renamed || !s.opts.Expect || !s.isMidway() {
		return frame
	}
	out, err := s.peer.codec.SetCrossRef(nil, frame, own)
	if err != nil {
		return frame
	}
	return out
}

// bringAbout has a proxy, whose T-Servers are compared, get to what stood when the record begins: its T-Servers ask for
// what theirs had, the switch tells again what led to what was so, and then they ask for the rest. What they are told
// meanwhile is not compared.
func (d *director) bringAbout() error {
	of, s := &d.script.standing, d.sw
	if !d.opts.Expect || len(of.link.all) == 0 {
		return nil
	}
	var all []*tserverSide
	for _, name := range slices.Sorted(maps.Keys(of.tservers)) {
		if t := d.tservers[name]; t != nil {
			all = append(all, t)
		}
	}
	if len(all) == 0 {
		return nil
	}
	s.opening = true
	if err := s.arrive(d.script.from, 0, d.opts.Wait); err != nil {
		return err
	}
	for _, t := range all {
		if err := t.dial(); err != nil {
			return err
		}
		t.opening = true
		for _, e := range of.tservers[t.compared.Name].all {
			if err := t.bring(e); err != nil {
				return err
			}
		}
	}
	if err := d.bringState(all[0]); err != nil {
		return err
	}
	for _, t := range all {
		if t.peer == nil {
			return fmt.Errorf("%w: T-Server %s was closed while it asked for what it had", ErrNobody, t.compared.Name)
		}
		if err := t.sent(); err != nil {
			return err
		}
		t.opening, t.stands = false, true
	}
	if s.opening, s.stands = false, true; s.peer == nil {
		return fmt.Errorf("%w: the link was closed while it was brought to where the record begins", ErrNobody)
	}
	return nil
}

// bringState tells what was so on the monitors that stood, those that no T-Server had included, and has a T-Server ask
// for what no event tells.
func (d *director) bringState(t *tserverSide) error {
	of, s := &d.script.standing, d.sw
	var lingering []csta.CrossRefID
	for _, e := range of.link.all {
		if e.service == csta.MonitorStart && !s.active[string(s.ownRef(e.ref))] {
			if err := t.bring(e); err != nil {
				return err
			}
			lingering = append(lingering, s.ownRef(e.ref))
		}
	}
	for i, e := range of.events {
		if s.peer == nil {
			break
		}
		s.sendEvent(s.named(e.frame, e.ref))
		if i%(arrivalsMax/2) == 0 {
			d.drain()
		}
	}
	if err := s.sync(); err != nil {
		return err
	}
	for _, e := range of.link.all {
		if e.service.IsQuery() {
			if err := t.bring(e); err != nil {
				return err
			}
		}
	}
	for _, ref := range lingering {
		if err := t.stop(ref); err != nil {
			return err
		}
	}
	return nil
}

// ownRef returns the T-Servers' ID of a monitor that stood.
func (s *switchSide) ownRef(ref string) csta.CrossRefID {
	if own, renamed := s.stood.renamed[ref]; renamed {
		return own
	}
	return csta.CrossRefID(ref)
}

// sync waits until the far side has taken all that was said to it.
func (s *switchSide) sync() error {
	if s.peer == nil {
		return nil
	}
	_, last := s.peer.codec.InvokeIDs()
	if !s.peer.say(&csta.Message{
		Kind: csta.KindRequest, Service: csta.SystemStatus, Invoke: last, Status: csta.StatusNormal,
	}) {
		return nil
	}
	return s.statusTaken(last)
}

// bring has a T-Server ask for what it had. The proxy refuses all until its link is normal.
func (t *tserverSide) bring(e *exchange) error {
	for until := time.Now().Add(t.opts.Patience); ; {
		if t.codec.Decode(&t.msg, e.request) != nil || t.peer == nil {
			return nil
		}
		t.asking = asking{invoke: t.msg.Invoke, service: e.service}
		t.peer.send(e.request)
		if err := t.answered(); err != nil {
			return err
		}
		switch {
		case t.asking.positive:
			t.inVain = 0
			t.result.Stood++
			t.sw.normal = t.sw.normal || e.service != csta.Associate && e.service != csta.StartApplicationSession
			return nil
		case t.sw.normal || time.Now().After(until):
			t.result.Fallen++
			if t.inVain++; t.inVain >= givingUp {
				return fmt.Errorf("%w: the proxy refuses T-Server %s what it had when the record begins, %v at last",
					ErrNobody, t.compared.Name, e.service)
			}
			return nil
		}
		if err := t.rest(20 * time.Millisecond); err != nil {
			return err
		}
	}
}

// stop has a T-Server stop a monitor that nobody had.
func (t *tserverSide) stop(ref csta.CrossRefID) error {
	msg := csta.Message{Kind: csta.KindRequest, Service: csta.MonitorStop, CrossRef: ref}
	msg.Invoke, _ = t.codec.InvokeIDs()
	t.asking = asking{invoke: msg.Invoke, service: msg.Service}
	if t.peer == nil || !t.peer.say(&msg) {
		return nil
	}
	return t.answered()
}

// answered waits for the answer to what was asked.
func (t *tserverSide) answered() error {
	t.peer.flush()
	_, err := t.until(func() bool { return t.asking.answered || t.peer == nil }, t.opts.Patience)
	return err
}

// asking is what a T-Server asks for while what stood is brought about.
type asking struct {
	invoke             csta.InvokeID
	service            csta.Service
	answered, positive bool
}

// take takes an answer. An association's has no invoke ID.
func (a *asking) take(msg *csta.Message) {
	if isAnswer(msg.Kind) && (msg.Invoke == a.invoke || msg.Service == csta.Associate && a.service == csta.Associate) {
		a.answered, a.positive = true, msg.Kind == csta.KindResponse
	}
}

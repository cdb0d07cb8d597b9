package cstaber

import (
	"haproxy/codec/ber"
	"haproxy/codec/csta"
)

// forwardKinds are the forwarding types of phases I and II, each of which is two numbers: on and off.
var forwardKinds = [...]csta.ForwardingType{
	csta.ForwardImmediate, csta.ForwardBusy, csta.ForwardNoAns,
}

// forwardParameters reads the forward of an event or request, or those of an answer, which may stand
// in SEQUENCEs of their own.
func (d *decoder) forwardParameters(e *ber.Element, list bool) error {
	var inner, value ber.Element
	for c := e.Content(); c.More(); {
		if err := c.Next(&inner); err != nil {
			return err
		}
		if inner.Tag != ber.Sequence {
			if err := d.forwardParameter(&inner, list); err != nil {
				return err
			}
			continue
		}
		for fields := inner.Content(); fields.More(); {
			err := fields.Next(&value)
			if err == nil {
				err = d.forwardParameter(&value, list)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// forwardParameter reads one element of a forward: the type, or the number of the one before it.
func (d *decoder) forwardParameter(e *ber.Element, list bool) error {
	m := d.msg
	switch e.Tag &^ 0x20 {
	case ber.Enumerated:
		n, err := e.Int()
		if err != nil {
			return err
		}
		kind, on := pick(forwardKinds[:], n>>1), csta.SwitchOf(n&1 == 0)
		if list {
			m.Forwards = append(m.Forwards, csta.ForwardItem{Type: kind, On: on})
		} else {
			m.Forwarding, m.On = kind, on
		}
	case tagIA5, 0x80:
		number, err := d.octets(e)
		if err != nil {
			return err
		}
		to := &m.ForwardTo
		if list && len(m.Forwards) > 0 {
			to = &m.Forwards[len(m.Forwards)-1].To
		}
		*to = csta.DeviceID{Form: csta.DeviceDialingNumber, Number: number}
	default: // not known
	}
	return nil
}

const tagIA5 ber.Tag = 0x16

// forwardParameter writes one forward.
func (w *writer) forwardParameter(tag ber.Tag, kind csta.ForwardingType, on csta.Switch, to *csta.DeviceID) {
	outer := w.begin(tag)
	w.forward(kind, on, to)
	w.end(outer)
}

// forwardParameters writes the forwards of an answer, one behind the other.
func (w *writer) forwardParameters(tag ber.Tag, items []csta.ForwardItem) {
	outer := w.begin(tag)
	for i := range items {
		w.forward(items[i].Type, items[i].On, &items[i].To)
	}
	w.end(outer)
}

func (w *writer) forward(kind csta.ForwardingType, on csta.Switch, to *csta.DeviceID) {
	n := numberIn(forwardKinds[:], kind)
	if n < 0 || to.Known() && to.Form != csta.DeviceDialingNumber {
		w.inexpressible = true
		return
	}
	n *= 2
	if on == csta.SwitchOff {
		n++
	}
	w.int(ber.Enumerated, n)
	if to.Known() {
		w.bytes(tagIA5, to.Number)
	}
}

// requestedStates are the requested agent states of phases I and II by their tags; workReady is what
// workingAfterCall is asked for with readiness pending.
var requestedStates = [...]csta.RequestedAgentState{
	csta.RequestLoggedOn, csta.RequestLoggedOff, csta.RequestNotReady, csta.RequestReady,
	csta.RequestWorkingAfterCall, csta.RequestWorkingAfterCall,
}

// agentParameter reads a requested agent state: the CHOICE in its explicit tag.
func (d *decoder) agentParameter(e *ber.Element) error {
	var state, inner ber.Element
	c := e.Content()
	if err := next(&c, &state, e, "an agent state of nothing"); err != nil {
		return err
	}
	n := int32(state.Tag & 0x1F)
	d.msg.RequestAgent = pick(requestedStates[:], n)
	switch {
	case n == 4:
		d.msg.Pending = csta.AgentNotReady
	case n == 5:
		d.msg.Pending = csta.AgentReady
	case state.Tag.Constructed():
		if c = state.Content(); c.More() {
			if err := c.Next(&inner); err != nil {
				return err
			}
			return d.device(&inner, &d.msg.Group)
		}
	}
	return nil
}

// agentParameter writes a requested agent state. Neither phase has a form for the agent's ID.
func (w *writer) agentParameter(tag ber.Tag, m *csta.Message) {
	n := numberIn(requestedStates[:], m.RequestAgent)
	if n < 0 {
		w.inexpressible = true
		return
	}
	if n == 4 && m.Pending == csta.AgentReady {
		n = 5
	}
	outer := w.begin(tag)
	if n <= 1 {
		info := w.begin(0xA0 + ber.Tag(n))
		if m.Group.Known() {
			w.deviceID(ber.Sequence, &m.Group)
		}
		w.end(info)
	} else {
		w.null(0x80 + ber.Tag(n))
	}
	w.end(outer)
}

// agentStates are the agent states of phases I and II, with what is pending.
var agentStates = [...]csta.AgentItem{
	{LoggedOn: csta.SwitchOff, State: csta.AgentNull},
	{LoggedOn: csta.SwitchOn, State: csta.AgentNotReady},
	{LoggedOn: csta.SwitchOn, State: csta.AgentReady},
	{LoggedOn: csta.SwitchOn, State: csta.AgentWorkingAfterCall, Pending: csta.AgentNotReady},
	{LoggedOn: csta.SwitchOn, State: csta.AgentWorkingAfterCall, Pending: csta.AgentReady},
}

// agentOfPhase1 is the answer to a query of an agent's state.
func agentOfPhase1(n int32) csta.AgentItem {
	if n < 0 || int(n) >= len(agentStates) {
		return csta.AgentItem{}
	}
	return agentStates[n]
}

// agentState writes the answer to a query: one agent, in no group.
func (w *writer) agentState(tag ber.Tag, items []csta.AgentItem) {
	if len(items) != 1 {
		w.inexpressible = true
		return
	}
	state, pending := items[0].State, items[0].Pending
	if items[0].LoggedOn == csta.SwitchOff {
		state = csta.AgentNull
	}
	for n := range agentStates {
		fits := agentStates[n].State == state
		if fits && (state != csta.AgentWorkingAfterCall || pending != csta.AgentReady || n == 4) {
			w.int(tag, int64(n))
			return
		}
	}
	w.inexpressible = true // there is no busy
}

// details reads the calls of a request that has two, or one of them (see callcontrol12.go).
func (d *decoder) details(e *ber.Element) error {
	var inner ber.Element
	switch e.Tag {
	case 0xA0:
		return d.connection(e, &d.msg.Secondary)
	case 0xA1:
		return d.connection(e, &d.msg.Subject)
	case 0xA2:
		calls := []*csta.ConnectionID{&d.msg.Secondary, &d.msg.Subject}
		for c := e.Content(); c.More() && len(calls) > 0; {
			if err := c.Next(&inner); err != nil {
				return err
			}
			if inner.Tag == tagConnection {
				if err := d.connection(&inner, calls[0]); err != nil {
					return err
				}
				calls = calls[1:]
			}
		}
	default: // not known
	}
	return nil
}

// details writes the calls of a request that has two.
func (w *writer) details(m *csta.Message) {
	switch {
	case m.Subject.Present() && m.Secondary.Present():
		both := w.begin(0xA2)
		w.connection(tagConnection, &m.Secondary)
		w.connection(tagConnection, &m.Subject)
		w.end(both)
	case m.Secondary.Present():
		w.connection(0xA0, &m.Secondary)
	case m.Subject.Present():
		w.connection(0xA1, &m.Subject)
	default:
		w.inexpressible = true
	}
}

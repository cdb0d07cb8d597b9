package state

import (
	"time"

	"haproxy/codec/csta"
)

// Publish takes one event that an answer of the switch showed to be missing in a monitor's stream. It
// has to give the event to Apply, as T-Servers get it, before it returns. The message is valid during
// the call only.
type Publish func(id MonitorID, msg *csta.Message)

// Differ compares the model with the positive answer of the switch to what mark stands for, or with a
// segment of it, and publishes the events that lead from the one to the other: on every monitor whose
// stream lacks them, what ended before what began. What events told since the request was asked wins
// over the answer. Learn with the same answer is to follow.
func (s *State) Differ(mark Mark, resp *csta.Message, now time.Time, publish Publish) {
	m := s.markOf(mark)
	if m == nil || m.stale || resp.Kind == csta.KindError || resp.Kind == csta.KindReject {
		return
	}
	s.now = now.UnixNano()
	d := differing{State: s, mark: *m, publish: publish, kept: s.kept, hearers: s.hearers}
	d.compare(resp)
	s.kept, s.hearers = d.kept[:0], d.hearers[:0]
}

// compare compares the model with one answer, or with a segment of it.
func (d *differing) compare(resp *csta.Message) {
	done := isWhole(resp)
	switch d.mark.service {
	case csta.SnapshotDevice:
		d.snapshotDevice(resp, done)
	case csta.SnapshotCall:
		d.snapshotCall(resp, done)
	case csta.GetAgentState:
		d.agents(resp)
	case csta.GetForwarding:
		d.forwards(resp)
	case csta.GetDoNotDisturb, csta.GetMessageWaitingIndicator:
		d.feature(resp)
	default:
	}
}

// DifferGone publishes what follows from the switch's word that the call of a SnapshotCall is no more:
// on monitors of devices the device's connection cleared, on those that follow calls the call.
func (s *State) DifferGone(mark Mark, now time.Time, publish Publish) {
	m := s.markOf(mark)
	if m == nil || m.stale || m.service != csta.SnapshotCall {
		return
	}
	s.now = now.UnixNano()
	d := differing{State: s, mark: *m, publish: publish, kept: s.kept, hearers: s.hearers}
	d.endCallOn(d.keep(s.names.bytes(m.call)), func(w *watch) bool { return w.seq <= m.seq })
	s.kept, s.hearers = d.kept[:0], d.hearers[:0]
}

// differing is a comparison under way. What it publishes changes the model, so that it holds no name
// of the model across it, but copies.
type differing struct {
	*State
	mark    mark
	publish Publish // nil where it is only to be found out whether there are differences: see Denies
	fresh   bool    // the switch never answered this before; for Denies
	denied  bool
	kept    []byte
	hearers []uint32
}

// keep copies an identifier.
func (d *differing) keep(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	start := len(d.kept)
	d.kept = append(d.kept, b...)
	return d.kept[start:len(d.kept):len(d.kept)]
}

func (d *differing) keepDevice(id csta.DeviceID) csta.DeviceID {
	id.Number = d.keep(id.Number)
	return id
}

// monitorsOf returns the monitors that see a call as matches says.
func (d *differing) monitorsOf(call uint32, matches func(w *watch) bool) []uint32 {
	start := len(d.hearers)
	if call != 0 {
		for i := d.calls.at(call).watches; i != 0; {
			w := d.watches.at(i)
			if matches(w) {
				d.hearers = append(d.hearers, w.monitor)
			}
			i = w.callNext
		}
	}
	return d.hearers[start:len(d.hearers):len(d.hearers)]
}

// siblings returns the device monitors of the device asked about.
func (d *differing) siblings() []uint32 {
	start := len(d.hearers)
	for i := d.names.records.at(d.mark.device).head; i != 0; {
		m := d.monitors.at(i)
		if m.ofDevice() {
			d.hearers = append(d.hearers, i)
		}
		i = m.devNext
	}
	return d.hearers[start:len(d.hearers):len(d.hearers)]
}

// ofAsked reports whether a monitor is one of the device asked about.
func (d *differing) ofAsked(monitor uint32) bool {
	m := d.monitors.at(monitor)
	return m.ofDevice() && m.device == d.mark.device
}

// partyOf returns the party that a connection of a call is.
func (d *differing) partyOf(call uint32, c *conn) party {
	of := d.calls.at(call)
	return party{
		call:    d.keep(d.names.bytes(of.id)),
		device:  d.keepDevice(d.names.device(c.dev)),
		static:  d.keepDevice(d.State.partyOf(c)),
		calling: d.keepDevice(d.names.device(of.calling)),
		called:  d.keepDevice(d.names.device(of.called)),
		caller:  d.isCaller(c),
	}
}

// say publishes one event about a party on a monitor, in whose stream the device's own connection has
// the state local afterwards.
func (d *differing) say(monitor uint32, event csta.Event, p *party, local csta.ConnectionState) {
	if !d.isOpen(monitor) {
		return
	}
	if d.publish == nil {
		d.denied = true
		return
	}
	cause := csta.CauseActiveParticipation
	if rules[event].to == csta.ConnectionNull {
		cause = csta.CauseNormalClearing
	}
	if !d.monitors.at(monitor).ofDevice() {
		local = csta.ConnectionNone
	}
	d.tell(MonitorID(monitor), d.compose(event, cause, p, local))
}

// tell publishes an event about a call in the place of the answer's request: it is no newer than what
// the answers to the others will tell, and does not win over them.
func (d *differing) tell(id MonitorID, msg *csta.Message) {
	now := d.seq
	d.seq = d.mark.seq - 1 // Apply counts it
	call := d.keep(msg.Subject.Call)
	d.publish(id, msg)
	if w := d.findWatch(uint32(id), d.findCall(call)); w != 0 && d.watches.at(w).began == d.mark.seq {
		d.watches.at(w).began = 0
	}
	d.seq = max(d.seq, now)
}

// lead publishes on a monitor the events that lead a party from one state to another. own says that
// it is the monitored device's own connection.
func (d *differing) lead(monitor uint32, p *party, from, to csta.ConnectionState, own bool) {
	var steps [stepsMax]step
	for _, step := range path(steps[:0], from, to, p.caller) {
		if own {
			d.say(monitor, step.event, p, step.state)
		} else {
			d.sayFar(monitor, step.event, p)
		}
	}
}

// sayFar publishes one event about a party that is not the monitored device itself, on a monitor that
// sees the call. It tells nothing new of the device's own connection, whose snapshot is to come.
func (d *differing) sayFar(monitor uint32, event csta.Event, p *party) {
	w := d.findWatch(monitor, d.findCall(p.call))
	if w == 0 {
		return
	}
	seq, own := d.watches.at(w).seq, d.watches.at(w).ownConn
	var before conn
	if own != 0 {
		before = *d.conns.at(own)
	}
	d.say(monitor, event, p, d.watches.at(w).own)
	if w = d.findWatch(monitor, d.findCall(p.call)); w == 0 {
		return
	}
	d.watches.at(w).seq = seq
	if own != 0 && d.watches.at(w).ownConn == own {
		c := d.conns.at(own)
		c.seq, c.heard, c.answered = before.seq, before.heard, before.answered
	}
}

// end ends a call on a monitor that was told its end, if that did not end it.
func (d *differing) end(monitor uint32, p *party) {
	if w := d.findWatch(monitor, d.findCall(p.call)); w != 0 && d.publish != nil {
		d.endWatch(w, true)
	}
}

// step is one event of a path and the state that it leads to.
type step struct {
	event csta.Event
	state csta.ConnectionState
}

const stepsMax = 3

// path appends the events that lead a connection from one state to another, as the connection state
// model has them (ECMA-269, 6.1.4.2): a call that is held was connected before; what goes back to its
// beginning is another call under the same ID.
func path(steps []step, from, to csta.ConnectionState, caller bool) []step {
	add := func(event csta.Event, state csta.ConnectionState) { steps = append(steps, step{event, state}) }
	fresh := from <= csta.ConnectionNull
	switch to {
	case csta.ConnectionInitiated:
		if !fresh {
			add(csta.EventConnectionCleared, csta.ConnectionNull)
		}
		add(csta.EventServiceInitiated, to)
	case csta.ConnectionAlerting:
		if from == csta.ConnectionInitiated || from == csta.ConnectionConnected {
			add(csta.EventConnectionCleared, csta.ConnectionNull)
		}
		add(csta.EventDelivered, to)
	case csta.ConnectionQueued:
		add(csta.EventQueued, to)
	case csta.ConnectionFail:
		add(csta.EventFailed, to)
	case csta.ConnectionConnected, csta.ConnectionHold:
		switch {
		case from == csta.ConnectionHold:
			add(csta.EventRetrieved, csta.ConnectionConnected)
		case from == csta.ConnectionInitiated, fresh && caller:
			add(csta.EventOriginated, csta.ConnectionConnected)
		case from != csta.ConnectionConnected:
			add(csta.EventEstablished, csta.ConnectionConnected)
		}
		if to == csta.ConnectionHold {
			add(csta.EventHeld, to)
		}
	default: // null, or not said
	}
	return steps
}

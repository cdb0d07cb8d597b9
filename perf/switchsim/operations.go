package switchsim

import "haproxy/codec/csta"

// The operations change calls and tell about it. Chance and requests both end here.

// initiate takes a station off the hook.
func (s *Switch) initiate(d *device, automatic bool, cause csta.Cause) *conn {
	c := s.newCall(automatic)
	c.calling = d.id
	conn := s.join(c, d, csta.ConnectionInitiated)
	s.tell(c, about(csta.EventServiceInitiated, conn, cause))
	return conn
}

// originate dials a number on an initiated connection and sends the call on its way.
func (s *Switch) originate(c *conn, number string, cause csta.Cause) {
	c.call.called = dialing(number)
	c.state = csta.ConnectionConnected
	s.tell(c.call, about(csta.EventOriginated, c, cause))
	s.place(c, number, csta.CauseNewCall)
}

// place brings a call to a number: a station rings, is busy or forwards, a queue takes it in, a
// route point asks where to go, and everything else is outside. from is a connection of the call.
func (s *Switch) place(from *conn, number string, cause csta.Cause) {
	c := from.call
	d := s.plant.byNumber[number]
	switch {
	case d == nil && len(number) > 4 && number[0] == '+':
		s.reachNetwork(from, number)
	case d == nil || d.kind == trunk || c.connAt(d) != nil:
		s.fail(c, from, csta.CauseDestNotObtainable)
	case d.outOfServ:
		s.fail(c, from, csta.CauseDestOutOfOrder)
	case d.kind == queue:
		s.enqueue(c, d)
	case d.kind == routePoint:
		s.alert(c, d, cause)
		s.startRoute(c.connAt(d))
	case d.dnd:
		s.fail(c, from, csta.CauseDoNotDisturb)
	case s.forwarded(from, d, csta.ForwardImmediate, csta.CauseCallForwardImmediate):
	case len(d.conns) > 0:
		if !s.forwarded(from, d, csta.ForwardBusy, csta.CauseCallForwardBusy) {
			s.busy(c, d)
		}
	default:
		s.alert(c, d, cause)
	}
}

// alert has a device ring.
func (s *Switch) alert(c *call, d *device, cause csta.Cause) {
	conn := s.join(c, d, csta.ConnectionAlerting)
	s.tell(c, about(csta.EventDelivered, conn, cause))
}

// forwarded sends the call on where the device forwards it, once.
func (s *Switch) forwarded(
	from *conn, d *device, kind csta.ForwardingType, cause csta.Cause,
) bool {
	c := from.call
	to := s.plant.byNumber[d.forwards[kind]]
	if to == nil || to == d || c.connAt(to) != nil || c.last.Known() {
		return false
	}
	c.last = d.id
	gone := &conn{call: c, dev: d}
	msg := about(csta.EventDiverted, gone, cause)
	msg.Destination = to.id
	s.tell(c, msg, gone)
	s.place(from, to.number, cause)
	return true
}

// busy has the called device's connection fail while its other calls go on.
func (s *Switch) busy(c *call, d *device) {
	conn := s.join(c, d, csta.ConnectionFail)
	s.tell(c, about(csta.EventFailed, conn, csta.CauseBusy))
}

// fail has the caller's own connection fail.
func (s *Switch) fail(c *call, from *conn, cause csta.Cause) {
	if from.state != csta.ConnectionConnected {
		s.clearCallAll(c, cause)
		return
	}
	from.state = csta.ConnectionFail
	s.tell(c, about(csta.EventFailed, from, cause))
}

// reachNetwork takes a trunk for a call to the outside.
func (s *Switch) reachNetwork(from *conn, number string) {
	t := s.freeTrunk()
	if t == nil || from.call.connAt(t) != nil {
		s.fail(from.call, from, csta.CauseTrunksBusy)
		return
	}
	t.outside = number
	conn := s.join(from.call, t, csta.ConnectionConnected)
	s.tell(from.call, about(csta.EventNetworkReached, conn, csta.CauseNetworkSignal))
}

// enqueue puts a call into a queue.
func (s *Switch) enqueue(c *call, d *device) {
	conn := s.join(c, d, csta.ConnectionQueued)
	s.tell(c, about(csta.EventQueued, conn, csta.CauseEnteringDistribution))
}

// distribute gives a queued call to a ready agent; it reports whether there was one.
func (s *Switch) distribute(queued *conn) bool {
	c, d := queued.call, queued.dev
	if d.group == nil {
		return false
	}
	a := s.readyAgent(d.group)
	if a == nil || c.connAt(a.dev) != nil {
		return false
	}
	s.part(queued)
	c.last = d.id
	msg := about(csta.EventDiverted, queued, csta.CauseDistributed)
	msg.Destination = a.dev.id
	s.tell(c, msg, queued)
	s.alert(c, a.dev, csta.CauseDistributed)
	return true
}

// answerConn connects an alerting connection.
func (s *Switch) answerConn(c *conn) {
	c.state = csta.ConnectionConnected
	s.tell(c.call, about(csta.EventEstablished, c, csta.CauseNormal))
	s.agentAnswered(c)
}

// divert sends an alerting or queued connection elsewhere.
func (s *Switch) divert(gone *conn, to string, cause csta.Cause) {
	c := gone.call
	s.part(gone)
	c.last = gone.dev.id
	msg := about(csta.EventDiverted, gone, cause)
	msg.Destination = dialing(to)
	s.tell(c, msg, gone)
	if len(c.conns) == 0 {
		s.finish(c)
		return
	}
	s.place(c.conns[0], to, cause)
}

// drop clears one connection; a call with a single party left is over.
func (s *Switch) drop(gone *conn, cause csta.Cause) {
	c := gone.call
	s.part(gone)
	s.tell(c, about(csta.EventConnectionCleared, gone, cause), gone)
	s.agentFree(gone.dev)
	switch len(c.conns) {
	case 0:
		s.finish(c)
	case 1:
		s.drop(c.conns[0], csta.CauseNormalClearing)
	}
}

// clearCallAll clears every connection of a call.
func (s *Switch) clearCallAll(c *call, cause csta.Cause) {
	for len(c.conns) > 0 && !c.ended {
		s.drop(c.conns[len(c.conns)-1], cause)
	}
}

// hold and retrieve change a connected connection and back.
func (s *Switch) hold(c *conn, cause csta.Cause) {
	c.state = csta.ConnectionHold
	s.tell(c.call, about(csta.EventHeld, c, cause))
}

func (s *Switch) retrieve(c *conn, cause csta.Cause) {
	c.state = csta.ConnectionConnected
	s.tell(c.call, about(csta.EventRetrieved, c, cause))
}

// consult holds a call and makes a second one from the same device.
func (s *Switch) consult(c *conn, number string) *conn {
	s.hold(c, csta.CauseConsultation)
	second := s.initiate(c.dev, c.call.automatic, csta.CauseConsultation)
	s.originate(second, number, csta.CauseConsultation)
	return second
}

package switchsim

import "haproxy/codec/csta"

// The call control services: the request is checked against the state of the call, then the
// operation is the same that chance uses.

// inState returns the connection a request names if it is in one of the states.
func (s *Switch) inState(
	id csta.ConnectionID, wrong csta.ErrorCode, states ...csta.ConnectionState,
) (*conn, csta.ErrorCode) {
	c, code := s.find(id)
	if c == nil {
		return nil, code
	}
	for _, state := range states {
		if c.state == state {
			return c, csta.ErrorCode{}
		}
	}
	return nil, wrong
}

// destination returns the number a request names as the new party.
func destination(req *csta.Message) string {
	if req.Destination.Known() {
		return string(req.Destination.Number)
	}
	return string(req.Called.Number)
}

func (s *Switch) makeCall(req, resp *csta.Message) csta.ErrorCode {
	number := string(req.Device.Number)
	if number == "" {
		number = string(req.Calling.Number)
	}
	d := s.plant.byNumber[number]
	to := destination(req)
	switch {
	case d == nil || d.kind != station:
		return errInvalidCalling
	case to == "":
		return errInvalidCalled
	case len(d.conns) > 0 || d.outOfServ:
		return errDeviceState
	}
	c := s.initiate(d, true, csta.CauseMakeCall)
	s.schedule(c.call)
	resp.Subject = c.id()
	s.originate(c, to, csta.CauseNewCall)
	return csta.ErrorCode{}
}

func (s *Switch) answerCall(req, _ *csta.Message) csta.ErrorCode {
	c, code := s.inState(req.Subject, errNoCallToAnswer, csta.ConnectionAlerting)
	if c == nil {
		return code
	}
	if c.call.routeing {
		return errConnectionState
	}
	s.answerConn(c)
	return code
}

func (s *Switch) clearConnection(req, _ *csta.Message) csta.ErrorCode {
	c, code := s.find(req.Subject)
	if c != nil {
		s.drop(c, csta.CauseNormalClearing)
	}
	return code
}

func (s *Switch) clearCall(req, _ *csta.Message) csta.ErrorCode {
	c := s.calls[string(req.Subject.Call)]
	if c == nil {
		return errInvalidCall
	}
	s.clearCallAll(c, csta.CauseNormalClearing)
	return csta.ErrorCode{}
}

func (s *Switch) holdCall(req, _ *csta.Message) csta.ErrorCode {
	c, code := s.inState(req.Subject, errConnectionState, csta.ConnectionConnected)
	if c != nil {
		s.hold(c, csta.CauseNormal)
	}
	return code
}

func (s *Switch) retrieveCall(req, _ *csta.Message) csta.ErrorCode {
	c, code := s.inState(req.Subject, errConnectionState, csta.ConnectionHold)
	if c != nil {
		s.retrieve(c, csta.CauseNormal)
	}
	return code
}

// pair returns the active and the held connection a request names; both are of one device.
func (s *Switch) pair(req *csta.Message) (active, held *conn, code csta.ErrorCode) {
	active, code = s.inState(req.Subject, errConnectionState, csta.ConnectionConnected)
	if active == nil {
		return nil, nil, code
	}
	held, code = s.inState(req.Secondary, errConnectionState, csta.ConnectionHold)
	if held == nil {
		return nil, nil, code
	}
	if held.dev != active.dev || held.call == active.call {
		return nil, nil, errInvalidConnection
	}
	return active, held, csta.ErrorCode{}
}

func (s *Switch) alternateCall(req, _ *csta.Message) csta.ErrorCode {
	active, held, code := s.pair(req)
	if active != nil {
		s.hold(active, csta.CauseAlternate)
		s.retrieve(held, csta.CauseAlternate)
	}
	return code
}

func (s *Switch) reconnectCall(req, _ *csta.Message) csta.ErrorCode {
	active, held, code := s.pair(req)
	if active != nil {
		s.drop(active, csta.CauseNormalClearing)
		s.retrieve(held, csta.CauseNormal)
	}
	return code
}

func (s *Switch) consultationCall(req, resp *csta.Message) csta.ErrorCode {
	c, code := s.inState(req.Subject, errConnectionState, csta.ConnectionConnected)
	to := destination(req)
	switch {
	case c == nil:
		return code
	case to == "":
		return errInvalidCalled
	case c.dev.kind != station || len(c.dev.conns) > 1:
		return errDeviceState
	}
	second := s.consult(c, to)
	s.schedule(second.call)
	resp.Subject = second.id()
	return code
}

// overlap reports whether another device is part of both calls, which then cannot become one.
func overlap(held, active *conn) bool {
	for _, conn := range held.call.conns {
		if conn != held && active.call.connAt(conn.dev) != nil {
			return true
		}
	}
	return false
}

func (s *Switch) transferCall(req, resp *csta.Message) csta.ErrorCode {
	active, held, code := s.pair(req)
	if active == nil {
		return code
	}
	if overlap(held, active) || active.call.routeing || held.call.routeing {
		return errConnectionState
	}
	if remains := s.transfer(held, active); remains != nil {
		resp.Subject = remains.id()
	}
	return code
}

func (s *Switch) conferenceCall(req, resp *csta.Message) csta.ErrorCode {
	active, held, code := s.pair(req)
	if active == nil {
		return code
	}
	if overlap(held, active) || active.call.routeing || held.call.routeing {
		return errConnectionState
	}
	resp.Subject = s.conference(held, active).id()
	return code
}

func (s *Switch) deflectCall(req, _ *csta.Message) csta.ErrorCode {
	c, code := s.inState(req.Subject, errConnectionState,
		csta.ConnectionAlerting, csta.ConnectionQueued)
	to := s.plant.byNumber[destination(req)]
	switch {
	case c == nil:
		return code
	case to == nil || to == c.dev || c.call.connAt(to) != nil:
		return errInvalidDestination
	case c.call.routeing:
		return errConnectionState
	}
	s.divert(c, to.number, csta.CauseRedirected)
	return code
}

func (s *Switch) singleStepTransferCall(req, resp *csta.Message) csta.ErrorCode {
	c, code := s.inState(req.Subject, errConnectionState, csta.ConnectionConnected)
	to := s.plant.byNumber[destination(req)]
	switch {
	case c == nil:
		return code
	case to == nil || to.kind != station || c.call.connAt(to) != nil:
		return errInvalidDestination
	case len(to.conns) > 0 || len(c.call.conns) < 2 || c.call.routeing:
		return errConnectionState
	}
	resp.Subject = s.singleStep(c, to).id()
	return code
}

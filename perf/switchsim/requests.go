package switchsim

import (
	"time"

	"haproxy/codec/csta"
)

// The errors that the switch gives beside those of package csta.
var (
	errInvalidCalling     = csta.ErrorCode{Category: csta.ErrorOperation, Value: 5}
	errInvalidCalled      = csta.ErrorCode{Category: csta.ErrorOperation, Value: 6}
	errInvalidCall        = csta.ErrorCode{Category: csta.ErrorOperation, Value: 11}
	errInvalidDevice      = csta.ErrorCode{Category: csta.ErrorOperation, Value: 12}
	errInvalidConnection  = csta.ErrorCode{Category: csta.ErrorOperation, Value: 13}
	errInvalidDestination = csta.ErrorCode{Category: csta.ErrorOperation, Value: 14}
	errInvalidAgent       = csta.ErrorCode{Category: csta.ErrorOperation, Value: 33}
	errConnectionState    = csta.ErrorCode{Category: csta.ErrorStateIncompatibility, Value: 25}
	errDeviceState        = csta.ErrorCode{Category: csta.ErrorStateIncompatibility, Value: 15}
	errNoCallToAnswer     = csta.ErrorCode{Category: csta.ErrorStateIncompatibility, Value: 8}
	errMonitorLimit       = csta.ErrorCode{Category: csta.ErrorSubscribedResource, Value: 2}
)

// handler treats one request: it changes the switch and fills resp, or returns an error.
type handler func(s *Switch, req, resp *csta.Message) csta.ErrorCode

// handlers are the services of the switch.
var handlers = map[csta.Service]handler{
	csta.SystemRegister:               (*Switch).systemRegister,
	csta.SystemRegisterCancel:         (*Switch).systemRegisterCancel,
	csta.RequestSystemStatus:          (*Switch).requestSystemStatus,
	csta.SystemStatus:                 (*Switch).systemStatus,
	csta.StartApplicationSession:      (*Switch).startSession,
	csta.ResetApplicationSessionTimer: (*Switch).resetSession,
	csta.StopApplicationSession:       (*Switch).stopSession,
	csta.MonitorStart:                 (*Switch).monitorStart,
	csta.MonitorStop:                  (*Switch).monitorStop,
	csta.ChangeMonitorFilter:          (*Switch).changeMonitorFilter,
	csta.SnapshotDevice:               (*Switch).snapshotDevice,
	csta.SnapshotCall:                 (*Switch).snapshotCall,
	csta.GetAgentState:                (*Switch).getAgentState,
	csta.SetAgentState:                (*Switch).setAgentState,
	csta.GetDoNotDisturb:              (*Switch).getDoNotDisturb,
	csta.SetDoNotDisturb:              (*Switch).setDoNotDisturb,
	csta.GetForwarding:                (*Switch).getForwarding,
	csta.SetForwarding:                (*Switch).setForwarding,
	csta.GetMessageWaitingIndicator:   (*Switch).getMessageWaiting,
	csta.SetMessageWaitingIndicator:   (*Switch).setMessageWaiting,
	csta.MakeCall:                     (*Switch).makeCall,
	csta.AnswerCall:                   (*Switch).answerCall,
	csta.ClearConnection:              (*Switch).clearConnection,
	csta.ClearCall:                    (*Switch).clearCall,
	csta.HoldCall:                     (*Switch).holdCall,
	csta.RetrieveCall:                 (*Switch).retrieveCall,
	csta.AlternateCall:                (*Switch).alternateCall,
	csta.ReconnectCall:                (*Switch).reconnectCall,
	csta.ConsultationCall:             (*Switch).consultationCall,
	csta.TransferCall:                 (*Switch).transferCall,
	csta.ConferenceCall:               (*Switch).conferenceCall,
	csta.DeflectCall:                  (*Switch).deflectCall,
	csta.SingleStepTransferCall:       (*Switch).singleStepTransferCall,
	csta.RouteRegister:                (*Switch).routeRegister,
	csta.RouteRegisterCancel:          (*Switch).routeRegisterCancel,
	csta.Escape:                       (*Switch).escape,
}

// take decodes a frame and treats it.
func (s *Switch) take(frame []byte) {
	msg := &s.msg
	if err := s.opts.Codec.Decode(msg, frame); err != nil {
		s.stats.Undecodable++
		s.stats.LastError = err
		return
	}
	if s.association(msg) {
		return
	}
	switch msg.Kind {
	case csta.KindRequest:
		s.trace(msg.Service, frame)
		s.request(msg)
	case csta.KindResponse, csta.KindError, csta.KindReject:
		s.answered(msg)
	default:
		s.stats.Undecodable++
	}
}

// request treats one request and sends its answer.
func (s *Switch) request(req *csta.Message) {
	s.stats.request(s.now, req.Service)
	if !req.Service.HasResponse() {
		s.routeingMessage(req)
		return
	}
	invoke, service := req.Invoke, req.Service
	if s.link.open[invoke] > 0 {
		s.stats.DuplicateInvokes++
	}
	s.link.open[invoke]++
	s.stats.MaxOutstanding = max(s.stats.MaxOutstanding, len(s.link.open))
	mark := len(s.out)
	resp := csta.Message{Kind: csta.KindResponse, Service: service, Invoke: invoke}
	code := csta.ErrServiceNotSupported
	switch handle := handlers[service]; {
	case s.opts.Link.Session && s.link.session == "" && service.Group() != csta.GroupSession:
		code = csta.ErrInvalidObjectState
	case handle != nil:
		code = handle(s, req, &resp)
	}
	if code != (csta.ErrorCode{}) {
		s.stats.ErrorsSent++
		resp = csta.Message{Kind: csta.KindError, Service: service, Invoke: invoke, Error: code}
	}
	s.answer(&resp, mark)
}

// answer sends an answer, as well as the faults allow. The events that the request caused begin at
// mark in the output: the answer goes before them, as most switches do.
func (s *Switch) answer(resp *csta.Message, mark int) {
	fault := &s.opts.Fault
	invoke := resp.Invoke
	if s.chance(fault.Never) {
		s.stats.NeverAnswered++
		return
	}
	if s.chance(fault.WrongID) {
		resp.Invoke = s.otherInvoke(invoke)
		s.stats.WrongAnswers++
	}
	frame := s.encode(resp)
	if frame == nil { // the protocol has no form for it
		frame = s.encode(&csta.Message{
			Kind: csta.KindError, Service: resp.Service, Invoke: resp.Invoke,
			Error: csta.ErrServiceNotSupported,
		})
	}
	if frame == nil {
		return
	}
	delay := s.opts.Link.LatencyMin
	if span := s.opts.Link.LatencyMax - delay; span > 0 {
		delay += time.Duration(s.rnd.Int64N(int64(span)))
	}
	if s.chance(fault.Late) {
		delay += fault.LateBy
		s.stats.LateAnswers++
	}
	copies := 1
	if s.chance(fault.Twice) {
		copies++
		s.stats.DoubleAnswers++
	}
	if delay <= 0 {
		s.closeRequest(invoke)
		if s.chance(fault.EventFirst) {
			mark = len(s.out)
		}
		s.insert(mark, frame, copies)
		return
	}
	gen := s.link.gen
	s.after(delay, func() {
		if s.link.up && s.link.gen == gen {
			s.closeRequest(invoke)
			s.insert(len(s.out), frame, copies)
		}
	})
}

// insert puts copies of a frame into the output.
func (s *Switch) insert(at int, frame []byte, copies int) {
	for range copies {
		s.out = append(s.out, nil)
		copy(s.out[at+1:], s.out[at:])
		s.out[at] = frame
		s.stats.AnswersSent++
	}
}

// closeRequest notes that a request is answered.
func (s *Switch) closeRequest(invoke csta.InvokeID) {
	if s.link.open[invoke]--; s.link.open[invoke] <= 0 {
		delete(s.link.open, invoke)
	}
	const kept = 64
	s.link.past = append(s.link.past, invoke)
	if len(s.link.past) > 2*kept {
		s.link.past = append(s.link.past[:0], s.link.past[kept:]...)
	}
}

// otherInvoke returns the invoke ID of a request already answered, or one of no request.
func (s *Switch) otherInvoke(own csta.InvokeID) csta.InvokeID {
	if n := len(s.link.past); n > 0 && s.chance(0.5) {
		return s.link.past[s.rnd.IntN(n)]
	}
	first, last := s.opts.Codec.InvokeIDs()
	return first + (own-first+5000)%(last-first+1)
}

// escape answers a vendor's own request with what it carried.
func (s *Switch) escape(req, resp *csta.Message) csta.ErrorCode {
	resp.Private = req.Private
	return csta.ErrorCode{}
}

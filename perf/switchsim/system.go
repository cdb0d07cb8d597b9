package switchsim

import (
	"strconv"

	"haproxy/codec/csta"
)

// nextID returns an identifier that the link has not used.
func (s *Switch) nextID() string {
	s.link.ids++
	return strconv.Itoa(int(s.link.gen)*100000 + s.link.ids)
}

// status is what the switch says of itself.
func (s *Switch) status() csta.Status {
	if s.link.disabled {
		return csta.StatusDisabled
	}
	return csta.StatusNormal
}

func (s *Switch) systemRegister(_, resp *csta.Message) csta.ErrorCode {
	if s.link.register == "" {
		s.link.register = s.nextID()
	}
	resp.Register = csta.RegisterID(s.link.register)
	return csta.ErrorCode{}
}

func (s *Switch) systemRegisterCancel(_, _ *csta.Message) csta.ErrorCode {
	s.link.register = ""
	return csta.ErrorCode{}
}

func (s *Switch) requestSystemStatus(_, resp *csta.Message) csta.ErrorCode {
	resp.Status = s.status()
	return csta.ErrorCode{}
}

// systemStatus answers the computing function's heartbeat.
func (s *Switch) systemStatus(_, _ *csta.Message) csta.ErrorCode {
	s.stats.HeartbeatsHeard++
	return csta.ErrorCode{}
}

// startSession opens an application session and then greets. A computing function whose host came
// back may open a second one: the first is over.
func (s *Switch) startSession(req, resp *csta.Message) csta.ErrorCode {
	if !s.opts.Link.Session {
		return csta.ErrServiceNotSupported
	}
	s.link.session = s.nextID()
	resp.Session = csta.SessionID(s.link.session)
	resp.DurationSec = max(req.DurationSec, 60)
	if len(req.Versions) > 0 {
		resp.Versions = req.Versions[:1]
	}
	if !s.opts.Link.Silent {
		s.greet(csta.StatusEnabled)
	}
	return csta.ErrorCode{}
}

func (s *Switch) resetSession(req, resp *csta.Message) csta.ErrorCode {
	if string(req.Session) != s.link.session {
		return csta.ErrSessionInvalidID
	}
	resp.DurationSec = max(req.DurationSec, 60)
	return csta.ErrorCode{}
}

func (s *Switch) stopSession(req, _ *csta.Message) csta.ErrorCode {
	if string(req.Session) != s.link.session {
		return csta.ErrSessionInvalidID
	}
	s.link.session = ""
	s.dropMonitors()
	return csta.ErrorCode{}
}

package switchsim

import "haproxy/codec/csta"

// barred reports whether the link still wants an association.
func (s *Switch) barred() bool { return s.opts.Link.Associate && !s.link.associated }

// association treats what the computing function says of the association. It reports whether the
// message was that, or came without one that is due, which aborts the link.
func (s *Switch) association(msg *csta.Message) bool {
	switch msg.Service {
	case csta.Associate:
		s.associate(msg)
	case csta.Release:
		s.release(msg)
	case csta.Abort:
		s.stats.Aborted++
		s.link.associated, s.link.hangup = false, true
	default:
		if !s.barred() {
			return false
		}
		s.stats.Unassociated++
		s.abort()
	}
	return true
}

// associate grants an association, the newest version that is offered, and greets.
func (s *Switch) associate(msg *csta.Message) {
	if msg.Kind != csta.KindRequest || s.link.associated {
		s.abort()
		return
	}
	if !s.opts.Link.Associate {
		s.refuse(msg, csta.ResultRejectedPermanent)
		return
	}
	if s.stats.Refused < s.opts.Link.Refuse {
		s.refuse(msg, csta.ResultRejectedTransient)
		return
	}
	granted := msg.Association.Granted()
	granted.Source = csta.SourceUser
	for rest := granted.Versions; rest != 0; rest &= rest - 1 {
		granted.Versions = rest & -rest
	}
	s.link.associated = true
	s.stats.Associations++
	s.send(&csta.Message{
		Kind: csta.KindResponse, Service: csta.Associate, Association: granted,
	})
	if !s.opts.Link.Silent {
		s.greet(csta.StatusNormal)
	}
}

// refuse answers that there will be no association.
func (s *Switch) refuse(msg *csta.Message, result csta.AssociateResult) {
	s.stats.Refused++
	s.send(&csta.Message{
		Kind: csta.KindError, Service: csta.Associate, Association: csta.Association{
			Context: msg.Association.Context, Result: result,
			Source: csta.SourceUser, Diagnostic: csta.DiagnosticNoReason,
		},
	})
}

// release ends the association; the computing function closes the link.
func (s *Switch) release(msg *csta.Message) {
	if msg.Kind != csta.KindRequest {
		return
	}
	s.stats.Releases++
	s.dropMonitors()
	s.link.associated = false
	s.send(&csta.Message{
		Kind: csta.KindResponse, Service: csta.Release,
		Association: csta.Association{Reason: csta.ReasonNormal},
	})
}

// AbortLink ends the association by an ABRT, and the link.
func (s *Switch) AbortLink() {
	if s.link.associated {
		s.abort()
	}
}

// abort ends the association and the link.
func (s *Switch) abort() {
	s.send(&csta.Message{
		Kind: csta.KindRequest, Service: csta.Abort,
		Association: csta.Association{Source: csta.SourceUser},
	})
	s.link.associated, s.link.hangup = false, true
}

package hub

import (
	"bytes"

	"haproxy/codec/csta"
)

// isAssociation reports whether a service is one of ACSE: it carries no invoke ID and is told by its
// name alone.
func isAssociation(s csta.Service) bool {
	return s == csta.Associate || s == csta.Release || s == csta.Abort
}

// associate asks the switch for the link's association.
func (h *Hub) associate() {
	h.link.phase = startSession
	h.made.Reset()
	h.made.Kind, h.made.Service = csta.KindRequest, csta.Associate
	h.made.Association = h.cfg.Session.Association
	h.sendMessage(&h.link.leg, &h.made)
}

// linkAssociation takes what the switch says of the association. h.in is the message.
func (h *Hub) linkAssociation() {
	a := &h.in.Association
	switch {
	case h.in.Service == csta.Abort:
		h.notice(NoticeWarn, Link, "the switch aborted the association")
		h.closeLeg(&h.link.leg, CloseSwitchStatus)
	case h.in.Service == csta.Release && h.in.Kind == csta.KindRequest:
		h.notice(NoticeWarn, Link, "the switch released the association")
		h.sendReleased(&h.link.leg)
		h.closeLeg(&h.link.leg, CloseSwitchStatus)
	case h.in.Service != csta.Associate || h.link.phase != startSession || h.link.associated:
		h.counters[countAnswersUnsolicited]++
	case h.in.Kind == csta.KindResponse:
		h.link.associated, h.link.granted = true, ownAssociation(a)
		h.registerAtSwitch()
		for _, l := range h.ordered {
			if l.associating && !l.closing() {
				h.grantAssociation(l)
			}
		}
	case h.in.Kind == csta.KindError:
		h.notice(NoticeError, Link, "the switch refused the association (%v, diagnostic %d); check"+
			" [link.session] versions, user and password_file", a.Result, a.Diagnostic)
		h.closeLeg(&h.link.leg, CloseStart)
	default:
		h.counters[countAnswersUnsolicited]++
	}
}

// legAssociation takes what a T-Server says of its association. h.in is the message.
func (h *Hub) legAssociation(l *leg) {
	l.bad = 0
	switch {
	case h.in.Service == csta.Abort:
		h.closeLeg(l, CloseSession)
	case h.in.Service == csta.Release && h.in.Kind == csta.KindRequest:
		h.sendReleased(l)
		h.closeLeg(l, CloseSession)
	case h.in.Service != csta.Associate || h.in.Kind != csta.KindRequest:
		h.counters[countAnswersAbsorbed]++
	case l.associated || l.associating:
		h.notice(NoticeWarn, l.id, "closed: a second association in the midst of the first")
		h.made.Reset()
		h.made.Kind, h.made.Service = csta.KindRequest, csta.Abort
		h.sendMessage(l, &h.made)
		h.closeLeg(l, CloseUndecodable)
	default:
		l.associating, l.asked, l.wants = true, h.now, ownAssociation(&h.in.Association)
		if h.link.associated || h.cfg.Session.Kind != SessionACSE {
			h.grantAssociation(l)
		}
	}
}

// grantAssociation gives a T-Server what the link was granted, where that is what it asks for.
func (h *Hub) grantAssociation(l *leg) {
	granted := h.grantable(l)
	if granted.Versions != 0 && l.wants.Versions != 0 && granted.Versions&l.wants.Versions == 0 {
		h.notice(NoticeWarn, l.id, "association refused: the link speaks %v alone",
			granted.Versions.Names())
		h.rejectAssociation(l, csta.ResultRejectedPermanent)
		return
	}
	h.made.Reset()
	h.made.Kind, h.made.Service, h.made.Association = csta.KindResponse, csta.Associate, granted
	h.sendMessage(l, &h.made)
	l.associating, l.associated = false, true
	h.renew(l.tserver)
	h.greet(l)
}

// grantable is the association that a T-Server can have: the link's, or where the link has none, what it wants.
func (h *Hub) grantable(l *leg) csta.Association {
	granted := l.wants
	if h.cfg.Session.Kind == SessionACSE {
		granted = h.link.granted
		granted.Context = l.wants.Context
	}
	return granted.Granted()
}

// rejectAssociation refuses a T-Server's association and closes its leg.
func (h *Hub) rejectAssociation(l *leg, result csta.AssociateResult) {
	h.made.Reset()
	h.made.Kind, h.made.Service = csta.KindError, csta.Associate
	h.made.Association = csta.Association{
		Context: l.wants.Context, Result: result, Source: csta.SourceUser,
	}
	h.sendMessage(l, &h.made)
	h.closeLeg(l, CloseSession)
}

// sendReleased answers a release.
func (h *Hub) sendReleased(l *leg) {
	reason := h.in.Association.Reason
	h.made.Reset()
	h.made.Kind, h.made.Service = csta.KindResponse, csta.Release
	h.made.Association.Reason = reason
	h.sendMessage(l, &h.made)
}

// releaseAssociation ends the link's association. Its answer is not waited for.
func (h *Hub) releaseAssociation() {
	h.made.Reset()
	h.made.Kind, h.made.Service = csta.KindRequest, csta.Release
	h.sendMessage(&h.link.leg, &h.made)
}

// overdueAssociation rejects, for now, a T-Server's association that waited long enough for the link.
func (h *Hub) overdueAssociation(l *leg) bool {
	if !l.associating || h.now.Sub(l.asked) < h.cfg.ConnectTimeout {
		return false
	}
	h.notice(NoticeWarn, l.id, "association refused for now: the link to the switch is not up")
	h.rejectAssociation(l, csta.ResultRejectedTransient)
	return true
}

// reachable reports whether a leg may be sent messages of CSTA: with associations, once it has one.
func (h *Hub) reachable(l *leg) bool {
	return h.cfg.Session.Kind != SessionACSE || l.associated
}

// ownAssociation copies what an association says.
func ownAssociation(a *csta.Association) csta.Association {
	own := *a
	for _, part := range []*[]byte{
		&own.Context, &own.Reference, &own.Required, &own.Supplied, &own.Private, &own.User, &own.Answer,
	} {
		*part = bytes.Clone(*part)
	}
	own.Password = nil // nobody needs it a second time
	return own
}

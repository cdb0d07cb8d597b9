package hub

import (
	"bytes"
	"slices"
	"strconv"
	"time"

	"haproxy/codec/csta"
)

// sessionDefault is the duration of a session whose side names none.
const sessionDefault = 180 * time.Second

// startSession opens an application session with the switch (ECMA-354).
func (h *Hub) startSession() {
	h.link.phase = startSession
	h.made.Reset()
	h.made.Service = csta.StartApplicationSession
	h.made.Application = []byte(h.cfg.Session.Application)
	h.made.SessionInfo = h.cfg.Session.Info
	for _, version := range h.cfg.Session.Versions {
		h.made.Versions = append(h.made.Versions, []byte(version))
	}
	h.made.DurationSec = uint32(h.cfg.Session.Duration / time.Second)
	h.askAtStart(&h.made, forSessionStart)
}

// sessionStarted takes the switch's answer to the session asked for. h.in is the answer.
func (h *Hub) sessionStarted() {
	if h.in.Kind != csta.KindResponse {
		h.notice(NoticeError, Link, "the switch refused the application session: %s; check"+
			" [link.session] application_id and versions", h.in.Error.Name())
		h.closeLeg(&h.link.leg, CloseStart)
		return
	}
	h.link.session = append(csta.SessionID(nil), h.in.Session...)
	if len(h.in.Versions) > 0 {
		h.link.version = string(h.in.Versions[0])
		if !slices.Contains(h.cfg.Session.Versions, h.link.version) {
			h.notice(NoticeWarn, Link, "the switch granted protocol version %q, which was not asked for;"+
				" see [link.session] versions", h.link.version)
		}
	}
	h.renewAfter(h.in.DurationSec)
	h.registerAtSwitch()
}

// renewAfter sets the time to reset the session's timer: half of what was granted.
func (h *Hub) renewAfter(seconds uint32) {
	if seconds == 0 {
		seconds = uint32(sessionDefault / time.Second)
	}
	h.link.renew = h.now.Add(time.Duration(seconds) * time.Second / 2)
}

// renewSession resets the timer of the session with the switch.
func (h *Hub) renewSession() {
	h.renewAfter(uint32(h.cfg.Session.Duration / time.Second)) // until the answer says otherwise
	h.made.Reset()
	h.made.Service, h.made.Session = csta.ResetApplicationSessionTimer, h.link.session
	h.made.DurationSec = uint32(h.cfg.Session.Duration / time.Second)
	h.askAtStart(&h.made, forSessionTimer)
}

// sessionRenewed takes the switch's answer to a reset timer.
func (h *Hub) sessionRenewed() {
	if h.in.Kind == csta.KindResponse {
		h.renewAfter(h.in.DurationSec)
		return
	}
	h.notice(NoticeError, Link, "the switch does not know the session any more: %s", h.in.Error.Name())
	h.closeLeg(&h.link.leg, CloseSwitchStatus)
}

// stopSession ends the session with the switch, where the link has one. Its answer is not waited for.
func (h *Hub) stopSession() {
	if h.link.associated && !h.link.leg.closing() {
		h.releaseAssociation()
	}
	if h.link.session == nil || h.link.leg.closing() {
		return
	}
	h.made.Reset()
	h.made.Service, h.made.Session = csta.StopApplicationSession, h.link.session
	h.askAtStart(&h.made, forCleanup)
}

// sessionTerminated takes the switch's word that the session is over.
func (h *Hub) sessionTerminated() {
	h.notice(NoticeWarn, Link, "the switch ended the application session")
	h.closeLeg(&h.link.leg, CloseSwitchStatus)
}

// sessionService answers the session services of a T-Server. h.in is the request.
func (h *Hub) sessionService(l *leg) {
	id, service := h.in.Invoke, h.in.Service
	if service != csta.StartApplicationSession &&
		(len(l.session) == 0 || !bytes.Equal(h.in.Session, l.session)) {
		h.sendError(l, id, service, csta.ErrSessionInvalidID)
		return
	}
	duration := time.Duration(h.in.DurationSec) * time.Second
	if duration <= 0 {
		duration = sessionDefault
	}
	version, granted := h.grantVersion()
	switch {
	case service == csta.StopApplicationSession:
		h.sendDone(l, id, service)
		h.closeLeg(l, CloseSession)
		return
	case service == csta.StartApplicationSession && !granted:
		h.notice(NoticeWarn, l.id, "session refused: the link speaks %s alone", h.spoken())
		h.sendError(l, id, service, csta.ErrSessionVersionUnsupported)
		return
	case service == csta.StartApplicationSession:
		l.session = strconv.AppendInt(nil, int64(l.tserver)+1, 10) // a T-Server has one leg at a time
		h.renew(l.tserver)
	}
	l.expires = h.now.Add(2 * duration)
	h.made.Reset()
	h.made.Kind, h.made.Service, h.made.Invoke = csta.KindResponse, service, id
	h.made.Session = l.session
	h.made.DurationSec = uint32(duration / time.Second)
	if service == csta.StartApplicationSession {
		h.made.Versions = append(h.made.Versions, version)
	}
	h.sendMessage(l, &h.made)
}

// spoken is the protocol version of the link: that of its session, or where it has none, the one that
// the switch shows in its messages; empty while neither is known.
func (h *Hub) spoken() string {
	if h.link.version != "" {
		return h.link.version
	}
	return h.link.codec.Version()
}

// grantVersion picks the protocol version for a T-Server: the one the link speaks, which has to be one
// of those asked for. h.in is the request.
func (h *Hub) grantVersion() ([]byte, bool) {
	if len(h.in.Versions) == 0 {
		return []byte(h.spoken()), true
	}
	spoken := h.spoken()
	if spoken == "" { // the switch has not shown it yet
		return h.in.Versions[0], true
	}
	for _, version := range h.in.Versions {
		if string(version) == spoken {
			return version, true
		}
	}
	return nil, false
}

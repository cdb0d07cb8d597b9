package hub

import (
	"time"

	"haproxy/codec"
	"haproxy/codec/csta"
)

// link is the CTI link and how far its start has come.
type link struct {
	leg     leg
	codec   codec.Codec // the leg's; the last one's while the link is down
	state   LinkState
	phase   startPhase
	up      time.Time
	lastIn  time.Time
	heard   bool        // anything at all
	service csta.Status // what the switch last said of itself
	greeted csta.Status // what it said first on this link
	version string      // the protocol version its session granted
	session csta.SessionID
	granted csta.Association // what the switch granted; owned
	// associated says that granted holds.
	associated bool
	renew      time.Time // when the session's timer is to be reset; zero for never

	unanswered  int  // time-outs in a row
	probing     bool // a heartbeat was sent because of these
	registering bool // SystemRegister is unanswered
}

// startPhase is a step of the link's start.
type startPhase uint8

const (
	startGreeting startPhase = iota // the switch may speak first
	startSession                    // a session was asked for
	startRegister                   // system status was registered for
	startDone
)

// greetingWait is how long the switch is let to speak first, so that it is answered in its own
// style.
const greetingWait = 300 * time.Millisecond

// LinkUp steps the hub with a socket to the switch.
func (h *Hub) LinkUp(now time.Time) {
	h.begin(now)
	if h.link.state != LinkDown {
		h.LinkDown(now)
	}
	out := h.link.leg.out
	h.link = link{
		leg: leg{
			id: Link, tserver: ownSource, codec: h.cfg.NewCodec(), opened: now, lastIn: now,
			lastBeat: now, out: out,
		},
		state: LinkStarting, up: now, lastIn: now, service: csta.StatusNormal,
		version: h.link.version, greeted: h.link.greeted,
	}
	h.link.codec = h.link.leg.codec
	h.counters[countLinksUp]++
	h.notice(NoticeInfo, Link, "CTI link connected")
}

// LinkDown steps the hub with the end of the socket to the switch.
func (h *Hub) LinkDown(now time.Time) {
	h.begin(now)
	if h.link.state == LinkDown {
		return
	}
	h.counters[countLinksLost]++
	h.notice(NoticeWarn, Link, "CTI link lost")
	h.link.state, h.link.leg.gone, h.link.associated = LinkDown, true, false
	h.forgetOutput(&h.link.leg)
	h.void()
	if h.cfg.CloseOnLinkLoss {
		for _, l := range h.ordered {
			h.closeLeg(l, CloseLinkLost)
		}
	}
	h.serveAfresh()
}

// void ends what a lost link, or a switch that restarted, does not remember. T-Servers learn of it
// first; what they had asked is failed; monitors and registrations wait to be restored.
func (h *Hub) void() {
	if h.link.state != LinkDown || !h.cfg.CloseOnLinkLoss {
		h.tellAll(csta.StatusDisabled)
	}
	h.recovery.stop()
	h.seeds, h.audits = seeds{}, nil
	h.held.init()
	h.monitors.lose()
	h.registrations.lose()
	if h.link.state == LinkDown {
		h.slots.clear(h.voided)
	} else {
		h.slots.lapse(h.now, h.voided)
	}
	h.queue.clear(h.voided)
	h.monitors.lose() // those that were to be stopped and stand
	h.registrations.lose()
	h.clearSegments()
	h.clearSwitchRequests()
	h.routes.init()
	h.state.LinkLost()
	h.link.unanswered, h.link.probing, h.link.registering = 0, false, false
}

// voided fails one request that the link was lost on. It is never sent again.
func (h *Hub) voided(r *request) {
	h.counters[countRequestsVoided]++
	h.refuse(r, csta.ErrSystemResource)
}

// tickLink moves the start of the link on and keeps the link alive.
func (h *Hub) tickLink() {
	if h.link.state == LinkDown || h.link.leg.closing() {
		return
	}
	if h.link.state == LinkStarting {
		wait := min(greetingWait, h.cfg.ConnectTimeout/4)
		if h.cfg.Session.Kind == SessionACSE {
			wait = 0 // the switch says nothing before
		}
		if h.link.phase == startGreeting && h.now.Sub(h.link.up) >= wait {
			h.openLink()
		}
		waiting := h.cfg.Session.Kind == SessionACSE && !h.link.associated
		if h.now.Sub(h.link.up) > h.cfg.ConnectTimeout && (waiting || !h.link.heard) {
			h.notice(NoticeError, Link, "the switch did not answer within connect_timeout (%v):"+
				" is this its CTI port, and is it configured for this host?", h.cfg.ConnectTimeout)
			h.closeLeg(&h.link.leg, CloseStart)
			return
		}
	}
	if !h.link.renew.IsZero() && !h.now.Before(h.link.renew) {
		h.renewSession()
	}
	h.beatLink()
}

// openLink begins the session, or registers at once where the link has none.
func (h *Hub) openLink() {
	switch h.cfg.Session.Kind {
	case SessionECMA354:
		h.startSession()
	case SessionACSE:
		h.associate()
	default:
		h.registerAtSwitch()
	}
}

// registerAtSwitch asks for system status; whichever way the switch answers, it is there. Where the
// protocol has no such service, a heartbeat shows as much.
func (h *Hub) registerAtSwitch() {
	h.link.phase = startRegister
	if h.askForStatus() {
		return
	}
	h.made.Reset()
	h.made.Service, h.made.Status = csta.SystemStatus, csta.StatusNormal
	if !h.askAtStart(&h.made, forSystemRegister) {
		h.link.phase = startDone
		h.startRecovery()
	}
}

// askAtStart sends a request of the link's start, past the queue.
func (h *Hub) askAtStart(msg *csta.Message, why purpose) bool {
	r := request{
		purpose: why, class: classRecovery, source: ownSource, leg: Link, service: msg.Service,
		expires: h.now.Add(h.cfg.ConnectTimeout),
	}
	msg.Kind = csta.KindRequest
	frame, err := h.append(h.link.codec, msg)
	if err != nil || !h.slots.available() {
		return false
	}
	h.transmit(&r, frame)
	return true
}

// startAnswered takes the switch's answer to a request of the link's start.
func (h *Hub) startAnswered(r *request) {
	if r.purpose == forSystemRegister {
		h.link.registering = false
	}
	switch {
	case r.purpose == forSessionStart:
		h.sessionStarted()
	case r.purpose == forSessionTimer:
		h.sessionRenewed()
	case h.link.phase == startRegister:
		h.link.phase = startDone
		h.startRecovery()
	}
}

// registeredNoMore takes the switch's word that it sends no more system status: it is asked anew.
func (h *Hub) registeredNoMore() {
	if !h.link.registering {
		h.askForStatus()
	}
}

// askForStatus asks the switch for its system status from now on. It reports whether the protocol can.
func (h *Hub) askForStatus() bool {
	h.made.Reset()
	h.made.Service = csta.SystemRegister
	h.link.registering = h.askAtStart(&h.made, forSystemRegister)
	return h.link.registering
}

// startUnanswered takes the time-out of a request of the link's start or life.
func (h *Hub) startUnanswered(r *request) {
	if r.purpose == forSystemRegister {
		h.link.registering = false
	}
	switch {
	case r.purpose == forHeartbeat && h.link.probing:
		h.linkUnanswered()
	case r.purpose == forSessionStart:
		h.notice(NoticeError, Link, "the switch did not answer StartApplicationSession; if it knows no"+
			` sessions, set [link.session] kind = "none"`)
		h.closeLeg(&h.link.leg, CloseStart)
	case r.purpose == forSystemRegister && h.link.phase == startRegister:
		if !h.link.heard {
			h.closeLeg(&h.link.leg, CloseStart)
			return
		}
		h.notice(NoticeWarn, Link, "the switch did not answer SystemRegister; going on without")
		h.link.phase = startDone
		h.startRecovery()
	}
}

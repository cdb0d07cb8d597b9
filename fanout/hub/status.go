package hub

import (
	"slices"
	"time"

	"haproxy/codec/csta"
)

// status is what T-Servers are told of the link.
func (h *Hub) status() csta.Status {
	if h.link.state != LinkNormal {
		return csta.StatusDisabled
	}
	return h.link.service
}

// greet sends a new leg what the switch sends: a SystemStatus at the start, where it does that.
// While the link is down every leg is told so.
func (h *Hub) greet(l *leg) {
	if !h.reachable(l) {
		return // it is greeted when it is associated
	}
	status := h.status()
	if status != csta.StatusDisabled && h.link.greeted != csta.StatusNone {
		h.tell(l, h.link.greeted)
		l.told = csta.StatusNormal
	}
	if status != csta.StatusNormal && status != l.told {
		h.tell(l, status)
	}
}

// tell sends a leg a SystemStatus of ours.
func (h *Hub) tell(l *leg, status csta.Status) {
	l.told = status
	h.made.Reset()
	h.made.Kind, h.made.Service, h.made.Invoke = csta.KindRequest, csta.SystemStatus, h.nextInvoke(l)
	h.made.Status = status
	if status == csta.StatusEnabled || status == csta.StatusDisabled {
		l.unread = append(l.unread, h.made.Invoke)
		l.unread = l.unread[max(0, len(l.unread)-unreadMax):]
	}
	h.sendMessage(l, &h.made)
	if status == csta.StatusDisabled && !l.candidate {
		h.renew(l.tserver)
	}
}

// statusRead takes the answer to a SystemStatus. Who reads enabled or disabled behind requests that it
// sent before may begin anew, and ask once more for what it has. Who asks first and answers then is taken
// for one of these.
func (h *Hub) statusRead(l *leg) {
	if i := slices.Index(l.unread, h.in.Invoke); i >= 0 {
		l.unread = slices.Delete(l.unread, i, i+1)
		h.renew(l.tserver)
	}
}

// tellAll tells every leg of a change of status.
func (h *Hub) tellAll(status csta.Status) {
	for _, l := range h.ordered {
		if l.told != status && !l.closing() && h.reachable(l) {
			h.tell(l, status)
		}
	}
}

// switchStatus takes a SystemStatus of the switch. h.in is the request.
func (h *Hub) switchStatus() {
	status := h.in.Status
	h.sendDone(&h.link.leg, h.in.Invoke, csta.SystemStatus)
	if h.link.state == LinkStarting {
		h.greeted(status)
		return
	}
	switch status {
	case csta.StatusNone: // a heartbeat
	case csta.StatusEnabled:
		h.notice(NoticeWarn, Link, "the switch says enabled: it lost its monitors; restoring them")
		h.counters[countSwitchRestarts]++
		h.link.state = LinkRecovering
		h.void()
		h.link.service = csta.StatusNormal
		h.startRecovery()
	case csta.StatusMessagesLost:
		h.notice(NoticeWarn, Link, "the switch says messagesLost: its state has to be asked anew")
		h.state.MessagesLost()
		for _, l := range h.ordered {
			if h.reachable(l) {
				h.tell(l, status)
				l.told = h.status()
			}
		}
		h.compareAnew()
	default:
		h.serviceChanged(status)
	}
}

// greeted takes what the switch says of itself while the link starts.
func (h *Hub) greeted(status csta.Status) {
	switch status {
	case csta.StatusNone:
		return
	case csta.StatusInitializing, csta.StatusEnabled, csta.StatusNormal, csta.StatusMessagesLost:
	default:
		h.link.service = status
	}
	switch {
	case h.link.associated: // which it waited for
		h.link.greeted = status
	case h.link.phase == startGreeting:
		h.link.greeted = status
		h.openLink()
	}
}

// serviceChanged takes what the switch says of its service: overload, or no service at all. What
// was relieved is normal to those who come later.
func (h *Hub) serviceChanged(status csta.Status) {
	if h.link.service == status {
		return
	}
	h.notice(NoticeInfo, Link, "the switch says %v", status)
	h.link.service = status
	if h.link.state == LinkNormal {
		h.tellAll(status)
	}
	if status != csta.StatusOverloadRelieved {
		return
	}
	h.link.service = csta.StatusNormal
	for _, l := range h.ordered {
		if l.told == status {
			l.told = csta.StatusNormal
		}
	}
}

// systemRegister names a T-Server's registration for system status. A leg has one, and all legs the same: what they get
// is one stream.
var systemRegister = csta.RegisterID("1")

// systemService answers the system services of a T-Server: the proxy knows the link's state itself.
func (h *Hub) systemService(l *leg) {
	id, service := h.in.Invoke, h.in.Service
	switch service {
	case csta.RequestSystemStatus:
		h.answerStatus(l, h.status())
	case csta.SystemRegister:
		h.made.Reset()
		h.made.Kind, h.made.Service, h.made.Invoke = csta.KindResponse, service, id
		h.made.Register = systemRegister
		h.sendMessage(l, &h.made)
	default:
		h.sendDone(l, id, service)
	}
}

// answerStatus answers a RequestSystemStatus. h.in is the request.
func (h *Hub) answerStatus(l *leg, status csta.Status) {
	id := h.in.Invoke
	h.made.Reset()
	h.made.Kind, h.made.Service, h.made.Invoke = csta.KindResponse, csta.RequestSystemStatus, id
	h.made.Status = status
	h.sendMessage(l, &h.made)
}

// beatLink sends the switch a heartbeat when it has been silent for an interval, and gives the link
// up when it stays so.
func (h *Hub) beatLink() {
	l := &h.link.leg
	if h.link.phase < startRegister || !h.overdue(l, h.link.lastIn) {
		return // the start has a time-out of its own
	}
	h.beat()
}

// beat sends the switch a heartbeat. It reports whether it could.
func (h *Hub) beat() bool {
	h.made.Reset()
	h.made.Service, h.made.Status = csta.SystemStatus, csta.StatusNormal
	h.counters[countHeartbeatsToSwitch]++
	return h.askAtStart(&h.made, forHeartbeat)
}

// tickLegs times candidates out and keeps the T-Servers' legs alive.
func (h *Hub) tickLegs() {
	for _, l := range h.ordered {
		if l.closing() {
			continue
		}
		if !l.expires.IsZero() && h.now.After(l.expires) {
			h.notice(NoticeWarn, l.id, "the T-Server did not reset its session timer")
			h.closeLeg(l, CloseSession)
			continue
		}
		if l.candidate && h.now.Sub(l.opened) > candidateTimeout {
			h.noticeCandidate(l, "closed: no valid message within %v", candidateTimeout)
			h.closeLeg(l, CloseCandidate)
			continue
		}
		first := !l.lastBeat.After(l.lastIn)
		if h.overdueAssociation(l) || !h.reachable(l) || !h.overdue(l, l.lastIn) {
			continue
		}
		h.counters[countHeartbeatsToTServers]++
		h.made.Reset()
		h.made.Kind, h.made.Service, h.made.Invoke = csta.KindRequest, csta.SystemStatus, h.nextInvoke(l)
		h.made.Status = h.status()
		h.sendMessage(l, &h.made)
		if first {
			l.drain.beat = l.drain.put + l.out.bytes
		}
	}
}

// overdue reports that a leg is to be sent a heartbeat now. A leg that was silent for all of the
// misses allowed is closed, unless it took what lay before the heartbeat meanwhile.
func (h *Hub) overdue(l *leg, lastIn time.Time) bool {
	interval := h.cfg.HeartbeatInterval
	silent := h.now.Sub(lastIn)
	if interval <= 0 || silent < interval {
		return false
	}
	if most := interval * time.Duration(h.cfg.HeartbeatMisses); silent >= most && h.now.Sub(l.drain.moved) >= most {
		h.notice(NoticeWarn, l.id, "closed: silent for %v", silent.Round(time.Millisecond))
		h.closeLeg(l, CloseSilent)
		return false
	}
	if h.now.Sub(l.lastBeat) < interval {
		return false
	}
	l.lastBeat = h.now
	return true
}

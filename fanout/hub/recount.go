package hub

import (
	"slices"
	"time"

	"haproxy/codec/csta"
	"haproxy/state"
)

// Recount tells what stands on the link: a dialogue that would bring it about on legs that have just been opened. First
// on each T-Server's leg the registrations and monitors that it has, then on the link those of all, and the journals.
// tserver is below 0 for the link; frame is borrowed during the call. It stops when tell returns false. It reports
// false, and tells nothing, while what stands is not certain: the link is not normal or is compared, or a monitor or
// registration is being asked for or ended.
func (h *Hub) Recount(tell func(tserver int, fromSwitch bool, frame []byte) bool) bool {
	if h.link.state != LinkNormal || h.recovery.active || h.unsettled() {
		return false
	}
	r := recount{h: h}
	for i := range h.tservers {
		if l := h.tservers[i].leg; l != nil && !l.closing() {
			r.begin(l, func(fromSwitch bool, frame []byte) bool { return tell(i, fromSwitch, frame) })
			r.ofTServer()
		}
	}
	r.begin(&h.link.leg, func(fromSwitch bool, frame []byte) bool { return tell(ownSource, fromSwitch, frame) })
	r.ofLink()
	return true
}

// unsettled reports whether a monitor or a registration waits for an answer of the switch.
func (h *Hub) unsettled() bool {
	return slices.ContainsFunc(h.monitors.all, func(m *monitor) bool {
		return m.phase != monitorActive || m.changing || m.joining > 0
	}) || slices.ContainsFunc(h.registrations.all, func(reg *registration) bool { return reg.phase != monitorActive })
}

// RecountLen returns how many bytes Recount tells, about, as though every T-Server had all monitors; but for the
// queries, which are as many again, or fewer.
func (h *Hub) RecountLen() int64 {
	return h.state.HistoryLen() + h.room.said()*int64(1+len(h.tservers))
}

// recount is a recount under way, of one leg after the other.
type recount struct {
	h        *Hub
	leg      *leg
	tell     func(fromSwitch bool, frame []byte)
	ended    bool          // no more is wanted
	invoke   csta.InvokeID // of the last request
	frame    []byte        // room for the one that is told, and for those that it is made of
	request  []byte
	answer   []byte
	renaming []byte
}

// begin begins the recount of a leg.
func (r *recount) begin(l *leg, tell func(fromSwitch bool, frame []byte) bool) {
	r.leg, r.invoke = l, 0
	r.tell = func(fromSwitch bool, frame []byte) { r.ended = r.ended || !tell(fromSwitch, frame) }
}

// ofTServer tells what a T-Server has.
func (r *recount) ofTServer() {
	if l := r.leg; l.associated {
		r.association(l.wants, r.h.grantable(l))
	}
	if l := r.leg; len(l.session) > 0 {
		r.session(l.session, sessionDefault)
	}
	for _, reg := range r.h.registrations.all {
		if reg.members[r.leg.tserver] {
			r.dialogue(reg.request, reg.answer)
		}
	}
	for _, m := range r.h.monitors.all {
		if r.ended {
			return
		}
		if m.members[r.leg.tserver].joined {
			filter := m.members[r.leg.tserver].filter
			r.dialogue(r.under(m.request, filter, m.requested), r.under(m.answer, filter.Union(m.granted), m.granted))
		}
	}
}

// ofLink tells what the switch was asked for, and what it told of it that is so now.
func (r *recount) ofLink() {
	h := r.h
	if h.link.associated {
		granted := h.link.granted
		granted.Result = csta.ResultAccepted
		r.association(h.cfg.Session.Association, granted)
	}
	if h.link.session != nil {
		r.session(h.link.session, h.cfg.Session.Duration)
	}
	for _, reg := range h.registrations.all {
		r.dialogue(reg.request, h.underRegister(reg, reg.answer, reg.switchRef))
	}
	for _, m := range h.monitors.all {
		if r.ended {
			return
		}
		r.dialogue(r.under(m.request, m.asked, m.requested), r.named(m, m.answer))
	}
	if r.ended {
		return
	}
	h.state.History(
		func(id state.MonitorID, msg *csta.Message) {
			m := h.monitors.byState[id]
			if m == nil {
				return
			}
			msg.CrossRef = csta.CrossRefID(m.switchRef)
			if frame, err := r.leg.codec.Append(r.frame[:0], msg); err == nil {
				r.frame = frame
				r.tell(true, frame)
			}
		},
		func(id state.MonitorID, frame []byte) bool {
			if m := h.monitors.byState[id]; m != nil {
				r.tell(true, r.named(m, frame))
			}
			return !r.ended
		})
	r.ofAnswers()
}

// association tells an association, but nobody's password. It has no invoke ID.
func (r *recount) association(wants, granted csta.Association) {
	wants.User, wants.Password = nil, nil
	for _, msg := range [...]csta.Message{
		{Kind: csta.KindRequest, Service: csta.Associate, Association: wants},
		{Kind: csta.KindResponse, Service: csta.Associate, Association: granted},
	} {
		if frame, err := r.leg.codec.Append(r.frame[:0], &msg); err == nil {
			r.frame = frame
			r.tell(msg.Kind == csta.KindResponse, frame)
		}
	}
}

// session tells an application session, which lasts for so long from now on.
func (r *recount) session(id csta.SessionID, lasts time.Duration) {
	msg := csta.Message{
		Kind: csta.KindRequest, Service: csta.StartApplicationSession, Application: []byte(r.h.cfg.Session.Application),
		DurationSec: uint32(lasts / time.Second),
	}
	if version := r.h.spoken(); version != "" {
		msg.Versions = [][]byte{[]byte(version)}
	}
	request, err := r.leg.codec.Append(nil, &msg)
	if err != nil {
		return
	}
	msg.Kind, msg.Session, msg.Application = csta.KindResponse, id, nil
	if answer, err := r.leg.codec.Append(nil, &msg); err == nil {
		r.dialogue(request, answer)
	}
}

// ofAnswers tells what the switch answered to queries, as far as that is known to be so still: the journals do not have
// it.
func (r *recount) ofAnswers() {
	h := r.h
	for _, m := range h.monitors.all {
		switch {
		case r.ended:
			return
		case !m.isDevice():
			continue
		}
		for _, service := range deviceServices {
			h.in.Reset()
			h.in.Service, h.in.Device = service, m.object.Device
			r.answered()
		}
	}
	for c := range h.state.Calls() {
		if r.ended {
			return
		}
		h.in.Reset()
		h.in.Service, h.in.Subject.Call = csta.SnapshotCall, c.ID
		r.answered()
	}
}

// answered tells a query and its answer, where the state has that. h.in is the query.
func (r *recount) answered() {
	h := r.h
	if !h.makeAnswer() {
		return
	}
	h.in.Kind = csta.KindRequest
	request, err := r.leg.codec.Append(r.request[:0], &h.in)
	if err != nil {
		return
	}
	r.request = request
	if answer, err := r.leg.codec.Append(r.answer[:0], &h.made); err == nil { // the phase may have no form for it
		r.answer = answer
		r.dialogue(request, answer)
	}
}

// named returns a frame that T-Servers get of a monitor under the ID that the switch has for it.
func (r *recount) named(m *monitor, frame []byte) []byte {
	if m.ref == m.switchRef {
		return frame
	}
	out, err := r.leg.codec.SetCrossRef(r.renaming[:0], frame, csta.CrossRefID(m.switchRef))
	if err != nil {
		return frame
	}
	r.renaming = out
	return out
}

// under returns a message about a monitor under a filter, where that is not the one it has.
func (r *recount) under(frame []byte, filter, has csta.EventSet) []byte {
	if filter == has || r.leg.codec.Decode(&r.h.made, frame) != nil {
		return frame
	}
	r.h.made.HasFilter, r.h.made.Filter = true, filter
	out, err := r.leg.codec.Append(nil, &r.h.made)
	if err != nil {
		return frame
	}
	return out
}

// dialogue tells a request and its answer.
func (r *recount) dialogue(request, answer []byte) {
	codec := r.leg.codec
	first, last := codec.InvokeIDs()
	if r.invoke++; r.invoke < first || r.invoke > last {
		r.invoke = first
	}
	for i, frame := range [...][]byte{request, answer} {
		out, err := codec.SetInvokeID(r.frame[:0], frame, r.invoke)
		if err != nil {
			return
		}
		r.frame = out
		r.tell(i > 0, out)
	}
}

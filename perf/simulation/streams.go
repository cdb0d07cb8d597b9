package simulation

import (
	"bytes"
	"slices"

	"haproxy/codec/csta"
	"haproxy/fanout/hub"
	"haproxy/perf/inproc"
)

// event judges an event that a T-Server gets. While the link is normal it is the one that the switch
// has just sent, but for the cross reference ID; made ones come only between disabled and normal, or
// after messagesLost, or in a replay.
func (r *referee) event(v *view, step inproc.Step, f []byte) {
	ref := string(r.msg.CrossRef)
	m := v.members[ref]
	if ref != "" && m == nil {
		r.fail("T-Server %d gets an event of a monitor that it does not have: %q", v.tserver, f)
		return
	}
	h := heard{ref: ref, frame: f, replay: m != nil && m.fresh}
	v.heard = append(v.heard, h)
	if h.replay || r.recovering(v) {
		return
	}
	if step.Leg != hub.Link || step.Input != inproc.InputFrame || r.link.event == nil {
		r.fail("T-Server %d gets an event that the switch does not send now: %q", v.tserver, f)
		return
	}
	for i := range v.heard[:len(v.heard)-1] {
		if v.heard[i].frame != nil && v.heard[i].ref == ref {
			r.fail("T-Server %d gets twice: %q", v.tserver, f)
		}
	}
	sent := r.link.event
	if ref != r.link.ref {
		sent = bytes.Replace(sent, []byte(r.link.ref), []byte(ref), 1)
	}
	if !bytes.Equal(sent, f) {
		r.fail("T-Server %d gets %q, the switch sent %q", v.tserver, f, r.link.event)
	}
}

// recovering reports whether a leg may get events that were made, or held back.
func (r *referee) recovering(v *view) bool {
	return v.told == csta.StatusDisabled || r.lost || r.proxy.Hub.State() != hub.LinkNormal ||
		r.before != hub.LinkNormal
}

// passed judges a frame that nobody can read: the switch has just sent it.
func (r *referee) passed(v *view, step inproc.Step, f []byte) {
	if step.Leg != hub.Link || !bytes.Equal(step.Frame, f) {
		r.fail("T-Server %d gets %q, which cannot be read and was not sent now", v.tserver, f)
	}
}

// compareLegs judges that everybody who has a monitor got the same events of it in this step, in one
// order, and that nobody who has it missed what the switch sent.
func (r *referee) compareLegs(step inproc.Step) {
	for i, a := range r.views {
		for _, b := range r.views[i+1:] {
			r.comparePair(a, b)
		}
		r.missed(a, step)
	}
}

func (r *referee) comparePair(a, b *view) {
	if len(a.heard) == 0 && len(b.heard) == 0 {
		return
	}
	shared := func(v *view, h *heard) bool {
		if h.frame == nil || h.ref == "" {
			return false
		}
		m := v.members[h.ref]
		return m != nil && !m.fresh && !m.unsure
	}
	if r.isGone(a) || r.isGone(b) {
		return
	}
	i, k := 0, 0
	for {
		for i < len(a.heard) && (!shared(a, &a.heard[i]) || !shared(b, &a.heard[i])) {
			i++
		}
		for k < len(b.heard) && (!shared(a, &b.heard[k]) || !shared(b, &b.heard[k])) {
			k++
		}
		if i == len(a.heard) && k == len(b.heard) {
			return
		}
		switch {
		case i == len(a.heard):
			r.fail("T-Server %d gets what T-Server %d does not: %q", b.tserver, a.tserver, b.heard[k].frame)
			return
		case k == len(b.heard):
			r.fail("T-Server %d gets what T-Server %d does not: %q", a.tserver, b.tserver, a.heard[i].frame)
			return
		case !bytes.Equal(a.heard[i].frame, b.heard[k].frame):
			r.fail("T-Server %d gets %q where T-Server %d gets %q", a.tserver, a.heard[i].frame, b.tserver,
				b.heard[k].frame)
			return
		}
		i, k = i+1, k+1
	}
}

// isGone reports whether the hub gives a leg nothing any more.
func (r *referee) isGone(v *view) bool { return v.down || r.closing[v.id] }

// missed judges that a leg got the event that the switch has just sent, where it has the monitor. Whose
// an event is of several monitors that the switch has of one device is for the pairs to judge.
func (r *referee) missed(v *view, step inproc.Step) {
	if step.Leg != hub.Link || r.link.event == nil || r.recovering(v) || r.isGone(v) {
		return
	}
	device := r.link.refs[r.link.ref]
	if device == "" || r.link.monitors(device) > 1 {
		return
	}
	for ref, m := range v.members {
		if m.device != device || m.fresh || m.unsure {
			continue
		}
		if !slices.ContainsFunc(v.heard, func(h heard) bool { return h.ref == ref }) {
			r.fail("T-Server %d misses %q", v.tserver, r.link.event)
		}
	}
}

package simulation

import (
	"haproxy/codec/csta"
	"haproxy/fanout/hub"
)

// stopped judges the answer to a MonitorStop: nothing comes of that monitor any more, and the switch
// was asked to stop it where nobody else has it.
func (r *referee) stopped(v *view, a asked) {
	m := v.members[a.ref]
	gone := r.msg.Kind == csta.KindResponse || r.msg.Error.Category == csta.ErrorOperation
	if m == nil || !gone {
		if m != nil {
			m.unsure = true
		}
		return
	}
	delete(v.members, a.ref)
	if r.msg.Kind != csta.KindResponse || r.wanted(m.device, true) {
		return
	}
	for ref, device := range r.link.refs {
		if device == m.device && r.before == hub.LinkNormal && r.proxy.Hub.State() == hub.LinkNormal {
			r.unstopped = append(r.unstopped, ref)
		}
	}
}

// kept judges, at the end of a step, that the monitors which lost their last member are being stopped.
func (r *referee) kept() {
	for _, ref := range r.unstopped {
		if device, still := r.link.refs[ref]; still && !r.wanted(device, true) {
			r.unheeded(ref, device)
		}
	}
	r.unstopped = r.unstopped[:0]
}

func (r *referee) unheeded(ref, device string) {
	if r.proxy.Hub.State() == hub.LinkNormal {
		r.fail("the last T-Server that has %s stops it, the switch does not get to know: %s", device, ref)
	}
}

// stops judges a MonitorStop that the switch gets: nobody has that monitor who did not ask for its end.
// Of a device with several monitors at the switch nobody can say whose it is.
func (r *referee) stops(ref string) {
	device := r.link.refs[ref]
	if device == "" || r.proxy.Hub.State() != hub.LinkNormal {
		return
	}
	if r.link.monitors(device) == 1 && r.wanted(device, false) {
		r.fail("the switch is to stop %s, the monitor of %s, which a T-Server has", ref, device)
	}
}

// wanted reports whether a T-Server has a monitor of a device, and does not stop it. All are also those
// that may have it: whose MonitorStop or MonitorStart has no answer, since the hub may hold it back while
// their legs are crowded, or whose MonitorStop failed, or whose leg is being closed: it lingers then.
func (r *referee) wanted(device string, all bool) bool {
	for _, v := range r.views {
		if v.down || !all && r.isGone(v) {
			continue
		}
		for ref, m := range v.members {
			if m.device == device && (all || !m.unsure && !v.isStopping(ref)) {
				return true
			}
		}
		for _, a := range v.asked {
			if all && a.service == csta.MonitorStart && a.device == device {
				return true
			}
		}
	}
	return false
}

// isStopping reports whether a leg asked for the end of a monitor and has no answer yet.
func (v *view) isStopping(ref string) bool {
	for _, a := range v.asked {
		if a.service == csta.MonitorStop && a.ref == ref {
			return true
		}
	}
	return false
}

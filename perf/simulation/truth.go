package simulation

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"haproxy/codec/csta"
	"haproxy/perf/check"
	"haproxy/perf/switchsim"
)

// compare judges a world at rest: the hub's state is the switch's truth, so are the T-Servers' models,
// and no request is without its answer.
func (w *world) compare() {
	r := w.referee
	for _, v := range r.views {
		if r.isGone(v) {
			continue
		}
		for id, a := range v.asked {
			w.fail("T-Server %d never got an answer to %v under %d", v.tserver, a.service, id)
			return
		}
	}
	r.lost = len(r.unwatched) > 0 // what nobody watched may be found out by any answer
	for i, p := range w.ts {
		s := p.core.Stats()
		if n := s.Strays + s.Mismatched + s.Corrupt + s.Unencodable + s.Foreign + s.SharedRefs; n > 0 {
			w.fail("T-Server %d: %+v", i, s)
		}
	}
	if w.metric("recovery_unanswered_total")+w.metric("recovery_events_not_held_total") > 0 {
		return // what the switch did not answer was not compared
	}
	truth := w.truth()
	if d := w.stateDiff(truth); d != "" {
		w.fail("the state and the switch:\n%s", d)
	}
	truth.Devices = slices.DeleteFunc(truth.Devices, func(d switchsim.DeviceTruth) bool {
		return r.unwatched[d.Number]
	})
	for i, p := range w.ts {
		if d := check.Truth(p.core.Model(), truth); d != "" {
			w.fail("T-Server %d and the switch:\n%s", i, d)
		}
	}
	if w.metric("journal_given_up_total") > 0 {
		return // what was made in its place tells less of calls than they were told
	}
	if d := w.ts[1].core.Model().Diff(w.ts[0].core.Model()); d != "" {
		w.fail("T-Server 1 and T-Server 0:\n%s", d)
	}
}

// truth is the switch's. Whether a device is in service no query tells, so that what a loss hid of it
// is not known to anybody; nor is whose an agent state is, where the protocol's answers do not say it.
func (w *world) truth() switchsim.Truth {
	truth := w.sw.Truth()
	for i := range truth.Devices {
		d := &truth.Devices[i]
		for _, p := range w.ts {
			v := p.core.Model().View(d.Number)
			if v == nil {
				continue
			}
			v.ServiceTold, v.OutOfService = false, false
			if !w.namesAgents() || w.Unasked {
				v.AgentTold = false
				clear(v.Agents)
			}
			if w.Unasked { // a feature of which nothing was told or asked before is not compared after a loss
				v.DoNotDisturb, v.MessageWaiting = d.DoNotDisturb, d.MessageWaiting
				v.Forwards = maps.Clone(d.Forwards)
			}
		}
	}
	return truth
}

// stateDiff describes where the hub's state is not the truth; empty if nowhere.
func (w *world) stateDiff(truth switchsim.Truth) string {
	var d []string
	real := make(map[string]map[string]csta.ConnectionState)
	seen := make(map[string]bool) // calls that a monitored device is in
	monitored := slices.DeleteFunc(w.Plant.Numbers(), func(n string) bool { return w.referee.unwatched[n] })
	for i := range truth.Devices {
		dev := &truth.Devices[i]
		for _, c := range dev.Connections {
			real[c.Call] = c.Parties
			seen[c.Call] = seen[c.Call] || slices.Contains(monitored, dev.Number)
		}
	}
	for view := range w.proxy.Hub.Model().Calls() {
		id := string(view.ID)
		parties := real[id]
		if parties == nil {
			d = append(d, fmt.Sprintf("call %s is over", id))
			continue
		}
		delete(seen, id)
		known := make(map[string]csta.ConnectionState)
		for _, c := range view.Connections {
			number := string(c.Party.Number)
			if number == "" {
				number = string(c.Device.Number)
			}
			known[number] = max(c.State, csta.ConnectionNull)
			if c.State != csta.ConnectionNone && parties[number] != c.State && !w.referee.unwatched[number] {
				d = append(d, fmt.Sprintf("call %s at %s: %v, it is %v", id, number, c.State, parties[number]))
			}
		}
		for number, state := range parties {
			if known[number] == csta.ConnectionNone && slices.Contains(monitored, number) {
				d = append(d, fmt.Sprintf("call %s at %s: nothing, it is %v", id, number, state))
			}
		}
	}
	for id, monitored := range seen {
		if monitored {
			d = append(d, fmt.Sprintf("call %s is not known: %v", id, real[id]))
		}
	}
	for i := range truth.Devices {
		d = append(d, w.featureDiff(&truth.Devices[i])...)
	}
	slices.Sort(d)
	return strings.Join(d, "\n")
}

// featureDiff describes where the state has the agent or the features of a device wrong.
func (w *world) featureDiff(dev *switchsim.DeviceTruth) []string {
	var d []string
	for a := range w.proxy.Hub.Model().Agents() {
		if string(a.Device.Number) != dev.Number || a.LoggedOn != csta.SwitchOn || !w.namesAgents() {
			continue
		}
		if string(a.AgentID) != dev.AgentID || a.State != dev.Agent {
			d = append(d, fmt.Sprintf("agent %s at %s is %v, it is %s, %v", a.AgentID, dev.Number, a.State,
				dev.AgentID, dev.Agent))
		}
	}
	for v := range w.proxy.Hub.Model().Devices() {
		if string(v.Device.Number) != dev.Number {
			continue
		}
		if v.DoNotDisturb != csta.SwitchNone && v.DoNotDisturb != csta.SwitchOf(dev.DoNotDisturb) {
			d = append(d, fmt.Sprintf("do-not-disturb of %s is %v", dev.Number, v.DoNotDisturb))
		}
		if v.MessageWaiting != csta.SwitchNone && v.MessageWaiting != csta.SwitchOf(dev.MessageWaiting) {
			d = append(d, fmt.Sprintf("message waiting of %s is %v", dev.Number, v.MessageWaiting))
		}
		for _, f := range v.Forwards {
			if to := dev.Forwards[f.Type]; f.On != csta.SwitchOf(to != "") || to != "" && string(f.To.Number) != to {
				d = append(d, fmt.Sprintf("forwarding %v of %s is %v to %s, it is to %q", f.Type, dev.Number, f.On,
					f.To.Number, to))
			}
		}
	}
	return d
}

// metric returns one number of the hub.
func (w *world) metric(name string) float64 {
	w.metrics = w.proxy.Hub.AppendMetrics(w.metrics[:0])
	for i := range w.metrics {
		if w.metrics[i].Name == name {
			return w.metrics[i].Value
		}
	}
	panic("simulation: the hub has no metric " + name)
}

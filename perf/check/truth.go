package check

import (
	"fmt"
	"maps"
	"strings"

	"haproxy/codec/csta"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// Truth compares a T-Server's model with what is so in the switch and describes the differences, a
// line each, twenty at most; empty if there are none. Nothing may be under way between the two. The
// calls of every monitored device have to be the switch's, each in the right state; of the other
// parties of a call whatever the model says has to be right.
func Truth(model *tserversim.Model, truth switchsim.Truth) string {
	var d []string
	for i := range truth.Devices {
		if v := model.View(truth.Devices[i].Number); v != nil {
			d = append(d, view(v, &truth.Devices[i])...)
		}
	}
	return strings.Join(d[:min(len(d), 20)], "\n")
}

// view compares one device.
func view(v *tserversim.View, truth *switchsim.DeviceTruth) []string {
	var d []string
	note := func(what string, got, want any) {
		d = append(d, fmt.Sprintf("device %s, %s: model %v, switch %v", v.Device, what, got, want))
	}
	real := make(map[string]switchsim.ConnectionTruth)
	for _, c := range truth.Connections {
		real[c.Call] = c
		if v.Calls[c.Call] == nil {
			note("call "+c.Call, "none", c.State)
		}
	}
	for id, c := range v.Calls {
		want, ok := real[id]
		if !ok {
			note("call "+id, c, "none")
			continue
		}
		if c.Own != want.State {
			note("call "+id, c.Own, want.State)
		}
		for party, state := range c.Parties {
			if state != csta.ConnectionNone && want.Parties[party] != state {
				note("call "+id+" at "+party, state, want.Parties[party])
			}
		}
	}
	if d := agents(v, truth); d != "" {
		note("agents", v.Agents, d)
	}
	if !maps.Equal(v.Forwards, truth.Forwards) {
		note("forwarding", v.Forwards, truth.Forwards)
	}
	if v.DoNotDisturb != truth.DoNotDisturb {
		note("do-not-disturb", v.DoNotDisturb, truth.DoNotDisturb)
	}
	if v.MessageWaiting != truth.MessageWaiting {
		note("message waiting", v.MessageWaiting, truth.MessageWaiting)
	}
	if v.ServiceTold && v.OutOfService != truth.OutOfService {
		note("out of service", v.OutOfService, truth.OutOfService)
	}
	return d
}

// agents returns the agent of a device where the model has it otherwise. A view that was told of none
// may have none, and a group or an ID that was not told is whichever.
func agents(v *tserversim.View, truth *switchsim.DeviceTruth) string {
	if !v.AgentTold {
		return ""
	}
	wrong := fmt.Sprintf("%s of %s is %v", truth.AgentID, truth.Group, truth.Agent)
	if len(v.Agents) > 1 || (len(v.Agents) == 0) != (truth.AgentID == "") {
		return wrong
	}
	for key, state := range v.Agents {
		if key.ID != "" && key.ID != truth.AgentID || key.Group != "" && key.Group != truth.Group || state != truth.Agent {
			return wrong
		}
	}
	return ""
}

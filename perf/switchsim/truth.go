package switchsim

import (
	"slices"
	"strings"

	"haproxy/codec/csta"
)

// Truth is what is so in the switch at one moment, sorted, for tests to compare with.
type Truth struct {
	Devices []DeviceTruth
	Calls   int
	// Refs maps the cross reference ID of every device-type monitor to its device.
	Refs map[string]string
}

// DeviceTruth is one device.
type DeviceTruth struct {
	Number         string
	Connections    []ConnectionTruth
	AgentID, Group string // of an agent who is logged on
	Agent          csta.AgentState
	DoNotDisturb   bool
	MessageWaiting bool
	OutOfService   bool
	Forwards       map[csta.ForwardingType]string
}

// ConnectionTruth is one connection of a device and the whole call it is part of.
type ConnectionTruth struct {
	Call    string
	State   csta.ConnectionState
	Parties map[string]csta.ConnectionState // by device number, the device itself included
}

// Truth returns a copy of what is so now.
func (s *Switch) Truth() Truth {
	t := Truth{Calls: len(s.order), Refs: make(map[string]string, len(s.link.monitors))}
	for ref, m := range s.link.monitors {
		if m.dev != nil && !m.follows {
			t.Refs[ref] = m.dev.number
		}
	}
	for _, d := range s.plant.all {
		t.Devices = append(t.Devices, d.truth())
	}
	slices.SortFunc(t.Devices, func(a, b DeviceTruth) int {
		return strings.Compare(a.Number, b.Number)
	})
	return t
}

// truth returns one device's part of the truth.
func (d *device) truth() DeviceTruth {
	t := DeviceTruth{
		Number: d.number, DoNotDisturb: d.dnd, MessageWaiting: d.mwi, OutOfService: d.outOfServ,
		Forwards: make(map[csta.ForwardingType]string),
	}
	for kind, to := range d.forwards {
		if to != "" {
			t.Forwards[csta.ForwardingType(kind)] = to
		}
	}
	if a := d.agent; a != nil && a.state != csta.AgentNull {
		t.AgentID, t.Group, t.Agent = a.id, a.group.queue.number, a.state
	}
	for _, c := range d.conns {
		parties := make(map[string]csta.ConnectionState, len(c.call.conns))
		for _, other := range c.call.conns {
			parties[other.dev.number] = other.state
		}
		t.Connections = append(t.Connections, ConnectionTruth{c.call.id, c.state, parties})
	}
	slices.SortFunc(t.Connections, func(a, b ConnectionTruth) int {
		return strings.Compare(a.Call, b.Call)
	})
	return t
}

// Calls returns how many calls are alive.
func (s *Switch) Calls() int { return len(s.order) }

// Monitors returns how many monitors are active on the present link.
func (s *Switch) Monitors() int { return len(s.link.monitors) }

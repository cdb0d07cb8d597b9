package tserversim

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"haproxy/codec/csta"
)

// Model is what a T-Server believes of the devices it monitors. Every monitor has a view of its
// own, which depends on nothing but that monitor's stream, so that a replay gives the same view
// whatever came between its events on other monitors.
type Model struct {
	views map[string]*View // by device number
}

// View is what one monitor's stream says of its device.
type View struct {
	Device         string
	Calls          map[string]*Call // calls in which the device has a connection that is not null
	Agents         map[AgentKey]csta.AgentState
	Forwards       map[csta.ForwardingType]string // those that are on
	DoNotDisturb   bool
	MessageWaiting bool
	OutOfService   bool
	ServiceTold    bool // a maintenance event came; no query answers this
	AgentTold      bool // an event or answer named the device's agents

	follows bool // a call-type monitor: no local connection info
	events  uint64
	changed [changeKinds]uint64 // the event that last changed a feature
	// forwarded is the same of each forwarding.
	forwarded map[csta.ForwardingType]uint64
	ended     map[string]uint64 // calls that ended while a snapshot was asked for
	asking    int
}

// AgentKey tells the agents of a device apart.
type AgentKey struct{ ID, Group string }

// Call is one call as a monitor tells it.
type Call struct {
	ID      string
	Own     csta.ConnectionState            // of the monitored device
	Parties map[string]csta.ConnectionState // of every device that an event named
	// Partial says that the beginning of the call was not seen: of a call that is older than its monitor a
	// replay made from the state tells the parties that are known by then.
	Partial bool
	changed uint64
}

// changeKind is a part of a view that a query answers.
type changeKind uint8

const (
	changeAgent changeKind = iota
	changeDND
	changeMessage
	changeKinds
)

// NewModel returns an empty Model.
func NewModel() *Model { return &Model{views: make(map[string]*View)} }

// newView returns the view of a device about which nothing is known yet.
func newView(device string, follows bool) *View {
	return &View{
		Device: device, follows: follows, Calls: make(map[string]*Call),
		Agents: make(map[AgentKey]csta.AgentState), Forwards: make(map[csta.ForwardingType]string),
		ended: make(map[string]uint64), forwarded: make(map[csta.ForwardingType]uint64),
	}
}

// Watch adds the view of a device-type monitor of which nothing is known yet, in place of an
// earlier one, and returns it.
func (m *Model) Watch(device string) *View {
	v := newView(device, false)
	m.views[device] = v
	return v
}

// View returns the view of a device, or nil where it is not monitored.
func (m *Model) View(device string) *View { return m.views[device] }

// Devices returns the numbers of the monitored devices, sorted.
func (m *Model) Devices() []string { return slices.Sorted(maps.Keys(m.views)) }

// Calls returns how many calls are known, each counted once.
func (m *Model) Calls() int {
	ids := make(map[string]struct{})
	for _, v := range m.views {
		for id := range v.Calls {
			ids[id] = struct{}{}
		}
	}
	return len(ids)
}

// Equal reports whether two models say the same.
func (m *Model) Equal(other *Model) bool { return m.diff(other, 1) == "" }

// Diff describes where two models differ, a line a difference, twenty at most; empty if nowhere.
func (m *Model) Diff(other *Model) string { return m.diff(other, 20) }

func (m *Model) diff(other *Model, lines int) string {
	var d []string
	for _, device := range m.Devices() {
		theirs := other.views[device]
		if theirs == nil {
			d = append(d, fmt.Sprintf("device %s: not monitored by the other", device))
			continue
		}
		d = append(d, m.views[device].diff(theirs)...)
	}
	for _, device := range other.Devices() {
		if m.views[device] == nil {
			d = append(d, fmt.Sprintf("device %s: monitored by the other only", device))
		}
	}
	return strings.Join(d[:min(len(d), lines)], "\n")
}

// diff describes where two views of one device differ.
func (v *View) diff(other *View) []string {
	var d []string
	note := func(what string, mine, theirs any) {
		d = append(d, fmt.Sprintf("device %s, %s: %v, the other has %v",
			v.Device, what, mine, theirs))
	}
	for _, id := range slices.Sorted(maps.Keys(v.Calls)) {
		mine, theirs := v.Calls[id], other.Calls[id]
		switch {
		case theirs == nil:
			note("call "+id, mine, "none")
		case mine.Own != theirs.Own, !sameParties(mine, theirs):
			note("call "+id, mine, theirs)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(other.Calls)) {
		if v.Calls[id] == nil {
			note("call "+id, "none", other.Calls[id])
		}
	}
	if !maps.Equal(v.Agents, other.Agents) {
		note("agents", v.Agents, other.Agents)
	}
	if !maps.Equal(v.Forwards, other.Forwards) {
		note("forwarding", v.Forwards, other.Forwards)
	}
	if mine, theirs := v.flags(), other.flags(); mine != theirs {
		note("features", mine, theirs)
	}
	return d
}

// sameParties reports whether two calls have the same parties; a state that was not told is any. A
// party of which only a join's list told, without a state, the other may lack: no event that is made
// from the state can tell that a party is there and not how.
func sameParties(mine, theirs *Call) bool {
	partial := mine.Partial || theirs.Partial
	covers := func(a, b map[string]csta.ConnectionState) bool {
		for party, state := range a {
			other, there := b[party]
			if state != csta.ConnectionNone && (!there && !partial || there && other != csta.ConnectionNone && other != state) {
				return false
			}
		}
		return true
	}
	return covers(mine.Parties, theirs.Parties) && covers(theirs.Parties, mine.Parties)
}

// flags draws the features that are on or off.
func (v *View) flags() string {
	var on []string
	for _, row := range []struct {
		set  bool
		name string
	}{
		{v.DoNotDisturb, "do-not-disturb"},
		{v.MessageWaiting, "message waiting"},
		{v.OutOfService, "out of service"},
	} {
		if row.set {
			on = append(on, row.name)
		}
	}
	return "[" + strings.Join(on, ", ") + "]"
}

// String draws the call as its states, sorted by device.
func (c *Call) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "own %v {", c.Own)
	for i, device := range slices.Sorted(maps.Keys(c.Parties)) {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%s:%v", device, c.Parties[device])
	}
	b.WriteByte('}')
	if c.Partial {
		b.WriteString(" partial")
	}
	return b.String()
}

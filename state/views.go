package state

import (
	"iter"

	"haproxy/codec/csta"
)

// CallView is a call of the model. Its slices are borrowed until the next change of the state.
type CallView struct {
	ID          csta.CallID
	Connections []ConnectionView
}

// ConnectionView is one connection of a call: a device and its state in that call.
type ConnectionView struct {
	Device csta.DeviceID
	State  csta.ConnectionState
}

// AgentView is one agent at a device, in a group or in none.
type AgentView struct {
	Device, Group csta.DeviceID
	AgentID       []byte
	LoggedOn      csta.Switch
	State         csta.AgentState
	Pending       csta.AgentState
}

// DeviceView is what is known of a device beyond its calls and agents.
type DeviceView struct {
	Device csta.DeviceID
	// DoNotDisturb and MessageWaiting are SwitchNone until told.
	DoNotDisturb, MessageWaiting csta.Switch
	// InService is the latest maintenance event of the device: SwitchNone until told, SwitchOff for
	// out of service, SwitchOn for back in service or partially in service.
	InService csta.Switch
	// Forwards are the forwardings told, in the order of their types.
	Forwards []csta.ForwardItem
}

// MonitorView is one monitor.
type MonitorView struct {
	Object  Object
	Chains  int   // call chains open
	Entries int   // frames in its journal
	Bytes   int64 // bytes of those frames
}

// Calls yields the calls of the model in no certain order. The state must not change meanwhile.
func (s *State) Calls() iter.Seq[CallView] { return func(func(CallView) bool) {} }

// Agents yields the agents of the model in no certain order. The state must not change meanwhile.
func (s *State) Agents() iter.Seq[AgentView] { return func(func(AgentView) bool) {} }

// Devices yields the devices that a feature is known of, in no certain order. The state must not
// change meanwhile.
func (s *State) Devices() iter.Seq[DeviceView] { return func(func(DeviceView) bool) {} }

// Monitor returns one monitor; ok is false where the handle is not open. Its identifiers are borrowed
// until the monitor is closed.
func (s *State) Monitor(id MonitorID) (view MonitorView, ok bool) { return MonitorView{}, false }

// String draws the calls, agents and devices as a table, sorted, for tests and status pages.
func (s *State) String() string { return "" }

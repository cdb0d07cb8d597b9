package csta

// ConnectionState is the state of a connection (ECMA-269, connection states), one more than its
// number in ECMA-285 so that 0 is an absent one.
type ConnectionState uint8

// The connection states.
const (
	ConnectionNone ConnectionState = iota // not said
	ConnectionNull
	ConnectionInitiated
	ConnectionAlerting
	ConnectionConnected
	ConnectionHold
	ConnectionQueued
	ConnectionFail
)

var connectionStateNames = [...]string{
	"", "null", "initiated", "alerting", "connected", "hold", "queued", "fail",
}

// String returns the name of the standard, empty for ConnectionNone.
func (s ConnectionState) String() string { return nameOf(connectionStateNames[:], int(s)) }

// AgentState is the state of an agent (ECMA-269, agent states), one more than its number in
// ECMA-285 so that 0 is an absent one.
type AgentState uint8

// The agent states. AgentNull is an agent logged off.
const (
	AgentNone AgentState = iota // not said
	AgentNotReady
	AgentNull
	AgentReady
	AgentBusy
	AgentWorkingAfterCall
)

var agentStateNames = [...]string{
	"", "agentNotReady", "agentNull", "agentReady", "agentBusy", "agentWorkingAfterCall",
}

// String returns the name of the standard, empty for AgentNone.
func (s AgentState) String() string { return nameOf(agentStateNames[:], int(s)) }

// RequestedAgentState is what SetAgentState asks for, one more than its number in ECMA-285.
type RequestedAgentState uint8

// The agent states that can be requested.
const (
	RequestNone RequestedAgentState = iota
	RequestLoggedOn
	RequestLoggedOff
	RequestNotReady
	RequestReady
	RequestWorkingAfterCall
)

var requestedAgentStateNames = [...]string{
	"", "loggedOn", "loggedOff", "notReady", "ready", "workingAfterCall",
}

// String returns the name of the standard, empty for RequestNone.
func (s RequestedAgentState) String() string { return nameOf(requestedAgentStateNames[:], int(s)) }

// Status is a system status (ECMA-269, system status), one more than its number in ECMA-285 so that
// 0 is an absent one.
type Status uint8

// The system status values.
const (
	StatusNone Status = iota // not said
	StatusInitializing
	StatusEnabled
	StatusNormal
	StatusMessagesLost
	StatusDisabled
	StatusOverloadImminent
	StatusOverloadReached
	StatusOverloadRelieved
	StatusPartiallyDisabled
)

var statusNames = [...]string{
	"", "initializing", "enabled", "normal", "messagesLost", "disabled",
	"overloadImminent", "overloadReached", "overloadRelieved", "partiallyDisabled",
}

// String returns the name of the standard, empty for StatusNone.
func (s Status) String() string { return nameOf(statusNames[:], int(s)) }

// ForwardingType is a kind of forwarding (ECMA-269, forwarding types), one more than its number in
// ECMA-285 so that 0 is an absent one.
type ForwardingType uint8

// The forwarding types; a device can have one of each.
const (
	ForwardNone ForwardingType = iota // not said
	ForwardImmediate
	ForwardBusy
	ForwardNoAns
	ForwardDND
	ForwardBusyInt
	ForwardBusyExt
	ForwardNoAnsInt
	ForwardNoAnsExt
	ForwardImmInt
	ForwardImmExt
	ForwardDNDInt
	ForwardDNDExt
	// ForwardTypeCount is the number of forwarding types plus the absent one.
	ForwardTypeCount
)

var forwardingTypeNames = [...]string{
	"", "forwardImmediate", "forwardBusy", "forwardNoAns", "forwardDND", "forwardBusyInt",
	"forwardBusyExt", "forwardNoAnsInt", "forwardNoAnsExt", "forwardImmInt", "forwardImmExt",
	"forwardDNDInt", "forwardDNDExt",
}

// String returns the name of the standard, empty for ForwardNone.
func (t ForwardingType) String() string { return nameOf(forwardingTypeNames[:], int(t)) }

// Switch is a boolean that may be absent.
type Switch uint8

// The values of a Switch.
const (
	SwitchNone Switch = iota // not said
	SwitchOff
	SwitchOn
)

// SwitchOf turns a boolean that is present into a Switch.
func SwitchOf(on bool) Switch {
	if on {
		return SwitchOn
	}
	return SwitchOff
}

// MonitorType says what a monitor follows (ECMA-269, MonitorStart).
type MonitorType uint8

// The monitor types. MonitorTypeNone was not said, which means device for a device object and call
// for a call object.
const (
	MonitorTypeNone MonitorType = iota
	MonitorTypeCall
	MonitorTypeDevice
)

// nameOf returns the name at i, or "unknown" outside the table.
func nameOf(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return "unknown"
}

package cstaber

import "haproxy/codec/csta"

// effect is what an element does to the message, and how it is written from it.
type effect uint8

const (
	doNothing effect = iota
	doAck            // NULL, where a result has no extensions
	doConnection
	doObject // the connection that is monitored
	doDevice
	doObjectDevice // the device that is monitored
	doOrigin       // originatingDevice, left out where it is callingDevice
	doRedirection
	// enumerations.
	doLocal
	doCause
	doStatus
	doPending
	doPendingWork
	doRequestAgent
	doForwarding
	doMonitorType
	doAgentState // phase I: the answer to a query
	// booleans.
	doOn
	doExisting
	doLastSegment
	// octets.
	doCrossRef
	doRegister
	doServiceRef
	doAgentID
	doItem
	doItemDevice  // a DeviceID
	doVersion     // an INTEGER in Item
	doPrivate     // the content
	doPrivateData // the element with its header: its tag says what it is
	// what holds several elements.
	doMedia
	doFilter
	doConnections
	doSnapshot
	doCallSnapshot
	doAgents
	doForwards
	doError
	doPrimaryCall
	doSecondaryCall
	doDetails           // phases I and II: heldCall, activeCall or both
	doForwardParameter  // phases I and II
	doForwardParameters // phases I and II
	doAgentParameter    // phases I and II
)

// field names a device identifier or connection of a message.
type field uint8

const (
	noField field = iota
	subject
	secondary
	theDevice
	calling
	called
	lastRedirection
	destination
	group
	forwardTo
)

func connectionIn(m *csta.Message, f field) *csta.ConnectionID {
	if f == secondary {
		return &m.Secondary
	}
	return &m.Subject
}

func deviceIn(m *csta.Message, f field) *csta.DeviceID {
	switch f {
	case calling:
		return &m.Calling
	case called:
		return &m.Called
	case lastRedirection:
		return &m.LastRedirection
	case destination:
		return &m.Destination
	case group:
		return &m.Group
	case forwardTo:
		return &m.ForwardTo
	default:
		return &m.Device
	}
}

// The enumerations whose numbers are not in the order of the vocabulary.
var (
	// forwardingTypes are those of ECMA-285.
	forwardingTypes = [...]csta.ForwardingType{
		csta.ForwardImmediate, csta.ForwardBusy, csta.ForwardNoAns, csta.ForwardBusyInt,
		csta.ForwardBusyExt, csta.ForwardNoAnsInt, csta.ForwardNoAnsExt, csta.ForwardImmInt,
		csta.ForwardImmExt, csta.ForwardDND, csta.ForwardDNDInt, csta.ForwardDNDExt,
	}
	// pendingStates is PendingAgentState, and pendingWorkStates that of AgentWorkingAfterCallEvent.
	pendingStates = [...]csta.AgentState{
		csta.AgentNotReady, csta.AgentNull, csta.AgentReady, csta.AgentWorkingAfterCall,
	}
	pendingWorkStates = [...]csta.AgentState{csta.AgentNotReady, csta.AgentReady, csta.AgentNull}
)

// pick returns the value of a number, none for a number that has none.
func pick[T any](values []T, n int32) (none T) {
	if n >= 0 && int(n) < len(values) {
		return values[n]
	}
	return none
}

// numberIn returns the number of a value, -1 for one that has none.
func numberIn[T comparable](values []T, value T) int64 {
	for i := range values {
		if values[i] == value {
			return int64(i)
		}
	}
	return -1
}

// oneMore returns the value of a number in a vocabulary that counts from 1 to last, 0 for none.
func oneMore[T ~uint8](n int32, last T) T {
	if n < 0 || n >= int32(last) {
		return 0
	}
	return T(n) + 1
}

// localState is LocalConnectionState.
func localState(n int32) csta.ConnectionState { return oneMore(n, csta.ConnectionFail) }

package csta

// Kind is what a message is in its dialogue.
type Kind uint8

// The kinds of messages.
const (
	KindUnknown  Kind = iota // could not be told: the frame could be framed, not decoded
	KindRequest              // a service request; Service says which, HasResponse whether one waits
	KindResponse             // a positive response
	KindError                // a negative response: CSTAErrorCode, ROER, or ECMA-354's NegResponse
	KindReject               // ROSE's reject
	KindEvent                // a monitored event, or an unknown message that gets no answer
)

// Message is one CSTA message of any kind. It is flat: a field that a message does not have keeps
// its zero value, and fields that mean the same in several messages are one field. The byte slices
// are borrowed (see the package comment).
type Message struct {
	Kind    Kind
	Service Service  // of requests; of responses where the encoding says it (XML; not of errors)
	Event   Event    // of events
	Invoke  InvokeID // of everything; events of XML have 9999
	Name    []byte   // the message's local name where the encoding has one

	// CrossRef is monitorCrossRefID.
	CrossRef CrossRefID

	// Subject is the connection an event is about (connection, establishedConnection,
	// droppedConnection, primaryOldCall, clearedCall…), the connection a request acts on
	// (callToBeAnswered, activeCall, existingCall…), or a monitored or snapshot call object.
	Subject ConnectionID
	// Secondary is secondaryOldCall of an event, heldCall of a request that has two.
	Secondary ConnectionID
	// Device is the subject device of an event (alertingDevice, answeringDevice, releasingDevice,
	// device, agentDevice…) or the device a request acts on (device, callingDevice, monitorObject…).
	Device DeviceID
	// Calling, Called and LastRedirection are callingDevice, calledDevice (calledDirectoryNumber of
	// a request) and lastRedirectionDevice.
	Calling, Called, LastRedirection DeviceID
	// Destination is newDestination, transferredToDevice, addedParty, or the new party of a request.
	Destination DeviceID
	// Local is localConnectionInfo: the state of the monitored device's own connection.
	Local ConnectionState
	// Cause is the event cause.
	Cause Cause
	// Connections are the items of a connection list or of a snapshot.
	Connections []ConnectionItem

	// AgentID and Group identify an agent and the ACD group it works in.
	AgentID []byte
	Group   DeviceID
	// Agent is the state that an agent event tells; Pending its pendingAgentState.
	Agent, Pending AgentState
	// RequestAgent is the state that SetAgentState asks for.
	RequestAgent RequestedAgentState
	// Agents are the entries of a GetAgentState response.
	Agents []AgentItem

	// On is doNotDisturbOn, messageWaitingOn, forwardStatus or activateForward.
	On Switch
	// Forwarding is the type of forwarding an event or request is about; ForwardTo its number.
	Forwarding ForwardingType
	ForwardTo  DeviceID
	// Forwards are the entries of a GetForwarding response.
	Forwards []ForwardItem
	// Item tells the members of a device feature apart: the ID of a lamp, button, display, ringer,
	// hookswitch or auditory apparatus, or the deviceForMessage of message waiting.
	Item []byte

	// MonitorType, Filter, Media and Private are what MonitorStart asks and its response grants.
	// HasFilter tells an empty filter from an absent one (ChangeMonitorFilter alike).
	MonitorType MonitorType
	Filter      EventSet
	HasFilter   bool
	Media       MediaClass
	// CallObject says that the monitored or snapshot object is the call in Subject, not Device.
	CallObject bool
	// Existing is monitorExistingCalls.
	Existing Switch
	// Private is the content of extensions (of an Escape or PrivateEvent: of privateData), as it
	// stands in the frame.
	Private []byte

	// Status is a system status. It is StatusNone in the empty heartbeat that some
	// switches send.
	Status Status
	// Register is the registration that a message belongs to or makes.
	Register RegisterID
	// ServiceRef is serviceCrossRefID, or crossRefIdentifier of a routeing dialogue.
	ServiceRef ServiceCrossRefID
	// LastSegment closes a segmented answer.
	LastSegment bool
	// Error is the error of a KindError.
	Error ErrorCode
	// Problem is the problem of a KindReject, and that of what could not be decoded where the
	// encoding has rejects.
	Problem Problem

	// Session, Application, Versions and DurationSec are those of an application session (ECMA-354).
	// Versions are the protocol versions requested, or the one granted.
	Session     SessionID
	Application []byte
	Versions    [][]byte
	DurationSec uint32
	// SessionInfo is the content of applicationSpecificInfo, as it stands in the frame: what an
	// application tells of itself, such as a user and a password.
	SessionInfo []byte
	// Association is what Associate, Release and Abort say.
	Association Association

	// Scratch holds values that had to be unescaped, and whatever else the decoder could not borrow
	// from the frame. It belongs to the message and is reused by the next Decode.
	Scratch []byte
}

// ConnectionItem is one entry of a connection list (transferred, conferenced), of a SnapshotDevice
// answer (New, Endpoint, State) or of a SnapshotCall answer (New, Endpoint = deviceOnCall, State).
type ConnectionItem struct {
	New, Old ConnectionID
	Endpoint DeviceID
	State    ConnectionState // the first of a compound state: the device's own; none where it is not known
	// Far are the further states of a compound call state, in order; nil elsewhere.
	Far []ConnectionState
}

// AgentItem is one agent's state in one group, as GetAgentState answers it.
type AgentItem struct {
	AgentID  []byte
	LoggedOn Switch
	Group    DeviceID
	State    AgentState
	Pending  AgentState
}

// ForwardItem is one forwarding of a device, as GetForwarding answers it.
type ForwardItem struct {
	Type ForwardingType
	On   Switch
	To   DeviceID
}

// Problem is a ROSE reject's problem (X.229): its kind and number.
type Problem struct {
	Kind  ProblemKind
	Value uint8
}

// ProblemKind tells the four kinds of ROSE problems apart.
type ProblemKind uint8

// The kinds of problems, one more than their tag numbers.
const (
	ProblemNone ProblemKind = iota
	ProblemGeneral
	ProblemInvoke
	ProblemReturnResult
	ProblemReturnError
)

// The problems that are given to what cannot be read.
var (
	ProblemUnrecognizedPDU   = Problem{ProblemGeneral, 0}
	ProblemMistypedPDU       = Problem{ProblemGeneral, 1}
	ProblemBadlyStructured   = Problem{ProblemGeneral, 2}
	ProblemMistypedArgument  = Problem{ProblemInvoke, 2}
	ProblemMistypedResult    = Problem{ProblemReturnResult, 2}
	ProblemMistypedParameter = Problem{ProblemReturnError, 4}
)

// Reset clears the message for the next Decode and keeps the memory of its slices.
func (m *Message) Reset() {
	connections, agents, forwards := m.Connections[:0], m.Agents[:0], m.Forwards[:0]
	versions, scratch := m.Versions[:0], m.Scratch[:0]
	*m = Message{} // cleared in place, which a literal with fields is not
	m.Connections, m.Agents, m.Forwards = connections, agents, forwards
	m.Versions, m.Scratch = versions, scratch
}

// CopyFrom makes m what another message is, which has no lists and no Scratch, and keeps the memory of its own slices
// as Reset does. The texts are those of the other.
func (m *Message) CopyFrom(other *Message) {
	connections, agents, forwards := m.Connections[:0], m.Agents[:0], m.Forwards[:0]
	versions, scratch := m.Versions[:0], m.Scratch[:0]
	*m = *other
	m.Connections, m.Agents, m.Forwards = connections, agents, forwards
	m.Versions, m.Scratch = versions, scratch
}

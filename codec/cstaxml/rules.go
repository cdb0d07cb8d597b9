package cstaxml

import "haproxy/codec/csta"

// place is a context in which element names have a meaning of their own.
type place uint8

const (
	inNothing  place = iota // an element whose children are passed over
	inRoot                  // the message
	inError                 // CSTAErrorCode, errorValue
	inConn                  // a ConnectionID
	inDevice                // a device that may be wrapped
	inEither                // a device, or a connection, by message
	inObject                // monitorObject and its kin
	inConnList              // connections of a transfer or conference
	inConnItem
	inRefOrData // crossRefIDorSnapshotData
	inSnapshot  // snapshotData
	inSnapshotItem
	inCallState
	inFilter
	inFilterEvents
	inMedia
	inAgents
	inAgentEntry
	inAgentInfo
	inAgentItem
	inForwards
	inForwardItem
	inPrimary   // primaryCall of ServiceCompletionFailure
	inSecondary // its secondaryCall
	inIORef     // ioCrossRefID
	inApplication
	inVersions
	inSessionError
	placeCount
)

// effect is what an element does to the message: when it begins (begins reports true), or with its
// value when it ends.
type effect uint8

const (
	doNothing effect = iota
	// at the start of an element.
	doForm       // a device that is notKnown, restricted …; arg is the form
	doCallObject // the object is a call
	doHasFilter
	doNewItem // one more of Connections
	doNewAgent
	doNewAgentInfo
	doNewForward
	// with the value of a leaf.
	doCrossRef
	doRegister
	doServiceRef
	doAgentID
	doItem
	doSession
	doApplication
	doVersion
	doDuration
	doCall   // a call ID
	doDevice // a device identifier
	doLocal
	doCause
	doStatus
	doPending
	doRequestAgent
	doForwardingType
	doOn
	doLastSegment
	doExisting
	doMonitorType
	doFilterEvent // arg is the event
	doMedia       // arg is the number of the bit
	doItemState
	doFarState
	doSimpleState
	doEntryAgentID
	doLoggedOn
	doAgentState
	doAgentPending
	doItemForwardType
	doItemForwardOn
	doError // arg is the category
	// with the raw content of an element.
	doPrivate
	doSessionInfo
)

// begins reports whether the effect is due at the start of its element.
func (e effect) begins() bool { return e >= doForm && e <= doNewForward }

// raw reports whether the effect takes the content of its element as it stands.
func (e effect) raw() bool { return e >= doPrivate }

// field names a device identifier of a message, or the connection that it is a part of.
type field uint8

const (
	noField   field = iota
	sameField       // that of the enclosing element
	subject         // the connections
	secondary
	itemNew
	itemOld
	theDevice // the devices
	calling
	called
	lastRedirection
	destination
	group
	forwardTo
	itemEndpoint
	agentGroup
	itemForwardTo
)

// rule says what an element means in its place.
type rule struct {
	do    effect
	field field // of doCall, doDevice, doForm
	arg   uint8
	next  place // where its children are
}

// rules holds the rule of every place and symbol; a rule of nothing passes an element over.
var rules = func() (table [placeCount][]rule) {
	for p := range table {
		table[p] = make([]rule, len(symbols.names))
		for name, r := range grammar[place(p)] {
			table[p][symbols.find([]byte(name))] = r
		}
	}
	for i := range table[inError] { // the categories may be wrapped
		if table[inError][i] == (rule{}) {
			table[inError][i] = rule{next: inError}
		}
	}
	return table
}()

// grammar is the content of every place by local names.
var grammar = map[place]map[string]rule{
	inRoot:     rootRules(),
	inError:    errorRules(),
	inConn:     {"callID": {do: doCall, field: sameField}, "deviceID": device(sameField)},
	inDevice:   deviceRules(),
	inEither:   eitherRules(),
	inObject:   objectRules(),
	inConnList: {"connectionListItem": {do: doNewItem, next: inConnItem}},
	inConnItem: {
		"newConnection": connection(itemNew),
		"oldConnection": connection(itemOld),
		"endpoint":      wrapped(itemEndpoint),
	},
	inRefOrData: {
		"serviceCrossRefID": {do: doServiceRef},
		"snapshotData":      {next: inSnapshot},
	},
	inSnapshot: {
		"snapshotDeviceResponseInfo": {do: doNewItem, next: inSnapshotItem},
		"snapshotCallResponseInfo":   {do: doNewItem, next: inSnapshotItem},
	},
	inSnapshotItem: {
		"connectionIdentifier": connection(itemNew),
		"endpointDevice":       wrapped(itemEndpoint),
		"localCallState":       {next: inCallState},
		"deviceOnCall":         wrapped(itemEndpoint),
		"callIdentifier":       connection(itemNew),
		"localConnectionInfo":  {do: doItemState},
	},
	inCallState: {
		"compoundCallState":    {next: inCallState},
		"localConnectionState": {do: doFarState},
		"simpleCallState":      {do: doSimpleState},
	},
	inFilter:       filterRules(),
	inFilterEvents: filterEventRules(),
	inMedia:        mediaRules(),
	inAgents:       {"agentStateEntry": {do: doNewAgent, next: inAgentEntry}},
	inAgentEntry: {
		"agentID":       {do: doEntryAgentID},
		"loggedOnState": {do: doLoggedOn},
		"agentInfo":     {next: inAgentInfo},
	},
	inAgentInfo: {"agentInfoItem": {do: doNewAgentInfo, next: inAgentItem}},
	inAgentItem: {
		"acdGroup":          wrapped(agentGroup),
		"agentState":        {do: doAgentState},
		"pendingAgentState": {do: doAgentPending},
	},
	inForwards: {"forwardListItem": {do: doNewForward, next: inForwardItem}},
	inForwardItem: {
		"forwardingType": {do: doItemForwardType},
		"forwardStatus":  {do: doItemForwardOn},
		"forwardDN":      wrapped(itemForwardTo),
		"forwardTo":      wrapped(itemForwardTo),
	},
	inPrimary:   {"deviceID": device(theDevice), "connectionID": connection(subject)},
	inSecondary: {"connectionID": connection(secondary)},
	inIORef: {
		"computerProvided": {do: doServiceRef},
		"switchProvided":   {do: doServiceRef},
	},
	inApplication: {
		"applicationID":           {do: doApplication},
		"applicationSpecificInfo": {do: doSessionInfo},
	},
	inVersions: {"protocolVersion": {do: doVersion}},
	inSessionError: {
		"definedError": {do: doError, arg: uint8(csta.ErrorSession)},
		"applError":    {do: doError, arg: uint8(csta.ErrorSession)},
	},
}

// device is a leaf that holds a device identifier, wrapped one that may also hold it in a child,
// and connection a ConnectionID.
func device(f field) rule     { return rule{do: doDevice, field: f} }
func wrapped(f field) rule    { return rule{do: doDevice, field: f, next: inDevice} }
func connection(f field) rule { return rule{field: f, next: inConn} }

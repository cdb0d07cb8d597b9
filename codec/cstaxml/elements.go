package cstaxml

import (
	"maps"
	"strings"

	"haproxy/codec/csta"
)

// rootFields names the elements of a message by what they hold.
var rootFields = []struct {
	rule  rule
	names string
}{
	{connection(subject), "connection establishedConnection droppedConnection heldConnection " +
		"retrievedConnection originatedConnection initiatedConnection offeredConnection " +
		"queuedConnection failedConnection bridgedConnection outboundConnection clearedCall " +
		"dialingConnection mediaConnection overConnection primaryOldCall callToBeAccepted " +
		"callToBeAnswered callToBeCleared callToBeDiverted callToBeHeld callToBePickedUp " +
		"callToBeRecorded callToBeRetrieved callbackConnection callbackMessageConnection " +
		"camponConnection connectionToBeChanged connectionToBeCleared connectionToSendDigits " +
		"connectionToSendTone connectionToStopTone diallingConnection existingCall activeCall " +
		"intrude parking routedCall initiatedCall conferenceCall conferencedCall " +
		"transferredCall pickedCall parkedTo"},
	{connection(secondary), "secondaryOldCall heldCall"},
	{rule{next: inPrimary}, "primaryCall"},
	{rule{next: inSecondary}, "secondaryCall"},
	{wrapped(theDevice), "alertingDevice answeringDevice releasingDevice holdingDevice " +
		"retrievingDevice offeredDevice queue failingDevice divertingDevice dialingDevice " +
		"conferencingDevice transferringDevice bridgedAppearance agentDevice device " +
		"invokingDevice originatingDevice chargedDevice networkInterfaceUsed mediaDevice " +
		"routeingDevice ioDevice joiningDevice requestingDevice requestedDeviceID locDevice"},
	{rule{do: doDevice, field: theDevice, next: inEither}, "initiatingDevice snapshotObject"},
	{rule{do: doDevice, field: calling, next: inEither}, "callingDevice"},
	{wrapped(called), "calledDevice calledDirectoryNumber currentRoute numberDialed"},
	{wrapped(lastRedirection), "lastRedirectionDevice"},
	{wrapped(destination), "newDestination transferredToDevice addedParty consultedDevice " +
		"deviceToJoin transferredTo parkTo targetDevice routeSelected routeUsed"},
	{wrapped(group), "acdGroup group pickGroup"},
	{wrapped(forwardTo), "forwardTo forwardDN"},
	{rule{do: doDevice, field: theDevice, next: inObject}, "monitorObject object"},
	{rule{do: doCrossRef}, "monitorCrossRefID"},
	{rule{do: doRegister}, "sysStatRegisterID routeRegisterReqID escapeRegisterID " +
		"ioRegisterReqID ioRegisterRequestID"},
	{rule{do: doServiceRef}, "serviceCrossRefID crossRefIdentifier cdrCrossRefID " +
		"dcollCrossRefID locCrossRefId"},
	{rule{do: doServiceRef, next: inIORef}, "ioCrossRefID"},
	{rule{do: doLocal}, "localConnectionInfo"},
	{rule{do: doCause}, "cause reason"},
	{rule{do: doAgentID}, "agentID"},
	{rule{do: doPending}, "pendingAgentState"},
	{rule{do: doRequestAgent}, "requestedAgentState"},
	{rule{do: doOn}, "doNotDisturbOn messageWaitingOn forwardStatus activateForward " +
		"autoAnswerOn autoWorkOn callerIDProvided routeingMode microphoneMuteOn speakerMuteOn " +
		"hookswitchOnHook hookswitchOnhook callBackSetCanceled callBackMsgSetCanceled"},
	{rule{do: doForwardingType}, "forwardingType"},
	{rule{do: doItem}, "lamp button displayID display hookswitch ringer auditoryApparatus " +
		"auditorityApparatus deviceForMessage privateDataVersionSelectionArgument"},
	{rule{do: doHasFilter, next: inFilter}, "requestedMonitorFilter actualMonitorFilter " +
		"requestedFilterList actualFilterList"},
	{rule{next: inMedia}, "requestedMonitorMediaClass actualMonitorMediaClass " +
		"requestedRouteingMediaClass actualRouteingMediaClass"},
	{rule{do: doMonitorType}, "monitorType"},
	{rule{do: doExisting}, "monitorExistingCalls"},
	{rule{do: doPrivate}, "extensions privateData"},
	{rule{do: doStatus}, "systemStatus"},
	{rule{do: doLastSegment}, "lastSegment"},
	{rule{next: inConnList}, "connections transferredConnections conferenceConnections"},
	{rule{next: inRefOrData}, "crossRefIDorSnapshotData crossRefIDorRegistrationData"},
	{rule{next: inSnapshot}, "snapshotData"},
	{rule{do: doNewItem, next: inSnapshotItem}, "snapshotCallResponseInfo"},
	{rule{next: inAgents}, "agentStateList"},
	{rule{next: inForwards}, "forwardingList"},
	{rule{next: inError}, "errorValue"},
	// ECMA-354
	{rule{do: doSession}, "sessionID"},
	{rule{do: doVersion}, "actualProtocolVersion"},
	{rule{do: doDuration}, "requestedSessionDuration actualSessionDuration"},
	{rule{next: inApplication}, "applicationInfo"},
	{rule{next: inVersions}, "requestedProtocolVersions"},
	{rule{next: inSessionError}, "errorCode"},
}

func rootRules() map[string]rule {
	table := make(map[string]rule)
	for _, f := range rootFields {
		for name := range strings.FieldsSeq(f.names) {
			table[name] = f.rule
		}
	}
	return table
}

func errorRules() map[string]rule {
	table := map[string]rule{"extensions": {do: doPrivate}}
	for name, category := range errorCategories {
		table[name] = rule{do: doError, arg: uint8(category)}
	}
	return table
}

// deviceRules are the content of a device: its identifier or why there is none. The first of a list
// counts.
func deviceRules() map[string]rule {
	table := map[string]rule{
		"notKnown":     {do: doForm, field: sameField, arg: uint8(csta.DeviceNotKnown)},
		"notRequired":  {do: doForm, field: sameField, arg: uint8(csta.DeviceNotRequired)},
		"notSpecified": {do: doForm, field: sameField, arg: uint8(csta.DeviceNotSpecified)},
		"restricted":   {do: doForm, field: sameField, arg: uint8(csta.DeviceRestricted)},
	}
	for _, name := range []string{"deviceIdentifier", "numberDialed", "deviceID", "device"} {
		table[name] = device(sameField)
	}
	return table
}

// eitherRules are the content of an element that holds a device in one message and a connection in
// another.
func eitherRules() map[string]rule {
	table := maps.Clone(deviceRules())
	table["callID"] = rule{do: doCall, field: subject}
	table["deviceID"] = device(subject)
	return table
}

func objectRules() map[string]rule {
	call := rule{do: doCallObject, field: subject, next: inConn}
	return map[string]rule{
		"deviceObject": wrapped(theDevice), "device": wrapped(theDevice),
		"callObject": call, "call": call,
	}
}

// filterCategories are the elements of a monitor filter; the schema writes callcontrol.
var filterCategories = []struct {
	name     string
	category csta.EventCategory
}{
	{"callcontrol", csta.CategoryCallControl},
	{"callControl", csta.CategoryCallControl},
	{"callAssociated", csta.CategoryCallAssociated},
	{"mediaAttachment", csta.CategoryMedia},
	{"physicalDeviceFeature", csta.CategoryPhysical},
	{"logicalDeviceFeature", csta.CategoryLogical},
	{"maintenance", csta.CategoryMaintenance},
	{"voice", csta.CategoryVoice},
	{"private", csta.CategoryVendor},
}

func filterRules() map[string]rule {
	table := make(map[string]rule)
	for _, c := range filterCategories {
		table[c.name] = rule{next: inFilterEvents}
	}
	return table
}

// filterSpellings are the elements of a monitor filter that are not their event's name with a small
// first letter.
var filterSpellings = map[csta.Event]string{
	csta.EventRouteing:              "routeingMode",
	csta.EventDeviceCapsChanged:     "deviceCapabilityChanged",
	csta.EventVoiceAttributeChanged: "voiceAttributesChanged",
}

// filterName spells an event as a monitor filter does.
func filterName(e csta.Event) string {
	if name, special := filterSpellings[e]; special {
		return name
	}
	name := e.String()
	return strings.ToLower(name[:1]) + name[1:]
}

func filterEventRules() map[string]rule {
	table := make(map[string]rule)
	for e := csta.EventUnknown + 1; e < csta.EventCount; e++ {
		table[filterName(e)] = rule{do: doFilterEvent, arg: uint8(e)}
	}
	return table
}

// mediaNames are the media classes by the number of their bit.
var mediaNames = []string{
	"voice", "data", "image", "audio", "other", "notKnown", "chat", "email", "message", "im", "sms",
	"mms",
}

func mediaRules() map[string]rule {
	table := make(map[string]rule)
	for bit, name := range mediaNames {
		table[name] = rule{do: doMedia, arg: uint8(bit)}
	}
	return table
}

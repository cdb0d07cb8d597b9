package state

import "haproxy/codec/csta"

// keep says what an event is to the journal.
type keep uint8

const (
	// keepNever is a momentary event that belongs to no call: who was not there has missed nothing.
	// An event this table does not know is kept with its call where it names one that is open.
	keepNever keep = iota
	// keepCall is an event that tells a connection's state; it is kept while its chain is open.
	keepCall
	// keepJoin is Transferred and Conferenced: they end calls and carry their history to another.
	keepJoin
	// keepDetail is an event about a call that changes no connection: it is kept with the call's
	// chain where that is open, and never opens one.
	keepDetail
	// keepAgent is an agent's log-on or state: the latest of each is kept.
	keepAgent
	// keepFeature is a lasting state of a device: the latest event of each key is kept.
	keepFeature
)

// rule is how one event is treated.
type rule struct {
	keep keep
	// to is the state that the subject connection takes (FACTS d of the standard's event
	// descriptions); none where it stays.
	to csta.ConnectionState
	// opens says that the event proves a live call, and so begins a chain.
	opens bool
	// key is the event that all events of one lasting state share as their key.
	key csta.Event
	// agent is the state an agent event tells.
	agent csta.AgentState
	// on is the switch that the event itself tells, without a value in the message.
	on csta.Switch
}

// rules holds every event. What is not here is momentary and of no call: keepNever.
var rules = [csta.EventCount]rule{
	// Call control. A bridged appearance becomes inactive, which is queued.
	csta.EventServiceInitiated: {keep: keepCall, to: csta.ConnectionInitiated, opens: true},
	csta.EventOriginated:       {keep: keepCall, to: csta.ConnectionConnected, opens: true},
	csta.EventOffered:          {keep: keepCall, to: csta.ConnectionAlerting, opens: true},
	csta.EventDelivered:        {keep: keepCall, to: csta.ConnectionAlerting, opens: true},
	csta.EventQueued:           {keep: keepCall, to: csta.ConnectionQueued, opens: true},
	csta.EventBridged:          {keep: keepCall, to: csta.ConnectionQueued, opens: true},
	csta.EventEstablished:      {keep: keepCall, to: csta.ConnectionConnected, opens: true},
	csta.EventNetworkReached:   {keep: keepCall, to: csta.ConnectionConnected, opens: true},
	csta.EventRetrieved:        {keep: keepCall, to: csta.ConnectionConnected, opens: true},
	csta.EventHeld:             {keep: keepCall, to: csta.ConnectionHold, opens: true},
	csta.EventFailed:           {keep: keepCall, to: csta.ConnectionFail, opens: true},
	// These end a connection, so they open nothing by themselves: only a local state that is not null
	// beside them proves that the device is in a call. After Diverted the call goes on elsewhere.
	csta.EventDiverted:          {keep: keepCall, to: csta.ConnectionNull},
	csta.EventConnectionCleared: {keep: keepCall, to: csta.ConnectionNull},
	csta.EventCallCleared:       {keep: keepCall, to: csta.ConnectionNull},
	// The old calls end; the connection list tells the new ones.
	csta.EventTransferred: {keep: keepJoin, opens: true},
	csta.EventConferenced: {keep: keepJoin, opens: true},

	// Details of a call: what was dialled, told, charged, heard or attached stays worth knowing
	// while the call lives, and is noise afterwards.
	csta.EventDigitsDialed:               {keep: keepDetail},
	csta.EventNetworkCapabilitiesChanged: {keep: keepDetail},
	csta.EventCallInformation:            {keep: keepDetail},
	csta.EventCharging:                   {keep: keepDetail},
	csta.EventDigitsGenerated:            {keep: keepDetail},
	csta.EventTelephonyTonesGenerated:    {keep: keepDetail},
	csta.EventServiceCompletionFailure:   {keep: keepDetail},
	csta.EventMediaAttached:              {keep: keepDetail},
	csta.EventMediaDetached:              {keep: keepDetail},

	// Voice unit events tell of a message at a connection: details of its call.
	csta.EventBookmarkReached:       {keep: keepDetail},
	csta.EventCompleted:             {keep: keepDetail},
	csta.EventDtmfDetected:          {keep: keepDetail},
	csta.EventEmptied:               {keep: keepDetail},
	csta.EventInterruptionDetected:  {keep: keepDetail},
	csta.EventNotRecognized:         {keep: keepDetail},
	csta.EventPlay:                  {keep: keepDetail},
	csta.EventRecognized:            {keep: keepDetail},
	csta.EventRecord:                {keep: keepDetail},
	csta.EventReview:                {keep: keepDetail},
	csta.EventSilenceTimeoutExpired: {keep: keepDetail},
	csta.EventSpeechDetected:        {keep: keepDetail},
	csta.EventStarted:               {keep: keepDetail},
	csta.EventStop:                  {keep: keepDetail},
	csta.EventSuspendPlay:           {keep: keepDetail},
	csta.EventSuspendRecord:         {keep: keepDetail},
	csta.EventVoiceAttributeChanged: {keep: keepDetail},
	csta.EventVoiceErrorOccurred:    {keep: keepDetail},

	// Agents: one key for a device, agent ID and group. A log-off replaces log-on and state.
	csta.EventAgentLoggedOn: {keep: keepAgent, key: csta.EventAgentLoggedOn},
	csta.EventAgentLoggedOff: {
		keep: keepAgent, key: csta.EventAgentLoggedOn,
		agent: csta.AgentNull,
	},
	csta.EventAgentNotReady: {
		keep: keepAgent, key: csta.EventAgentLoggedOn,
		agent: csta.AgentNotReady,
	},
	csta.EventAgentReady: {
		keep: keepAgent, key: csta.EventAgentLoggedOn,
		agent: csta.AgentReady,
	},
	csta.EventAgentBusy: {
		keep: keepAgent, key: csta.EventAgentLoggedOn,
		agent: csta.AgentBusy,
	},
	csta.EventAgentWorkingAfterCall: {
		keep: keepAgent, key: csta.EventAgentLoggedOn,
		agent: csta.AgentWorkingAfterCall,
	},

	// Lasting states of a device. Those with several members (lamps, buttons, displays, ringers,
	// hookswitches, apparatus, message waiting by deviceForMessage) have the member in their key,
	// forwarding its type, call-backs their target.
	csta.EventButtonInformation: {keep: keepFeature, key: csta.EventButtonInformation},
	csta.EventDisplayUpdated:    {keep: keepFeature, key: csta.EventDisplayUpdated},
	csta.EventHookswitch:        {keep: keepFeature, key: csta.EventHookswitch},
	csta.EventLampMode:          {keep: keepFeature, key: csta.EventLampMode},
	csta.EventMessageWaiting:    {keep: keepFeature, key: csta.EventMessageWaiting},
	csta.EventMicrophoneGain:    {keep: keepFeature, key: csta.EventMicrophoneGain},
	csta.EventMicrophoneMute:    {keep: keepFeature, key: csta.EventMicrophoneMute},
	csta.EventRingerStatus:      {keep: keepFeature, key: csta.EventRingerStatus},
	csta.EventSpeakerMute:       {keep: keepFeature, key: csta.EventSpeakerMute},
	csta.EventSpeakerVolume:     {keep: keepFeature, key: csta.EventSpeakerVolume},
	csta.EventAutoAnswer:        {keep: keepFeature, key: csta.EventAutoAnswer},
	csta.EventAutoWorkMode:      {keep: keepFeature, key: csta.EventAutoWorkMode},
	csta.EventCallerIDStatus:    {keep: keepFeature, key: csta.EventCallerIDStatus},
	csta.EventDoNotDisturb:      {keep: keepFeature, key: csta.EventDoNotDisturb},
	csta.EventForwarding:        {keep: keepFeature, key: csta.EventForwarding},
	csta.EventPresenceState:     {keep: keepFeature, key: csta.EventPresenceState},
	csta.EventRouteing:          {keep: keepFeature, key: csta.EventRouteing},
	// A call-back stays set until it is cancelled, so it is a state, not a moment.
	csta.EventCallBack:        {keep: keepFeature, key: csta.EventCallBack},
	csta.EventCallBackMessage: {keep: keepFeature, key: csta.EventCallBackMessage},
	// Maintenance: whether a device is in service is one state; changed capabilities another.
	csta.EventBackInService: {
		keep: keepFeature, key: csta.EventBackInService,
		on: csta.SwitchOn,
	},
	csta.EventPartiallyInService: {
		keep: keepFeature, key: csta.EventBackInService,
		on: csta.SwitchOn,
	},
	csta.EventOutOfService: {
		keep: keepFeature, key: csta.EventBackInService,
		on: csta.SwitchOff,
	},
	csta.EventDeviceCapsChanged: {keep: keepFeature, key: csta.EventDeviceCapsChanged},

	// A pressed button is a moment. Private and unknown events may be anything: they are passed on,
	// and kept only with an open call that they name.
	csta.EventButtonPress: {keep: keepNever},
	csta.EventPrivate:     {keep: keepDetail},
	csta.EventUnknown:     {keep: keepDetail},
}

// The events that must pass a monitor's filter for an answer to be certain.
var (
	callEvents = csta.EventsOf(
		csta.EventServiceInitiated, csta.EventOriginated, csta.EventOffered, csta.EventDelivered,
		csta.EventQueued, csta.EventBridged, csta.EventEstablished, csta.EventNetworkReached,
		csta.EventRetrieved, csta.EventHeld, csta.EventFailed, csta.EventDiverted,
		csta.EventConnectionCleared, csta.EventCallCleared, csta.EventTransferred,
		csta.EventConferenced)
	agentEvents = csta.EventsOf(
		csta.EventAgentLoggedOn, csta.EventAgentLoggedOff, csta.EventAgentNotReady,
		csta.EventAgentReady, csta.EventAgentBusy, csta.EventAgentWorkingAfterCall)
)

// subject is what a query is about.
type subject uint8

const (
	subjectCalls subject = iota
	subjectAgents
	subjectDoNotDisturb
	subjectForwarding
	subjectMessages
	subjects // the number of subjects
)

// query is what the state can answer for a service, or what a Set… changes.
type query struct {
	subject subject
	key     csta.Event    // of the rules: which lasting state; EventUnknown for calls
	events  csta.EventSet // what must not be filtered
	set     bool          // the service changes the state
}

// queryOf returns the query of a service; ok is false for services that the state does not follow.
func queryOf(service csta.Service) (q query, ok bool) {
	switch service {
	case csta.SnapshotDevice, csta.SnapshotCall:
		return query{events: callEvents}, true
	case csta.GetAgentState, csta.SetAgentState:
		q = query{subjectAgents, csta.EventAgentLoggedOn, agentEvents, false}
	case csta.GetDoNotDisturb, csta.SetDoNotDisturb:
		q = query{
			subjectDoNotDisturb, csta.EventDoNotDisturb,
			csta.EventsOf(csta.EventDoNotDisturb), false,
		}
	case csta.GetForwarding, csta.SetForwarding:
		q = query{
			subjectForwarding, csta.EventForwarding,
			csta.EventsOf(csta.EventForwarding), false,
		}
	case csta.GetMessageWaitingIndicator, csta.SetMessageWaitingIndicator:
		q = query{
			subjectMessages, csta.EventMessageWaiting,
			csta.EventsOf(csta.EventMessageWaiting), false,
		}
	default:
		return query{}, false
	}
	switch service {
	case csta.SetAgentState, csta.SetDoNotDisturb, csta.SetForwarding,
		csta.SetMessageWaitingIndicator:
		q.set = true
	default:
	}
	return q, true
}

// subjectOf returns the subject of a lasting state's key; ok is false where no query asks for it.
func subjectOf(key csta.Event) (about subject, ok bool) {
	switch key {
	case csta.EventAgentLoggedOn:
		return subjectAgents, true
	case csta.EventDoNotDisturb:
		return subjectDoNotDisturb, true
	case csta.EventForwarding:
		return subjectForwarding, true
	case csta.EventMessageWaiting:
		return subjectMessages, true
	default:
		return 0, false
	}
}

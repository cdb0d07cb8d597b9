package cstaxml

// eventLayouts lists the elements of each event that a Message has a field for, in the order of the
// schema, each with its form (see layout).
var eventLayouts = map[string]string{
	"AgentBusyEvent":             "monitorCrossRefID agentDevice:w agentID acdGroup:d pendingAgentState cause extensions",
	"AgentLoggedOffEvent":        "monitorCrossRefID agentDevice:w agentID acdGroup:d cause extensions",
	"AgentLoggedOnEvent":         "monitorCrossRefID agentDevice:w agentID acdGroup:d cause extensions",
	"AgentNotReadyEvent":         "monitorCrossRefID agentDevice:w agentID acdGroup:d cause extensions",
	"AgentReadyEvent":            "monitorCrossRefID agentDevice:w agentID acdGroup:d cause extensions",
	"AgentWorkingAfterCallEvent": "monitorCrossRefID agentDevice:w agentID acdGroup:d pendingAgentState:s cause extensions",
	"AutoAnswerEvent":            "monitorCrossRefID invokingDevice:w autoAnswerOn extensions",
	"AutoWorkModeEvent":          "monitorCrossRefID invokingDevice:w autoWorkOn extensions",
	"BackInServiceEvent":         "monitorCrossRefID device:w cause extensions",
	"BookmarkReachedEvent":       "monitorCrossRefID overConnection:c cause extensions",
	"BridgedEvent": "monitorCrossRefID bridgedConnection:c bridgedAppearance:w localConnectionInfo cause " +
		"extensions",
	"ButtonInformationEvent": "monitorCrossRefID device:w button extensions",
	"ButtonPressEvent":       "monitorCrossRefID device:w button extensions",
	"CallBackEvent":          "monitorCrossRefID originatingDevice:w targetDevice:w extensions",
	"CallBackMessageEvent":   "monitorCrossRefID originatingDevice:w targetDevice:w extensions",
	"CallClearedEvent":       "monitorCrossRefID clearedCall:c cause extensions",
	"CallInformationEvent":   "monitorCrossRefID connection:c device:w callingDevice:w extensions",
	"CallerIDStatusEvent":    "monitorCrossRefID device:d callerIDProvided extensions",
	"ChargingEvent":          "monitorCrossRefID connection:c chargedDevice:d cause extensions",
	"CompletedEvent":         "monitorCrossRefID overConnection:c cause extensions",
	"ConferencedEvent": "monitorCrossRefID primaryOldCall:c secondaryOldCall:c conferencingDevice:w addedParty:w " +
		"conferenceConnections:C localConnectionInfo cause extensions",
	"ConnectionClearedEvent": "monitorCrossRefID droppedConnection:c releasingDevice:w localConnectionInfo cause " +
		"extensions",
	"DeliveredEvent": "monitorCrossRefID connection:c alertingDevice:w callingDevice:w calledDevice:w " +
		"lastRedirectionDevice:r localConnectionInfo cause extensions",
	"DeviceCapsChangedEvent": "monitorCrossRefID device:w cause extensions",
	"DigitsDialedEvent": "monitorCrossRefID dialingConnection:c dialingDevice:w localConnectionInfo cause " +
		"extensions",
	"DigitsGeneratedEvent": "monitorCrossRefID connection:c extensions",
	"DisplayUpdatedEvent":  "monitorCrossRefID device:w displayID extensions",
	"DivertedEvent": "monitorCrossRefID connection:c divertingDevice:w newDestination:w callingDevice:w " +
		"calledDevice:w lastRedirectionDevice:r localConnectionInfo cause extensions",
	"DoNotDisturbEvent": "monitorCrossRefID device:w doNotDisturbOn extensions",
	"DtmfDetectedEvent": "monitorCrossRefID overConnection:c cause extensions",
	"EmptiedEvent":      "monitorCrossRefID overConnection:c cause extensions",
	"EstablishedEvent": "monitorCrossRefID establishedConnection:c answeringDevice:w callingDevice:w " +
		"calledDevice:w lastRedirectionDevice:r localConnectionInfo cause extensions",
	"FailedEvent": "monitorCrossRefID failedConnection:c failingDevice:w callingDevice:w calledDevice:w " +
		"lastRedirectionDevice:r localConnectionInfo cause extensions",
	"ForwardingEvent":           "monitorCrossRefID device:w forwardingType forwardStatus forwardTo:d extensions",
	"HeldEvent":                 "monitorCrossRefID heldConnection:c holdingDevice:w localConnectionInfo cause extensions",
	"HookswitchEvent":           "monitorCrossRefID device:w hookswitch hookswitchOnHook extensions",
	"InterruptionDetectedEvent": "monitorCrossRefID overConnection:c cause extensions",
	"LampModeEvent":             "monitorCrossRefID device:w lamp extensions",
	"MediaAttachedEvent":        "monitorCrossRefID mediaConnection:c mediaDevice:w localConnectionInfo extensions",
	"MediaDetachedEvent":        "monitorCrossRefID mediaConnection:c mediaDevice:w localConnectionInfo extensions",
	"MessageWaitingEvent":       "monitorCrossRefID targetDevice:w deviceForMessage messageWaitingOn extensions",
	"MicrophoneGainEvent":       "monitorCrossRefID invokingDevice:w auditoryApparatus extensions",
	"MicrophoneMuteEvent":       "monitorCrossRefID invokingDevice:w auditoryApparatus microphoneMuteOn extensions",
	"NetworkCapabilitiesChangedEvent": "monitorCrossRefID outboundConnection:c networkInterfaceUsed:w calledDevice:w " +
		"localConnectionInfo cause extensions",
	"NetworkReachedEvent": "monitorCrossRefID outboundConnection:c networkInterfaceUsed:w callingDevice:w " +
		"calledDevice:w lastRedirectionDevice:r localConnectionInfo cause extensions",
	"NotRecognizedEvent": "monitorCrossRefID overConnection:c cause extensions",
	"OfferedEvent": "monitorCrossRefID offeredConnection:c offeredDevice:w callingDevice:w calledDevice:w " +
		"lastRedirectionDevice:r localConnectionInfo cause extensions",
	"OriginatedEvent": "monitorCrossRefID originatedConnection:c callingDevice:w calledDevice:w " +
		"originatingDevice:d localConnectionInfo cause extensions",
	"OutOfServiceEvent":       "monitorCrossRefID device:w cause extensions",
	"PartiallyInServiceEvent": "monitorCrossRefID device:w cause extensions",
	"PlayEvent":               "monitorCrossRefID connection:c cause extensions",
	"PrivateEvent":            "monitorCrossRefID privateData",
	"QueuedEvent": "monitorCrossRefID queuedConnection:c queue:w callingDevice:w calledDevice:w " +
		"lastRedirectionDevice:r localConnectionInfo cause extensions",
	"RecognizedEvent": "monitorCrossRefID overConnection:c cause extensions",
	"RecordEvent":     "monitorCrossRefID connection:c cause extensions",
	"RetrievedEvent": "monitorCrossRefID retrievedConnection:c retrievingDevice:w localConnectionInfo cause " +
		"extensions",
	"ReviewEvent":                   "monitorCrossRefID connection:c cause extensions",
	"RingerStatusEvent":             "monitorCrossRefID device:w ringer extensions",
	"RouteingEvent":                 "monitorCrossRefID device:w routeingMode extensions",
	"ServiceCompletionFailureEvent": "monitorCrossRefID primaryCall:P secondaryCall:Q cause extensions",
	"ServiceInitiatedEvent": "monitorCrossRefID initiatedConnection:c initiatingDevice:w calledDevice:w " +
		"localConnectionInfo cause extensions",
	"SilenceTimeoutExpiredEvent":   "monitorCrossRefID overConnection:c cause extensions",
	"SpeakerMuteEvent":             "monitorCrossRefID invokingDevice:w auditoryApparatus speakerMuteOn extensions",
	"SpeakerVolumeEvent":           "monitorCrossRefID invokingDevice:w auditoryApparatus extensions",
	"SpeechDetectedEvent":          "monitorCrossRefID overConnection:c cause extensions",
	"StartedEvent":                 "monitorCrossRefID overConnection:c cause extensions",
	"StopEvent":                    "monitorCrossRefID connection:c cause extensions",
	"SuspendPlayEvent":             "monitorCrossRefID connection:c cause extensions",
	"SuspendRecordEvent":           "monitorCrossRefID connection:c cause extensions",
	"TelephonyTonesGeneratedEvent": "monitorCrossRefID connection:c extensions",
	"TransferedEvent": "monitorCrossRefID primaryOldCall:c secondaryOldCall:c transferringDevice:w " +
		"transferredToDevice:w transferredConnections:C localConnectionInfo cause extensions",
	"VoiceAttributeChangedEvent": "monitorCrossRefID connection:c cause extensions",
	"VoiceErrorOccurredEvent":    "monitorCrossRefID overConnection:c cause extensions",
}

package csta

// Event names an event of ECMA-269. Its order groups the events by category; within one it is that of the filters of
// ECMA-323.
type Event uint8

// The events of ECMA-269 edition 9 by category. EventUnknown is one this table does not know.
const (
	EventUnknown Event = iota
	// call control events.
	EventBridged
	EventCallCleared
	EventConferenced
	EventConnectionCleared
	EventDelivered
	EventDigitsDialed
	EventDiverted
	EventEstablished
	EventFailed
	EventHeld
	EventNetworkCapabilitiesChanged
	EventNetworkReached
	EventOffered
	EventOriginated
	EventQueued
	EventRetrieved
	EventServiceInitiated
	EventTransferred
	// call associated events.
	EventCallInformation
	EventCharging
	EventDigitsGenerated
	EventTelephonyTonesGenerated
	EventServiceCompletionFailure
	// media attachment events.
	EventMediaAttached
	EventMediaDetached
	// physical device feature events.
	EventButtonInformation
	EventButtonPress
	EventDisplayUpdated
	EventHookswitch
	EventLampMode
	EventMessageWaiting
	EventMicrophoneGain
	EventMicrophoneMute
	EventRingerStatus
	EventSpeakerMute
	EventSpeakerVolume
	// logical device feature events.
	EventAgentBusy
	EventAgentLoggedOn
	EventAgentLoggedOff
	EventAgentNotReady
	EventAgentReady
	EventAgentWorkingAfterCall
	EventAutoAnswer
	EventAutoWorkMode
	EventCallBack
	EventCallBackMessage
	EventCallerIDStatus
	EventDoNotDisturb
	EventForwarding
	EventPresenceState
	EventRouteing
	// device maintenance events.
	EventBackInService
	EventDeviceCapsChanged
	EventOutOfService
	EventPartiallyInService
	// voice unit events.
	EventBookmarkReached
	EventCompleted
	EventDtmfDetected
	EventEmptied
	EventInterruptionDetected
	EventNotRecognized
	EventPlay
	EventRecognized
	EventRecord
	EventReview
	EventStarted
	EventSilenceTimeoutExpired
	EventSpeechDetected
	EventStop
	EventSuspendPlay
	EventSuspendRecord
	EventVoiceAttributeChanged
	EventVoiceErrorOccurred
	// vendor specific events.
	EventPrivate
	// EventCount is the number of events plus the unknown one.
	EventCount
)

// EventCategory is a group of events as monitor filters know them (ECMA-269, monitor filter).
type EventCategory uint8

// The categories of events.
const (
	CategoryUnknown EventCategory = iota
	CategoryCallControl
	CategoryCallAssociated
	CategoryMedia
	CategoryPhysical
	CategoryLogical
	CategoryMaintenance
	CategoryVoice
	CategoryVendor
)

// eventNames holds the names of ECMA-269; an encoding that spells one otherwise keeps its own
// exceptions.
var eventNames = [EventCount]string{
	EventUnknown:                    "Unknown",
	EventBridged:                    "Bridged",
	EventCallCleared:                "CallCleared",
	EventConferenced:                "Conferenced",
	EventConnectionCleared:          "ConnectionCleared",
	EventDelivered:                  "Delivered",
	EventDigitsDialed:               "DigitsDialed",
	EventDiverted:                   "Diverted",
	EventEstablished:                "Established",
	EventFailed:                     "Failed",
	EventHeld:                       "Held",
	EventNetworkCapabilitiesChanged: "NetworkCapabilitiesChanged",
	EventNetworkReached:             "NetworkReached",
	EventOffered:                    "Offered",
	EventOriginated:                 "Originated",
	EventQueued:                     "Queued",
	EventRetrieved:                  "Retrieved",
	EventServiceInitiated:           "ServiceInitiated",
	EventTransferred:                "Transferred",
	EventCallInformation:            "CallInformation",
	EventCharging:                   "Charging",
	EventDigitsGenerated:            "DigitsGenerated",
	EventTelephonyTonesGenerated:    "TelephonyTonesGenerated",
	EventServiceCompletionFailure:   "ServiceCompletionFailure",
	EventMediaAttached:              "MediaAttached",
	EventMediaDetached:              "MediaDetached",
	EventButtonInformation:          "ButtonInformation",
	EventButtonPress:                "ButtonPress",
	EventDisplayUpdated:             "DisplayUpdated",
	EventHookswitch:                 "Hookswitch",
	EventLampMode:                   "LampMode",
	EventMessageWaiting:             "MessageWaiting",
	EventMicrophoneGain:             "MicrophoneGain",
	EventMicrophoneMute:             "MicrophoneMute",
	EventRingerStatus:               "RingerStatus",
	EventSpeakerMute:                "SpeakerMute",
	EventSpeakerVolume:              "SpeakerVolume",
	EventAgentBusy:                  "AgentBusy",
	EventAgentLoggedOn:              "AgentLoggedOn",
	EventAgentLoggedOff:             "AgentLoggedOff",
	EventAgentNotReady:              "AgentNotReady",
	EventAgentReady:                 "AgentReady",
	EventAgentWorkingAfterCall:      "AgentWorkingAfterCall",
	EventAutoAnswer:                 "AutoAnswer",
	EventAutoWorkMode:               "AutoWorkMode",
	EventCallBack:                   "CallBack",
	EventCallBackMessage:            "CallBackMessage",
	EventCallerIDStatus:             "CallerIDStatus",
	EventDoNotDisturb:               "DoNotDisturb",
	EventForwarding:                 "Forwarding",
	EventPresenceState:              "PresenceState",
	EventRouteing:                   "Routeing",
	EventBackInService:              "BackInService",
	EventDeviceCapsChanged:          "DeviceCapsChanged",
	EventOutOfService:               "OutOfService",
	EventPartiallyInService:         "PartiallyInService",
	EventBookmarkReached:            "BookmarkReached",
	EventCompleted:                  "Completed",
	EventDtmfDetected:               "DtmfDetected",
	EventEmptied:                    "Emptied",
	EventInterruptionDetected:       "InterruptionDetected",
	EventNotRecognized:              "NotRecognized",
	EventPlay:                       "Play",
	EventRecognized:                 "Recognized",
	EventRecord:                     "Record",
	EventReview:                     "Review",
	EventStarted:                    "Started",
	EventSilenceTimeoutExpired:      "SilenceTimeoutExpired",
	EventSpeechDetected:             "SpeechDetected",
	EventStop:                       "Stop",
	EventSuspendPlay:                "SuspendPlay",
	EventSuspendRecord:              "SuspendRecord",
	EventVoiceAttributeChanged:      "VoiceAttributeChanged",
	EventVoiceErrorOccurred:         "VoiceErrorOccurred",
	EventPrivate:                    "Private",
}

// String returns the name of ECMA-269, as in "ConnectionCleared".
func (e Event) String() string {
	if e >= EventCount {
		return eventNames[EventUnknown]
	}
	return eventNames[e]
}

// Category returns the category of monitor filters the event belongs to.
func (e Event) Category() EventCategory {
	switch {
	case e == EventUnknown || e >= EventCount:
		return CategoryUnknown
	case e <= EventTransferred:
		return CategoryCallControl
	case e <= EventServiceCompletionFailure:
		return CategoryCallAssociated
	case e <= EventMediaDetached:
		return CategoryMedia
	case e <= EventSpeakerVolume:
		return CategoryPhysical
	case e <= EventRouteing:
		return CategoryLogical
	case e <= EventPartiallyInService:
		return CategoryMaintenance
	case e <= EventVoiceErrorOccurred:
		return CategoryVoice
	default:
		return CategoryVendor
	}
}

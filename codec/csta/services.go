package csta

// Service names a service of ECMA-269, or one that opens and ends a session: the application session
// of ECMA-354, the association of ACSE.
type Service uint8

// The services of ECMA-269 edition 9 by group. ServiceUnknown is one this table does not know.
const (
	ServiceUnknown Service = iota
	// capability exchange services.
	GetCSTAFeatures
	GetLogicalDeviceInformation
	GetPhysicalDeviceInformation
	GetSwitchingFunctionCaps
	GetSwitchingFunctionDevices
	SwitchingFunctionDevices
	// system services.
	ChangeSysStatFilter
	SystemRegister
	SystemRegisterAbort
	SystemRegisterCancel
	RequestSystemStatus
	SystemStatus
	SwFunctionCapsChanged
	SwFunctionDevicesChanged
	GetRegistrations
	RegistrationInfo
	// monitoring services.
	ChangeMonitorFilter
	MonitorStart
	MonitorStop
	GetMonitors
	MonitorInfo
	// snapshot services.
	SnapshotCall
	SnapshotCallData
	SnapshotDevice
	SnapshotDeviceData
	// call control services.
	AcceptCall
	AlternateCall
	AnswerCall
	CallBack
	CallBackMessage
	CamponCall
	ClearCall
	ClearConnection
	ConferenceCall
	ConsultationCall
	DeflectCall
	DialDigits
	DirectedPickupCall
	GroupPickupCall
	HoldCall
	IntrudeCall
	JoinCall
	MakeCall
	MakeConnection
	MakePredictiveCall
	ParkCall
	ReconnectCall
	RetrieveCall
	SingleStepConferenceCall
	SingleStepTransferCall
	TransferCall
	// call associated services.
	AssociateData
	CancelTelephonyTones
	ChangeConnectionInformation
	GenerateDigits
	GenerateTelephonyTones
	SendUserInformation
	// media attachment services.
	AttachMediaService
	DetachMediaService
	// routeing services.
	RouteRegister
	RouteRegisterAbort
	RouteRegisterCancel
	ReRoute
	RouteEnd
	RouteReject
	RouteRequest
	RouteSelect
	RouteUsed
	// physical device feature services.
	ButtonPress
	GetAuditoryApparatusInformation
	GetButtonInformation
	GetDisplay
	GetHookswitchStatus
	GetLampInformation
	GetLampMode
	GetMessageWaitingIndicator
	GetMicrophoneGain
	GetMicrophoneMute
	GetRingerStatus
	GetSpeakerMute
	GetSpeakerVolume
	SetButtonInformation
	SetDisplay
	SetHookswitchStatus
	SetLampMode
	SetMessageWaitingIndicator
	SetMicrophoneGain
	SetMicrophoneMute
	SetRingerStatus
	SetSpeakerMute
	SetSpeakerVolume
	// logical device feature services.
	CallBackNonCallRelated
	CallBackMessageNonCallRelated
	CancelCallBack
	CancelCallBackMessage
	GetAgentState
	GetAutoAnswer
	GetAutoWorkMode
	GetCallBack
	GetCallerIDStatus
	GetDoNotDisturb
	GetForwarding
	GetLastNumberDialed
	GetRouteingMode
	SetAgentState
	SetAutoAnswer
	SetAutoWorkMode
	SetCallerIDStatus
	SetDoNotDisturb
	SetForwarding
	SetRouteingMode
	// I/O services.
	IORegister
	IORegisterAbort
	IORegisterCancel
	DataPathResumed
	DataPathSuspended
	FastData
	ResumeDataPath
	SendBroadcastData
	SendData
	SendMulticastData
	StartDataPath
	StopDataPath
	SuspendDataPath
	// data collection services.
	DataCollected
	DataCollectionResumed
	DataCollectionSuspended
	ResumeDataCollection
	StartDataCollection
	StopDataCollection
	SuspendDataCollection
	// voice unit services.
	Activate
	Clear
	ConcatenateMessage
	Deactivate
	DeleteMessage
	PlayMessage
	QueryVoiceAttribute
	QueueService
	RecordMessage
	Reposition
	Resume
	Review
	SendMessage
	SetVoiceAttribute
	Start
	Stop
	Suspend
	SynthesizeMessage
	// call detail record services.
	CDRNotification
	CDRReport
	SendStoredCDR
	StartCDRTransmission
	StopCDRTransmission
	// vendor specific extension services.
	Escape
	EscapeRegister
	EscapeRegisterAbort
	EscapeRegisterCancel
	PrivateDataVersionSelection
	// location services.
	GetLocationInformation
	GetLocationTrackingCapabilities
	GetLocationTrackingSessions
	LocationSessionInfo
	LocationInformationReport
	LocationTrackingSessionResumed
	LocationTrackingSessionSuspended
	ResumeLocationTrackingSession
	SetLocationInformation
	StartLocationTrackingSession
	StopLocationTrackingSession
	SuspendLocationTrackingSession
	// application session (ECMA-354) services.
	StartApplicationSession
	ResetApplicationSessionTimer
	StopApplicationSession
	ApplicationSessionTerminated
	// association (ACSE, X.227) services, the session of the ASN.1 links; see Association.
	Associate
	Release
	Abort
	// ServiceCount is the number of services plus the unknown one.
	ServiceCount
)

// ServiceGroup is the group of the standard a service belongs to.
type ServiceGroup uint8

// The groups of services.
const (
	GroupUnknown ServiceGroup = iota
	GroupCapability
	GroupSystem
	GroupMonitor
	GroupSnapshot
	GroupCallControl
	GroupCallAssociated
	GroupMedia
	GroupRouteing
	GroupPhysical
	GroupLogical
	GroupIO
	GroupDataCollection
	GroupVoice
	GroupCDR
	GroupVendor
	GroupLocation
	GroupSession
)

var serviceNames = [ServiceCount]string{
	ServiceUnknown:                   "Unknown",
	GetCSTAFeatures:                  "GetCSTAFeatures",
	GetLogicalDeviceInformation:      "GetLogicalDeviceInformation",
	GetPhysicalDeviceInformation:     "GetPhysicalDeviceInformation",
	GetSwitchingFunctionCaps:         "GetSwitchingFunctionCaps",
	GetSwitchingFunctionDevices:      "GetSwitchingFunctionDevices",
	SwitchingFunctionDevices:         "SwitchingFunctionDevices",
	ChangeSysStatFilter:              "ChangeSysStatFilter",
	SystemRegister:                   "SystemRegister",
	SystemRegisterAbort:              "SystemRegisterAbort",
	SystemRegisterCancel:             "SystemRegisterCancel",
	RequestSystemStatus:              "RequestSystemStatus",
	SystemStatus:                     "SystemStatus",
	SwFunctionCapsChanged:            "SwFunctionCapsChanged",
	SwFunctionDevicesChanged:         "SwFunctionDevicesChanged",
	GetRegistrations:                 "GetRegistrations",
	RegistrationInfo:                 "RegistrationInfo",
	ChangeMonitorFilter:              "ChangeMonitorFilter",
	MonitorStart:                     "MonitorStart",
	MonitorStop:                      "MonitorStop",
	GetMonitors:                      "GetMonitors",
	MonitorInfo:                      "MonitorInfo",
	SnapshotCall:                     "SnapshotCall",
	SnapshotCallData:                 "SnapshotCallData",
	SnapshotDevice:                   "SnapshotDevice",
	SnapshotDeviceData:               "SnapshotDeviceData",
	AcceptCall:                       "AcceptCall",
	AlternateCall:                    "AlternateCall",
	AnswerCall:                       "AnswerCall",
	CallBack:                         "CallBack",
	CallBackMessage:                  "CallBackMessage",
	CamponCall:                       "CamponCall",
	ClearCall:                        "ClearCall",
	ClearConnection:                  "ClearConnection",
	ConferenceCall:                   "ConferenceCall",
	ConsultationCall:                 "ConsultationCall",
	DeflectCall:                      "DeflectCall",
	DialDigits:                       "DialDigits",
	DirectedPickupCall:               "DirectedPickupCall",
	GroupPickupCall:                  "GroupPickupCall",
	HoldCall:                         "HoldCall",
	IntrudeCall:                      "IntrudeCall",
	JoinCall:                         "JoinCall",
	MakeCall:                         "MakeCall",
	MakeConnection:                   "MakeConnection",
	MakePredictiveCall:               "MakePredictiveCall",
	ParkCall:                         "ParkCall",
	ReconnectCall:                    "ReconnectCall",
	RetrieveCall:                     "RetrieveCall",
	SingleStepConferenceCall:         "SingleStepConferenceCall",
	SingleStepTransferCall:           "SingleStepTransferCall",
	TransferCall:                     "TransferCall",
	AssociateData:                    "AssociateData",
	CancelTelephonyTones:             "CancelTelephonyTones",
	ChangeConnectionInformation:      "ChangeConnectionInformation",
	GenerateDigits:                   "GenerateDigits",
	GenerateTelephonyTones:           "GenerateTelephonyTones",
	SendUserInformation:              "SendUserInformation",
	AttachMediaService:               "AttachMediaService",
	DetachMediaService:               "DetachMediaService",
	RouteRegister:                    "RouteRegister",
	RouteRegisterAbort:               "RouteRegisterAbort",
	RouteRegisterCancel:              "RouteRegisterCancel",
	ReRoute:                          "ReRoute",
	RouteEnd:                         "RouteEnd",
	RouteReject:                      "RouteReject",
	RouteRequest:                     "RouteRequest",
	RouteSelect:                      "RouteSelect",
	RouteUsed:                        "RouteUsed",
	ButtonPress:                      "ButtonPress",
	GetAuditoryApparatusInformation:  "GetAuditoryApparatusInformation",
	GetButtonInformation:             "GetButtonInformation",
	GetDisplay:                       "GetDisplay",
	GetHookswitchStatus:              "GetHookswitchStatus",
	GetLampInformation:               "GetLampInformation",
	GetLampMode:                      "GetLampMode",
	GetMessageWaitingIndicator:       "GetMessageWaitingIndicator",
	GetMicrophoneGain:                "GetMicrophoneGain",
	GetMicrophoneMute:                "GetMicrophoneMute",
	GetRingerStatus:                  "GetRingerStatus",
	GetSpeakerMute:                   "GetSpeakerMute",
	GetSpeakerVolume:                 "GetSpeakerVolume",
	SetButtonInformation:             "SetButtonInformation",
	SetDisplay:                       "SetDisplay",
	SetHookswitchStatus:              "SetHookswitchStatus",
	SetLampMode:                      "SetLampMode",
	SetMessageWaitingIndicator:       "SetMessageWaitingIndicator",
	SetMicrophoneGain:                "SetMicrophoneGain",
	SetMicrophoneMute:                "SetMicrophoneMute",
	SetRingerStatus:                  "SetRingerStatus",
	SetSpeakerMute:                   "SetSpeakerMute",
	SetSpeakerVolume:                 "SetSpeakerVolume",
	CallBackNonCallRelated:           "CallBackNonCallRelated",
	CallBackMessageNonCallRelated:    "CallBackMessageNonCallRelated",
	CancelCallBack:                   "CancelCallBack",
	CancelCallBackMessage:            "CancelCallBackMessage",
	GetAgentState:                    "GetAgentState",
	GetAutoAnswer:                    "GetAutoAnswer",
	GetAutoWorkMode:                  "GetAutoWorkMode",
	GetCallBack:                      "GetCallBack",
	GetCallerIDStatus:                "GetCallerIDStatus",
	GetDoNotDisturb:                  "GetDoNotDisturb",
	GetForwarding:                    "GetForwarding",
	GetLastNumberDialed:              "GetLastNumberDialed",
	GetRouteingMode:                  "GetRouteingMode",
	SetAgentState:                    "SetAgentState",
	SetAutoAnswer:                    "SetAutoAnswer",
	SetAutoWorkMode:                  "SetAutoWorkMode",
	SetCallerIDStatus:                "SetCallerIDStatus",
	SetDoNotDisturb:                  "SetDoNotDisturb",
	SetForwarding:                    "SetForwarding",
	SetRouteingMode:                  "SetRouteingMode",
	IORegister:                       "IORegister",
	IORegisterAbort:                  "IORegisterAbort",
	IORegisterCancel:                 "IORegisterCancel",
	DataPathResumed:                  "DataPathResumed",
	DataPathSuspended:                "DataPathSuspended",
	FastData:                         "FastData",
	ResumeDataPath:                   "ResumeDataPath",
	SendBroadcastData:                "SendBroadcastData",
	SendData:                         "SendData",
	SendMulticastData:                "SendMulticastData",
	StartDataPath:                    "StartDataPath",
	StopDataPath:                     "StopDataPath",
	SuspendDataPath:                  "SuspendDataPath",
	DataCollected:                    "DataCollected",
	DataCollectionResumed:            "DataCollectionResumed",
	DataCollectionSuspended:          "DataCollectionSuspended",
	ResumeDataCollection:             "ResumeDataCollection",
	StartDataCollection:              "StartDataCollection",
	StopDataCollection:               "StopDataCollection",
	SuspendDataCollection:            "SuspendDataCollection",
	Activate:                         "Activate",
	Clear:                            "Clear",
	ConcatenateMessage:               "ConcatenateMessage",
	Deactivate:                       "Deactivate",
	DeleteMessage:                    "DeleteMessage",
	PlayMessage:                      "PlayMessage",
	QueryVoiceAttribute:              "QueryVoiceAttribute",
	QueueService:                     "QueueService",
	RecordMessage:                    "RecordMessage",
	Reposition:                       "Reposition",
	Resume:                           "Resume",
	Review:                           "Review",
	SendMessage:                      "SendMessage",
	SetVoiceAttribute:                "SetVoiceAttribute",
	Start:                            "Start",
	Stop:                             "Stop",
	Suspend:                          "Suspend",
	SynthesizeMessage:                "SynthesizeMessage",
	CDRNotification:                  "CDRNotification",
	CDRReport:                        "CDRReport",
	SendStoredCDR:                    "SendStoredCDR",
	StartCDRTransmission:             "StartCDRTransmission",
	StopCDRTransmission:              "StopCDRTransmission",
	Escape:                           "Escape",
	EscapeRegister:                   "EscapeRegister",
	EscapeRegisterAbort:              "EscapeRegisterAbort",
	EscapeRegisterCancel:             "EscapeRegisterCancel",
	PrivateDataVersionSelection:      "PrivateDataVersionSelection",
	GetLocationInformation:           "GetLocationInformation",
	GetLocationTrackingCapabilities:  "GetLocationTrackingCapabilities",
	GetLocationTrackingSessions:      "GetLocationTrackingSessions",
	LocationSessionInfo:              "LocationSessionInfo",
	LocationInformationReport:        "LocationInformationReport",
	LocationTrackingSessionResumed:   "LocationTrackingSessionResumed",
	LocationTrackingSessionSuspended: "LocationTrackingSessionSuspended",
	ResumeLocationTrackingSession:    "ResumeLocationTrackingSession",
	SetLocationInformation:           "SetLocationInformation",
	StartLocationTrackingSession:     "StartLocationTrackingSession",
	StopLocationTrackingSession:      "StopLocationTrackingSession",
	SuspendLocationTrackingSession:   "SuspendLocationTrackingSession",
	StartApplicationSession:          "StartApplicationSession",
	ResetApplicationSessionTimer:     "ResetApplicationSessionTimer",
	StopApplicationSession:           "StopApplicationSession",
	ApplicationSessionTerminated:     "ApplicationSessionTerminated",
	Associate:                        "Associate",
	Release:                          "Release",
	Abort:                            "Abort",
}

// lastOfGroup closes each group in the order of the constants.
var lastOfGroup = [...]struct {
	last  Service
	group ServiceGroup
}{
	{SwitchingFunctionDevices, GroupCapability},
	{RegistrationInfo, GroupSystem},
	{MonitorInfo, GroupMonitor},
	{SnapshotDeviceData, GroupSnapshot},
	{TransferCall, GroupCallControl},
	{SendUserInformation, GroupCallAssociated},
	{DetachMediaService, GroupMedia},
	{RouteUsed, GroupRouteing},
	{SetSpeakerVolume, GroupPhysical},
	{SetRouteingMode, GroupLogical},
	{SuspendDataPath, GroupIO},
	{SuspendDataCollection, GroupDataCollection},
	{SynthesizeMessage, GroupVoice},
	{StopCDRTransmission, GroupCDR},
	{PrivateDataVersionSelection, GroupVendor},
	{SuspendLocationTrackingSession, GroupLocation},
	{Abort, GroupSession},
}

// String returns the name of ECMA-269, as in "MonitorStart".
func (s Service) String() string {
	if s >= ServiceCount {
		return serviceNames[ServiceUnknown]
	}
	return serviceNames[s]
}

// Group returns the group of the standard the service belongs to.
func (s Service) Group() ServiceGroup {
	if s == ServiceUnknown {
		return GroupUnknown
	}
	for _, end := range lastOfGroup {
		if s <= end.last {
			return end.group
		}
	}
	return GroupUnknown
}

// HasResponse reports whether a request of the service is answered. The services that are not carry
// no result in ECMA-269: aborts, the routeing dialogue and segmented data. An unknown service is
// taken to be answered.
func (s Service) HasResponse() bool {
	switch s {
	case EscapeRegisterAbort,
		IORegisterAbort,
		RouteRegisterAbort,
		SystemRegisterAbort,
		RouteRequest,
		RouteSelect,
		RouteUsed,
		RouteEnd,
		RouteReject,
		ReRoute,
		SwitchingFunctionDevices,
		SnapshotCallData,
		SnapshotDeviceData,
		MonitorInfo,
		RegistrationInfo,
		LocationSessionInfo,
		ApplicationSessionTerminated,
		Abort:
		return false
	default:
		return true
	}
}

package cstaxml

// sessionLayouts is eventLayouts for the application session of ECMA-354.
var sessionLayouts = map[string]string{
	"StartApplicationSession": "applicationInfo:a requestedProtocolVersions:v " +
		"requestedSessionDuration extensions",
	"StartApplicationSessionPosResponse": "sessionID actualProtocolVersion " +
		"actualSessionDuration extensions",
	"ResetApplicationSessionTimer":            "sessionID requestedSessionDuration extensions",
	"ResetApplicationSessionTimerPosResponse": "actualSessionDuration extensions",
	"StopApplicationSession":                  "sessionID sessionEndReason:n extensions",
	"StopApplicationSessionPosResponse":       "extensions",
	"ApplicationSessionTerminated":            "sessionID sessionTermReason:t extensions",
}

package csta

// ErrorCategory is the kind of a CSTA error (ECMA-269, error categories).
type ErrorCategory uint8

// The error categories, in the order of ECMA-285. ErrorSession and ErrorApplication are those of
// ECMA-354's negative answers.
const (
	ErrorNone ErrorCategory = iota
	ErrorOperation
	ErrorSecurity
	ErrorStateIncompatibility
	ErrorSystemResource
	ErrorSubscribedResource
	ErrorPerformance
	ErrorPrivateData
	ErrorUnspecified
	ErrorPrivate
	ErrorSession
)

// ErrorCode is a CSTA error: a category and its value's number in ECMA-285. A value that this table
// does not name has ErrorValueUnknown.
type ErrorCode struct {
	Category ErrorCategory
	Value    uint16
}

// ErrorValueUnknown is an error value without a number here; the message still passes verbatim.
const ErrorValueUnknown uint16 = 0xFFFF

// The errors that the proxy itself gives or acts upon.
var (
	ErrGeneric                   = ErrorCode{ErrorOperation, 1}
	ErrInvalidCallID             = ErrorCode{ErrorOperation, 11}
	ErrInvalidConnectionID       = ErrorCode{ErrorOperation, 13}
	ErrInvalidCrossRef           = ErrorCode{ErrorOperation, 17}
	ErrServiceNotSupported       = ErrorCode{ErrorOperation, 50}
	ErrInvalidMonitorCrossRef    = ErrorCode{ErrorOperation, 60}
	ErrInvalidObjectState        = ErrorCode{ErrorStateIncompatibility, 2}
	ErrNoActiveCall              = ErrorCode{ErrorStateIncompatibility, 4}
	ErrSystemResource            = ErrorCode{ErrorSystemResource, 1}
	ErrResourceBusy              = ErrorCode{ErrorSystemResource, 2}
	ErrInternalResourceBusy      = ErrorCode{ErrorSystemResource, 3}
	ErrOutstandingRequestLimit   = ErrorCode{ErrorSubscribedResource, 4}
	ErrPerformanceLimitExceeded  = ErrorCode{ErrorPerformance, 2}
	ErrSessionVersionUnsupported = ErrorCode{ErrorSession, 2}
	ErrSessionResourcesBusy      = ErrorCode{ErrorSession, 3}
	ErrSessionInvalidID          = ErrorCode{ErrorSession, 5}
)

// sessionErrors are the definedError values of ECMA-354.
var sessionErrors = []string{
	1: "invalidApplicationInfo",
	2: "requestedProtocolVersionNotSupported",
	3: "serverResourcesBusy",
	4: "maxNumberSessions",
	5: "invalidSessionID",
	6: "serverCannotResetSessionTimer",
}

// Names returns the spelling of the category's values by their numbers; a number without a value is
// an empty string. The slice is shared: do not change it.
func (c ErrorCategory) Names() []string {
	switch c {
	case ErrorOperation:
		return operationErrors
	case ErrorSecurity:
		return securityErrors
	case ErrorStateIncompatibility:
		return stateIncompatibilityErrors
	case ErrorSystemResource:
		return systemResourceAvailabilityErrors
	case ErrorSubscribedResource:
		return subscribedResourceAvailabilityErrors
	case ErrorPerformance:
		return performanceManagementErrors
	case ErrorPrivateData:
		return privateDataInfoErrors
	case ErrorSession:
		return sessionErrors
	default:
		return nil
	}
}

// Name returns the spelling of the value, as in "invalidDeviceID"; empty where it has none.
func (e ErrorCode) Name() string {
	names := e.Category.Names()
	if int(e.Value) < len(names) {
		return names[e.Value]
	}
	return ""
}

package cstaxml

import (
	"haproxy/codec/csta"
)

// The enumerations by their spelling. The tables are built from the names of the vocabulary.
var (
	connectionStates = byName(csta.ConnectionFail, csta.ConnectionState.String, nil)
	agentStates      = byName(csta.AgentWorkingAfterCall, csta.AgentState.String,
		map[string]csta.AgentState{ // AgentWorkingAfterCallEvent has a short spelling of its own
			"notReady": csta.AgentNotReady, "null": csta.AgentNull, "ready": csta.AgentReady,
			"busy": csta.AgentBusy, "workingAfterCall": csta.AgentWorkingAfterCall,
		})
	requestedStates = byName(csta.RequestWorkingAfterCall, csta.RequestedAgentState.String, nil)
	statuses        = byName(csta.StatusPartiallyDisabled, csta.Status.String,
		map[string]csta.Status{"messageLost": csta.StatusMessagesLost})
	forwardingTypes = byName(csta.ForwardDNDExt, csta.ForwardingType.String, nil)
	causes          = byName(csta.CauseLawfulInterception, csta.Cause.String,
		map[string]csta.Cause{ // the schema spells three otherwise than ECMA-285
			"badURI":                    csta.CauseBadURI,
			"interdigitTimeout":         csta.CauseInterDigitTimeout,
			"notAvailableBearerService": csta.CauseNotAvaliableBearerService,
		})
)

// spelling finds the value of a name.
type spelling[T any] struct {
	names  *symbolTable
	values []T // by symbol; the first is that of no name
}

// byName turns the names of the values up to last around, and adds other spellings.
func byName[T ~uint8](last T, name func(T) string, aliases map[string]T) spelling[T] {
	s := spelling[T]{newSymbolTable(), []T{0}}
	for v := T(1); v <= last; v++ {
		s.names.add(name(v))
		s.values = append(s.values, v)
	}
	for alias, v := range aliases {
		s.names.add(alias)
		s.values = append(s.values, v)
	}
	return s
}

// find returns the value of a name, 0 for a name that is none.
func (s *spelling[T]) find(name []byte) T { return s.values[s.names.find(name)] }

// shortAgentStates spells the pendingAgentState of AgentWorkingAfterCallEvent.
var shortAgentStates = [...]string{
	csta.AgentNone:             "",
	csta.AgentNotReady:         "notReady",
	csta.AgentNull:             "null",
	csta.AgentReady:            "ready",
	csta.AgentBusy:             "busy",
	csta.AgentWorkingAfterCall: "workingAfterCall",
}

// xmlCause returns the schema's spelling of a cause.
func xmlCause(c csta.Cause) string {
	switch c {
	case csta.CauseBadURI:
		return "badURI"
	case csta.CauseInterDigitTimeout:
		return "interdigitTimeout"
	case csta.CauseNotAvaliableBearerService:
		return "notAvailableBearerService"
	case csta.CauseUnknown:
		return "" // a cause of the peer's own: its spelling was not kept
	default:
		return c.String()
	}
}

// boolean reads an xs:boolean; anything else is SwitchNone.
func boolean(value []byte) csta.Switch {
	switch string(value) {
	case "true", "1":
		return csta.SwitchOn
	case "false", "0":
		return csta.SwitchOff
	default:
		return csta.SwitchNone
	}
}

// simpleStates splits the simple call states into the device's own connection state and that of the
// other party, which ConnectionNone leaves out.
var simpleStates = map[string][2]csta.ConnectionState{
	"callNull":              {csta.ConnectionNull, csta.ConnectionNone},
	"callPending":           {csta.ConnectionInitiated, csta.ConnectionNone},
	"callOriginated":        {csta.ConnectionConnected, csta.ConnectionNone},
	"callDelivered":         {csta.ConnectionConnected, csta.ConnectionAlerting},
	"callDeliveredHeld":     {csta.ConnectionHold, csta.ConnectionAlerting},
	"callReceived":          {csta.ConnectionAlerting, csta.ConnectionConnected},
	"callEstablished":       {csta.ConnectionConnected, csta.ConnectionConnected},
	"callEstablishedHeld":   {csta.ConnectionHold, csta.ConnectionConnected},
	"callReceivedOnHold":    {csta.ConnectionAlerting, csta.ConnectionHold},
	"callEstablishedOnHold": {csta.ConnectionConnected, csta.ConnectionHold},
	"callQueued":            {csta.ConnectionConnected, csta.ConnectionQueued},
	"callQueuedHeld":        {csta.ConnectionHold, csta.ConnectionQueued},
	"callFailed":            {csta.ConnectionConnected, csta.ConnectionFail},
	"callFailedHeld":        {csta.ConnectionHold, csta.ConnectionFail},
	"callBlocked":           {csta.ConnectionNull, csta.ConnectionFail},
}

// The types of explicit public and private numbers in the order of ECMA-285.
var (
	publicTypes = []string{
		"unknown", "international", "national", "networkspecific", "subscriber", "abbreviated",
	}
	privateTypes = []string{
		"unknown", "level3RegionalNumber", "level2RegionalNumber", "level1RegionalNumber",
		"pTNSpecificNumber", "localNumber", "abbreviated",
	}
)

// numberForm is the form and type of a device identifier that a typeOfNumber names.
type numberForm struct {
	form csta.DeviceForm
	kind csta.NumberType
}

// numberForms are the values of typeOfNumber; formNames spells them.
var numberForms, formNames = func() (map[string]numberForm, map[numberForm]string) {
	forms := map[string]numberForm{
		"deviceNumber":    {form: csta.DeviceNumber},
		"implicitPublic":  {form: csta.DeviceImplicitPublic},
		"explicitPublic":  {form: csta.DeviceExplicitPublic},
		"implicitPrivate": {form: csta.DeviceImplicitPrivate},
		"explicitPrivate": {form: csta.DeviceExplicitPrivate},
		"other":           {form: csta.DeviceOther},
		"dynamic":         {form: csta.DeviceDynamic},
	}
	names := make(map[numberForm]string)
	for name, f := range forms {
		names[f] = name
	}
	for i, name := range publicTypes {
		f := numberForm{csta.DeviceExplicitPublic, csta.NumberType(i)}
		names[f] = "explicitPublic:" + name
		forms[names[f]] = f
	}
	for i, name := range privateTypes {
		f := numberForm{csta.DeviceExplicitPrivate, csta.NumberType(i)}
		names[f] = "explicitPrivate:" + name
		forms[names[f]] = f
	}
	return forms, names
}()

// formOf reads a typeOfNumber. Absent or unknown it is a dialing number, as the schema has it.
func formOf(value []byte) numberForm {
	if f, known := numberForms[string(value)]; known {
		return f
	}
	return numberForm{form: csta.DeviceDialingNumber}
}

// errorCategories are the elements of a CSTAErrorCode, and xmlCategories their spelling. The schema
// misspells one; both are read.
var (
	errorCategories = map[string]csta.ErrorCategory{
		"operation":                      csta.ErrorOperation,
		"security":                       csta.ErrorSecurity,
		"stateIncompatibility":           csta.ErrorStateIncompatibility,
		"systemResourceAvailibility":     csta.ErrorSystemResource,
		"systemResourceAvailability":     csta.ErrorSystemResource,
		"subscribedResourceAvailability": csta.ErrorSubscribedResource,
		"performanceManagement":          csta.ErrorPerformance,
		"privateData":                    csta.ErrorPrivateData,
		"unspecified":                    csta.ErrorUnspecified,
		"privateErrorCode":               csta.ErrorPrivate,
	}
	xmlCategories = [...]string{
		csta.ErrorNone:                 "unspecified",
		csta.ErrorOperation:            "operation",
		csta.ErrorSecurity:             "security",
		csta.ErrorStateIncompatibility: "stateIncompatibility",
		csta.ErrorSystemResource:       "systemResourceAvailibility",
		csta.ErrorSubscribedResource:   "subscribedResourceAvailability",
		csta.ErrorPerformance:          "performanceManagement",
		csta.ErrorPrivateData:          "privateData",
		csta.ErrorUnspecified:          "unspecified",
		csta.ErrorPrivate:              "privateErrorCode",
	}
)

// errorValue returns the number of a category's value.
func errorValue(category csta.ErrorCategory, value []byte) uint16 {
	if category == csta.ErrorUnspecified {
		return 0
	}
	for i, name := range category.Names() {
		if name != "" && name == string(value) {
			return uint16(i)
		}
	}
	n, ok := decimal(value)
	if ok && category == csta.ErrorPrivate && n < uint32(csta.ErrorValueUnknown) {
		return uint16(n)
	}
	return csta.ErrorValueUnknown
}

// decimal reads an unsigned number of 32 bits.
func decimal(value []byte) (n uint32, ok bool) {
	for _, c := range value {
		if c < '0' || c > '9' {
			return 0, false
		}
		next := uint64(n)*10 + uint64(c-'0')
		if next > 1<<32-1 {
			return 0, false
		}
		n = uint32(next)
	}
	return n, len(value) > 0
}

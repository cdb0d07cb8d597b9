package cstaber_test

import "haproxy/codec/csta"

// phase3Type returns the name of the type of a message's argument or result.
func phase3Type(m *csta.Message) string {
	if m.Event == csta.EventLampMode {
		return "" // the module has it as a placeholder
	}
	name := m.Service.String()
	switch m.Service {
	case csta.SystemStatus, csta.RequestSystemStatus:
		if m.Kind == csta.KindResponse {
			return map[csta.Service]string{csta.SystemStatus: "AckResult", csta.RequestSystemStatus: "RequestSysStatRes"}[m.Service]
		}
		return map[csta.Service]string{csta.SystemStatus: "SystemStatusArg", csta.RequestSystemStatus: "RequestSysStatArg"}[m.Service]
	case csta.SingleStepTransferCall:
		name = "SingleStepTrans"
	case csta.RouteSelect:
		name = "RouteSelectRequest"
	case csta.AnswerCall, csta.MonitorStop:
		if m.Kind == csta.KindResponse {
			return "AckResult"
		}
	}
	return kindType(m, name, "Argument", "Result", "CSTAEventReportArgument")
}

// phase2Type: the module was made of traces, and those had call control events alone.
func phase2Type(m *csta.Message) string {
	if m.Kind == csta.KindEvent && m.Event.Category() != csta.CategoryCallControl {
		return ""
	}
	return kindType(m, m.Service.String(), "Argument", "Result", "CSTAEventReportArgument")
}

// phase1Type: the module spells some events and services in its own way.
func phase1Type(m *csta.Message) string {
	if m.CallObject && m.Service == csta.MonitorStart {
		return "" // the module is that of a switch that monitors devices alone
	}
	event := m.Event.String()
	switch m.Event {
	case csta.EventAgentLoggedOn:
		event = "LoggedOn"
	case csta.EventAgentLoggedOff:
		event = "LoggedOff"
	case csta.EventAgentNotReady:
		event = "NotReady"
	case csta.EventAgentReady:
		event = "Ready"
	}
	name := m.Service.String()
	switch m.Service {
	case csta.DeflectCall:
		name = "DivertCall"
	case csta.GetDoNotDisturb, csta.GetMessageWaitingIndicator, csta.GetForwarding, csta.GetAgentState:
		name = "QueryDevice"
	case csta.SetDoNotDisturb, csta.SetMessageWaitingIndicator, csta.SetForwarding, csta.SetAgentState:
		name = "SetFeature"
	}
	return kindType(m, name, "Args", "RS", event)
}

// phase2Service: what phase II has of phase I's services. Its filters and its lists of connections are
// its own.
func phase2Service(m *csta.Message) string {
	list := m.Service == csta.TransferCall || m.Service == csta.ConferenceCall
	if m.Kind == csta.KindEvent || m.HasFilter || list && m.Kind == csta.KindResponse {
		return ""
	}
	return phase1Type(m)
}

func kindType(m *csta.Message, name, argument, result, event string) string {
	switch m.Kind {
	case csta.KindRequest:
		return name + argument
	case csta.KindResponse:
		return name + result
	case csta.KindEvent:
		return event
	default:
		return ""
	}
}

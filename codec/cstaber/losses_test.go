package cstaber_test

import (
	"haproxy/codec/csta"
	"haproxy/codec/cstaber"
)

// unsupported are the messages of the table that a phase has no form for.
var unsupported = map[cstaber.Phase]map[string]bool{
	cstaber.Phase1: set(append(withoutPhase3,
		"SingleStepTransferCall", "RouteRequest", "RouteSelect", "RouteUsed", "ReRoute", "RouteEnd")),
	cstaber.Phase2: set(withoutPhase3),
}

// withoutPhase3 are the messages that phase III brought, or whose content it did.
var withoutPhase3 = []string{
	"LampMode", "SnapshotDeviceData", "SnapshotDevice answer, in segments",
	"GetAgentState answer", // several agents, in groups
	"GetForwarding answer", // its types
	"RouteRegister", "RouteRegister answer", "RouteRegisterCancel", "RouteRegisterAbort",
	"SystemRegister", "SystemRegister answer", "SystemRegisterCancel",
	"RequestSystemStatus", "RequestSystemStatus answer",
	"EscapeRegister", "EscapeRegister answer", "IORegister", "IORegister answer",
}

func set(names []string) map[string]bool {
	s := make(map[string]bool)
	for _, name := range names {
		s[name] = true
	}
	return s
}

// lose takes away from a message what a phase does not say of it.
func lose(phase cstaber.Phase, m *csta.Message) {
	if phase == cstaber.Phase3 {
		return
	}
	none := csta.DeviceID{}
	switch m.Event {
	case csta.EventServiceInitiated:
		m.Device = none
	case csta.EventDiverted:
		m.Calling, m.Called, m.LastRedirection = none, none, none
	case csta.EventFailed, csta.EventNetworkReached:
		m.Calling, m.LastRedirection = none, none
	case csta.EventAgentReady, csta.EventAgentWorkingAfterCall:
		m.Group = none
	case csta.EventMessageWaiting:
		m.Item = nil
	}
	m.Media, m.Existing, m.Register = 0, csta.SwitchNone, nil
	var filter csta.EventSet
	for _, e := range filtered(phase) {
		if m.Filter.Has(e) {
			filter.Add(e)
		}
	}
	m.Filter = filter
	if m.Error == csta.ErrInvalidMonitorCrossRef {
		m.Error = csta.ErrInvalidCrossRef
	}
	if m.Error.Value > 19 {
		m.Error.Value = csta.ErrGeneric.Value
	}
	loseService(m)
	if phase == cstaber.Phase1 && m.Cause > csta.CauseVoiceUnitInitiator {
		m.Cause = csta.CauseNone
	}
	loseItems(phase, m)
}

func loseService(m *csta.Message) {
	none := csta.DeviceID{}
	switch m.Service {
	case csta.SetAgentState:
		m.AgentID = nil
		if m.Kind == csta.KindResponse { // of SetFeature, whichever
			m.Service, m.Pending = csta.ServiceUnknown, csta.AgentNone
		}
	case csta.SnapshotCall:
		m.Calling, m.Called = none, none
	}
}

// loseItems takes away what the lists of phases I and II do not say.
func loseItems(phase cstaber.Phase, m *csta.Message) {
	items := append([]csta.ConnectionItem(nil), m.Connections...)
	for i := range items {
		item := &items[i]
		item.Old, item.Far = csta.ConnectionID{}, nil
		snapshot := m.Service == csta.SnapshotDevice || m.Service == csta.SnapshotCall
		switch {
		case snapshot && item.Endpoint.Form == csta.DeviceAbsent:
			item.Endpoint.Form = csta.DeviceNotKnown
		case !snapshot && (phase == cstaber.Phase1 || !item.Endpoint.Known()):
			item.Endpoint = csta.DeviceID{}
		}
	}
	m.Connections = items
}

// filtered are the events that the filters of a phase know.
func filtered(phase cstaber.Phase) []csta.Event {
	events := []csta.Event{
		csta.EventCallInformation, csta.EventDoNotDisturb, csta.EventForwarding,
		csta.EventMessageWaiting, csta.EventBackInService, csta.EventOutOfService,
		csta.EventPrivate,
	}
	if phase == cstaber.Phase2 {
		events = append(events, csta.EventPlay, csta.EventAutoAnswer)
	}
	return events
}

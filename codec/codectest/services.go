package codectest

import "haproxy/codec/csta"

func monitoring() []Case {
	filter := csta.EventsOf(csta.EventDigitsDialed, csta.EventCharging, csta.EventLampMode,
		csta.EventPresenceState, csta.EventRouteing, csta.EventDeviceCapsChanged, csta.EventPlay, csta.EventPrivate)
	ref := csta.CrossRefID("4711")
	return []Case{
		request(csta.Message{Service: csta.MonitorStart, Device: Number("2001")}),
		named(request(csta.Message{
			Service: csta.MonitorStart, Device: Number("2001"), MonitorType: csta.MonitorTypeDevice,
			HasFilter: true, Filter: filter, Media: csta.MediaVoice | csta.MediaNotKnown | csta.MediaSMS,
		}), "filter"),
		named(request(csta.Message{
			Service: csta.MonitorStart, Subject: Connection("c1", "2001"), CallObject: true,
			MonitorType: csta.MonitorTypeCall,
		}), "call"),
		answer(csta.Message{Service: csta.MonitorStart, CrossRef: ref}),
		named(answer(csta.Message{
			Service: csta.MonitorStart, CrossRef: ref, HasFilter: true, Filter: filter,
			Existing: csta.SwitchOff,
		}), "filter"),
		request(csta.Message{Service: csta.MonitorStop, CrossRef: ref}),
		answer(csta.Message{Service: csta.MonitorStop}),
		request(csta.Message{
			Service: csta.ChangeMonitorFilter, CrossRef: ref, HasFilter: true, Filter: filter,
		}),
		answer(csta.Message{Service: csta.ChangeMonitorFilter, HasFilter: true, Filter: filter}),
		{Name: "error", Message: csta.Message{
			Kind: csta.KindError, Invoke: 12, Error: csta.ErrInvalidMonitorCrossRef,
		}},
		{Name: "error, unspecified", Message: csta.Message{
			Kind: csta.KindError, Invoke: 12,
			Error: csta.ErrorCode{Category: csta.ErrorUnspecified},
		}},
	}
}

func snapshots() []Case {
	items := []csta.ConnectionItem{
		{
			New: Connection("c1", "2001"), Endpoint: Number("2001"),
			State: csta.ConnectionConnected,
			Far:   []csta.ConnectionState{csta.ConnectionAlerting},
		},
		{New: Connection("c2", "2001"), State: csta.ConnectionHold, Far: []csta.ConnectionState{
			csta.ConnectionConnected, csta.ConnectionConnected, csta.ConnectionQueued,
		}},
		{New: Connection("c3", "2001")},
	}
	parties := []csta.ConnectionItem{
		{New: Connection("c1", "2001"), Endpoint: Number("2001"), State: csta.ConnectionConnected},
		{New: Connection("c1", "2002"), Endpoint: Number("2002"), State: csta.ConnectionAlerting},
	}
	ref := csta.ServiceCrossRefID("88")
	return []Case{
		request(csta.Message{Service: csta.SnapshotDevice, Device: Number("2001")}),
		answer(csta.Message{Service: csta.SnapshotDevice, Connections: items}),
		named(answer(csta.Message{Service: csta.SnapshotDevice}), "idle"),
		named(answer(csta.Message{Service: csta.SnapshotDevice, ServiceRef: ref}), "in segments"),
		request(csta.Message{
			Service: csta.SnapshotDeviceData, ServiceRef: ref, LastSegment: true,
			Connections: items,
		}),
		request(csta.Message{
			Service: csta.SnapshotCall, Subject: Connection("c1", "2001"), CallObject: true,
		}),
		answer(csta.Message{
			Service: csta.SnapshotCall, Connections: parties, Calling: Number("2001"),
			Called: Number("2002"),
		}),
	}
}

func features() []Case {
	device := Number("2001")
	return []Case{
		request(csta.Message{Service: csta.GetAgentState, Device: device}),
		answer(csta.Message{Service: csta.GetAgentState, Agents: []csta.AgentItem{
			{AgentID: []byte("300"), LoggedOn: csta.SwitchOn, Group: Number("5000"), State: csta.AgentReady},
			{
				AgentID: []byte("300"), LoggedOn: csta.SwitchOn, Group: Number("5001"),
				State: csta.AgentBusy, Pending: csta.AgentNotReady,
			},
			{AgentID: []byte("301"), LoggedOn: csta.SwitchOff},
		}}),
		request(csta.Message{
			Service: csta.SetAgentState, Device: device, RequestAgent: csta.RequestLoggedOn,
			AgentID: []byte("300"), Group: Number("5000"),
		}),
		answer(csta.Message{Service: csta.SetAgentState, Pending: csta.AgentReady}),
		request(csta.Message{Service: csta.GetDoNotDisturb, Device: device}),
		answer(csta.Message{Service: csta.GetDoNotDisturb, On: csta.SwitchOff}),
		request(csta.Message{Service: csta.SetDoNotDisturb, Device: device, On: csta.SwitchOn}),
		request(csta.Message{Service: csta.GetForwarding, Device: device}),
		answer(csta.Message{Service: csta.GetForwarding, Forwards: []csta.ForwardItem{
			{Type: csta.ForwardImmediate, On: csta.SwitchOn, To: Number("2003")},
			{Type: csta.ForwardDNDExt, On: csta.SwitchOff},
		}}),
		request(csta.Message{
			Service: csta.SetForwarding, Device: device, Forwarding: csta.ForwardNoAns,
			On: csta.SwitchOn, ForwardTo: Number("2003"),
		}),
		request(csta.Message{Service: csta.GetMessageWaitingIndicator, Device: device}),
		answer(csta.Message{Service: csta.GetMessageWaitingIndicator, On: csta.SwitchOn}),
		request(csta.Message{
			Service: csta.SetMessageWaitingIndicator, Device: device, On: csta.SwitchOn,
		}),
	}
}

func calls() []Case {
	active, held := Connection("c1", "2001"), Connection("c2", "2001")
	list := []csta.ConnectionItem{{New: Connection("c3", "2002"), Old: Connection("c1", "2002")}}
	return []Case{
		request(csta.Message{
			Service: csta.MakeCall, Device: Number("2001"), Calling: Number("2001"),
			Called: Number("2002"),
		}),
		answer(csta.Message{Service: csta.MakeCall, Subject: active}),
		request(csta.Message{Service: csta.AnswerCall, Subject: active}),
		answer(csta.Message{Service: csta.AnswerCall}),
		request(csta.Message{Service: csta.ClearConnection, Subject: active}),
		request(csta.Message{Service: csta.HoldCall, Subject: active}),
		request(csta.Message{Service: csta.RetrieveCall, Subject: active}),
		request(csta.Message{
			Service: csta.ConsultationCall, Subject: active, Destination: Number("2003"),
		}),
		answer(csta.Message{Service: csta.ConsultationCall, Subject: held}),
		request(csta.Message{Service: csta.TransferCall, Subject: active, Secondary: held}),
		answer(csta.Message{
			Service: csta.TransferCall, Subject: Connection("c3", "2002"), Connections: list,
		}),
		request(csta.Message{Service: csta.ConferenceCall, Subject: active, Secondary: held}),
		answer(csta.Message{
			Service: csta.ConferenceCall, Subject: Connection("c3", "2001"), Connections: list,
		}),
		request(csta.Message{Service: csta.AlternateCall, Subject: active, Secondary: held}),
		request(csta.Message{Service: csta.ReconnectCall, Subject: active, Secondary: held}),
		request(csta.Message{
			Service: csta.DeflectCall, Subject: active, Destination: Number("2003"),
		}),
		request(csta.Message{
			Service: csta.SingleStepTransferCall, Subject: active, Destination: Number("2003"),
		}),
	}
}

func routeing() []Case {
	register, dialogue := csta.RegisterID("61"), csta.ServiceCrossRefID("r9")
	return []Case{
		request(csta.Message{Service: csta.RouteRegister, Device: Number("5000")}),
		answer(csta.Message{Service: csta.RouteRegister, Register: register}),
		request(csta.Message{Service: csta.RouteRegisterCancel, Register: register}),
		request(csta.Message{Service: csta.RouteRegisterAbort, Register: register}),
		request(csta.Message{
			Service: csta.RouteRequest, ServiceRef: dialogue, Register: register,
			Called: Number("5000"), Calling: Number("2001"), Device: Number("5000"),
			Subject: Connection("c1", "5000"),
		}),
		request(csta.Message{
			Service: csta.RouteSelect, ServiceRef: dialogue, Register: register,
			Destination: Number("2002"),
		}),
		request(csta.Message{
			Service: csta.RouteUsed, ServiceRef: dialogue, Register: register,
			Destination: Number("2002"),
		}),
		request(csta.Message{Service: csta.ReRoute, ServiceRef: dialogue, Register: register}),
		request(csta.Message{
			Service: csta.RouteEnd, ServiceRef: dialogue, Register: register,
			Error: csta.ErrorCode{Category: csta.ErrorOperation, Value: 144},
		}),
	}
}

func system() []Case {
	register := csta.RegisterID("15")
	return []Case{
		request(csta.Message{Service: csta.SystemStatus, Status: csta.StatusNormal}),
		named(request(csta.Message{
			Service: csta.SystemStatus, Status: csta.StatusMessagesLost, Register: register,
		}), "registered"),
		answer(csta.Message{Service: csta.SystemStatus}),
		request(csta.Message{Service: csta.SystemRegister}),
		answer(csta.Message{Service: csta.SystemRegister, Register: register}),
		request(csta.Message{Service: csta.SystemRegisterCancel, Register: register}),
		request(csta.Message{Service: csta.RequestSystemStatus}),
		answer(csta.Message{Service: csta.RequestSystemStatus, Status: csta.StatusNormal}),
		request(csta.Message{Service: csta.EscapeRegister}),
		answer(csta.Message{Service: csta.EscapeRegister, Register: csta.RegisterID("3")}),
		request(csta.Message{Service: csta.IORegister, Device: Number("2001")}),
		answer(csta.Message{Service: csta.IORegister, Register: csta.RegisterID("4")}),
	}
}

// sessions are those of ECMA-354: an encoding without them skips the services of csta.GroupSession.
func sessions() []Case {
	versions := [][]byte{[]byte("http://www.ecma-international.org/standards/ecma-323/csta/ed4")}
	return []Case{
		request(csta.Message{
			Service: csta.StartApplicationSession, Application: []byte("console"),
			Versions:    versions,
			DurationSec: 180, SessionInfo: []byte("<user>op1</user>"),
		}),
		answer(csta.Message{
			Service: csta.StartApplicationSession, Session: csta.SessionID("s77"),
			Versions:    versions,
			DurationSec: 180,
		}),
		{Name: "StartApplicationSession refused", Message: csta.Message{
			Kind: csta.KindError, Service: csta.StartApplicationSession, Invoke: 12,
			Error: csta.ErrSessionVersionUnsupported,
		}},
		request(csta.Message{
			Service: csta.ResetApplicationSessionTimer, Session: csta.SessionID("s77"),
			DurationSec: 180,
		}),
		answer(csta.Message{Service: csta.ResetApplicationSessionTimer, DurationSec: 180}),
		request(csta.Message{Service: csta.StopApplicationSession, Session: csta.SessionID("s77")}),
		answer(csta.Message{Service: csta.StopApplicationSession}),
		request(csta.Message{
			Service: csta.ApplicationSessionTerminated, Session: csta.SessionID("s77"),
		}),
	}
}

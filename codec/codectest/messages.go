package codectest

import "haproxy/codec/csta"

// Case is one message and what it is called in a test's output.
type Case struct {
	Name    string
	Message csta.Message
}

// Messages returns the table: each message once, in the form that decoding gives it. The numbers in
// it are invented.
func Messages() []Case {
	var cases []Case
	for _, group := range [][]Case{
		callEvents(), endEvents(), otherEvents(), monitoring(), snapshots(), features(),
		calls(), routeing(), system(), sessions(),
	} {
		cases = append(cases, group...)
	}
	return cases
}

// Number is a device identifier that is a dialing number.
func Number(digits string) csta.DeviceID {
	return csta.DeviceID{Form: csta.DeviceDialingNumber, Number: []byte(digits)}
}

// Connection is a connection of a call at a device.
func Connection(call, digits string) csta.ConnectionID {
	return csta.ConnectionID{Call: csta.CallID(call), Device: Number(digits)}
}

// event names a monitored event after itself.
func event(m csta.Message) Case {
	m.Kind, m.Invoke = csta.KindEvent, 9999
	m.CrossRef = csta.CrossRefID("4711")
	return Case{Name: m.Event.String(), Message: m}
}

// request and answer are the two sides of a service.
func request(m csta.Message) Case {
	m.Kind, m.Invoke = csta.KindRequest, 12
	return Case{Name: m.Service.String(), Message: m}
}

func answer(m csta.Message) Case {
	m.Kind, m.Invoke = csta.KindResponse, 12
	return Case{Name: m.Service.String() + " answer", Message: m}
}

// named gives a case of a service that has several another name.
func named(c Case, name string) Case {
	c.Name += ", " + name
	return c
}

func callEvents() []Case {
	notKnown := csta.DeviceID{Form: csta.DeviceNotKnown}
	notRequired := csta.DeviceID{Form: csta.DeviceNotRequired}
	return []Case{
		event(csta.Message{
			Event: csta.EventServiceInitiated, Subject: Connection("c1", "2001"),
			Device: Number("2001"),
			Local:  csta.ConnectionInitiated, Cause: csta.CauseMakeCall,
		}),
		event(csta.Message{
			Event: csta.EventOriginated, Subject: Connection("c1", "2001"), Device: Number("2001"),
			Calling: Number("2001"), Called: Number("2002"), Local: csta.ConnectionConnected,
			Cause: csta.CauseNewCall,
		}),
		event(csta.Message{
			Event: csta.EventDelivered, Subject: Connection("c1", "2002"), Device: Number("2002"),
			Calling: Number("2001"), Called: Number("2002"), LastRedirection: notRequired,
			Local: csta.ConnectionAlerting, Cause: csta.CauseNewCall,
		}),
		event(csta.Message{
			Event: csta.EventEstablished, Subject: Connection("c1", "2002"), Device: Number("2002"),
			Calling: notKnown, Called: Number("2002"), LastRedirection: Number("2003"),
			Local: csta.ConnectionConnected, Cause: csta.CauseNewCall,
		}),
		event(csta.Message{
			Event: csta.EventDiverted, Subject: Connection("c1", "2002"), Device: Number("2002"),
			Calling: Number("2001"), Called: Number("2002"), Destination: Number("2003"),
			LastRedirection: notRequired, Local: csta.ConnectionNull,
			Cause: csta.CauseCallForwardNoAnswer,
		}),
		event(csta.Message{
			Event: csta.EventHeld, Subject: Connection("c1", "2001"), Device: Number("2001"),
			Local: csta.ConnectionHold, Cause: csta.CauseConsultation,
		}),
		event(csta.Message{
			Event: csta.EventQueued, Subject: Connection("c1", "5000"), Device: Number("5000"),
			Calling: Number("2001"), Called: Number("5000"), LastRedirection: notRequired,
			Local: csta.ConnectionQueued, Cause: csta.CauseEnteringDistribution,
		}),
	}
}

// endEvents are the call control events that join, leave and end calls.
func endEvents() []Case {
	notKnown := csta.DeviceID{Form: csta.DeviceNotKnown}
	notRequired := csta.DeviceID{Form: csta.DeviceNotRequired}
	return []Case{
		event(csta.Message{
			Event: csta.EventTransferred, Subject: Connection("c1", "2001"),
			Secondary: Connection("c2", "2001"), Device: Number("2001"),
			Destination: Number("2003"),
			Local:       csta.ConnectionNull, Cause: csta.CauseTransfer,
			Connections: []csta.ConnectionItem{
				{New: Connection("c3", "2002"), Old: Connection("c1", "2002"), Endpoint: Number("2002")},
				{New: Connection("c3", "2003"), Old: Connection("c2", "2003"), Endpoint: notKnown},
			},
		}),
		event(csta.Message{
			Event: csta.EventConferenced, Subject: Connection("c1", "2001"),
			Secondary: Connection("c2", "2001"), Device: Number("2001"),
			Destination: Number("2003"),
			Local:       csta.ConnectionConnected, Cause: csta.CauseConference,
			Connections: []csta.ConnectionItem{{New: Connection("c3", "2001"), Endpoint: Number("2001")}},
		}),
		event(csta.Message{
			Event: csta.EventConnectionCleared, Subject: Connection("c1", "2002"),
			Device: Number("2002"), Local: csta.ConnectionNull, Cause: csta.CauseNormalClearing,
		}),
		event(csta.Message{
			Event: csta.EventFailed, Subject: Connection("c1", "2001"), Device: Number("2001"),
			Calling: Number("2001"), Called: Number("2002"), LastRedirection: notRequired,
			Local: csta.ConnectionFail, Cause: csta.CauseBusy,
		}),
		event(csta.Message{
			Event: csta.EventNetworkReached, Subject: Connection("c1", "9001"),
			Device:  Number("9001"),
			Calling: Number("2001"), Called: csta.DeviceID{
				Form: csta.DeviceExplicitPublic, Type: 4, Number: []byte("5550100"),
			},
			LastRedirection: notRequired, Local: csta.ConnectionConnected,
			Cause: csta.CauseNewCall,
		}),
		event(csta.Message{
			Event: csta.EventCallCleared, Subject: Connection("c1", "2001"),
			Cause: csta.CauseNormalClearing,
		}),
	}
}

func otherEvents() []Case {
	return []Case{
		event(csta.Message{
			Event: csta.EventAgentLoggedOn, Device: Number("2001"), AgentID: []byte("300"),
			Group: Number("5000"), Agent: csta.AgentNotReady,
		}),
		event(csta.Message{
			Event: csta.EventAgentReady, Device: Number("2001"), AgentID: []byte("300"),
			Group: Number("5000"), Agent: csta.AgentReady,
		}),
		event(csta.Message{
			Event: csta.EventAgentWorkingAfterCall, Device: Number("2001"), AgentID: []byte("300"),
			Group: Number("5000"), Agent: csta.AgentWorkingAfterCall, Pending: csta.AgentNotReady,
		}),
		event(csta.Message{
			Event: csta.EventDoNotDisturb, Device: Number("2001"), On: csta.SwitchOn,
		}),
		event(csta.Message{
			Event: csta.EventForwarding, Device: Number("2001"), Forwarding: csta.ForwardBusy,
			On: csta.SwitchOn, ForwardTo: Number("2003"),
		}),
		event(csta.Message{
			Event: csta.EventMessageWaiting, Device: Number("2001"), Item: []byte("2001"),
			On: csta.SwitchOff,
		}),
		event(csta.Message{
			Event: csta.EventBackInService, Device: Number("2001"), Cause: csta.CauseNormal,
		}),
		event(csta.Message{
			Event: csta.EventOutOfService, Device: Number("2001"), Cause: csta.CauseMaintenance,
		}),
		event(csta.Message{Event: csta.EventLampMode, Device: Number("2001"), Item: []byte("7")}),
	}
}

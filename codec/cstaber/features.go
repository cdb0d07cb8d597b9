package cstaber

import (
	"haproxy/codec/ber"
	"haproxy/codec/csta"
)

// Features and agents of phases I and II. One operation sets all features of a device and one asks
// for them; the CHOICE in it says which service of phase III it is.
//
//	12 QueryDevice  30 { 8x device | 0A feature }
//	                result: 80 waiting BOOLEAN | 81 dnd BOOLEAN | A2 { forwards } | A4 device | 85 state
//	15 SetFeature   30 { 8x device | 80 waiting BOOLEAN | 81 dnd BOOLEAN | A2 { forward } | A3 { agent } }
//
// A forward is 0A type | [16 number]; the types come in pairs, on and off: always, busy, no answer.
// An answer of SetFeature is an acknowledgement that does not say which service it was.
//
// The requested agent state is A0 { [8x group] } logOn | A1 { [8x group] } logOff | 82 notReady
// | 83 ready | 84 workNotReady | 85 workReady, and a state is logOut 0, notReady 1, ready 2,
// workNotReady 3, workReady 4: both work states are workingAfterCall, with what is pending.
const (
	opQueryDevice = 12
	opSetFeature  = 15
)

const features12 = `
12 GetMessageWaitingIndicator 8x:device! 0A=00 / = 80:on!
12 GetDoNotDisturb 8x:device! 0A=01 / = 81:on!
12 GetForwarding 8x:device! 0A=02 / = A2:forwardParams
12 GetLogicalDeviceInformation 8x:device! 0A=04 / = A4=
12 GetAgentState 8x:device! 0A=05 / = 85:agentState
15 SetMessageWaitingIndicator 8x:device! 80:on!
15 SetDoNotDisturb 8x:device! 81:on!
15 SetForwarding 8x:device! A2:forwardParam
15 SetAgentState 8x:device! A3:agentParam
`

var features1 = standardGroup{
	services: features12 + `
3 CamponCall = A0:subject!
3 CallBack = A1:subject!
3 IntrudeCall = A2:subject!
`,
	events: `
1.1 CallInformation 6B:subject 63:device 61:calling 7D:private
1.2 DoNotDisturb 63:device! 01:on!
1.3 Forwarding 63:device! 30:forwardParam
1.4 MessageWaiting 63:device! 8x:itemDevice? 30:itemDevice? 01:on!
2.1 AgentLoggedOn 63:device! 8A:agentID 8x:group 8B:skip
2.2 AgentLoggedOff 63:device! 8A:agentID 8x:group
2.3 AgentNotReady 63:device! 8A:agentID
2.4 AgentReady 63:device! 8A:agentID
2.5 AgentWorkingAfterCall+agentNotReady 63:device! 8A:agentID
2.6 AgentWorkingAfterCall+agentReady 63:device! 8A:agentID
3.1 BackInService 8x:device! 0A:cause
3.2 OutOfService 8x:device! 0A:cause
`,
}

// features2: the tags of these events are from memory, in the order of the filter.
var features2 = standardGroup{
	services: features12 + `
3 CamponCall = A0:subject!
3 CallBack = A1:subject!
3 IntrudeCall = A2:subject!
`,
	events: `
1.0 CallInformation 6B:subject 63:device 61:calling
1.1 DoNotDisturb 63:device! 01:on!
1.2 Forwarding 63:device! 30:forwardParam
1.3 MessageWaiting 63:device! 8x:itemDevice? 30:itemDevice? 01:on!
1.4 AutoAnswer 63:device! 01:on!
1.5 MicrophoneMute 63:device! 01:on!
1.6 SpeakerMute 63:device! 01:on!
1.7 SpeakerVolume 63:device!
2.0 AgentLoggedOn 63:device! 8A:agentID 8x:group 8B:skip
2.1 AgentLoggedOff 63:device! 8A:agentID 8x:group
2.2 AgentNotReady 63:device! 8A:agentID
2.3 AgentReady 63:device! 8A:agentID
2.4 AgentWorkingAfterCall+agentNotReady 63:device! 8A:agentID
2.5 AgentWorkingAfterCall+agentReady 63:device! 8A:agentID
2.6 AgentBusy 63:device! 8A:agentID
3.0 BackInService 8x:device! 0A:cause
3.1 OutOfService 8x:device! 0A:cause
`,
}

// addFeatures makes the operations of several services tell them apart.
func (d *dialect) addFeatures() {
	if d.wrapped {
		return
	}
	queries := []*serviceEntry{
		d.services[csta.GetMessageWaitingIndicator], d.services[csta.GetDoNotDisturb],
		d.services[csta.GetForwarding], nil, d.services[csta.GetLogicalDeviceInformation],
		d.services[csta.GetAgentState],
	}
	features := []*serviceEntry{
		d.services[csta.SetMessageWaitingIndicator], d.services[csta.SetDoNotDisturb],
		d.services[csta.SetForwarding], d.services[csta.SetAgentState],
	}
	completions := []*serviceEntry{
		d.services[csta.CamponCall], d.services[csta.CallBack], d.services[csta.IntrudeCall],
	}
	d.operations[opQueryDevice] = &serviceEntry{choice: &operationChoice{
		find: func(argument ber.Cursor) *serviceEntry {
			e, found := second(argument)
			n, err := e.Int()
			if !found || err != nil {
				return nil
			}
			return pick(queries, n)
		},
		answer: func(result ber.Cursor) *serviceEntry { return byTag(queries, result) },
	}}
	d.operations[opSetFeature] = &serviceEntry{choice: &operationChoice{
		find: func(argument ber.Cursor) *serviceEntry {
			e, found := second(argument)
			if !found {
				return nil
			}
			return pick(features, int32(e.Tag&0x1F))
		},
		answer: func(ber.Cursor) *serviceEntry { return nil },
	}}
	d.operations[opCallCompletion] = &serviceEntry{choice: &operationChoice{
		find:   func(argument ber.Cursor) *serviceEntry { return byTag(completions, argument) },
		answer: func(ber.Cursor) *serviceEntry { return nil },
	}}
}

// opCallCompletion is A0 camp-on, A1 callback or A2 intrude, each around a connection.
const opCallCompletion = 3

// second returns the second element of the SEQUENCE of an argument.
func second(argument ber.Cursor) (e ber.Element, found bool) {
	if !argument.More() || argument.Next(&e) != nil || e.Tag != ber.Sequence {
		return e, false
	}
	c := e.Content()
	for range 2 {
		if !c.More() || c.Next(&e) != nil {
			return e, false
		}
	}
	return e, true
}

// byTag returns the service that the number of the first element's tag picks.
func byTag(entries []*serviceEntry, c ber.Cursor) *serviceEntry {
	var e ber.Element
	if !c.More() || c.Next(&e) != nil || e.Tag&^0x3F != 0x80 {
		return nil
	}
	return pick(entries, int32(e.Tag&0x1F))
}

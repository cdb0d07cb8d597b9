package main

import (
	"strings"

	"haproxy/codec/csta"
	"haproxy/perf/capture"
)

// messageFilter passes the messages that are about what it names; an empty name is anything.
type messageFilter struct {
	call, device, monitor string
	asked                 map[question]struct{} // requests that passed, whose answers are to pass
}

// question is what an answer belongs to.
type question struct {
	leg        *capture.Leg
	fromSwitch bool
	invoke     csta.InvokeID
}

const questionsMax = 1 << 16

func (f *messageFilter) begin() { f.asked = make(map[question]struct{}) }

// isSet reports whether the filter keeps anything out.
func (f *messageFilter) isSet() bool { return f.call != "" || f.device != "" || f.monitor != "" }

// passes reports whether a message is to be printed.
func (f *messageFilter) passes(m *capture.Message) bool {
	if !f.isSet() {
		return true
	}
	if m.Err != nil {
		return false
	}
	matches := (f.call == "" || hasCall(m.Body, f.call)) && (f.device == "" || hasDevice(m.Body, f.device)) &&
		(f.monitor == "" || idText(m.Body.CrossRef) == f.monitor)
	of := question{m.Leg, m.FromSwitch, m.Body.Invoke}
	switch m.Body.Kind {
	case csta.KindRequest:
		if matches && m.Body.Service.HasResponse() && len(f.asked) < questionsMax {
			f.asked[of] = struct{}{}
		}
	case csta.KindResponse, csta.KindError, csta.KindReject:
		of.fromSwitch = !of.fromSwitch
		_, asked := f.asked[of]
		delete(f.asked, of)
		return matches || asked
	case csta.KindEvent, csta.KindUnknown:
	}
	return matches
}

func hasCall(msg *csta.Message, call string) bool {
	if idText(msg.Subject.Call) == call || idText(msg.Secondary.Call) == call {
		return true
	}
	for i := range msg.Connections {
		if c := &msg.Connections[i]; idText(c.New.Call) == call || idText(c.Old.Call) == call {
			return true
		}
	}
	return false
}

func hasDevice(msg *csta.Message, number string) bool {
	for _, d := range [...]*csta.DeviceID{
		&msg.Subject.Device, &msg.Secondary.Device, &msg.Device, &msg.Calling, &msg.Called,
		&msg.LastRedirection, &msg.Destination, &msg.Group, &msg.ForwardTo,
	} {
		if isNumber(d.Number, number) {
			return true
		}
	}
	for i := range msg.Connections {
		c := &msg.Connections[i]
		if isNumber(c.New.Device.Number, number) || isNumber(c.Old.Device.Number, number) ||
			isNumber(c.Endpoint.Number, number) {
			return true
		}
	}
	return false
}

// isNumber reports whether a device has a number: as it is printed, or without what a switch writes around it, as in
// N<+15550100>Line;displayNumber=100 (ECMA-269, device identifiers).
func isNumber(device []byte, number string) bool {
	text := idText(device)
	if text == number {
		return true
	}
	if bare, rest, ok := strings.Cut(text, ">"); ok && strings.HasPrefix(bare, "N<") {
		_, shown, _ := strings.Cut(rest, "displayNumber=")
		shown, _, _ = strings.Cut(shown, ";")
		return bare[len("N<"):] == number || shown != "" && shown == number
	}
	return false
}

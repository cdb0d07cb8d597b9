package state

import (
	"strings"
	"testing"

	"haproxy/codec/csta"
)

// device reads a device: ~x is dynamic, pub:x implicitPublic, else a dialling number; - is unknown.
func device(text string) csta.DeviceID {
	form := csta.DeviceDialingNumber
	switch {
	case text == "-":
		return csta.DeviceID{Form: csta.DeviceNotKnown}
	case strings.HasPrefix(text, "~"):
		form, text = csta.DeviceDynamic, text[1:]
	case strings.HasPrefix(text, "pub:"):
		form, text = csta.DeviceImplicitPublic, text[4:]
	case strings.HasPrefix(text, "absent:"):
		form, text = csta.DeviceAbsent, text[7:]
	}
	return csta.DeviceID{Form: form, Number: []byte(text)}
}

// connection reads call/device.
func connection(text string) csta.ConnectionID {
	call, dev, found := strings.Cut(text, "/")
	id := csta.ConnectionID{Call: csta.CallID(call)}
	if found {
		id.Device = device(dev)
	}
	return id
}

// events reads names of events with commas; "all" is every event.
func events(t *testing.T, text string) csta.EventSet {
	t.Helper()
	var set csta.EventSet
	for _, w := range strings.Split(text, ",") {
		found := w == ""
		for e := csta.EventUnknown; e < csta.EventCount; e++ {
			if e.String() == w || w == "all" {
				set.Add(e)
				found = true
			}
		}
		if !found {
			t.Fatalf("no event %q", w)
		}
	}
	return set
}

// named returns the value whose name is text, from 0 up.
func named[T interface {
	~uint8
	String() string
}](t *testing.T, text string,
) T {
	t.Helper()
	for i := range 255 {
		if v := T(i); v.String() == text {
			return v
		}
	}
	t.Fatalf("no value %q", text)
	return 0
}

// message reads a name (of an event, else of a service) and its fields.
func message(t *testing.T, words []string) *csta.Message {
	t.Helper()
	msg := &csta.Message{}
	for e := csta.EventUnknown; e < csta.EventCount; e++ {
		if e.String() == words[0] {
			msg.Kind, msg.Event = csta.KindEvent, e
		}
	}
	if msg.Kind == csta.KindUnknown {
		msg.Kind, msg.Service = csta.KindRequest, named[csta.Service](t, words[0])
	}
	var dev, conn string
	for _, w := range words[1:] {
		k, v, _ := strings.Cut(w, "=")
		switch k {
		case "device":
			dev = v
		case "conn":
			conn = v
		case "call":
			msg.Subject.Call = csta.CallID(v)
		default:
			field(t, msg, k, v)
		}
	}
	if dev != "" {
		msg.Device = device(dev)
		msg.Subject.Device = msg.Device
	}
	if conn != "" {
		msg.Subject.Device = device(conn)
	}
	if msg.Kind == csta.KindEvent {
		msg.Agent = rules[msg.Event].agent
	}
	return msg
}

// field reads one of the further fields.
func field(t *testing.T, msg *csta.Message, k, v string) {
	t.Helper()
	switch k {
	case "second":
		msg.Secondary.Call = csta.CallID(v)
	case "calling":
		msg.Calling = device(v)
	case "called":
		msg.Called = device(v)
	case "to":
		msg.Destination = device(v)
	case "local":
		msg.Local = named[csta.ConnectionState](t, v)
	case "cause":
		msg.Cause = named[csta.Cause](t, v)
	case "agent":
		msg.AgentID = []byte(v)
	case "group":
		msg.Group = device(v)
	case "item":
		msg.Item = []byte(v)
	case "on":
		msg.On = csta.SwitchOf(v == "yes")
	case "forward":
		msg.Forwarding = named[csta.ForwardingType](t, v)
	case "forwardto":
		msg.ForwardTo = device(v)
	case "list":
		for _, text := range strings.Split(v, ",") {
			msg.Connections = append(msg.Connections, listItem(t, text))
		}
	case "agents":
		for _, text := range strings.Split(v, ",") {
			f := strings.Split(text, "/")
			msg.Agents = append(msg.Agents, csta.AgentItem{
				AgentID: []byte(f[0]), Group: device(f[1]),
				LoggedOn: csta.SwitchOf(f[2] == "on"), State: named[csta.AgentState](t, f[3]),
			})
		}
	case "forwards":
		for _, text := range strings.Split(v, ",") {
			f := strings.Split(text, "/")
			msg.Forwards = append(msg.Forwards, csta.ForwardItem{
				Type: named[csta.ForwardingType](t, f[0]), On: csta.SwitchOf(f[1] == "on"),
				To: device(f[2]),
			})
		}
	case "ref":
		msg.ServiceRef = []byte(v)
	case "last":
		msg.LastSegment = true
	case "size":
	default:
		t.Fatalf("no field %q", k)
	}
}

// listItem reads new[<old][@endpoint][:state[+far…]].
func listItem(t *testing.T, text string) csta.ConnectionItem {
	t.Helper()
	var item csta.ConnectionItem
	text, states, _ := strings.Cut(text, ":")
	text, endpoint, _ := strings.Cut(text, "@")
	text, old, _ := strings.Cut(text, "<")
	item.New = connection(text)
	if old != "" {
		item.Old = connection(old)
	}
	if endpoint != "" {
		item.Endpoint = device(endpoint)
	}
	for i, s := range strings.Split(states, "+") {
		switch {
		case s == "":
		case i == 0:
			item.State = named[csta.ConnectionState](t, s)
		default:
			item.Far = append(item.Far, named[csta.ConnectionState](t, s))
		}
	}
	return item
}

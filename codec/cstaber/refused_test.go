package cstaber_test

import (
	"errors"
	"testing"

	"haproxy/codec"
	"haproxy/codec/codectest"
	"haproxy/codec/csta"
	"haproxy/codec/cstaber"
	"haproxy/codec/frame"
)

// TestReadAsAnother: an element that would be read as an optional one before it, which the message does
// not have, has no form; beside that one it has.
func TestReadAsAnother(t *testing.T) {
	request := func(s csta.Service) csta.Message {
		return csta.Message{Kind: csta.KindRequest, Service: s, Invoke: 5}
	}
	escape := func(private string) csta.Message {
		m := request(csta.Escape)
		m.Private = octets(private)
		return m
	}
	registered := func(private string) csta.Message {
		m := escape(private)
		m.Register = csta.RegisterID("r1")
		return m
	}
	group := request(csta.GroupPickupCall)
	group.Group = codectest.Number("3000")
	both := group
	both.Destination = codectest.Number("2001")
	path := request(csta.StartDataPath)
	path.Item = []byte("x")
	on := path
	on.Device = codectest.Number("2001")
	for name, tc := range map[string]struct {
		msg  csta.Message
		none bool
	}{
		"private data as a registration":          {escape("a0 04 04 02 72 31"), true},
		"private data in the registration's tag":  {escape("a0 02 05 00"), true},
		"private data behind the registration":    {registered("a0 04 04 02 72 31"), false},
		"private data in a sequence":              {escape("30 02 05 00"), false},
		"two elements of private data":            {registered("04 01 61 04 01 62"), true},
		"private data of a tag that is not read":  {escape("9f 1f 01 00"), true},
		"half an element of private data":         {escape("04 05 61"), true},
		"a group as the device to pick up from":   {group, true},
		"a group beside the device":               {both, false},
		"a path's item as its registration":       {path, true},
		"a path's item behind the path's device":  {on, false},
		"private data in octets, without another": {escape("04 01 61"), false},
	} {
		c := cstaber.New(cstaber.Phase3, frame.BER)
		frm, err := c.Append(nil, &tc.msg)
		if tc.none != errors.Is(err, codec.ErrUnsupported) || !tc.none && err != nil {
			t.Errorf("%s: %x, %v", name, frm, err)
		}
		if tc.none {
			continue
		}
		var got csta.Message
		if err := c.Decode(&got, frm); err != nil || codectest.Diff(&got, &tc.msg) != "" {
			t.Errorf("%s: %v%s", name, err, codectest.Diff(&got, &tc.msg))
		}
	}
}

// TestHalf: what has to be there and is not, or is not as it can stand there, is not left out.
func TestHalf(t *testing.T) {
	agent := csta.Message{Kind: csta.KindRequest, Service: csta.SetAgentState, Device: codectest.Number("2001")}
	zeros := csta.Message{Kind: csta.KindRequest, Service: csta.AnswerCall, Subject: csta.ConnectionID{
		Call: []byte("c1"), Device: csta.DeviceID{Form: csta.DeviceNumber, Number: []byte("007")},
	}}
	half := csta.Message{
		Kind: csta.KindEvent, Event: csta.EventDoNotDisturb, CrossRef: ref5, Device: codectest.Number("2001"),
		On: csta.SwitchOn, Private: octets("04 05 61"),
	}
	for name, phase := range phases {
		c := cstaber.New(phase, frame.BER)
		for _, msg := range []csta.Message{agent, zeros, half} {
			if msg.Private != nil && phase == cstaber.Phase1 {
				continue // its event has none
			}
			if frm, err := c.Append(nil, &msg); !errors.Is(err, codec.ErrUnsupported) {
				t.Errorf("%s %v %v: %x, %v", name, msg.Service, msg.Event, frm, err)
			}
		}
	}
}

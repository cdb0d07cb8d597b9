package cstaber_test

import (
	"bytes"
	"errors"
	"testing"

	"haproxy/codec"
	"haproxy/codec/codectest"
	"haproxy/codec/csta"
	"haproxy/codec/cstaber"
	"haproxy/codec/frame"
)

// drawn are messages of services and events that the table has not, drawn from the modules by hand. What is written of
// one may be less: what no field holds is left out.
var drawn = []struct {
	name, pdu string
	msg       csta.Message
}{
	{"GetRegistrations", "a1 0d 02 01 09 02 02 01 73 30 04 30 02 80 00", csta.Message{
		Kind: csta.KindRequest, Service: csta.GetRegistrations,
	}},
	{"GetRegistrations answer", "a2 0e 02 01 09 30 09 02 02 01 73 30 03 04 01 38", csta.Message{
		Kind: csta.KindResponse, Service: csta.GetRegistrations, ServiceRef: csta.ServiceCrossRefID("8"),
	}},
	{"RegistrationInfo", "a1 14 02 01 09 02 02 01 74 30 0b 04 01 38 02 01 01 01 01 ff 30 00", csta.Message{
		Kind: csta.KindRequest, Service: csta.RegistrationInfo, ServiceRef: csta.ServiceCrossRefID("8"), LastSegment: true,
	}},
	{"MonitorInfo", "a1 14 02 01 09 02 02 01 76 30 0b 04 01 38 02 01 01 01 01 00 30 00", csta.Message{
		Kind: csta.KindRequest, Service: csta.MonitorInfo, ServiceRef: csta.ServiceCrossRefID("8"),
	}},
	{"MakeConnection", "a1 11 02 01 09 02 02 01 77 30 08 30 06 80 04 32 30 30 31", csta.Message{
		Kind: csta.KindRequest, Service: csta.MakeConnection, Device: codectest.Number("2001"),
	}},
	{"MakeConnection answer", "a2 10 02 01 09 30 0b 02 02 01 77 30 05 6b 03 80 01 31", csta.Message{
		Kind: csta.KindResponse, Service: csta.MakeConnection, Subject: csta.ConnectionID{Call: csta.CallID("1")},
	}},
	{"SendMessage", "a1 0b 02 01 09 02 02 01 78 30 02 30 00", csta.Message{
		Kind: csta.KindRequest, Service: csta.SendMessage,
	}},
	{"ChangeConnectionInformation", "a1 10 02 01 09 02 02 01 79 30 07 6b 03 80 01 31 30 00", csta.Message{
		Kind: csta.KindRequest, Service: csta.ChangeConnectionInformation,
		Subject: csta.ConnectionID{Call: csta.CallID("1")},
	}},
	{"GetCallBack", "a1 11 02 01 09 02 02 01 7a 30 08 30 06 80 04 32 30 30 31", csta.Message{
		Kind: csta.KindRequest, Service: csta.GetCallBack, Device: codectest.Number("2001"),
	}},
	{"GetLocationTrackingSessions answer", "a2 0e 02 01 09 30 09 02 02 02 1c 30 03 04 01 38", csta.Message{
		Kind: csta.KindResponse, Service: csta.GetLocationTrackingSessions, ServiceRef: csta.ServiceCrossRefID("8"),
	}},
	{"LocationSessionInfo", "a1 11 02 01 09 02 02 02 1d 30 08 04 01 38 01 01 ff 30 00", csta.Message{
		Kind: csta.KindRequest, Service: csta.LocationSessionInfo, ServiceRef: csta.ServiceCrossRefID("8"),
		LastSegment: true,
	}},
	{"StopDataPath", "a1 10 02 01 09 02 01 6f 30 08 a1 03 04 01 38 04 01 37", csta.Message{
		Kind: csta.KindRequest, Service: csta.StopDataPath, ServiceRef: csta.ServiceCrossRefID("8"),
		Register: csta.RegisterID("7"),
	}},
	{"SuspendDataPath", "a1 10 02 01 09 02 01 73 30 08 a1 03 04 01 38 04 01 37", csta.Message{
		Kind: csta.KindRequest, Service: csta.SuspendDataPath, ServiceRef: csta.ServiceCrossRefID("8"),
		Register: csta.RegisterID("7"),
	}},
	{"DataPathSuspended", "a1 10 02 01 09 02 01 74 30 08 a1 03 04 01 38 04 01 37", csta.Message{
		Kind: csta.KindRequest, Service: csta.DataPathSuspended, ServiceRef: csta.ServiceCrossRefID("8"),
		Register: csta.RegisterID("7"),
	}},
	{"ResumeDataPath", "a1 10 02 01 09 02 01 75 30 08 a1 03 04 01 38 04 01 37", csta.Message{
		Kind: csta.KindRequest, Service: csta.ResumeDataPath, ServiceRef: csta.ServiceCrossRefID("8"),
		Register: csta.RegisterID("7"),
	}},
	{"DataPathResumed", "a1 10 02 01 09 02 01 76 30 08 a1 03 04 01 38 04 01 37", csta.Message{
		Kind: csta.KindRequest, Service: csta.DataPathResumed, ServiceRef: csta.ServiceCrossRefID("8"),
		Register: csta.RegisterID("7"),
	}},
	{"SendData", "a1 15 02 01 09 02 01 70 30 0d a0 03 04 01 38 80 01 37 30 00 04 01 78", csta.Message{
		Kind: csta.KindRequest, Service: csta.SendData, ServiceRef: csta.ServiceCrossRefID("8"),
		Register: csta.RegisterID("7"),
	}},
	{"SnapshotDevice answer, its own state none of ours", "a2 1d 02 01 09 30 18 02 01 4a 30 13 76 11 30 0f 6b 03 80 01 31 " +
		"a0 06 4e 01 07 4e 01 03 a0 00", csta.Message{
		Kind: csta.KindResponse, Service: csta.SnapshotDevice, Connections: []csta.ConnectionItem{{
			New: csta.ConnectionID{Call: csta.CallID("1")}, Far: []csta.ConnectionState{csta.ConnectionConnected},
		}},
	}},
	{"CallerIDStatus", "a1 18 02 01 09 02 01 15 30 10 55 01 35 a4 0b aa 09 30 04 80 02 32 30 01 01 ff", callerID},
	{"CallerIDStatus, its device a subject", "a1 1a 02 01 09 02 01 15 30 12 55 01 35 a4 0d aa 0b 63 06 30 04 80 02 32 30 01 01 ff", callerID},
	{"PresenceState", "a1 1b 02 01 09 02 01 15 30 13 55 01 35 a4 0e ae 0c 63 06 30 04 80 02 32 30 03 02 07 80", csta.Message{
		Kind: csta.KindEvent, Event: csta.EventPresenceState, CrossRef: csta.CrossRefID("5"),
		Device: codectest.Number("20"),
	}},
}

var callerID = csta.Message{
	Kind: csta.KindEvent, Event: csta.EventCallerIDStatus, CrossRef: csta.CrossRefID("5"),
	Device: codectest.Number("20"), On: csta.SwitchOn,
}

// TestDrawn: what the modules draw is read, and read again as it was written, where the proxy writes it.
func TestDrawn(t *testing.T) {
	c := cstaber.New(cstaber.Phase3, frame.BER)
	for _, o := range drawn {
		var got csta.Message
		o.msg.Invoke = 9
		if err := c.Decode(&got, octets(o.pdu)); err != nil {
			t.Errorf("%s: %v", o.name, err)
			continue
		}
		if diff := codectest.Diff(&got, &o.msg); diff != "" {
			t.Errorf("%s:%s", o.name, diff)
		}
		registered(t, c, &o.msg, octets(o.pdu))
		frm, err := c.Append(nil, &o.msg)
		if o.msg.Service == csta.SendMessage && errors.Is(err, codec.ErrUnsupported) {
			continue // known by its name alone
		}
		if len(o.msg.Connections) > 0 && err == nil {
			continue // it is written as unknown, without those of others
		}
		if err != nil {
			t.Errorf("%s: %v", o.name, err)
			continue
		}
		if err := c.Decode(&got, frm); err != nil || codectest.Diff(&got, &o.msg) != "" {
			t.Errorf("%s is written % x: %v%s", o.name, frm, err, codectest.Diff(&got, &o.msg))
		}
	}
}

// registered checks that the registration of a frame, where it has one, is found where it stands.
func registered(t *testing.T, c *cstaber.Codec, m *csta.Message, frm []byte) {
	t.Helper()
	if len(m.Register) == 0 {
		return
	}
	other, err := c.SetRegister(nil, frm, csta.RegisterID("another"))
	if err != nil {
		t.Errorf("%v: %v", m.Service, err)
		return
	}
	back, err := c.SetRegister(nil, other, m.Register)
	if err != nil || !bytes.Equal(back, frm) {
		t.Errorf("%v: %x, %v", m.Service, back, err)
	}
}

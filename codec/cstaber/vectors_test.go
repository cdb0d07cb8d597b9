package cstaber_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"

	"haproxy/codec"
	"haproxy/codec/codectest"
	"haproxy/codec/csta"
	"haproxy/codec/cstaber"
	"haproxy/codec/frame"
)

// vectors are PDUs that independent encoders wrote byte for byte as ours does; the numbers in them
// are invented.
var vectors = []struct {
	name  string
	phase cstaber.Phase
	pdu   string
	msg   csta.Message
}{
	{"MonitorStart", cstaber.Phase3, "a113020101020147300b30068004323030310a0101", csta.Message{
		Kind: csta.KindRequest, Invoke: 1, Service: csta.MonitorStart,
		Device: codectest.Number("2001"), MonitorType: csta.MonitorTypeDevice,
	}},
	{"MonitorStart answer", cstaber.Phase3, "a210020101300b0201473006550400000005", csta.Message{
		Kind: csta.KindResponse, Invoke: 1, Service: csta.MonitorStart, CrossRef: ref5,
	}},
	{"error", cstaber.Phase3, "a30b020101020101a0030a010c", csta.Message{
		Kind: csta.KindError, Invoke: 1, Error: csta.ErrorCode{Category: csta.ErrorOperation, Value: 12},
	}},
	{"Delivered", cstaber.Phase3, "a14d020201010201153044550400000005a03ca43a6b10300e80021234a10830068004" +
		"323030316308300680043230303161083006800432303032620830068004323030316402" +
		"88004e01020a0116", deliveredMessage(ref5)},
	{"SystemStatus", cstaber.Phase3, "a10c020103020200d330030a0102", csta.Message{
		Kind: csta.KindRequest, Invoke: 3, Service: csta.SystemStatus, Status: csta.StatusNormal,
	}},
	{"SystemStatus answer", cstaber.Phase3, "a20b0201033006020200d30500", csta.Message{
		Kind: csta.KindResponse, Invoke: 3, Service: csta.SystemStatus,
	}},
	{"MakeCall", cstaber.Phase3, "a11b02010402010a301330068004323030313009800735353531323334", csta.Message{
		Kind: csta.KindRequest, Invoke: 4, Service: csta.MakeCall, Device: codectest.Number("2001"),
		Calling: codectest.Number("2001"), Called: codectest.Number("5551234"),
	}},
	{"MonitorStart", cstaber.Phase1, "a10e0201010201473006800432303031", csta.Message{
		Kind: csta.KindRequest, Invoke: 1, Service: csta.MonitorStart, Device: codectest.Number("2001"),
	}},
	{"MonitorStart answer", cstaber.Phase1, "a20e0201013009020147300455020005", csta.Message{
		Kind: csta.KindResponse, Invoke: 1, Service: csta.MonitorStart, CrossRef: csta.CrossRefID{0, 5},
	}},
	{
		"Delivered", cstaber.Phase1, "a14002020101020115303755020005800104302e6b0a820212348004323030316306800432" +
			"3030316106800432303032620680043230303164028800" + "4e01020a0116",
		deliveredMessage(csta.CrossRefID{0, 5}),
	},
	{"error", cstaber.Phase1, "a30902010102010181010c", csta.Message{
		Kind: csta.KindError, Invoke: 1, Error: csta.ErrorCode{Category: csta.ErrorOperation, Value: 12},
	}},
	{"SystemStatus", cstaber.Phase1, "a1090201030201340a0102", csta.Message{
		Kind: csta.KindRequest, Invoke: 3, Service: csta.SystemStatus, Status: csta.StatusNormal,
	}},
	{"MonitorStop", cstaber.Phase2, "a10c0201010201495504" + "00000005", csta.Message{
		Kind: csta.KindRequest, Invoke: 1, Service: csta.MonitorStop, CrossRef: ref5,
	}},
	{"MonitorStop answer", cstaber.Phase2, "a20a02010130050201490500", csta.Message{
		Kind: csta.KindResponse, Invoke: 1, Service: csta.MonitorStop,
	}},
	{"SnapshotDevice", cstaber.Phase2, "a10d02010302014a800532393939" + "39", csta.Message{
		Kind: csta.KindRequest, Invoke: 3, Service: csta.SnapshotDevice, Device: codectest.Number("29999"),
	}},
	{"SystemStatus answer", cstaber.Phase2, "a20b02022bff30050201340500", csta.Message{
		Kind: csta.KindResponse, Invoke: 0x2bff, Service: csta.SystemStatus,
	}},
	{"reject without an invoke ID", cstaber.Phase2, "a4050500800100", csta.Message{
		Kind: csta.KindReject, Problem: csta.Problem{Kind: csta.ProblemGeneral},
	}},
	{"reject", cstaber.Phase1, "a406020103810101", csta.Message{
		Kind: csta.KindReject, Invoke: 3, Problem: csta.Problem{Kind: csta.ProblemInvoke, Value: 1},
	}},
	{"result without a sequence", cstaber.Phase3, "a203020103", csta.Message{
		Kind: csta.KindResponse, Invoke: 3,
	}},
}

var ref5 = csta.CrossRefID{0, 0, 0, 5}

func deliveredMessage(ref csta.CrossRefID) csta.Message {
	number := codectest.Number
	return csta.Message{
		Kind: csta.KindEvent, Invoke: 257, Event: csta.EventDelivered, CrossRef: ref,
		Subject: csta.ConnectionID{Call: csta.CallID{0x12, 0x34}, Device: number("2001")},
		Device:  number("2001"), Calling: number("2002"), Called: number("2001"),
		LastRedirection: csta.DeviceID{Form: csta.DeviceNotRequired},
		Local:           csta.ConnectionAlerting, Cause: csta.CauseNewCall,
	}
}

func TestVectors(t *testing.T) {
	for _, v := range vectors {
		want, err := hex.DecodeString(v.pdu)
		if err != nil {
			t.Fatal(v.name, err)
		}
		c := cstaber.New(v.phase, frame.BER)
		got, err := c.Append(nil, &v.msg)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("phase %d %s: %v\n got  %x\n want %x", v.phase, v.name, err, got, want)
		}
		var msg csta.Message
		if err := c.Decode(&msg, want); err != nil {
			t.Errorf("phase %d %s: %v", v.phase, v.name, err)
		} else if diff := codectest.Diff(&msg, &v.msg); diff != "" || msg.Invoke != v.msg.Invoke {
			t.Errorf("phase %d %s: invoke %d%s", v.phase, v.name, msg.Invoke, diff)
		}
	}
}

// TestNotInPhase3: what the vocabulary has and the module has not is written as what comes closest, or
// not at all.
func TestNotInPhase3(t *testing.T) {
	held := csta.Message{
		Kind: csta.KindEvent, Event: csta.EventHeld, CrossRef: ref5, Subject: codectest.Connection("c1", "2001"),
		Cause: csta.CauseVoiceUnitInitiator,
	}
	back := csta.Message{
		Kind: csta.KindEvent, Event: csta.EventBackInService, CrossRef: ref5, Device: codectest.Number("2001"),
		Cause: csta.CauseVoiceUnitInitiator,
	}
	security := csta.Message{Kind: csta.KindError, Invoke: 3, Error: csta.ErrorCode{
		Category: csta.ErrorSecurity, Value: csta.ErrorValueUnknown,
	}}
	c := cstaber.New(cstaber.Phase3, frame.BER)
	for _, tc := range []struct {
		msg   csta.Message
		cause csta.Cause
		value uint16
	}{
		{held, csta.CauseNormal, 0}, {back, csta.CauseNone, 0}, {security, csta.CauseNone, 0},
	} {
		frm, err := c.Append(nil, &tc.msg)
		if err != nil {
			t.Fatal(err)
		}
		var got csta.Message
		if err := c.Decode(&got, frm); err != nil || got.Cause != tc.cause || got.Error.Value != tc.value {
			t.Errorf("%x: %v, cause %v, value %d", frm, err, got.Cause, got.Error.Value)
		}
	}
	nowhere := csta.Message{Kind: csta.KindRequest, Service: csta.RouteSelect, ServiceRef: csta.ServiceCrossRefID("1")}
	if frm, err := c.Append(nil, &nowhere); !errors.Is(err, codec.ErrUnsupported) {
		t.Errorf("%x, %v", frm, err)
	}
}

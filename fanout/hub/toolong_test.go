package hub

import (
	"testing"

	"haproxy/codec/ber"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
)

// TestTooLongWithItsInvokeID: a frame that fills its 16-bit length leaves no room for a longer invoke
// ID. Nothing is cut short: who asked gets an error, at once.
func TestTooLongWithItsInvokeID(t *testing.T) {
	for i := range speeches[1:] {
		t.Run(speeches[i+1].name, func(t *testing.T) { tooLongWithItsInvokeID(t, &speeches[i+1]) })
	}
}

func tooLongWithItsInvokeID(t *testing.T, in *speech) {
	t.Helper()
	const longest = 0xFFFF
	cfg := testConfig()
	b := newBedIn(t, &cfg, in)
	hold := csta.Message{
		Kind: csta.KindRequest, Service: csta.HoldCall, Invoke: 7,
		Subject: csta.ConnectionID{Call: []byte("c1"), Device: dialled("2001")},
	}
	held := csta.Message{Kind: csta.KindResponse, Service: csta.HoldCall}
	for held.Invoke < 0x80 { // the first that takes two octets
		held.Invoke = b.ask(&hold)
		b.fromLink(&held)
	}

	full := b.full(&hold, longest)
	b.hub.FromLeg(b.now, primaryLeg, full)
	b.wantError(primaryLeg, 7)
	if b.hub.slots.busy != 0 {
		t.Errorf("%d slots are busy", b.hub.slots.busy)
	}

	hold.Invoke = 70_000
	held.Invoke = b.ask(&hold)
	b.hub.FromLink(b.now, b.full(&held, longest))
	b.wantError(primaryLeg, 70_000)

	request := csta.Message{Kind: csta.KindRequest, Service: csta.SystemStatus, Invoke: 9, Status: csta.StatusNormal}
	b.hub.FromLeg(b.now, primaryLeg, b.make(&request)) // the leg lives
	if outs := b.hub.Outputs(); len(outs) != 1 || outs[0].Leg != primaryLeg || outs[0].Close != CloseNone {
		t.Errorf("%+v", outs)
	}
}

// full makes the frame of a message with an element behind the argument or result that no phase knows, as
// long as the framing allows.
func (b *bed) full(msg *csta.Message, longest int) []byte {
	b.tb.Helper()
	const header = 4 // of both the PDU and the element
	var pdu ber.Element
	c := ber.Read(b.make(msg), frame.Length16.HeaderLen())
	if err := c.Next(&pdu); err != nil {
		b.tb.Fatal(err)
	}
	more := make([]byte, longest-2*header-len(pdu.Bytes()))
	content := ber.AppendBytes(append([]byte(nil), pdu.Bytes()...), 0x85, more)
	frm := ber.AppendBytes(frame.Length16.Begin(nil), pdu.Tag, content)
	if err := frame.Length16.Finish(frm, 0); err != nil || len(frame.Length16.PDU(frm)) != longest {
		b.tb.Fatalf("%d bytes: %v", len(frm), err)
	}
	return frm
}

// wantError checks that a leg got an error under its invoke ID, and that nothing else came of the step.
func (b *bed) wantError(leg LegID, id csta.InvokeID) {
	b.tb.Helper()
	defer b.drain()
	outs := b.hub.Outputs()
	if len(outs) != 1 || outs[0].Leg != leg || outs[0].Close != CloseNone {
		b.tb.Fatalf("%d outputs", len(outs))
	}
	var msg csta.Message
	if err := b.codec.Decode(&msg, outs[0].Runs[0]); err != nil {
		b.tb.Fatal(err)
	}
	if msg.Kind != csta.KindError || msg.Invoke != id || msg.Error != csta.ErrGeneric {
		b.tb.Errorf("%s", drawMessage(&msg))
	}
}

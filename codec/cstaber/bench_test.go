package cstaber_test

import (
	"encoding/hex"
	"testing"

	"haproxy/codec/codectest"
	"haproxy/codec/csta"
	"haproxy/codec/cstaber"
	"haproxy/codec/frame"
)

// delivered is an event of about 120 bytes: with private data, as switches send it.
func delivered(tb testing.TB, phase cstaber.Phase) (*cstaber.Codec, []byte) {
	tb.Helper()
	c := cstaber.New(phase, frame.Length16)
	private, _ := hex.DecodeString("a10e040c" + "48656c6c6f20776f726c6421")
	if phase == cstaber.Phase1 {
		private, _ = hex.DecodeString("06022b0c040c48656c6c6f20776f726c6421")
	}
	frm, err := c.Append(nil, &csta.Message{
		Kind: csta.KindEvent, Event: csta.EventDelivered, Invoke: 4711,
		CrossRef: csta.CrossRefID("4711"), Subject: codectest.Connection("call", "20021"),
		Device: codectest.Number("20021"), Calling: codectest.Number("20015550101"),
		Called: codectest.Number("20021"), LastRedirection: codectest.Number("20031"),
		Local: csta.ConnectionAlerting, Cause: csta.CauseNewCall, Private: private,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return c, frm
}

func BenchmarkDecodeEvent(b *testing.B) {
	for name, phase := range phases {
		b.Run(name, func(b *testing.B) {
			c, frm := delivered(b, phase)
			var msg csta.Message
			b.SetBytes(int64(len(frm)))
			b.ReportAllocs()
			for b.Loop() {
				if err := c.Decode(&msg, frm); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppendEvent(b *testing.B) {
	c, frm := delivered(b, cstaber.Phase3)
	var msg csta.Message
	if err := c.Decode(&msg, frm); err != nil {
		b.Fatal(err)
	}
	dst := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Append(dst, &msg); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSetInvokeID(b *testing.B) {
	c, frm := delivered(b, cstaber.Phase3)
	dst := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.SetInvokeID(dst, frm, 99); err != nil {
			b.Fatal(err)
		}
	}
}

// TestNoAllocations: nothing on the path of a message takes memory, once the message and the buffer
// have theirs.
func TestNoAllocations(t *testing.T) {
	for name, phase := range phases {
		t.Run(name, func(t *testing.T) {
			c := cstaber.New(phase, frame.Length16)
			dst := make([]byte, 0, 4096)
			var msg csta.Message
			for _, tc := range codectest.Messages() {
				frm, err := c.Append(nil, &tc.Message)
				if err != nil {
					continue
				}
				c.Decode(&msg, frm)
				crossRef := msg.CrossRef != nil
				allocs := testing.AllocsPerRun(20, func() {
					c.Decode(&msg, frm)
					c.Append(dst, &tc.Message)
					c.SetInvokeID(dst, frm, 300)
					if crossRef {
						c.SetCrossRef(dst, frm, msg.CrossRef)
					}
				})
				far := 0.0 // a compound state of more than three is a list of its own
				for _, item := range msg.Connections {
					if len(item.Far) > 2 {
						far++
					}
				}
				if allocs > far {
					t.Errorf("%s: %v allocations", tc.Name, allocs)
				}
			}
		})
	}
}

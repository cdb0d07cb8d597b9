package cstaber_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"haproxy/codec/codectest"
	"haproxy/codec/csta"
	"haproxy/codec/cstaber"
	"haproxy/codec/frame"
)

// seed gives a fuzz target every message of the table in every phase.
func seed(f *testing.F) {
	f.Helper()
	for _, phase := range phases {
		c := cstaber.New(phase, frame.BER)
		for _, tc := range codectest.Messages() {
			if frm, err := c.Append(nil, &tc.Message); err == nil {
				f.Add(frm)
			}
		}
	}
}

func fuzzDecode(f *testing.F, phase cstaber.Phase) {
	f.Helper()
	seed(f)
	c := cstaber.New(phase, frame.BER)
	var msg csta.Message
	f.Fuzz(func(t *testing.T, frm []byte) {
		err := c.Decode(&msg, frm)
		if err == nil && msg.Kind == csta.KindUnknown ||
			err != nil && msg.Kind != csta.KindUnknown && (msg.Kind != csta.KindRequest || msg.Service != csta.ServiceUnknown) {
			t.Fatalf("%v, but kind %d", err, msg.Kind)
		}
		for i := range msg.Connections {
			_ = msg.Connections[i].Far
		}
	})
}

func FuzzDecode1(f *testing.F) { fuzzDecode(f, cstaber.Phase1) }
func FuzzDecode2(f *testing.F) { fuzzDecode(f, cstaber.Phase2) }
func FuzzDecode3(f *testing.F) { fuzzDecode(f, cstaber.Phase3) }

// FuzzRoundTrip: what was written is read as the same message and written as the same bytes. The
// first writing may add what a phase makes mandatory, so it is the second that counts.
func FuzzRoundTrip(f *testing.F) {
	seed(f)
	var codecs []*cstaber.Codec
	for _, phase := range []cstaber.Phase{cstaber.Phase1, cstaber.Phase2, cstaber.Phase3} {
		codecs = append(codecs, cstaber.New(phase, frame.BER))
	}
	f.Fuzz(func(t *testing.T, frm []byte) {
		for _, c := range codecs {
			var given, first, second csta.Message
			if c.Decode(&given, frm) != nil {
				continue
			}
			once, err := c.Append(nil, &given)
			if err != nil {
				continue
			}
			if err = c.Decode(&first, once); err != nil {
				t.Fatalf("%x is written as %x: %v", frm, once, err)
			}
			twice, err := c.Append(nil, &first)
			if err != nil || !bytes.Equal(once, twice) {
				t.Fatalf("%v\n%x\n%x", err, once, twice)
			}
			if err := c.Decode(&second, twice); err != nil {
				t.Fatal(err)
			}
			if diff := codectest.Diff(&second, &first); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}

// FuzzRewrite: another invoke ID or cross reference changes nothing else of a message.
func FuzzRewrite(f *testing.F) {
	seed(f)
	var codecs []*cstaber.Codec
	for _, phase := range []cstaber.Phase{cstaber.Phase1, cstaber.Phase2, cstaber.Phase3} {
		codecs = append(codecs, cstaber.New(phase, frame.BER))
	}
	f.Fuzz(func(t *testing.T, frm []byte) {
		for _, c := range codecs {
			var msg, other csta.Message
			if c.Decode(&msg, frm) != nil {
				continue
			}
			for _, id := range []csta.InvokeID{0, 127, 128, 32767, -1, 1 << 30} {
				out, err := c.SetInvokeID([]byte("kept"), frm, id)
				if err != nil {
					continue
				}
				if err := c.Decode(&other, out[4:]); err != nil || other.Invoke != id {
					t.Fatalf("%x became %x: %d, %v", frm, out[4:], other.Invoke, err)
				}
				other.Invoke = msg.Invoke
				if diff := codectest.Diff(&other, &msg); diff != "" {
					t.Fatal(diff)
				}
			}
			out, err := c.SetCrossRef(nil, frm, csta.CrossRefID("another reference"))
			if err != nil {
				continue
			}
			if err := c.Decode(&other, out); err != nil || string(other.CrossRef) != "another reference" {
				t.Fatalf("%x became %x: %v", frm, out, err)
			}
			other.CrossRef = msg.CrossRef
			if diff := codectest.Diff(&other, &msg); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}

// FuzzMould teaches a codec one frame and then gives it others of its length: whatever they are, the outcome is that
// of a codec that knows none.
func FuzzMould(f *testing.F) {
	for i, phase := range []cstaber.Phase{cstaber.Phase1, cstaber.Phase2, cstaber.Phase3} {
		c := cstaber.New(phase, frame.BER)
		for _, tc := range codectest.Messages() {
			if frm, err := c.Append(nil, &tc.Message); err == nil {
				f.Add(uint8(i), frm, uint16(len(frm)/2), []byte("x"))
				f.Add(uint8(i), frm, uint16(len(frm)-2), []byte{0x80, 0})
			}
		}
	}
	for _, tc := range indefinite {
		first, _ := hex.DecodeString(tc.first)
		next, _ := hex.DecodeString(tc.next)
		f.Add(uint8(2), first, uint16(len(first)/2), next[len(first)/2:])
	}
	f.Fuzz(func(t *testing.T, phase uint8, frm []byte, at uint16, change []byte) {
		if len(frm) > 2000 {
			return
		}
		of := cstaber.Phase1 + cstaber.Phase(phase%3)
		taught := cstaber.New(of, frame.BER)
		var got csta.Message
		feed := func(frm []byte) { likeTheScan(t, of, taught, &got, frm) }
		for range 3 {
			feed(frm)
		}
		for i := min(int(at), len(frm)); i < min(int(at)+4, len(frm)); i++ {
			other := bytes.Clone(frm)
			copy(other[i:], change)
			feed(other)
		}
		feed(frm)
	})
}

package cstaber_test

import (
	"testing"

	"haproxy/codec/codectest"
	"haproxy/codec/csta"
	"haproxy/codec/cstaber"
	"haproxy/codec/frame"
)

// What an element means nothing, may still say where it ends, and then what comes behind it: primaryCall with a
// primitive tag, in which an element of indefinite length is passed over.
var indefinite = []struct{ name, first, next string }{
	{
		"another call", "a12f0201010201153027550434373131a11fa41d1018a98004024141040642424242424200006b0680046e6577310a0102",
		"a12f0201010201153027550434373131a11fa41d1018a98000006b0a800858585858585800006b0680046e6577310a0102",
	},
	{
		"a fault", "a12f0201010201153027550434373131a11fa41d1018a98004024141040642424242424200006b0680046e6577310a0102",
		"a12f0201010201153027550434373131a11fa41d1018a980ffffffffffffffffffffffff00006b0680046e6577310a0102",
	},
}

func TestKnownKeepsToItsElements(t *testing.T) {
	for _, tc := range indefinite {
		t.Run(tc.name, func(t *testing.T) {
			first, next := unhex(t, tc.first), unhex(t, tc.next)
			taught := cstaber.New(cstaber.Phase3, frame.BER)
			var got, want csta.Message
			for range 4 {
				if err := taught.Decode(&got, first); err != nil {
					t.Fatal(err)
				}
			}
			err, plain := taught.Decode(&got, next), cstaber.New(cstaber.Phase3, frame.BER).Decode(&want, next)
			if (err == nil) != (plain == nil) {
				t.Fatalf("%v, by the scan %v", err, plain)
			}
			if diff := codectest.Diff(&got, &want); diff != "" {
				t.Fatal(diff)
			}
		})
	}
}

// Events of more causes in turn than there is room for in a set take no memory for each that makes way.
func TestKnownIsReused(t *testing.T) {
	c := cstaber.New(cstaber.Phase3, frame.Length16)
	var frames [][]byte
	for cause := range csta.Cause(40) {
		frm, err := c.Append(nil, &csta.Message{
			Kind: csta.KindEvent, Event: csta.EventHeld, CrossRef: csta.CrossRefID("4711"),
			Subject: codectest.Connection("call", "20021"), Device: codectest.Number("20021"),
			Local: csta.ConnectionHold, Cause: cause + 1,
		})
		if err != nil {
			t.Fatal(err)
		}
		frames = append(frames, frm)
	}
	var msg csta.Message
	round := func() {
		for _, frm := range frames {
			if err := c.Decode(&msg, frm); err != nil {
				t.Fatal(err)
			}
		}
	}
	for range 200 {
		round()
	}
	if n := testing.AllocsPerRun(200, round); n > 0 {
		t.Errorf("%v allocations for %d frames", n, len(frames))
	}
}

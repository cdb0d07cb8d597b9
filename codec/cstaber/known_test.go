package cstaber_test

import (
	"bytes"
	"fmt"
	"testing"

	"haproxy/codec/ber"
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

// likeTheScan gives a frame to a codec that was taught others, and to one that knows none: the outcome has to be the
// same. got is what the first decoded before.
func likeTheScan(tb testing.TB, of cstaber.Phase, taught *cstaber.Codec, got *csta.Message, frm []byte) {
	tb.Helper()
	var want csta.Message
	err, plain := taught.Decode(got, frm), cstaber.New(of, frame.BER).Decode(&want, frm)
	if fmt.Sprint(err) != fmt.Sprint(plain) {
		tb.Fatalf("%x: %v, by the scan %v", frm, err, plain)
	}
	if diff := codectest.Diff(got, &want); diff != "" || got.Invoke != want.Invoke {
		tb.Fatalf("%x: invoke ID %d and not %d%s", frm, got.Invoke, want.Invoke, diff)
	}
}

func TestKnownKeepsToItsElements(t *testing.T) {
	for _, tc := range indefinite {
		t.Run(tc.name, func(t *testing.T) {
			first, next := unhex(t, tc.first), unhex(t, tc.next)
			taught := cstaber.New(cstaber.Phase3, frame.BER)
			var got csta.Message
			for range 4 {
				if err := taught.Decode(&got, first); err != nil {
					t.Fatal(err)
				}
			}
			likeTheScan(t, cstaber.Phase3, taught, &got, next)
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

// The end of an element of indefinite length depends on all that is in it, also on what means nothing here.
func TestKnownWithinIndefiniteLength(t *testing.T) {
	taught := cstaber.New(cstaber.Phase3, frame.BER)
	frm, err := taught.Append(nil, &csta.Message{
		Kind: csta.KindEvent, Event: csta.EventHeld, Invoke: 1, CrossRef: csta.CrossRefID("4711"),
		Subject: codectest.Connection("call", "20021"), Device: codectest.Number("20021"), Local: csta.ConnectionHold,
		Cause: csta.CauseNormal,
	})
	if err != nil {
		t.Fatal(err)
	}
	root := planted(t, ber.Read(frm, 0))[0]
	report := root.children[2]
	info := report.children[1].children[0]
	info.children = append(info.children, &tree{tag: 0xA8, children: []*tree{{tag: 0x04, content: []byte("AB")}}})
	for _, indefinite := range []bool{false, true} {
		report.indefinite = indefinite
		first := root.append(nil)
		next := bytes.Replace(first, []byte("\x04\x02AB"), []byte("\x04\x7FAB"), 1)
		var msg csta.Message
		for range 4 {
			if err := taught.Decode(&msg, first); err != nil || msg.Event != csta.EventHeld {
				t.Fatalf("%x: %v", first, err)
			}
		}
		err, plain := taught.Decode(&msg, next), cstaber.New(cstaber.Phase3, frame.BER).Decode(&msg, next)
		if (err == nil) == indefinite || (plain == nil) == indefinite {
			t.Errorf("indefinite %t: %v, by the scan %v", indefinite, err, plain)
		}
	}
}

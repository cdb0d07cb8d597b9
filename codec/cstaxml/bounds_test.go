package cstaxml

import (
	"strings"
	"testing"

	"haproxy/codec/codectest"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
)

// TestLargestFrame: a snapshot that just fits, there and back; one connection more does not.
func TestLargestFrame(t *testing.T) {
	m := csta.Message{Kind: csta.KindResponse, Service: csta.SnapshotDevice, Invoke: 1}
	c := New()
	var last []byte
	for {
		m.Connections = append(m.Connections, csta.ConnectionItem{
			New: codectest.Connection("c1", "2001"), State: csta.ConnectionQueued,
		})
		frm, err := c.Append(nil, &m)
		if err != nil {
			break
		}
		last = frm
	}
	var got csta.Message
	if err := c.Decode(&got, last); err != nil {
		t.Fatal(err)
	}
	if len(last) < frame.ECMA323Max-300 || len(got.Connections) != len(m.Connections)-1 {
		t.Errorf("%d bytes, %d connections of %d", len(last), len(got.Connections), len(m.Connections)-1)
	}
}

// fill repeats a piece between head and tail until the document is the largest that a frame holds.
func fill(head, piece, tail string) string {
	room := frame.ECMA323Max - frame.ECMA323HeaderLen - len(head) - len(tail)
	return head + strings.Repeat(piece, room/len(piece)) + tail
}

// TestHostileFramesAreBounded: the largest frames made to be slow cost memory, and so time, in
// proportion to their length, and the next frame gives the most of it back.
func TestHostileFramesAreBounded(t *testing.T) {
	long := strings.Repeat("x", frame.ECMA323Max/2)
	for name, document := range map[string]string{
		"text in pieces":     fill("<HeldEvent><monitorCrossRefID>", "a<!---->", "</monitorCrossRefID></HeldEvent>"),
		"nested in pieces":   fill("<HeldEvent><device>", "a<device>&amp;</device>", "</device></HeldEvent>"),
		"a long one moved":   fill("<HeldEvent><device>"+long, "a<device>&amp;</device>", "</device></HeldEvent>"),
		"moved by children":  fill("<HeldEvent><monitorCrossRefID>"+long, "<b a='&lt;'/>x", "</monitorCrossRefID></HeldEvent>"),
		"references":         fill("<HeldEvent><monitorCrossRefID>", "&#60;", "</monitorCrossRefID></HeldEvent>"),
		"sections":           fill("<HeldEvent><monitorCrossRefID>", "<![CDATA[]]>", "</monitorCrossRefID></HeldEvent>"),
		"attributes":         fill("<HeldEvent ", "a='&lt;'", "/>"),
		"carriage returns":   fill("<HeldEvent><device>", "\r", "</device></HeldEvent>"),
		"ampersands":         fill("<HeldEvent><device>", "&", "</device></HeldEvent>"),
		"brackets":           fill("<HeldEvent><device>", "]", "</device></HeldEvent>"),
		"items":              fill("<SnapshotCallData>", "<snapshotCallResponseInfo/>", "</SnapshotCallData>"),
		"one long namespace": fill("<SystemStatus xmlns='", "n", "'/>"),
	} {
		var m csta.Message
		c := New()
		for range 3 {
			_ = c.Decode(&m, framed(1, document)) // refused or not
		}
		if cap(m.Scratch) > 8*frame.ECMA323Max {
			t.Errorf("%s: %d bytes of scratch", name, cap(m.Scratch))
		}
		_ = c.Decode(&m, framed(1, "<SystemStatus/>"))
		if cap(m.Scratch) > scratchKeep {
			t.Errorf("%s: %d bytes of scratch are kept", name, cap(m.Scratch))
		}
		if len(c.styles[0].namespace) > namespaceMax {
			t.Errorf("%s: a namespace of %d bytes was learned", name, len(c.styles[0].namespace))
		}
	}
}

// TestManyFarStates: a compound call state as long as a frame is copied a few times, not once a
// state.
func TestManyFarStates(t *testing.T) {
	head := "<SnapshotDeviceResponse><crossRefIDorSnapshotData><snapshotData>" +
		"<snapshotDeviceResponseInfo><localCallState><compoundCallState>"
	frm := framed(1, fill(head, "<localConnectionState>hold</localConnectionState>",
		"</compoundCallState></localCallState></snapshotDeviceResponseInfo></snapshotData>"+
			"</crossRefIDorSnapshotData></SnapshotDeviceResponse>"))
	var m csta.Message
	c := New()
	n := testing.AllocsPerRun(3, func() {
		if err := c.Decode(&m, frm); err != nil {
			t.Fatal(err)
		}
	})
	if got := len(m.Connections[0].Far); n > 20 || got < 1000 {
		t.Errorf("%v allocations for %d states", n, got)
	}
}

// TestShapeRemembersNoLongToken: what a shape keeps of the states and causes it met is bounded.
func TestShapeRemembersNoLongToken(t *testing.T) {
	var m csta.Message
	c := New()
	for _, cause := range []string{"busy", "busy", "normal", strings.Repeat("x", 60000), "", "busy"} {
		for _, state := range []string{"hold", strings.Repeat("y", 5000)} {
			frm := framed(9999, "<HeldEvent><localConnectionInfo>"+state+"</localConnectionInfo>"+
				"<cause>"+cause+"</cause></HeldEvent>")
			if err := c.Decode(&m, frm); err != nil {
				t.Fatal(err)
			}
			if want := causeOf([]byte(cause)); m.Cause != want {
				t.Errorf("a cause of %d bytes is %v, not %v", len(cause), m.Cause, want)
			}
		}
	}
	learned := 0
	for i := range c.shapes.buckets {
		for _, s := range c.shapes.buckets[i] {
			if s == nil {
				continue
			}
			learned++
			for k := range s.steps {
				if n := cap(s.steps[k].last); n > 2*tokenMax {
					t.Errorf("a step keeps %d bytes", n)
				}
			}
		}
	}
	if learned == 0 {
		t.Error("no shape was learned")
	}
}

// TestScanAllocates: nothing, without a shape as with one.
func TestScanAllocates(t *testing.T) {
	frm, d := delivered(t), &decoder{}
	var m csta.Message
	n := testing.AllocsPerRun(100, func() {
		m.Reset()
		if err := d.decode(&m, frm); err != nil {
			t.Fatal(err)
		}
	})
	if n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestRewriteAllocates: nothing once dst has room.
func TestRewriteAllocates(t *testing.T) {
	frm, c := delivered(t), New()
	var dst []byte
	id := csta.CrossRefID("another")
	n := testing.AllocsPerRun(100, func() {
		var err error
		if dst, err = c.SetCrossRef(dst[:0], frm, id); err != nil {
			t.Fatal(err)
		}
		if dst, err = c.SetInvokeID(dst[:0], frm, 9999); err != nil {
			t.Fatal(err)
		}
	})
	if n > 0 {
		t.Errorf("%v allocations", n)
	}
}

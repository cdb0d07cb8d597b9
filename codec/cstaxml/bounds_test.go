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

// TestHostileFramesAreBounded: the largest frames made to be slow never cost
// more than 8 MiB of unescaped text, which the next frame gives back.
func TestHostileFramesAreBounded(t *testing.T) {
	fill := func(head, piece, tail string) string {
		room := frame.ECMA323Max - frame.ECMA323HeaderLen - len(head) - len(tail)
		return head + strings.Repeat(piece, room/len(piece)) + tail
	}
	for name, document := range map[string]string{
		"text in pieces":     fill("<HeldEvent><monitorCrossRefID>", "a<!---->", "</monitorCrossRefID></HeldEvent>"),
		"nested in pieces":   fill("<HeldEvent><device>", "a<device>&amp;</device>", "</device></HeldEvent>"),
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
		if cap(m.Scratch) > 8<<20 {
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

package cstaxml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"haproxy/codec/codectest"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
	"haproxy/codec/mould"
)

// pair is a codec and one that never knows a shape, fed alike.
type pair struct{ cached, plain *Codec }

func newPair() pair { return pair{New(), New()} }

// forget has a codec know no frame.
func (c *Codec) forget() { c.shapes, c.moulds = shapes{}, mould.Shelf[known]{} }

// lessons are how often a frame is fed until one like it is known: by its shape after two, as an event after four.
const lessons = 5

// feed gives a frame to both and compares what they make of it, learn from it and rewrite in it.
func (p pair) feed(t *testing.T, frm []byte) {
	t.Helper()
	var got, want csta.Message
	p.plain.forget()
	err, plainErr := p.cached.Decode(&got, frm), p.plain.Decode(&want, frm)
	if (err == nil) != (plainErr == nil) || err != nil && err.Error() != plainErr.Error() {
		t.Fatalf("%q: %v, by the scan %v", frm, err, plainErr)
	}
	if diff := codectest.Diff(&got, &want); diff != "" || !bytes.Equal(got.Name, want.Name) || got.Invoke != want.Invoke {
		t.Fatalf("%q%s", frm, diff)
	}
	for i := range p.plain.styles {
		if !p.cached.styles[i].equal(p.plain.styles[i]) {
			t.Fatalf("%q taught %+v, by the scan %+v", frm, p.cached.styles[i], p.plain.styles[i])
		}
	}
	p.plain.forget()
	gotFrame, err := p.cached.SetCrossRef(nil, frm, csta.CrossRefID("new"))
	wantFrame, plainErr := p.plain.SetCrossRef(nil, frm, csta.CrossRefID("new"))
	if (err == nil) != (plainErr == nil) || !bytes.Equal(gotFrame, wantFrame) {
		t.Fatalf("%q rewritten %q %v, by the scan %q %v", frm, gotFrame, err, wantFrame, plainErr)
	}
}

func TestShapesOfTheTable(t *testing.T) {
	p := newPair()
	for range lessons {
		for _, m := range codectest.Messages() {
			frm, err := New().Append(nil, &m.Message)
			if err != nil {
				t.Fatal(err)
			}
			p.feed(t, frm)
		}
	}
}

func TestShapesOfTraps(t *testing.T) {
	for _, document := range traps {
		p := newPair()
		for range lessons {
			p.feed(t, framed(9999, document))
		}
	}
}

// TestShapeHits: what the cache is for is served by it, escaped and accented values included.
func TestShapeHits(t *testing.T) {
	p := newPair()
	c := p.cached
	for i, value := range []string{"1", "2", "33", "&lt;4&gt;", "é", " 5 ", "a longer value than before"} {
		frm := framed(9999, `<?xml version="1.0"?><HeldEvent xmlns="urn:a"><monitorCrossRefID>`+value+`</monitorCrossRefID></HeldEvent>`)
		var msg csta.Message
		known := c.shapes.decode(&c.decoder, &msg, frm, shapeKey(frm))
		if (known != nil) != (i >= 2) {
			t.Errorf("%q: known %t", value, known != nil)
		}
		p.feed(t, frm)
	}
}

// TestShapesDoNotHideFaults: once its shape is known, a message is still refused for what is in a value,
// and one that only looks alike is read for what it is.
func TestShapesDoNotHideFaults(t *testing.T) {
	document := func(value string) []byte {
		return framed(9999, `<HeldEvent xmlns="urn:an:invented:name"><monitorCrossRefID>`+value+
			`</monitorCrossRefID><cause>`+value+`</cause><x>`+value+`</x></HeldEvent>`)
	}
	p := newPair()
	for range lessons {
		p.feed(t, document("learn"))
	}
	for _, value := range []string{
		"\xff", "abcdefgh\xc3", "\xc3\xa9\xc3", "]]>", "]]", "\x01", "\uFFFE", "&bad;", "&", "&#0;", "\r\n1", "",
		"<b/>", "</cause>", "<!-- -->1", "<![CDATA[1]]>", "1</monitorCrossRefID><monitorCrossRefID>2", "\x00",
	} {
		p.feed(t, document(value))
		for cut := range len(document("learn")) - frame.ECMA323HeaderLen {
			whole := string(document("learn")[frame.ECMA323HeaderLen:])
			p.feed(t, framed(9999, whole[:cut]+value+whole[cut:]))
		}
	}
}

// TestShapesAreBounded: a peer that never says the same thing twice gets no more than the bound.
func TestShapesAreBounded(t *testing.T) {
	p := newPair()
	c := p.cached
	for i := range 5000 {
		frm := framed(9999, `<HeldEvent xmlns="urn:an:invented:name"><x`+string(rune('a'+i%26))+string(rune('a'+i/26%26))+`/></HeldEvent>`)
		p.feed(t, frm)
	}
	n := 0
	for _, bucket := range c.shapes.buckets {
		for _, s := range bucket {
			if s != nil {
				n++
			}
		}
	}
	if n == 0 || n > shapeWays { // one bucket: the names are equal
		t.Errorf("%d shapes of one key", n)
	}
}

// TestKnownFramesAreBounded: of long frames that a short shape fits none is kept.
func TestKnownFramesAreBounded(t *testing.T) {
	p := newPair()
	for i := range 6 {
		long := strings.Repeat("x", 30_000)
		p.feed(t, framed(9999, `<HeldEvent xmlns="urn:an:invented:name"><monitorCrossRefID>1`+
			`</monitorCrossRefID><x>`+long[:min(i, 1)*30_000]+`</x></HeldEvent>`))
	}
	var msg csta.Message
	frm := framed(9999, `<HeldEvent xmlns="urn:an:invented:name"><monitorCrossRefID>2</monitorCrossRefID><x>`+
		strings.Repeat("y", 30_000)+`</x></HeldEvent>`)
	if p.cached.moulds.Decode(&msg, frm) != nil {
		t.Error("a frame of 30 KB was kept")
	}
}

// FuzzShape teaches the cache one document and then feeds it another: whatever they are, the
// outcome is that of the full scan.
func FuzzShape(f *testing.F) {
	c := New()
	for _, m := range codectest.Messages() {
		frm, err := c.Append(nil, &m.Message)
		if err != nil {
			f.Fatal(err)
		}
		document := string(frm[frame.ECMA323HeaderLen:])
		f.Add(document, uint16(len(document)-60), "&amp;1")
		f.Add(document, uint16(len(document)/2), "</x>")
	}
	f.Fuzz(func(t *testing.T, document string, at uint16, insert string) {
		if len(document)+len(insert) > 4000 {
			return
		}
		p := newPair()
		for range lessons {
			p.feed(t, framed(9999, document))
		}
		i := min(int(at), len(document))
		p.feed(t, framed(9999, document[:i]+insert+document[i:]))
		p.feed(t, framed(9999, document[:i]+insert+document[min(i+len(insert), len(document)):]))
		p.feed(t, framed(9999, document))
	})
}

// delivered is a DeliveredEvent of some 600 bytes, as switches send them.
func delivered(tb testing.TB) []byte {
	tb.Helper()
	frm, err := New().Append(nil, &csta.Message{
		Kind: csta.KindEvent, Event: csta.EventDelivered, CrossRef: csta.CrossRefID("7700"),
		Subject: codectest.Connection("FF0001000000000012AB", "2001"), Device: codectest.Number("2001"),
		Calling: codectest.Number("2002"), Called: codectest.Number("2001"),
		LastRedirection: csta.DeviceID{Form: csta.DeviceNotRequired},
		Local:           csta.ConnectionAlerting, Cause: csta.CauseNewCall,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return frm
}

func BenchmarkDecodeCached(b *testing.B) {
	frm, c := delivered(b), New()
	var msg csta.Message
	b.SetBytes(int64(len(frm)))
	b.ReportAllocs()
	for b.Loop() {
		if err := c.Decode(&msg, frm); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeScan(b *testing.B) {
	frm, d := delivered(b), &decoder{}
	var msg csta.Message
	b.SetBytes(int64(len(frm)))
	b.ReportAllocs()
	for b.Loop() {
		msg.Reset()
		if err := d.decode(&msg, frm); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecodeEncodingXML is the yardstick: the tokens of encoding/xml, nothing done with them.
func BenchmarkDecodeEncodingXML(b *testing.B) {
	frm := delivered(b)
	b.SetBytes(int64(len(frm)))
	b.ReportAllocs()
	for b.Loop() {
		d := xml.NewDecoder(bytes.NewReader(frm[frame.ECMA323HeaderLen:]))
		for {
			if _, err := d.Token(); err != nil {
				if !errors.Is(err, io.EOF) {
					b.Fatal(err)
				}
				break
			}
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	c := New()
	var msg csta.Message
	if err := c.Decode(&msg, delivered(b)); err != nil {
		b.Fatal(err)
	}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if buf, err = c.Append(buf[:0], &msg); err != nil {
			b.Fatal(err)
		}
	}
}

package mould

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"haproxy/codec/csta"
)

// decode is a decoder for tests: an event is its call ID, its device and its private data, between brackets, and its
// cause.
func decode(msg *csta.Message, frm []byte) (texts []Span) {
	msg.Reset()
	msg.Kind, msg.Event = csta.KindEvent, csta.EventHeld
	rest, at := frm, 0
	for _, of := range []*[]byte{(*[]byte)(&msg.Subject.Call), &msg.Device.Number, &msg.Private} {
		begin := bytes.IndexByte(rest, '(') + 1
		end := bytes.IndexByte(rest, ')')
		*of = rest[begin:end]
		texts = append(texts, Span{at + begin, at + end})
		rest, at = rest[end+1:], at+end+1
	}
	msg.Cause = csta.Cause(rest[len(rest)-1])
	return texts
}

func cast(t *testing.T, frame string, plain bool) *Mould {
	t.Helper()
	var m Mould
	var msg csta.Message
	frm := []byte(frame)
	texts := decode(&msg, frm)
	if !m.Cast(frm, 2, &msg, plain) {
		t.Fatalf("%q makes no mould", frame)
	}
	for _, at := range texts {
		if at.End > at.Start && !m.Has(at) {
			t.Fatalf("%v is no text", at)
		}
		m.Free(at)
	}
	return &m
}

func TestDecode(t *testing.T) {
	long := strings.Repeat("0123456789abcdef", 4) + "xyz"
	const frame = "##call(4711) device(2001) private() cause=a"
	tests := []struct {
		name, of, frame string
		plain, any      bool
	}{
		{"the same", frame, frame, true, true},
		{"another invoke ID", frame, "77call(4711) device(2001) private() cause=a", true, true},
		{"other texts", frame, "##call(0815) device(9999) private() cause=a", true, true},
		{"another cause", frame, "##call(4711) device(2001) private() cause=b", false, false},
		{"another length", frame, "##call(471) device(2001) private() cause=a", false, false},
		{"a text of another length", frame, "##call(471) device(20011) private() cause=a", false, false},
		{"what stands between", frame, "##call(4711) Device(2001) private() cause=a", false, false},
		{"markup", frame, "##call(4<11) device(2001) private() cause=a", false, true},
		{"a reference", frame, "##call(&lt;) device(2001) private() cause=a", false, true},
		{"what may end CDATA", frame, "##call(4]]1) device(2001) private() cause=a", false, true},
		{"a control", frame, "##call(4711) device(20\x011) private() cause=a", false, true},
		{"no ASCII", frame, "##call(4711) device(20é) private() cause=a", false, true},
		{"space within", frame, "##call(4 11) device(2001) private() cause=a", true, true},
		{"space before", frame, "##call( 711) device(2001) private() cause=a", false, true},
		{"space behind", frame, "##call(4711) device(200 ) private() cause=a", false, true},
		{"a long text", "##call(1) device(2) private(" + long + ")a", "##call(2) device(1) private(" +
			strings.ToUpper(long) + ")a", true, true},
		{"a control in a long text", "##call(1) device(2) private(" + long + ")a", "##call(2) device(1) private(" +
			strings.Replace(long, "f", "\n", 1) + ")a", false, true},
		{"what stands behind a long text", "##call(1) device(2) private(" + long + ")a", "##call(1) device(2) private(" +
			long + "]a", false, false},
		{"another cause behind a long text", "##call(1) device(2) private(" + long + ")a", "##call(1) device(2) private(" +
			long + ")b", false, false},
		{"the last octet of a block", "##call(1) device(2) private(" + long + ")a", "##call(1) device(2) private(" +
			long[:31] + "<" + long[32:] + ")a", false, true},
		{"the rest of a long text", "##call(1) device(2) private(" + long + ")a", "##call(1) device(2) private(" +
			long[:len(long)-1] + "&)a", false, true},
		{"a text at the end", "##call(1) device(2) private(123456789)a", "##call(1) device(2) private(12345678x)a", true, true},
	}
	for _, tc := range tests {
		for _, plain := range []bool{true, false} {
			m, want := cast(t, tc.of, plain), tc.any
			if plain {
				want = tc.plain
			}
			var got, is csta.Message
			got.Connections = make([]csta.ConnectionItem, 3) // of a message before
			if known := m.Decode(&got, []byte(tc.frame)); known != want {
				t.Errorf("%s, plain %t: known %t", tc.name, plain, known)
				continue
			}
			if !want {
				continue
			}
			decode(&is, []byte(tc.frame))
			if got.Connections = nil; !reflect.DeepEqual(got, is) {
				t.Errorf("%s: %+v", tc.name, got)
			}
		}
	}
}

// A frame that fitted leaves nothing in the next one, and one that did not neither.
func TestDecodeAgain(t *testing.T) {
	m := cast(t, "##call(4711) device(2001) private(12345678) cause=a", true)
	var got csta.Message
	for i, frame := range []string{
		"##call(0001) device(2001) private(87654321) cause=a", "##call(<b/>) device(2001) private(xxxxxxxx) cause=a",
		"##call(0002) device(2002) private(12345678) cause=c", "##call(0003) device(2003) private(abcdefgh) cause=a",
	} {
		if known := m.Decode(&got, []byte(frame)); known != (i%3 == 0) {
			t.Errorf("%q: known %t", frame, known)
		}
	}
	if string(got.Subject.Call) != "0003" || string(got.Device.Number) != "2003" || string(got.Private) != "abcdefgh" {
		t.Errorf("%+v", got)
	}
}

// A long text that is not plain makes no mould in XML, since what is as it was is not looked at: plain octets before and
// behind it might make another text of it.
func TestLongTextIsPlain(t *testing.T) {
	frame := "##call(4711) device(2001) private(" + strings.Repeat("x", 30) + "é" + strings.Repeat("x", 40) + ") cause=a"
	for _, plain := range []bool{true, false} {
		if known := cast(t, frame, plain).Decode(new(csta.Message), []byte(frame)); known == plain {
			t.Errorf("plain %t: known %t", plain, known)
		}
	}
}

func TestNoMould(t *testing.T) {
	frame := []byte("##cal (4711)")
	if new(Mould).Decode(new(csta.Message), nil) {
		t.Error("the zero value fits an empty frame")
	}
	for name, change := range map[string]func(*csta.Message){
		"a request":              func(m *csta.Message) { m.Kind = csta.KindRequest },
		"a list":                 func(m *csta.Message) { m.Connections = make([]csta.ConnectionItem, 1) },
		"an unescaped text":      func(m *csta.Message) { m.Scratch = []byte("<") },
		"a text of no frame":     func(m *csta.Message) { m.AgentID = []byte("4711") },
		"a text with a space":    func(m *csta.Message) { m.AgentID = frame[4:6] },
		"one of another's frame": func(m *csta.Message) { m.AgentID = bytes.Clone(frame)[7:11] },
	} {
		var m Mould
		msg := csta.Message{Kind: csta.KindEvent}
		change(&msg)
		if m.Cast(frame, 0, &msg, true) || m.Decode(&msg, frame) {
			t.Errorf("%s made a mould", name)
		}
	}
}

// Every text of a message that an event may have is a field, once.
func TestFields(t *testing.T) {
	var msg csta.Message
	seen := make(map[*[]byte]bool)
	for _, in := range fields {
		seen[in(&msg)] = true
	}
	if len(seen) != len(fields) {
		t.Errorf("%d texts of %d fields", len(seen), len(fields))
	}
	n := 0
	var count func(of reflect.Type)
	count = func(of reflect.Type) {
		for i := range of.NumField() {
			switch field := of.Field(i); {
			case field.Name == "Scratch", field.Name == "Association": // no text; of no event
			case field.Type.Kind() == reflect.Struct:
				count(field.Type)
			case field.Type.Kind() == reflect.Slice && field.Type.Elem().Kind() == reflect.Uint8:
				n++
			}
		}
	}
	if count(reflect.TypeFor[csta.Message]()); n != len(fields) {
		t.Errorf("a message has %d texts, and there are %d fields", n, len(fields))
	}
}

func TestNoAllocations(t *testing.T) {
	frame := "##call(4711) device(2001) private(12345678) cause=a"
	m, frm := cast(t, frame, true), []byte(frame)
	var msg csta.Message
	if n := testing.AllocsPerRun(100, func() { m.Decode(&msg, frm) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

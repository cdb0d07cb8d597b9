package ber_test

import (
	"bytes"
	"testing"

	"haproxy/codec/ber"
)

func TestIntegers(t *testing.T) {
	for _, n := range []int64{
		0, 1, -1, 127, 128, -128, -129, 255, 256, 32767, 32768, -32769, 1<<31 - 1, -1 << 31,
		1 << 31, 1<<63 - 1, -1 << 63,
	} {
		frame := ber.AppendInt(nil, ber.Integer, n)
		e, _ := first(frame)
		if got, err := e.Int64(); err != nil || got != n {
			t.Errorf("%d: %d, %v", n, got, err)
		}
		got, err := e.Int()
		if narrow := int64(int32(n)) == n; narrow != (err == nil) || narrow && int64(got) != n {
			t.Errorf("%d: %d, %v", n, got, err)
		}
	}
	long := ber.AppendBytes(nil, ber.Integer, make([]byte, 10_000))
	e, err := first(long)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Int(); err == nil {
		t.Error("an integer of 10,000 octets passed")
	}
	for _, frame := range []string{"02 00", "22 03 02 01 05"} {
		e, err := first(octets(t, frame))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Int(); err == nil {
			t.Errorf("%s passed", frame)
		}
	}
}

func TestBooleans(t *testing.T) {
	for frame, want := range map[string]bool{"01 01 00": false, "01 01 ff": true, "01 01 01": true} {
		e, _ := first(octets(t, frame))
		if got, err := e.Bool(); err != nil || got != want {
			t.Errorf("%s: %t, %v", frame, got, err)
		}
	}
	for _, frame := range []string{"01 00", "01 02 00 00", "21 03 01 01 ff"} {
		e, _ := first(octets(t, frame))
		if _, err := e.Bool(); err == nil {
			t.Errorf("%s passed", frame)
		}
	}
}

func TestStrings(t *testing.T) {
	for frame, want := range map[string]string{
		"04 03 61 62 63":                         "abc",
		"24 05 04 03 61 62 63":                   "abc",
		"24 80 04 01 61 04 02 62 63 00 00":       "abc",
		"24 80 24 80 04 01 61 00 00 04 00 00 00": "a",
		"24 00":                                  "",
	} {
		e, err := first(octets(t, frame))
		if err != nil {
			t.Fatal(frame, err)
		}
		scratch := []byte("kept")
		got, scratch, err := e.Octets(scratch)
		if err != nil || string(got) != want || !bytes.HasPrefix(scratch, []byte("kept")) {
			t.Errorf("%s: %q, %v", frame, got, err)
		}
	}
	e, _ := first(octets(t, "24 02 04 05"))
	if _, _, err := e.Octets(nil); err == nil {
		t.Error("a piece beyond its string passed")
	}
}

func TestBits(t *testing.T) {
	for frame, want := range map[string]uint64{
		"03 01 00":                            0,
		"03 02 07 80":                         1,
		"03 02 06 c0":                         3,
		"03 03 00 08 00":                      1 << 4,
		"03 02 07 ff":                         1, // the unused bits do not count
		"23 80 03 02 00 80 03 02 07 80 00 00": 1 | 1<<8,
		"03 0a 00 00 00 00 00 00 00 00 01 ff": 1 << 63, // what is beyond is left out
	} {
		e, err := first(octets(t, frame))
		if err != nil {
			t.Fatal(frame, err)
		}
		if got, err := e.Bits(); err != nil || got != want {
			t.Errorf("%s: %x, %v", frame, got, err)
		}
	}
	for _, frame := range []string{"03 00", "03 02 08 80", "03 01 01"} {
		e, _ := first(octets(t, frame))
		if _, err := e.Bits(); err == nil {
			t.Errorf("%s passed", frame)
		}
	}
	for _, bits := range []uint64{0, 1, 2, 0x80, 0x100, 1 << 17, 1<<63 | 1} {
		e, err := first(ber.AppendBits(nil, ber.BitString, bits))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := e.Bits(); err != nil || got != bits {
			t.Errorf("%x: %x, %v", bits, got, err)
		}
	}
}

// TestEnd: a length of any size is written in as few octets as it takes, whatever stands around.
func TestEnd(t *testing.T) {
	for _, n := range []int{0, 1, 127, 128, 255, 256, 65535, 65536} {
		content := bytes.Repeat([]byte("x"), n)
		dst, outer := ber.Begin([]byte("before"), 0x30)
		dst, inner := ber.Begin(dst, 0x7F1F)
		dst = ber.End(append(dst, content...), inner)
		dst = ber.AppendBool(ber.End(dst, outer), ber.Boolean, true)
		want := ber.AppendBytes(nil, 0x7F1F, content)
		want = append([]byte("before"), ber.AppendBytes(nil, 0x30, want)...)
		want = append(want, 1, 1, 0xFF)
		if !bytes.Equal(dst, want) {
			t.Errorf("%d octets: % x", n, dst[:min(len(dst), 20)])
		}
		if ber.HeaderLen(0x7F1F, n)+n != len(ber.AppendBytes(nil, 0x7F1F, content)) {
			t.Errorf("%d octets: a header of %d", n, ber.HeaderLen(0x7F1F, n))
		}
	}
}

func TestNoAllocations(t *testing.T) {
	frame := octets(t, "30 80 02 01 05 24 80 04 01 61 04 02 62 63 00 00 23 80 03 02 00 80 00 00 00 00")
	scratch := make([]byte, 0, 64)
	dst := make([]byte, 0, 256)
	if n := testing.AllocsPerRun(100, func() {
		c := ber.Read(frame, 0)
		var e ber.Element
		c.Next(&e)
		for c = e.Content(); c.More(); {
			c.Next(&e)
			switch e.Tag {
			case ber.Integer:
				e.Int()
			case ber.BitString | 0x20:
				e.Bits()
			default:
				e.Octets(scratch)
			}
		}
		b, mark := ber.Begin(dst, 0x30)
		b = ber.AppendInt(b, ber.Integer, 300)
		b = ber.AppendBits(b, ber.BitString, 5)
		ber.End(ber.AppendBytes(b, ber.OctetString, frame), mark)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

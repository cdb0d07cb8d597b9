package ber_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"haproxy/codec"
	"haproxy/codec/ber"
)

func TestReplace(t *testing.T) {
	for name, c := range map[string]struct {
		frame   string
		offset  int
		content string
		want    string
	}{
		"same length":   {"a1 05 02 01 05 05 00", 2, "07", "a1 05 02 01 07 05 00"},
		"longer":        {"a1 05 02 01 05 05 00", 2, "01 00", "a1 06 02 02 01 00 05 00"},
		"shorter":       {"a1 06 02 02 01 00 05 00", 2, "07", "a1 05 02 01 07 05 00"},
		"long form":     {"a1 81 05 02 01 05 05 00", 3, "01 00", "a1 81 06 02 02 01 00 05 00"},
		"zeros kept":    {"a1 83 00 00 05 02 01 05 05 00", 5, "07", "a1 83 00 00 05 02 01 07 05 00"},
		"indefinite":    {"a1 80 02 01 05 05 00 00 00", 2, "01 00", "a1 80 02 02 01 00 05 00 00 00"},
		"nested":        {"a1 07 30 03 02 01 05 05 00", 4, "01 00", "a1 08 30 04 02 02 01 00 05 00"},
		"what is after": {"a1 03 02 01 05 ff", 2, "01 00", "a1 04 02 02 01 00"},
		"pieces":        {"a1 05 24 03 04 01 61", 2, "62 63", "a1 04 04 02 62 63"},
	} {
		got, err := ber.Replace([]byte("kept"), octets(t, c.frame), 0, c.offset, octets(t, c.content))
		want := append([]byte("kept"), octets(t, c.want)...)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: % x, %v", name, got, err)
		}
	}
	for name, offset := range map[string]int{"no element": 3, "beyond": 9} {
		got, err := ber.Replace([]byte("kept"), octets(t, "a1 05 02 01 05 05 00"), 0, offset, nil)
		if err == nil || string(got) != "kept" {
			t.Errorf("%s: % x, %v", name, got, err)
		}
		if name == "no element" && !errors.Is(err, codec.ErrNoField) {
			t.Error(err)
		}
	}
}

// TestReplaceGrows: every length around takes another octet where it has to.
func TestReplaceGrows(t *testing.T) {
	inner := ber.AppendBytes(ber.AppendInt(nil, ber.Integer, 5), ber.OctetString, bytes.Repeat([]byte("x"), 120))
	middle := ber.AppendBytes(nil, 0x30, inner)
	frame := ber.AppendBytes(nil, 0xA1, middle)
	got, err := ber.Replace(nil, frame, 0, 4, []byte{1, 2, 3, 4})
	if err != nil {
		t.Fatal(err)
	}
	inner = append(ber.AppendBytes(nil, ber.Integer, []byte{1, 2, 3, 4}), inner[3:]...)
	want := ber.AppendBytes(nil, 0xA1, ber.AppendBytes(nil, 0x30, inner))
	if !bytes.Equal(got, want) {
		t.Fatalf("% x\n% x", got, want)
	}
	back, err := ber.Replace(nil, got, 0, 6, []byte{5})
	if err != nil || len(back) != len(frame)+2 || !strings.HasSuffix(string(back), "xxx") {
		t.Fatalf("% x, %v", back, err)
	}
	c := ber.Read(back, 0)
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
}

package ber_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"haproxy/codec"
	"haproxy/codec/ber"
)

// octets reads hexadecimal with spaces.
func octets(tb testing.TB, text string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// first returns the first element of a frame.
func first(frame []byte) (e ber.Element, err error) {
	c := ber.Read(frame, 0)
	err = c.Next(&e)
	return e, err
}

func TestHeaders(t *testing.T) {
	for _, c := range []struct {
		frame   string
		tag     ber.Tag
		content string
		end     int
	}{
		{"02 01 05", ber.Integer, "05", 3},
		{"02 81 01 05", ber.Integer, "05", 4},
		{"02 84 00 00 00 01 05", ber.Integer, "05", 7},
		{"02 88 00 00 00 00 00 00 00 01 05", ber.Integer, "05", 11},
		{"30 00", ber.Sequence, "", 2},
		{"30 80 00 00", ber.Sequence, "", 4},
		{"30 80 02 01 05 00 00 04 00", ber.Sequence, "02 01 05", 7},
		{"30 80 30 80 02 01 05 00 00 00 00", ber.Sequence, "30 80 02 01 05 00 00", 11},
		{"30 80 30 04 30 80 00 00 00 00", ber.Sequence, "30 04 30 80 00 00", 10},
		{"9f 1f 01 ff", 0x9F1F, "ff", 4},
		{"bf 81 1f 02 05 00", 0xBF811F, "05 00", 6},
	} {
		frame := octets(t, c.frame)
		e, err := first(frame)
		if err != nil || e.Tag != c.tag || !bytes.Equal(e.Bytes(), octets(t, c.content)) || e.End() != c.end {
			t.Errorf("%s: tag %v content % x end %d, %v", c.frame, e.Tag, e.Bytes(), e.End(), err)
		}
		for cut := range c.end {
			if _, err := first(frame[:cut]); !errors.Is(err, codec.ErrSyntax) {
				t.Errorf("%s cut at %d: %v", c.frame, cut, err)
			}
		}
	}
}

func TestBadHeaders(t *testing.T) {
	for name, frame := range map[string]string{
		"length beyond the frame":        "04 05 01",
		"length of 4 GiB":                "30 84 ff ff ff ff 00",
		"length of nine octets":          "30 89 01 00 00 00 00 00 00 00 00",
		"length of 127 octets":           "30 ff 00",
		"length beyond the parent":       "30 80 30 02 04 05 01 00 00 00 00 00",
		"indefinite without an end":      "30 80 02 01 05",
		"indefinite of a primitive":      "04 80 00 00",
		"indefinite ended by its parent": "30 80 30 04 30 80 02 00 00 00",
		"end-of-contents":                "00 00",
		"tag 00 with a content":          "00 01 00",
		"end-of-contents in a definite":  "30 80 30 02 00 00 00 00",
		"a tag without an end":           "1f 81 81 81 81 81 00",
		"a tag cut short":                "1f",
	} {
		if e, err := first(octets(t, frame)); !errors.Is(err, codec.ErrSyntax) {
			t.Errorf("%s: %v, %v", name, e.Tag, err)
		}
	}
}

func TestEndOfContentsInDefinite(t *testing.T) {
	frame := octets(t, "30 05 02 01 05 00 00")
	e, err := first(frame)
	if err != nil {
		t.Fatal(err)
	}
	c := e.Content()
	if err := c.Next(&e); err != nil {
		t.Fatal(err)
	}
	var syntax *codec.SyntaxError
	if err := c.Next(&e); !errors.As(err, &syntax) || syntax.Offset != 5 {
		t.Fatal(err)
	}
	whole := ber.Read(frame, 0)
	if err := whole.Check(); !errors.As(err, &syntax) || syntax.Offset != 5 {
		t.Fatal(err)
	}
}

func TestMillionNested(t *testing.T) {
	indefinite := bytes.Repeat([]byte{0x30, 0x80}, 1_000_000)
	if _, err := first(indefinite); !errors.Is(err, codec.ErrDepth) {
		t.Fatal(err)
	}
	closed := append(indefinite, make([]byte, len(indefinite))...)
	if _, err := first(closed); !errors.Is(err, codec.ErrDepth) {
		t.Fatal(err)
	}
	c := ber.Read(closed, 0)
	if err := c.Check(); !errors.Is(err, codec.ErrDepth) {
		t.Fatal(err)
	}
	// of definite lengths only as many as are asked for are read
	var definite []byte
	for range 10_000 {
		definite = append(ber.AppendHeader(nil, 0x30, len(definite)), definite...)
	}
	if _, err := first(definite); err != nil {
		t.Fatal(err)
	}
	c = ber.Read(definite, 0)
	if err := c.Check(); !errors.Is(err, codec.ErrDepth) {
		t.Fatal(err)
	}
}

func TestDepth(t *testing.T) {
	for depth, fails := range map[int]bool{codec.MaxDepth: false, codec.MaxDepth + 1: true} {
		frame := append(bytes.Repeat([]byte{0x30, 0x80}, depth), make([]byte, 2*depth)...)
		if _, err := first(frame); errors.Is(err, codec.ErrDepth) != fails {
			t.Errorf("%d deep: %v", depth, err)
		}
	}
}

func TestPositions(t *testing.T) {
	frame := octets(t, "ff ff 30 80 02 01 05 00 00 04 01 61")
	c := ber.Read(frame, 2)
	var e ber.Element
	if err := c.Next(&e); err != nil {
		t.Fatal(err)
	}
	if e.Offset != 2 || e.Start() != 4 || e.Stop() != 7 || e.End() != 9 || !e.Indefinite() {
		t.Errorf("%+v", e)
	}
	if c.Offset() != 9 || !bytes.Equal(c.Rest(), frame[9:]) {
		t.Error(c.Offset(), c.Rest())
	}
}

func TestTags(t *testing.T) {
	for tag, primitive := range map[ber.Tag]ber.Tag{
		0x30: 0x10, 0xA1: 0x81, 0x7F1F: 0x5F1F, 0xBF811F: 0x9F811F, 0x7F81811F: 0x5F81811F,
	} {
		if !tag.Constructed() || tag.Primitive() != primitive || primitive.Constructed() {
			t.Errorf("%v: %v", tag, tag.Primitive())
		}
		frame := ber.AppendBytes(nil, primitive, []byte("x"))
		if e, err := first(frame); err != nil || e.Tag != primitive || ber.HeaderLen(primitive, 1)+1 != len(frame) {
			t.Errorf("%v: %v, %v", primitive, e.Tag, err)
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte{0x30, 0x80, 0x02, 0x01, 0x05, 0, 0})
	f.Add([]byte{0x24, 0x05, 0x04, 0x03, 'a', 'b', 'c'})
	f.Add([]byte{0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF})
	f.Fuzz(func(t *testing.T, frame []byte) {
		c := ber.Read(frame, 0)
		sound := c.Check() == nil
		var e ber.Element
		for c.More() {
			if err := c.Next(&e); err != nil {
				if sound {
					t.Fatal("sound, but ", err)
				}
				return
			}
			e.Int()
			e.Int64()
			e.Bool()
			e.Bits()
			if _, _, err := e.Octets(nil); err != nil && sound && e.Tag.Constructed() {
				t.Fatal("sound, but ", err)
			}
		}
	})
}

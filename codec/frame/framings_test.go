package frame_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"haproxy/codec"
	"haproxy/codec/frame"
)

// all are the framings; ber the ones whose PDUs are BER.
var (
	all = []frame.Framing{
		frame.ECMA323, frame.Length16, frame.OXE, frame.HiPath26, frame.TPKT, frame.BER,
	}
	ber = all[1:]
)

// reject is a real PDU of an OXE: unrecognisedPDU without an invoke ID.
const reject = "\xa4\x05\x05\x00\x80\x01\x00"

// wrap returns a PDU in a frame of the framing.
func wrap(tb testing.TB, f frame.Framing, pdu string) []byte {
	tb.Helper()
	dst := append(f.Begin(nil), pdu...)
	if err := f.Finish(dst, 0); err != nil {
		tb.Fatal(err)
	}
	return dst
}

// value is a PDU of n bytes, 4 at least.
func value(n int) string {
	length := fmt.Sprintf("\x84%c%c%c%c", 0, 0, 0, 0)
	b := []byte("\xa1" + length + strings.Repeat("x", max(n-6, 0)))
	switch {
	case n < 6:
		return "\xa1" + string(rune(n-2)) + strings.Repeat("x", n-2)
	default:
		b[3], b[4], b[5] = byte((n-6)>>16), byte((n-6)>>8), byte(n-6)
		return string(b)
	}
}

// stream is several frames, one of them with indefinite lengths.
func stream(tb testing.TB, f frame.Framing) [][]byte {
	tb.Helper()
	return [][]byte{
		wrap(tb, f, reject),
		wrap(tb, f, "\xa1\x80\x30\x80\x04\x02ab\x00\x00\x30\x03\x00\x00\x00\x00\x00"),
		wrap(tb, f, value(300)),
		wrap(tb, f, "\x60\x81\x00"),
		wrap(tb, f, "\xbf\x8f\x01\x01x"),
	}
}

func TestEveryFramingCutAtEveryByte(t *testing.T) {
	for _, f := range all {
		want := stream(t, f)
		whole := bytes.Join(want, nil)
		for first := range len(whole) + 1 {
			second := min(first+7, len(whole))
			s := frame.NewSplitter(f, f.MaxPDU())
			var got [][]byte
			for _, chunk := range [][]byte{whole[:first], whole[first:second], whole[second:]} {
				frames, err := drain(s, chunk)
				if err != nil {
					t.Fatalf("%v cut at %d: %v", f, first, err)
				}
				got = append(got, frames...)
			}
			if !slices.EqualFunc(got, want, bytes.Equal) || s.Partial() != 0 {
				t.Fatalf("%v cut at %d: % x", f, first, got)
			}
		}
	}
}

func TestEveryFramingDrips(t *testing.T) {
	for _, f := range all {
		want := stream(t, f)
		s := frame.NewSplitter(f, f.MaxPDU())
		var got [][]byte
		for i, b := range bytes.Join(want, nil) {
			frames, err := drain(s, []byte{b})
			if err != nil {
				t.Fatalf("%v, byte %d: %v", f, i, err)
			}
			got = append(got, frames...)
		}
		if !slices.EqualFunc(got, want, bytes.Equal) {
			t.Fatalf("%v: % x", f, got)
		}
	}
}

func TestEveryFramingGlued(t *testing.T) {
	for _, f := range all {
		chunk := bytes.Join(stream(t, f), nil)
		s := frame.NewSplitter(f, f.MaxPDU())
		s.Feed(chunk)
		for at := 0; at < len(chunk); {
			got, err := s.Next()
			if err != nil || len(got) == 0 || &got[0] != &chunk[at] {
				t.Fatalf("%v at %d: % x, %v", f, at, got, err)
			}
			at += len(got)
		}
	}
}

func TestPDUAndName(t *testing.T) {
	for _, f := range all {
		frm := wrap(t, f, reject)
		if string(f.PDU(frm)) != reject || len(frm) != f.HeaderLen()+len(reject) {
			t.Errorf("%v: % x", f, frm)
		}
		if len(f.PDU(frm[:0])) != 0 || len(f.PDU(frm[:f.HeaderLen()/2])) != 0 {
			t.Errorf("%v: a cut header has a PDU", f)
		}
		if again, ok := frame.ParseFraming(f.String()); !ok || again != f {
			t.Errorf("%v is not %v", f, again)
		}
	}
	if _, ok := frame.ParseFraming("length32"); ok {
		t.Error("length32 is a framing")
	}
	if _, ok := frame.ParseFraming(""); ok {
		t.Error("an empty name is a framing")
	}
	for f, want := range map[frame.Framing]string{
		frame.Length16: "0007", frame.OXE: "0007", frame.HiPath26: "268007", frame.TPKT: "0300000b", frame.BER: "",
	} {
		if got := fmt.Sprintf("%x", wrap(t, f, reject)[:f.HeaderLen()]); got != want {
			t.Errorf("%v: header %s, want %s", f, got, want)
		}
	}
}

// TestLargestOfEveryFraming: the largest PDU passes wherever it is cut, one byte more is never
// written, and one byte above frame_max is refused as soon as the length is there.
func TestLargestOfEveryFraming(t *testing.T) {
	for _, f := range ber {
		most := min(f.MaxPDU(), 1<<20)
		largest := wrap(t, f, value(most))
		for _, cut := range []int{0, 1, 2, 3, 4, 5, 6, 7, most / 2, len(largest) - 1} {
			s := frame.NewSplitter(f, most)
			if frames, err := drain(s, largest[:cut]); len(frames) > 0 || err != nil || s.Partial() != cut {
				t.Fatal(f, cut, len(frames), s.Partial(), err)
			}
			frames, err := drain(s, largest[cut:])
			if err != nil || len(frames) != 1 || !bytes.Equal(frames[0], largest) {
				t.Fatalf("%v cut at %d: %d frames, %v", f, cut, len(frames), err)
			}
		}
		if _, err := drain(frame.NewSplitter(f, most-1), largest[:f.HeaderLen()+6]); !errors.Is(err, frame.ErrLength) {
			t.Errorf("%v: one byte beyond frame_max: %v", f, err)
		}
	}
	for _, f := range all {
		tooLong := f.Begin([]byte("kept"))
		tooLong = append(tooLong, make([]byte, f.MaxPDU()+1)...)
		before := bytes.Clone(tooLong[:16])
		if err := f.Finish(tooLong, 4); !errors.Is(err, codec.ErrTooLong) || !bytes.Equal(tooLong[:16], before) {
			t.Errorf("%v: %v, % x", f, err, tooLong[:16])
		}
		if err := f.Finish(tooLong[:len(tooLong)-1], 4); err != nil || string(tooLong[:4]) != "kept" {
			t.Errorf("%v: the largest: %v", f, err)
		}
	}
}

func TestWrongHeaders(t *testing.T) {
	indefinite := func(n int) string { return strings.Repeat("\xa1\x80", n) }
	for _, c := range []struct {
		framing frame.Framing
		bytes   string
		want    error
		text    string
	}{
		{frame.Length16, "GET / HTTP/1.1", frame.ErrForeign, "HTTP"},
		{frame.Length16, "\x16\x03\x01\x02\x00\x01", frame.ErrForeign, "TLS"},
		{frame.Length16, "<?xml", frame.ErrForeign, "text"},
		{frame.Length16, "\x00\x00\x03\xeb9999", frame.ErrLength, "ECMA-323"},
		{frame.Length16, "\xff\xff\xa1", frame.ErrLength, "frame_max"},
		{frame.OXE, "\x00\x00", frame.ErrLength, "length 0"},
		{frame.HiPath26, "GET", frame.ErrForeign, "HTTP"},
		{frame.HiPath26, "\x16\x03", frame.ErrForeign, "TLS"},
		{frame.HiPath26, "\x27", frame.ErrHeader, "27"},
		{frame.HiPath26, "\x26\x80\x00", frame.ErrLength, "length 0"},
		{frame.HiPath26, "\x26\x00\x00", frame.ErrLength, "length 0"},
		{frame.HiPath26, "\x26\xff\xff", frame.ErrLength, "exceed"},
		{frame.TPKT, "POST", frame.ErrForeign, "HTTP"},
		{frame.TPKT, "\x16\x03", frame.ErrForeign, "TLS"},
		{frame.TPKT, "\x02", frame.ErrHeader, "02"},
		{frame.TPKT, "\x03\x01", frame.ErrHeader, "03 01"},
		{frame.TPKT, "\x03\x00\x00\x04", frame.ErrLength, "length 4"},
		{frame.TPKT, "\x03\x00\x00\x00", frame.ErrLength, "length 0"},
		{frame.TPKT, "\x03\x00\xff\xff", frame.ErrLength, "frame_max"},
		{frame.BER, "GET", frame.ErrForeign, "HTTP"},
		{frame.BER, "\x16\x03", frame.ErrForeign, "TLS"},
		{frame.BER, "\x00", frame.ErrHeader, "00"},
		{frame.BER, "\x30\x00", frame.ErrHeader, "30"},
		{frame.BER, "\x82\x01\x00", frame.ErrHeader, "82"},
		{frame.BER, "\xa1\x84\xff\xff\xff\xff", frame.ErrLength, "frame_max"},
		{frame.BER, "\xa1\x89\xff\xff\xff\xff\xff\xff\xff\xff\xff", frame.ErrLength, "frame_max"},
		{frame.BER, "\xa1\xff", frame.ErrHeader, "127 bytes"},
		{frame.BER, "\xbf\xff\xff\xff\xff\xff\xff", frame.ErrHeader, "tag"},
		{frame.BER, "\xa1\x80\x00\x05", frame.ErrHeader, "end-of-contents"},
		{frame.BER, "\xa1\x80\x04\x80", frame.ErrHeader, "primitive"},
		{frame.BER, indefinite(codec.MaxDepth + 1), frame.ErrHeader, "deep"},
		{frame.BER, "\xa1\x80" + value(600) + value(600), frame.ErrLength, "frame_max"},
	} {
		for _, step := range []int{1, 1 << 10} {
			s := frame.NewSplitter(c.framing, 1000)
			var err error
			count := 0
			for rest := c.bytes; rest != "" && err == nil; {
				n := min(step, len(rest))
				var frames [][]byte
				frames, err = drain(s, []byte(rest[:n]))
				count += len(frames)
				rest = rest[n:]
			}
			if count > 0 || !errors.Is(err, c.want) || !errors.Is(err, frame.ErrFraming) ||
				!strings.Contains(err.Error(), c.text) || s.Partial() != 0 {
				t.Errorf("%v % .12x: %d frames, %v", c.framing, c.bytes, count, err)
			}
		}
	}
}

// TestLengthAloneCostsNoMemory: what is kept is what came.
func TestLengthAloneCostsNoMemory(t *testing.T) {
	for f, head := range map[frame.Framing]string{
		frame.Length16: "\xff\xff\xa1", frame.HiPath26: "\x26\xff\xff\xa1", frame.TPKT: "\x03\x00\xff\xff\xa1",
		frame.BER: "\xa1\x83\xff\xff\x00\x00",
	} {
		s := frame.NewSplitter(f, f.MaxPDU())
		if _, err := drain(s, []byte(head)); err != nil || s.Partial() != len(head) {
			t.Error(f, s.Partial(), err)
		}
	}
}

// TestNestedOpenLengthsThatDrip: a PDU of many elements and no length is walked once, not once a byte.
func TestNestedOpenLengthsThatDrip(t *testing.T) {
	pdu := []byte("\xa1\x80" + strings.Repeat("\x05\x00", 500_000) + "\x00\x00")
	s := frame.NewSplitter(frame.BER, frame.BER.MaxPDU())
	for i := range pdu {
		s.Feed(pdu[i : i+1])
		got, err := s.Next()
		if err != nil || (got != nil) != (i == len(pdu)-1) {
			t.Fatalf("byte %d: %d bytes, %v", i, len(got), err)
		}
	}
}

func TestPreamble(t *testing.T) {
	for _, f := range all {
		send, expect := frame.Preamble(f, frame.Computing)
		answer, due := frame.Preamble(f, frame.Switching)
		if !bytes.Equal(send, due) || !bytes.Equal(expect, answer) || (f == frame.OXE) != (len(send) > 0) {
			t.Errorf("%v: %q %q, %q %q", f, send, expect, answer, due)
		}
	}
	frm := wrap(t, frame.OXE, reject)
	for _, chunks := range [][]string{{"P" + string(frm)}, {"P", string(frm)}, {"", "P", "\x00", string(frm[1:])}} {
		s := frame.NewSplitter(frame.OXE, 1000)
		_, expect := frame.Preamble(frame.OXE, frame.Computing)
		s.Expect(expect)
		if !s.Expecting() {
			t.Error("nothing is expected")
		}
		var got [][]byte
		for _, chunk := range chunks {
			frames, err := drain(s, []byte(chunk))
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, frames...)
		}
		if len(got) != 1 || !bytes.Equal(got[0], frm) || s.Expecting() || s.Partial() != 0 {
			t.Errorf("%q: % x", chunks, got)
		}
	}
	for wrong, want := range map[string]error{
		"B": frame.ErrForeign, "\x00\x07\xa4": frame.ErrHeader, "\x16\x03": frame.ErrForeign, "GET": frame.ErrForeign,
	} {
		s := frame.NewSplitter(frame.OXE, 1000)
		s.Expect([]byte("P"))
		if frames, err := drain(s, []byte(wrong)); len(frames) > 0 || !errors.Is(err, want) || !s.Expecting() {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

// TestEveryFramingAllocatesNothing: whether frames arrive whole or cut.
func TestEveryFramingAllocatesNothing(t *testing.T) {
	for _, f := range all {
		frm := wrap(t, f, "\xa1\x80"+value(600)+"\x00\x00")
		s := frame.NewSplitter(f, f.MaxPDU())
		cycle := func() {
			for _, chunk := range [][]byte{frm, frm[:100], frm[100:]} {
				s.Feed(chunk)
				for got, _ := s.Next(); got != nil; got, _ = s.Next() {
				}
			}
		}
		for range 3 {
			cycle()
		}
		if n := testing.AllocsPerRun(100, cycle); n > 0 {
			t.Errorf("%v: %v allocations", f, n)
		}
	}
}

// The length of a frame, or of its first segment, is told as soon as its header is there, and never otherwise.
func TestMeasure(t *testing.T) {
	for _, f := range all {
		for _, whole := range stream(t, f) {
			length := 0
			for cut := range len(whole) + 1 {
				n, err := frame.Measure(f, f.MaxPDU(), whole[:cut])
				if err != nil || n > len(whole) || length > 0 && n != length {
					t.Fatalf("%v: %d of the first %d bytes of %d, after %d: %v", f, n, cut, len(whole), length, err)
				}
				length = n
			}
			if length == 0 || f != frame.HiPath26 && length != len(whole) {
				t.Errorf("%v: %d of %d bytes", f, length, len(whole))
			}
		}
	}
	if _, err := frame.Measure(frame.ECMA323, 100, []byte{1, 2, 3, 4, 5, 6, 7, 8}); err == nil {
		t.Error("what is no header has a length")
	}
}

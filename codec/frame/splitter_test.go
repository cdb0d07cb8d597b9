package frame_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"haproxy/codec/csta"
	"haproxy/codec/frame"
)

// build returns a frame of a document.
func build(id csta.InvokeID, document string) []byte {
	f := append(make([]byte, frame.ECMA323HeaderLen), document...)
	frame.PutECMA323(f, len(f), id)
	return f
}

// drain returns copies of the frames that a chunk completes.
func drain(s *frame.Splitter, chunk []byte) (frames [][]byte, err error) {
	s.Feed(chunk)
	for {
		f, err := s.Next()
		if f == nil {
			return frames, err
		}
		frames = append(frames, bytes.Clone(f))
	}
}

func TestCutAtEveryByte(t *testing.T) {
	stream := bytes.Join([][]byte{build(9999, "<A/>"), build(0, ""), build(17, "<B>x</B>")}, nil)
	for first := range len(stream) + 1 {
		for second := first; second <= len(stream); second++ {
			s := frame.NewSplitter(frame.ECMA323, frame.ECMA323Max)
			var got []byte
			count := 0
			for _, chunk := range [][]byte{stream[:first], stream[first:second], stream[second:]} {
				frames, err := drain(s, chunk)
				if err != nil {
					t.Fatal(err)
				}
				count += len(frames)
				got = append(got, bytes.Join(frames, nil)...)
			}
			if count != 3 || !bytes.Equal(got, stream) || s.Partial() != 0 {
				t.Fatalf("cut at %d and %d: %d frames, %d bytes left", first, second, count, s.Partial())
			}
		}
	}
}

func TestByteByByte(t *testing.T) {
	stream := append(build(1, "<A/>"), build(2, "<B/>")...)
	s := frame.NewSplitter(frame.ECMA323, frame.ECMA323Max)
	var got []byte
	for i := range stream {
		frames, err := drain(s, stream[i:i+1])
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, bytes.Join(frames, nil)...)
	}
	if !bytes.Equal(got, stream) {
		t.Fatalf("% x", got)
	}
}

// TestGlued: the frames of one chunk are its own bytes, adjacent, so that a run of them is one write.
func TestGlued(t *testing.T) {
	stream := bytes.Repeat(build(5, "<A/>"), 100)
	s := frame.NewSplitter(frame.ECMA323, frame.ECMA323Max)
	s.Feed(stream)
	for at := 0; at < len(stream); {
		f, err := s.Next()
		if err != nil || len(f) == 0 || &f[0] != &stream[at] {
			t.Fatalf("at %d: % x, %v", at, f, err)
		}
		at += len(f)
	}
	if f, err := s.Next(); f != nil || err != nil {
		t.Fatalf("% x, %v", f, err)
	}
}

// TestCarriedFrameStaysValid: a frame completed from a carry outlives the carry of the next one.
func TestCarriedFrameStaysValid(t *testing.T) {
	a, b := build(1, "<A/>"), build(2, "<B/>")
	s := frame.NewSplitter(frame.ECMA323, frame.ECMA323Max)
	if frames, err := drain(s, a[:5]); len(frames) > 0 || err != nil {
		t.Fatal(frames, err)
	}
	s.Feed(append(a[5:len(a):len(a)], b[:6]...))
	first, err := s.Next()
	if err != nil {
		t.Fatal(err)
	}
	if f, err := s.Next(); f != nil || err != nil {
		t.Fatalf("% x, %v", f, err)
	}
	if !bytes.Equal(first, a) || s.Partial() != 6 {
		t.Fatalf("% x, %d kept", first, s.Partial())
	}
}

func TestLargest(t *testing.T) {
	largest := build(3, strings.Repeat("x", frame.ECMA323Max-frame.ECMA323HeaderLen))
	for _, cut := range []int{0, 1, 7, 8, 9, 32768, len(largest) - 1} {
		s := frame.NewSplitter(frame.ECMA323, 64<<10)
		if frames, err := drain(s, largest[:cut]); len(frames) > 0 || err != nil {
			t.Fatal(len(frames), err)
		}
		frames, err := drain(s, largest[cut:])
		if err != nil || len(frames) != 1 || !bytes.Equal(frames[0], largest) {
			t.Fatalf("cut at %d: %d frames, %v", cut, len(frames), err)
		}
	}
	s := frame.NewSplitter(frame.ECMA323, 65526)
	if _, err := drain(s, largest); !errors.Is(err, frame.ErrLength) {
		t.Fatalf("one byte beyond frame_max: %v", err)
	}
}

// TestCarryGrowsWithWhatArrives: a length field alone costs no memory.
func TestCarryGrowsWithWhatArrives(t *testing.T) {
	s := frame.NewSplitter(frame.ECMA323, frame.ECMA323Max)
	if _, err := drain(s, []byte{0, 0, 0xFF, 0xFF, '0', '0', '0', '1', '<'}); err != nil || s.Partial() != 9 {
		t.Fatal(s.Partial(), err)
	}
}

func TestFaults(t *testing.T) {
	good := build(1, "<A/>")
	for _, c := range []struct {
		name  string
		bytes string
		want  error
	}{
		{"HTTP", "GET / HTTP/1.1\r\n", frame.ErrForeign},
		{"HTTP, one byte", "G", frame.ErrForeign},
		{"TLS", "\x16\x03\x01\x02\x00\x01", frame.ErrForeign},
		{"SOAP", "\x01\x00\x00\x20" + "0001", frame.ErrForeign},
		{"plain XML", "<?xml version", frame.ErrHeader},
		{"second byte", "\x00\x01", frame.ErrHeader},
		{"length 0", "\x00\x00\x00\x000001", frame.ErrLength},
		{"length 7", "\x00\x00\x00\x070001", frame.ErrLength},
		{"invoke ID with a letter", "\x00\x00\x00\x0c00x1<A/>", frame.ErrHeader},
		{"invoke ID with a space", "\x00\x00\x00\x0c   1<A/>", frame.ErrHeader},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := frame.NewSplitter(frame.ECMA323, frame.ECMA323Max)
			frames, err := drain(s, append(bytes.Clone(good), c.bytes...))
			var fault *frame.StreamError
			if len(frames) != 1 || !errors.Is(err, c.want) || !errors.Is(err, frame.ErrFraming) ||
				!errors.As(err, &fault) || fault.Offset != int64(len(good)) {
				t.Fatalf("%d frames, %v", len(frames), err)
			}
			if frames, again := drain(s, good); len(frames) > 0 || !errors.Is(again, c.want) {
				t.Fatalf("after the fault: %d frames, %v", len(frames), again)
			}
		})
	}
}

func TestHeader(t *testing.T) {
	for _, id := range []csta.InvokeID{0, 7, 1234, 9998, 9999} {
		if got := frame.ECMA323InvokeID(build(id, "<A/>")); got != id {
			t.Errorf("%d became %d", id, got)
		}
	}
	if f := build(42, "<A/>"); string(f) != "\x00\x00\x00\x0c0042<A/>" {
		t.Errorf("% x", f)
	}
}

// TestSteadyPathAllocates: nothing, whether frames arrive whole or cut.
func TestSteadyPathAllocates(t *testing.T) {
	f := build(1, strings.Repeat("x", 600))
	s := frame.NewSplitter(frame.ECMA323, frame.ECMA323Max)
	cycle := func() {
		for _, chunk := range [][]byte{f, f[:100], f[100:]} {
			s.Feed(chunk)
			for got, _ := s.Next(); got != nil; got, _ = s.Next() {
			}
		}
	}
	for range 3 {
		cycle()
	}
	if n := testing.AllocsPerRun(100, cycle); n > 0 {
		t.Fatalf("%v allocations", n)
	}
}

// FuzzSplitter: however a stream is cut, the frames and the fault are the same, and frames join to the
// stream's own bytes.
func FuzzSplitter(f *testing.F) {
	f.Add(append(build(1, "<A/>"), build(2, "<B/>")...), uint16(9), uint16(3))
	f.Add([]byte("\x00\x00\x00\x070001"), uint16(2), uint16(1))
	f.Fuzz(func(t *testing.T, stream []byte, cut, step uint16) {
		whole, wholeErr := drain(frame.NewSplitter(frame.ECMA323, 1000), stream)
		s := frame.NewSplitter(frame.ECMA323, 1000)
		var parts [][]byte
		var partErr error
		for rest := stream; len(rest) > 0 && partErr == nil; {
			n := min(len(rest), 1+int(cut)%64)
			cut += step
			var frames [][]byte
			frames, partErr = drain(s, rest[:n])
			parts = append(parts, frames...)
			rest = rest[n:]
		}
		joined := bytes.Join(whole, nil)
		if !bytes.Equal(joined, bytes.Join(parts, nil)) || len(whole) != len(parts) || !bytes.HasPrefix(stream, joined) {
			t.Fatalf("%d frames whole, %d in parts", len(whole), len(parts))
		}
		if (wholeErr == nil) != (partErr == nil) {
			t.Fatalf("whole: %v; in parts: %v", wholeErr, partErr)
		}
	})
}

func BenchmarkSplitter(b *testing.B) {
	chunk := bytes.Repeat(build(9999, strings.Repeat("x", 600)), 100)
	s := frame.NewSplitter(frame.ECMA323, frame.ECMA323Max)
	b.SetBytes(int64(len(chunk)))
	b.ReportAllocs()
	for b.Loop() {
		s.Feed(chunk)
		for f, _ := s.Next(); f != nil; f, _ = s.Next() {
		}
	}
}

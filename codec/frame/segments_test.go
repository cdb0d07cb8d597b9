package frame_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"haproxy/codec/frame"
)

// segmented returns a PDU in HiPath segments of so many bytes.
func segmented(pdu string, size int) []byte {
	var b []byte
	for len(pdu) > size {
		b = append(b, 0x26, byte(size>>8), byte(size))
		b = append(b, pdu[:size]...)
		pdu = pdu[size:]
	}
	b = append(b, 0x26, 0x80|byte(len(pdu)>>8), byte(len(pdu)))
	return append(b, pdu...)
}

// TestSegmentsAreJoined: however the stream is cut, and several messages of one read stay valid.
func TestSegmentsAreJoined(t *testing.T) {
	one, two := value(100), value(40)
	want := [][]byte{
		wrap(t, frame.HiPath26, one), wrap(t, frame.HiPath26, reject), wrap(t, frame.HiPath26, two),
		wrap(t, frame.HiPath26, one),
	}
	stream := bytes.Join([][]byte{
		segmented(one, 33), wrap(t, frame.HiPath26, reject), segmented(two, 1), segmented(one, 99),
	}, nil)
	for cut := range len(stream) + 1 {
		s := frame.NewSplitter(frame.HiPath26, 1000)
		first, err := drain(s, stream[:cut])
		if err != nil {
			t.Fatal(err)
		}
		s.Feed(stream[cut:])
		var rest [][]byte // not copied: they stay valid until the next Feed
		for f, err := s.Next(); f != nil; f, err = s.Next() {
			if err != nil {
				t.Fatal(err)
			}
			rest = append(rest, f)
		}
		if got := append(first, rest...); !slices.EqualFunc(got, want, bytes.Equal) || s.Partial() != 0 {
			t.Fatalf("cut at %d: % x", cut, got)
		}
	}
}

func TestSegmentsStayInBounds(t *testing.T) {
	for _, c := range []struct {
		frameMax, total, size int
		ok                    bool
	}{
		{1000, 1000, 300, true},
		{1000, 1001, 300, false},
		{1 << 20, 0x7FFF, 0x1000, true},
		{1 << 20, 0x8000, 0x1000, false},
	} {
		s := frame.NewSplitter(frame.HiPath26, c.frameMax)
		frames, err := drain(s, segmented(value(c.total), c.size))
		if c.ok != (err == nil && len(frames) == 1) || !c.ok && !errors.Is(err, frame.ErrLength) {
			t.Errorf("%+v: %d frames, %v", c, len(frames), err)
		}
	}
	s := frame.NewSplitter(frame.HiPath26, 1000)
	if _, err := drain(s, []byte("\x26\x00\x01\xa1\x26\x00\x00")); !errors.Is(err, frame.ErrLength) {
		t.Errorf("empty segments without end: %v", err)
	}
	s = frame.NewSplitter(frame.HiPath26, 1000)
	frames, err := drain(s, []byte("\x26\x00\x02\xa1\x00\x26\x80\x00"))
	if err != nil || len(frames) != 1 || string(frames[0]) != "\x26\x80\x02\xa1\x00" {
		t.Errorf("an empty last segment: % x, %v", frames, err)
	}
	s = frame.NewSplitter(frame.HiPath26, 1000)
	if _, err := drain(s, []byte("\x26\x00\x02\xa1\x00\x26")); err != nil || s.Partial() != 6 {
		t.Errorf("%d bytes of an unfinished message, %v", s.Partial(), err)
	}
}

// FuzzFramings: however a stream is cut, the frames and the fault are the same; nothing is kept
// beyond the bound; but for joined segments the frames are the stream's own bytes.
func FuzzFramings(f *testing.F) {
	for i, framing := range all {
		f.Add(uint8(i), bytes.Join(stream(f, framing), nil), uint16(9), uint16(3), i == 2)
	}
	f.Add(uint8(3), segmented(value(100), 30), uint16(2), uint16(1), false)
	f.Fuzz(func(t *testing.T, which uint8, stream []byte, cut, step uint16, preamble bool) {
		const most = 1000
		framing := all[int(which)%len(all)]
		make := func() *frame.Splitter {
			s := frame.NewSplitter(framing, most)
			if preamble {
				s.Expect([]byte("PQ"))
			}
			return s
		}
		if preamble {
			stream = append([]byte("PQ"), stream...)
		}
		whole, wholeErr := drain(make(), stream)
		s := make()
		var parts [][]byte
		var partErr error
		for rest := stream; len(rest) > 0 && partErr == nil; {
			n := min(len(rest), 1+int(cut)%64)
			cut += step
			var frames [][]byte
			frames, partErr = drain(s, rest[:n])
			parts = append(parts, frames...)
			rest = rest[n:]
			if s.Partial() > 2*most {
				t.Fatalf("%d bytes are kept", s.Partial())
			}
		}
		if !slices.EqualFunc(whole, parts, bytes.Equal) {
			t.Fatalf("%v: %d frames whole, %d in parts", framing, len(whole), len(parts))
		}
		var a, b *frame.StreamError
		if errors.As(wholeErr, &a) != errors.As(partErr, &b) || a != nil && (a.Offset != b.Offset || !errors.Is(a, b.Err)) {
			t.Fatalf("%v: whole: %v; in parts: %v", framing, wholeErr, partErr)
		}
		if preamble {
			stream = stream[2:]
		}
		if joined := bytes.Join(whole, nil); framing != frame.HiPath26 && !bytes.HasPrefix(stream, joined) {
			t.Fatalf("%v: frames are not the stream's bytes", framing)
		}
	})
}

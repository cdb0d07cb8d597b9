package fanout

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"haproxy/codec/frame"
)

// framed returns a payload in a frame of the framing.
func framed(t *testing.T, f frame.Framing, payload string) string {
	t.Helper()
	b := append(f.Begin(nil), payload...)
	if err := f.Finish(b, 0); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// say writes bytes as they are, hear reads exactly these.
func (e *end) say(bytes string) {
	e.t.Helper()
	if _, err := io.WriteString(e, bytes); err != nil {
		e.t.Fatal(err)
	}
}

func (e *end) hear(want string) {
	e.t.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(e, got); err != nil || string(got) != want {
		e.t.Fatalf("got %.60q, want %.60q: %v", got[:n], want, err)
	}
}

// silent fails if anything comes within the time.
func (e *end) silent(d time.Duration) {
	e.t.Helper()
	_ = e.SetReadDeadline(time.Now().Add(d))
	if n, err := e.Read(make([]byte, 1)); n > 0 || errors.Is(err, io.EOF) {
		e.t.Fatalf("%d bytes, %v: nothing was due", n, err)
	}
	_ = e.SetDeadline(time.Now().Add(3 * patience))
}

// accepted takes the proxy's call to the switch without waiting for the link.
func (r *rig) accepted() *end {
	r.t.Helper()
	_ = r.ports.(*net.TCPListener).SetDeadline(time.Now().Add(patience))
	c, err := r.ports.Accept()
	if err != nil {
		r.t.Fatalf("the proxy did not call the switch: %v", err)
	}
	return newEnd(r.t, c)
}

func newOXE(t *testing.T) *rig {
	t.Helper()
	return newRig(t, func(c *LinkConfig, l *limits, _ *rig) {
		c.Framing, c.ConnectTimeout = frame.OXE, 150*time.Millisecond
		l.header = 400 * time.Millisecond
	})
}

func (r *rig) linkIsUp() (up bool) {
	r.t.Helper()
	r.core(func(s *script) { up = s.up })
	return up
}

func (r *rig) legsUp() (n int) {
	r.t.Helper()
	r.core(func(s *script) { n = len(s.legs) })
	return n
}

// TestPreambleOfTheSwitch: B goes out first, and the link is up with P, whatever comes glued to it.
func TestPreambleOfTheSwitch(t *testing.T) {
	r := newOXE(t)
	sw := r.accepted()
	sw.hear("B")
	if r.linkIsUp() {
		t.Error("the link is up before the switch has answered")
	}
	a := dialEnd(t, r.link.TServerAddr(0))
	a.say("B")
	a.hear("P" + string(packet("hello")))
	event := framed(t, frame.OXE, "\xa1\x08an event")
	sw.say("P" + event[:5])
	r.until("the link is up", r.linkIsUp)
	sw.say(event[5:] + event)
	a.hear(event + event)
	a.say(event)
	sw.hear(event)
}

// TestPreambleOfATServer: nothing is written before its B, then P and the rest.
func TestPreambleOfATServer(t *testing.T) {
	r := newOXE(t)
	sw := r.accepted()
	sw.hear("B")
	sw.say("P")
	r.until("the link is up", r.linkIsUp)
	a, b := dialEnd(t, r.link.TServerAddr(0)), dialEnd(t, r.link.TServerAddr(1))
	request := framed(t, frame.OXE, "\xa1\x09a request")
	b.say("B" + request)
	b.hear("P" + string(packet("hello")))
	sw.hear(request)
	sw.say(framed(t, frame.OXE, "\xa1\x08an event"))
	a.silent(50 * time.Millisecond)
	if n := r.legsUp(); n != 1 {
		t.Errorf("%d legs are up", n)
	}
	a.say("B")
	a.hear("P" + string(packet("hello")))
	r.until("both legs are up", func() bool { return r.legsUp() == 2 })
}

func TestPreambleThatDoesNotCome(t *testing.T) {
	r := newOXE(t)
	for range 2 { // the switch is dialled anew
		sw := r.accepted()
		sw.hear("B")
		sw.wantEnd()
	}
	a := dialEnd(t, r.link.TServerAddr(0))
	if rest, _ := io.ReadAll(a); len(rest) > 0 {
		t.Errorf("% x was sent before the preamble", rest)
	}
	if r.metric("socket_frame_timeouts_total") < 3 || r.logs.count("preamble did not come in time") < 3 {
		t.Error("not counted, or not logged")
	}
	r.core(func(s *script) {
		if s.up || len(s.legs) > 0 || len(s.order) > 0 || len(r.link.loop.open) > 1 {
			t.Errorf("up %v, legs %v, %d are open", s.up, s.order, len(r.link.loop.open))
		}
	})
}

func TestWrongPreamble(t *testing.T) {
	r := newOXE(t)
	sw := r.accepted()
	sw.hear("B")
	sw.say("N")
	sw.wantEnd()
	for _, wrong := range []string{"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01", "\x00\x07\xa4\x05\x05\x00\x80\x01\x00"} {
		a := dialEnd(t, r.link.TServerAddr(0))
		a.say(wrong)
		if rest, _ := io.ReadAll(a); len(rest) > 0 {
			t.Errorf("%q was answered with % x", wrong, rest)
		}
	}
	if n := r.metric("socket_framing_faults_total"); n != 4 {
		t.Errorf("%v framing faults", n)
	}
	r.core(func(s *script) {
		if s.up || len(s.order) > 0 {
			t.Errorf("up %v, legs %v", s.up, s.order)
		}
	})
}

// TestEndWhilePreambleIsDue: peers that hang up, and a proxy that stops, with preambles outstanding.
func TestEndWhilePreambleIsDue(t *testing.T) {
	r := newOXE(t)
	sw := r.accepted()
	sw.hear("B")
	a := dialEnd(t, r.link.TServerAddr(0))
	r.until("both are open", func() (both bool) {
		r.core(func(*script) { both = len(r.link.loop.open) == 2 })
		return both
	})
	_ = a.Close()
	r.until("one is open", func() (one bool) {
		r.core(func(*script) { one = len(r.link.loop.open) <= 1 })
		return one
	})
	dialEnd(t, r.link.TServerAddr(1)) // left open: the rig's shutdown ends it
}

// TestEveryFramingOverSockets: frames of each framing pass as they are, and segments as one frame.
func TestEveryFramingOverSockets(t *testing.T) {
	for _, f := range []frame.Framing{frame.Length16, frame.HiPath26, frame.TPKT, frame.BER} {
		t.Run(f.String(), func(t *testing.T) {
			r := newRig(t, func(c *LinkConfig, _ *limits, _ *rig) { c.Framing = f })
			sw := r.answer()
			a := dialEnd(t, r.link.TServerAddr(0))
			a.hear(string(packet("hello")))
			large := framed(t, f, "\xa1\x82\x75\x30"+string(bytes.Repeat([]byte("x"), 30000)))
			small := framed(t, f, "\xa1\x08an event")
			sw.say(small + large + small)
			a.hear(small + large + small)
			a.say(small + large)
			sw.hear(small + large)
			if f == frame.HiPath26 {
				sw.say("\x26\x00\x04\xa1\x08an\x26\x80\x06 event")
				a.hear(small)
			}
		})
	}
}

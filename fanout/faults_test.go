package fanout

import (
	"testing"
)

// TestUnframeable closes the leg that sends what is no frame, with one line that says why. Nobody
// else notices.
func TestUnframeable(t *testing.T) {
	for _, test := range []struct{ name, bytes, says string }{
		{"HTTP", "GET / HTTP/1.1\r\n\r\n", "perhaps HTTP"},
		{"TLS", "\x16\x03\x01\x02\x00", "a TLS handshake"},
		{"short length", "\x00\x00\x00\x07" + "0001", "below the header"},
		{"invoke ID", "\x00\x00\x00\x10" + "00x1<a/>....", "not four digits"},
		{"first bytes", "\xff\xff\x00\x10", "are not 00 00"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, nil)
			sw, a, b := r.answer(), r.join(0), r.join(1)
			if _, err := a.Write([]byte(test.bytes)); err != nil {
				t.Fatal(err)
			}
			a.wantEnd()
			sw.send("event")
			b.want("event")
			if n := r.logs.count(test.says); n != 1 {
				t.Errorf("%d lines say %q, want 1", n, test.says)
			}
			if n := r.metric("socket_framing_faults_total"); n != 1 {
				t.Errorf("%v faults counted, want 1", n)
			}
		})
	}
}

// TestScan logs sockets that never sent a frame once a peer, and a T-Server's each time.
func TestScan(t *testing.T) {
	r := newRig(t, nil)
	sw := r.answer()
	for _, bytes := range []string{"GET / HTTP/1.1\r\n\r\n", "\x00\x00\x00", "\x16\x03\x01\x02\x00"} {
		e := r.join(0)
		if _, err := e.Write([]byte(bytes)); err != nil {
			t.Fatal(err)
		}
		e.wantEnd()
	}
	if n := r.logs.count("closed: "); n != 1 {
		t.Errorf("%d lines about one scan, want 1", n)
	}
	for range 2 {
		e := r.join(0)
		e.send("request")
		sw.want("request")
		if _, err := e.Write([]byte("garbage!")); err != nil {
			t.Fatal(err)
		}
		e.wantEnd()
	}
	if n := r.logs.count("closed: "); n != 3 {
		t.Errorf("%d lines, want one more for each of two T-Servers' sockets", n)
	}
	if n := r.metric("socket_framing_faults_total") + r.metric("socket_frame_timeouts_total"); n != 5 {
		t.Errorf("%v faults counted, want 5", n)
	}
}

// TestUnframeableSwitch closes the link and calls the switch again. What came before the fault
// counts.
func TestUnframeableSwitch(t *testing.T) {
	r := newRig(t, nil)
	sw, a := r.answer(), r.join(0)
	if _, err := sw.Write(append(packet("event"), "garbage!"...)); err != nil {
		t.Fatal(err)
	}
	a.want("event", "link down")
	sw.wantEnd()
	sw = r.answer()
	sw.send("event 2")
	a.want("event 2")
}

// TestSlowDrip closes a leg whose frame never ends, whether it stops in the header or after it,
// however many bytes still trickle in.
func TestSlowDrip(t *testing.T) {
	for name, start := range map[string]string{
		"header": "\x00\x00\x00",
		"frame":  "\x00\x00\xff\xff" + "0001<a>",
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, nil)
			sw, a, b := r.answer(), r.join(0), r.join(1)
			if _, err := a.Write([]byte(start)); err != nil {
				t.Fatal(err)
			}
			if name == "frame" {
				go func() {
					for {
						if _, err := a.Write([]byte("x")); err != nil {
							return
						}
						pause()
					}
				}()
			}
			a.wantEnd()
			sw.send("event")
			b.want("event")
			if n := r.metric("socket_frame_timeouts_total"); n != 1 {
				t.Errorf("%v time-outs counted, want 1", n)
			}
			if n := r.logs.count("did not end in time"); n != 1 {
				t.Errorf("%d lines, want 1", n)
			}
			r.core(func(s *script) {
				if name == "frame" && s.heard == 0 {
					t.Error("the hub was not told that bytes came")
				}
			})
		})
	}
}

// TestSlowDripOfSwitch redials a link whose frame never ends.
func TestSlowDripOfSwitch(t *testing.T) {
	r := newRig(t, nil)
	sw := r.answer()
	if _, err := sw.Write([]byte("\x00\x00\xff\xff" + "0001")); err != nil {
		t.Fatal(err)
	}
	sw.wantEnd()
	r.answer()
}

// TestResetAtOnce survives callers that reset before anybody has looked at them.
func TestResetAtOnce(t *testing.T) {
	r := newRig(t, nil)
	for range 200 {
		reset(t, dialEnd(t, r.link.TServerAddr(0)))
	}
	r.until("no socket is counted", func() bool { return r.link.sockets(0).Load() == 0 })
	r.join(0)
}

// TestReset survives peers that reset in the midst of everything, and tells the hub once of each.
func TestReset(t *testing.T) {
	r := newRig(t, nil)
	sw, b := r.answer(), r.join(1)
	for range 20 {
		a := r.join(0)
		a.send("request")
		reset(t, a)
		sw.send("event")
		sw.want("request")
		b.want("event")
	}
	r.until("the legs are gone", func() (one bool) {
		r.core(func(s *script) { one = len(s.legs) == 1 })
		return one
	})
}

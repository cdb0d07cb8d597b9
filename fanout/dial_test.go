package fanout

import (
	"net"
	"testing"
	"time"

	"haproxy/fanout/hub"
)

// TestRedial calls the switch again when the link is lost, and tells the hub both times.
func TestRedial(t *testing.T) {
	r := newRig(t, nil)
	a := r.join(0)
	for range 3 {
		sw := r.answer()
		sw.send("event")
		a.want("event")
		_ = sw.Close()
		a.want("link down")
	}
	r.answer()
	if got := r.metric("link_sockets_total"); got != 4 {
		t.Errorf("%v sockets to the switch, want 4", got)
	}
}

// TestDialAllAddresses finds the one address that answers, whichever it is.
func TestDialAllAddresses(t *testing.T) {
	r := newRig(t, func(c *LinkConfig, _ *limits, r *rig) {
		dead := listenLocal(t)
		c.Dial = []string{dead.Addr().String(), "127.0.0.1:1", r.ports.Addr().String()}
		_ = dead.Close()
	})
	sw := r.answer()
	if got := r.metric("link_dials_failed_total"); got < 2 {
		t.Errorf("%v dials failed, want 2 or more", got)
	}
	if n := r.logs.count("cannot be reached"); n != 2 {
		t.Errorf("%d lines about addresses that do not answer, want 2", n)
	}
	sw.send("event")
}

// TestSwitchThatHangsUp is not flooded with calls: rounds back off as long as the link is not
// normal.
func TestSwitchThatHangsUp(t *testing.T) {
	pauses := (&Link{seed: 1}).newBackoff(250*time.Millisecond, 10*time.Second)
	full := 250 * time.Millisecond
	for range 10 {
		if d := pauses.next(); d < full/2 || d > full {
			t.Errorf("pause of %v, want %v to %v", d, full/2, full)
		}
		full = min(2*full, 10*time.Second)
	}
	pauses.reset()
	if d := pauses.next(); d > 250*time.Millisecond {
		t.Errorf("pause of %v after a reset", d)
	}
}

// TestListenForSwitch serves a switch that calls in, and refuses a second one while the first
// lives.
func TestListenForSwitch(t *testing.T) {
	r := newRig(t, func(c *LinkConfig, _ *limits, _ *rig) {
		c.Dial, c.Listen = nil, "127.0.0.1:0"
		c.Hub.HeartbeatInterval = time.Hour
	})
	a := r.join(0)
	sw := dialEnd(t, r.link.LinkAddr())
	sw.send("event")
	a.want("event")
	second := dialEnd(t, r.link.LinkAddr())
	second.wantEnd()
	sw.send("event 2")
	a.want("event 2")
	if got := r.metric("sockets_refused_total"); got != 1 {
		t.Errorf("%v refused, want 1", got)
	}
	_ = sw.Close()
	a.want("link down")
	third := dialEnd(t, r.link.LinkAddr())
	third.send("event 3")
	a.want("event 3")
}

// TestSwitchCallsAnew gives the link to a new call of the same host when the old socket is silent.
func TestSwitchCallsAnew(t *testing.T) {
	r := newRig(t, func(c *LinkConfig, _ *limits, _ *rig) {
		c.Dial, c.Listen = nil, "127.0.0.1:0"
		c.Hub.HeartbeatInterval = 50 * time.Millisecond
	})
	a := r.join(0)
	old := dialEnd(t, r.link.LinkAddr())
	old.send("event")
	a.want("event")
	heard := time.Now()
	r.until("a heartbeat is overdue", func() bool {
		return time.Since(heard) > 60*time.Millisecond
	})
	anew := dialEnd(t, r.link.LinkAddr())
	a.want("link down")
	old.wantEnd()
	anew.send("event 2")
	a.want("event 2")
	r.core(func(s *script) {
		if s.State() != hub.LinkNormal {
			t.Errorf("the link is %v", s.State())
		}
	})
}

// TestNoLinkAddr has no address to call where the proxy dials.
func TestNoLinkAddr(t *testing.T) {
	r := newRig(t, nil)
	if a := r.link.LinkAddr(); a != nil {
		t.Errorf("got %v", a)
	}
	if a, ok := r.link.TServerAddr(1).(*net.TCPAddr); !ok || a.Port == 0 {
		t.Errorf("got %v", a)
	}
}

package replay_test

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"haproxy/codec/csta"
	"haproxy/perf/replay"
)

// port takes calls and does something with each, until the test ends.
func port(t *testing.T, do func(n int, socket net.Conn)) string {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := 0; ; n++ {
			socket, err := listener.Accept()
			if err != nil {
				return
			}
			do(n, socket)
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return listener.Addr().String()
}

func hangUp(socket net.Conn) { _ = socket.Close() } // that is all it does

// Who takes calls and hangs up, as a port of something else may, or says what is no CSTA, is no far side that a capture
// was played to. It is given as long as one that is not there.
func TestFarSideIsNone(t *testing.T) {
	http := func(socket net.Conn) {
		_, _ = io.WriteString(socket, "HTTP/1.1 400 Bad Request\r\n\r\n") // it may be closed already
		hangUp(socket)
	}
	for _, c := range []struct {
		name   string
		events int
		does   func(net.Conn)
		says   string
	}{
		{"amid the capture", 40, hangUp, "without a word"},
		{"at its end", 1, hangUp, "without a word"},
		{"another protocol", 40, http, "csta3-xml"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			result, err := replay.Run(t.Context(), replay.Options{
				Files: []string{amid(t, c.events)}, Wait: 2 * time.Second,
				To: port(t, func(_ int, socket net.Conn) { c.does(socket) }),
			}, t.Output())
			if !errors.Is(err, replay.ErrNobody) || !strings.Contains(err.Error(), c.says) || result.Ended == 0 {
				t.Errorf("%+v, %v", result, err)
			}
		})
	}
}

// A port that is there before what it leads to is called until somebody speaks, and that one is told the capture.
func TestFarSideIsLate(t *testing.T) {
	events := make(chan int, 1)
	address := port(t, func(n int, socket net.Conn) {
		if n < 3 {
			hangUp(socket)
			return
		}
		c := talking(t, socket)
		c.ask(csta.MonitorStart, 5, "2001")
		events <- told(c)
		hangUp(socket)
	})
	result, err := replay.Run(t.Context(), replay.Options{Files: []string{amid(t, 40)}, To: address}, t.Output())
	if n := <-events; err != nil || n < 30 || result.Ended != 3 {
		t.Errorf("%d events, %+v, %v", n, result, err)
	}
}

// told takes what comes to its end, and returns how many events were among it.
func told(c *caller) (events int) {
	for m := c.next(); m != nil; m = c.next() {
		if m.Kind == csta.KindEvent {
			events++
		}
	}
	return events
}

// Once somebody has spoken, probes of the port are passed over.
func TestFarSideIsProbed(t *testing.T) {
	address, outcome := play(t, replay.Options{Files: []string{amid(t, 60)}, Patience: 50 * time.Millisecond})
	c := call(t, address)
	c.ask(csta.MonitorStart, 5, "2001")
	for m := c.next(); m.Kind != csta.KindEvent; m = c.next() {
		_ = m
	}
	hangUp(c.socket)
	for range 3 {
		hangUp(call(t, address).socket)
	}
	c = call(t, address)
	c.ask(csta.MonitorStart, 5, "2001")
	events := told(c)
	if result, err := outcome(); err != nil || events == 0 || result.Ended == 0 {
		t.Errorf("%d events in the end, %+v: %v", events, result, err)
	}
}

// A far side that has spoken and is gone for good, though its port is there, is missed as one that never came.
func TestFarSideIsGone(t *testing.T) {
	address := port(t, func(n int, socket net.Conn) {
		if n == 0 {
			c := talking(t, socket)
			c.ask(csta.MonitorStart, 5, "2001")
			for m := c.next(); m != nil && m.Kind != csta.KindEvent; m = c.next() {
				_ = m
			}
		}
		hangUp(socket)
	})
	result, err := replay.Run(t.Context(), replay.Options{
		Files: []string{amid(t, 40)}, To: address, Loop: true, TopSpeed: true, Wait: time.Second,
	}, t.Output())
	if !errors.Is(err, replay.ErrNobody) || result.Events == 0 || result.Ended > 30 {
		t.Errorf("%+v, %v", result, err)
	}
}

package replay_test

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"haproxy/codec/csta"
	"haproxy/fanout/pcapng"
	"haproxy/fanout/record"
	"haproxy/perf/replay"
)

// later writes a file of a record that begins by what stands: the monitor of 2001, which the primary has, a call of its,
// and that it is not disturbed. Then follow events, and a query to which the switch says otherwise.
func later(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "later.pcapng")
	file, err := os.Create(path)
	must(t, err)
	w, err := pcapng.NewWriter(file, "", record.LinkName, "primary", pcapng.StandingOf(record.LinkName),
		pcapng.StandingOf("primary"))
	must(t, err)
	of := xml(t).NewCodec()
	say := func(leg *pcapng.Conversation, at time.Duration, msg csta.Message) {
		f, failed := of.Append(nil, &msg)
		must(t, failed)
		must(t, w.Say(leg, msg.Kind == csta.KindRequest, began.Add(at), f, ""))
	}
	stood := &pcapng.Conversation{
		Name: pcapng.StandingOf(record.LinkName), Caller: netip.MustParseAddrPort("192.0.2.1:40001"),
		Called: netip.MustParseAddrPort("192.0.2.2:1040"),
	}
	leg := &pcapng.Conversation{Name: record.LinkName}
	elsewhere, err := pcapng.NewWriter(io.Discard, "", record.LinkName)
	must(t, err)
	must(t, elsewhere.Open(leg, began))
	must(t, w.Open(stood, began))
	device := number("2001")
	primary := &pcapng.Conversation{
		Name: pcapng.StandingOf("primary"), Caller: netip.MustParseAddrPort("192.0.2.1:40002"), Called: stood.Called,
	}
	must(t, w.Open(primary, began))
	for i := range csta.InvokeID(5) { // of the same: the T-Server asked as often
		for _, on := range []*pcapng.Conversation{primary, stood}[:2-min(i, 1)] {
			say(on, 0, csta.Message{Kind: csta.KindRequest, Service: csta.MonitorStart, Invoke: 1 + i, Device: device})
			say(on, 0, csta.Message{
				Kind: csta.KindResponse, Service: csta.MonitorStart, Invoke: 1 + i, CrossRef: csta.CrossRefID("5"),
			})
		}
	}
	must(t, w.Close(primary, began))
	say(stood, 0, delivered("5", 20))
	say(stood, 0, csta.Message{Kind: csta.KindRequest, Service: csta.GetDoNotDisturb, Invoke: 2, Device: device})
	say(stood, 0, csta.Message{Kind: csta.KindResponse, Service: csta.GetDoNotDisturb, Invoke: 2, On: csta.SwitchOn})
	must(t, w.Close(stood, began))
	for i := range 10 {
		say(leg, time.Duration(i)*10*time.Millisecond, delivered("5", i))
	}
	say(leg, 100*time.Millisecond, csta.Message{
		Kind: csta.KindRequest, Service: csta.GetDoNotDisturb, Invoke: 3, Device: device,
	})
	say(leg, 100*time.Millisecond, csta.Message{
		Kind: csta.KindResponse, Service: csta.GetDoNotDisturb, Invoke: 3, On: csta.SwitchOff,
	})
	tserver := &pcapng.Conversation{
		Name: "primary", Caller: netip.MustParseAddrPort("192.0.2.9:40009"), Called: netip.MustParseAddrPort("192.0.2.8:2041"),
	}
	must(t, w.Open(tserver, began))
	say(tserver, 110*time.Millisecond, csta.Message{
		Kind: csta.KindRequest, Service: csta.GetDoNotDisturb, Invoke: 3, Device: device,
	})
	must(t, w.Flush())
	must(t, file.Close())
	return path
}

// A proxy that ends its legs while it is brought to where the record begins, or refuses what stood, is said to be none.
func TestNobodyIsBroughtAbout(t *testing.T) {
	for _, c := range []struct {
		name    string
		tserver func(c *caller) // what the proxy does with the T-Server's leg
		link    bool            // it stays
	}{
		{"the T-Server's leg ends", func(c *caller) { must(t, c.socket.Close()) }, true},
		{"the link ends", func(*caller) {}, false},
		{"all is refused", func(c *caller) {
			for m := c.next(); m != nil; m = c.next() {
				c.refuse(m.Invoke)
			}
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var config net.ListenConfig
			proxy, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
			must(t, err)
			must(t, proxy.(*net.TCPListener).SetDeadline(time.Now().Add(10*time.Second)))
			link, outcome := run(t, replay.Options{
				Files: []string{later(t)}, Expect: true, Patience: 50 * time.Millisecond,
				TServers: map[string]string{"primary": proxy.Addr().String()},
			})
			socket, err := proxy.Accept()
			must(t, err)
			if !c.link {
				must(t, link.socket.Close())
			}
			talked := make(chan struct{})
			go func() {
				defer close(talked)
				c.tserver(talking(t, socket))
			}()
			if _, err := outcome(); !errors.Is(err, replay.ErrNobody) {
				t.Error(err)
			}
			_ = socket.Close() // it may be closed
			<-talked
		})
	}
}

// Who calls is given what stood when the record begins: the monitor with the call that there was, and the answer of
// before. What was asked later has the later answer.
func TestWhatStoodIsGiven(t *testing.T) {
	c, outcome := run(t, replay.Options{Files: []string{later(t)}, Multiple: 0.5})
	c.ask(csta.GetDoNotDisturb, 40, "2001")
	if m := c.next(); m.Kind != csta.KindResponse || m.Invoke != 40 || m.On != csta.SwitchOn {
		t.Errorf("the answer of before is %+v", m)
	}
	c.ask(csta.MonitorStart, 41, "2001")
	if m := c.next(); m.Kind != csta.KindResponse || m.Invoke != 41 || string(m.CrossRef) != "5" {
		t.Errorf("the monitor is started by %+v", m)
	}
	if m := c.next(); m.Kind != csta.KindEvent || string(m.Subject.Call) != "cua" {
		t.Errorf("the call of before is told by %+v", m)
	}
	c.ask(csta.GetDoNotDisturb, 42, "2001")
	calls, answers := 0, 0
	for m := c.next(); m != nil; m = c.next() {
		switch {
		case m.Kind == csta.KindEvent && string(m.Subject.Call) != "cua":
			calls++
		case m.Kind == csta.KindResponse && m.Invoke == 42 && m.On == csta.SwitchOff:
			answers++
		default:
			t.Errorf("%+v", m)
		}
	}
	result, err := outcome()
	if err != nil || calls != 10 || result.Unwatched > 0 || answers != 1 || result.Unmatched > 0 {
		t.Errorf("%d calls, %d answers, %+v: %v", calls, answers, result, err)
	}
}

package replay_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
	"haproxy/fanout/pcapng"
	"haproxy/perf/capture"
	"haproxy/perf/protocols"
	"haproxy/perf/replay"
)

var began = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// amid writes a capture that begins after the monitor of 2001 did: so many events, 10 ms apart, and one query that
// the switch answered.
func amid(t *testing.T, events int) string {
	t.Helper()
	return written(t, true, func(say sayer) {
		say(false, 0, csta.Message{
			Kind: csta.KindRequest, Service: csta.GetDoNotDisturb, Invoke: 77, Device: number("2001"),
		})
		say(true, 0, csta.Message{Kind: csta.KindResponse, Service: csta.GetDoNotDisturb, Invoke: 77, On: csta.SwitchOn})
		for i := range events {
			say(true, time.Duration(i)*10*time.Millisecond, delivered("00000005", i))
		}
	})
}

// sayer puts a message into a capture, so long after its beginning.
type sayer func(fromSwitch bool, at time.Duration, msg csta.Message)

// written writes a capture of one leg, with its beginning and end or amid its life.
func written(t *testing.T, whole bool, tell func(say sayer)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "link.pcapng")
	file, err := os.Create(path)
	must(t, err)
	w, err := pcapng.NewWriter(file, "", "card")
	must(t, err)
	ends := w
	if !whole {
		ends, err = pcapng.NewWriter(io.Discard, "", "card")
		must(t, err)
	}
	leg, of := &pcapng.Conversation{Name: "card"}, xml(t).NewCodec()
	must(t, ends.Open(leg, began))
	tell(func(fromSwitch bool, at time.Duration, msg csta.Message) {
		f, err := of.Append(nil, &msg)
		must(t, err)
		must(t, w.Say(leg, !fromSwitch, began.Add(at), f, ""))
	})
	must(t, ends.Close(leg, began.Add(time.Hour)))
	must(t, w.Flush())
	must(t, file.Close())
	return path
}

// delivered is an event of the n-th call of 2001.
func delivered(ref string, n int) csta.Message {
	device := number("2001")
	return csta.Message{
		Kind: csta.KindEvent, Event: csta.EventDelivered, Invoke: 9999, CrossRef: csta.CrossRefID(ref),
		Subject: csta.ConnectionID{Call: csta.CallID{'c', byte('a' + n%26), byte('a' + n/26)}, Device: device},
		Device:  device, Calling: number("2009"), Called: device,
	}
}

func number(n string) csta.DeviceID { return csta.DeviceID{Form: csta.DeviceNumber, Number: []byte(n)} }

func xml(t *testing.T) protocols.Protocol {
	t.Helper()
	p, err := protocols.Find(protocols.XML, "")
	must(t, err)
	return p
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// caller is a T-Server, by hand.
type caller struct {
	t      *testing.T
	socket net.Conn
	codec  codec.Codec
	cut    *frame.Splitter
	msg    csta.Message
}

// run replays a capture and returns a T-Server that has called, and the outcome to come.
func run(t *testing.T, opts replay.Options) (*caller, func() (*replay.Result, error)) {
	t.Helper()
	address, outcome := play(t, opts)
	return call(t, address), outcome
}

// play replays a capture to who calls an address.
func play(t *testing.T, opts replay.Options) (string, func() (*replay.Result, error)) {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	opts.Listener = listener
	type outcome struct {
		result *replay.Result
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		o.result, o.err = replay.Run(t.Context(), opts, t.Output())
		done <- o
	}()
	return listener.Addr().String(), func() (*replay.Result, error) {
		o := <-done
		return o.result, o.err
	}
}

func call(t *testing.T, address string) *caller {
	t.Helper()
	var dialer net.Dialer
	socket, err := dialer.DialContext(t.Context(), "tcp", address)
	must(t, err)
	t.Cleanup(func() { _ = socket.Close() })
	return talking(t, socket)
}

// talking is who talks on a socket.
func talking(t *testing.T, socket net.Conn) *caller {
	t.Helper()
	return &caller{t: t, socket: socket, codec: xml(t).NewCodec(), cut: frame.NewSplitter(frame.ECMA323, frame.ECMA323Max)}
}

// refuse answers a request by an error.
func (c *caller) refuse(invoke csta.InvokeID) {
	c.t.Helper()
	f, err := c.codec.Append(nil, &csta.Message{Kind: csta.KindError, Error: csta.ErrSystemResource, Invoke: invoke})
	must(c.t, err)
	if _, err = c.socket.Write(f); err != nil {
		c.t.Log(err) // the replay has ended
	}
}

func (c *caller) ask(service csta.Service, invoke csta.InvokeID, device string) {
	c.t.Helper()
	f, err := c.codec.Append(nil, &csta.Message{
		Kind: csta.KindRequest, Service: service, Invoke: invoke, Device: number(device),
	})
	must(c.t, err)
	_, err = c.socket.Write(f)
	must(c.t, err)
}

// next reads one message; nil is the end.
func (c *caller) next() *csta.Message {
	c.t.Helper()
	chunk := make([]byte, 1<<12)
	for {
		f, err := c.cut.Next()
		must(c.t, err)
		if f != nil {
			must(c.t, c.codec.Decode(&c.msg, f))
			return &c.msg
		}
		if c.socket.SetReadDeadline(time.Now().Add(10*time.Second)) != nil {
			return nil // the test has closed it
		}
		n, err := c.socket.Read(chunk)
		if err != nil {
			return nil
		}
		c.cut.Feed(bytes.Clone(chunk[:n]))
	}
}

// A far side that asks otherwise than in the capture gets the capture's answers under its own invoke IDs, as often
// as it asks; the monitor that the capture knows by its events alone; and errors for all else.
func TestAnswersFromCapture(t *testing.T) {
	c, outcome := run(t, replay.Options{Files: []string{amid(t, 40)}, Multiple: 4, Limit: 30})
	c.ask(csta.SnapshotDevice, 6, "2002")
	c.ask(csta.MonitorStart, 5, "2001")
	c.ask(csta.GetDoNotDisturb, 7, "2001") // for which the capture waits
	c.ask(csta.GetDoNotDisturb, 8, "2001")
	events, answers, wrong, monitors := 0, 0, 0, 0
	for m := c.next(); m != nil; m = c.next() {
		switch {
		case m.Kind == csta.KindResponse && m.Invoke == 5 && string(m.CrossRef) == "00000005":
			monitors++
		case m.Kind == csta.KindEvent && string(m.CrossRef) == "00000005":
			events++
		case m.Kind == csta.KindResponse && m.Service == csta.GetDoNotDisturb && m.On == csta.SwitchOn:
			answers++
		case m.Kind == csta.KindError && m.Invoke == 6:
			wrong++
		default:
			t.Errorf("%+v", m)
		}
	}
	result, err := outcome()
	must(t, err)
	if monitors != 1 || answers != 2 || wrong != 1 || events == 0 || events != result.Events || result.Sent != 30 || result.Unmatched != 1 {
		t.Errorf("%d events, %d answers, %d errors: %+v", events, answers, wrong, result)
	}
}

// An answer waits for a request that has not come yet, and is given as soon as it comes.
func TestAnswerWaitsForRequest(t *testing.T) {
	c, outcome := run(t, replay.Options{Files: []string{amid(t, 3)}, TopSpeed: true, Patience: 10 * time.Second})
	c.ask(csta.MonitorStart, 5, "2001")
	for m := c.next(); m.Kind != csta.KindResponse; m = c.next() {
		_ = m
	}
	c.ask(csta.GetDoNotDisturb, 7, "2001")
	for m := c.next(); m != nil; m = c.next() {
		_ = m
	}
	must(t, c.socket.Close())
	result, err := outcome()
	if err != nil || result.Unasked != 0 || result.Answered != 2 || result.Took >= 10*time.Second {
		t.Errorf("%+v: %v", result, err)
	}
}

// The pace is the capture's, a multiple of it, or an even rate: what takes less is no pace. The capture begins anew
// at its end.
func TestPace(t *testing.T) {
	for name, opts := range map[string]replay.Options{
		"multiple": {Multiple: 4}, // 400 ms of the capture
		"rate":     {Rate: 400},
		"loop":     {Multiple: 8, Loop: true, Limit: 80},
	} {
		opts.Files, opts.Patience = []string{amid(t, 41)}, 50*time.Millisecond
		c, outcome := run(t, opts)
		c.ask(csta.MonitorStart, 5, "2001")
		for m := c.next(); m != nil; m = c.next() {
			_ = m
		}
		result, err := outcome()
		must(t, err)
		if result.Took < 50*time.Millisecond || name == "loop" && result.Sent < 80 ||
			name != "loop" && result.Played != result.Recorded || result.Recorded != 400*time.Millisecond {
			t.Errorf("%s: %+v", name, result)
		}
	}
}

// midway writes a capture that begins amid a link: so many events of 2001 under the monitor 5, which is stopped then,
// and as many under the monitor 6 that is started.
func midway(t *testing.T, events int) string {
	t.Helper()
	older, newer := csta.CrossRefID("00000005"), csta.CrossRefID("00000006")
	messages := []csta.Message{
		{Kind: csta.KindRequest, Service: csta.MonitorStop, Invoke: 7, CrossRef: older},
		{Kind: csta.KindResponse, Service: csta.MonitorStop, Invoke: 7},
		{Kind: csta.KindRequest, Service: csta.MonitorStart, Invoke: 8, Device: number("2001")},
		{Kind: csta.KindResponse, Service: csta.MonitorStart, Invoke: 8, CrossRef: newer},
	}
	for i := range events {
		messages = slices.Insert(messages, i, delivered(string(older), i))
		messages = append(messages, delivered(string(newer), i))
	}
	return written(t, false, func(say sayer) {
		for i := range messages {
			say(messages[i].Kind != csta.KindRequest, time.Duration(i+1)*time.Millisecond, messages[i])
		}
	})
}

// A monitor that began before the capture is given once, by its events; what the capture has of its device's next
// one is for who starts that.
func TestMonitorFromBefore(t *testing.T) {
	c, outcome := run(t, replay.Options{Files: []string{midway(t, 10)}, Multiple: 0.05, Patience: 10 * time.Second})
	c.ask(csta.MonitorStart, 5, "2001")
	events, asked := map[string]int{}, false
	for m := c.next(); m != nil; m = c.next() {
		if m.Kind != csta.KindEvent {
			continue
		}
		if events[string(m.CrossRef)]++; events["00000005"] == 3 && !asked {
			asked = true
			f, err := c.codec.Append(nil, &csta.Message{
				Kind: csta.KindRequest, Service: csta.MonitorStop, Invoke: 6, CrossRef: csta.CrossRefID("00000005"),
			})
			must(t, err)
			_, err = c.socket.Write(f)
			must(t, err)
			c.ask(csta.MonitorStart, 7, "2001")
		}
	}
	if result, err := outcome(); err != nil || events["00000005"] < 3 || events["00000006"] != 10 || result.Unmatched > 0 {
		t.Errorf("%v, %+v: %v", events, result, err)
	}
}

// A capture that begins amid its link has no session's start: whoever asks for one is granted what it asks for, and
// keeps it.
func TestSessionFromBefore(t *testing.T) {
	c, outcome := run(t, replay.Options{Files: []string{amid(t, 40)}, Multiple: 4})
	say := func(msg csta.Message) {
		msg.Kind = csta.KindRequest
		f, err := c.codec.Append(nil, &msg)
		must(t, err)
		_, err = c.socket.Write(f)
		must(t, err)
	}
	version := []byte("http://www.ecma-international.org/standards/ecma-323/csta/ed3")
	say(csta.Message{
		Service: csta.StartApplicationSession, Invoke: 5, Application: []byte("replayed"), Versions: [][]byte{version},
		DurationSec: 60,
	})
	started := *c.next()
	if started.Kind != csta.KindResponse || started.Invoke != 5 || len(started.Session) == 0 || started.DurationSec != 60 ||
		len(started.Versions) != 1 || !bytes.Equal(started.Versions[0], version) {
		t.Errorf("%+v", started)
	}
	session := slices.Clone(started.Session)
	say(csta.Message{Service: csta.ResetApplicationSessionTimer, Invoke: 6, Session: session, DurationSec: 90})
	if kept := c.next(); kept.Kind != csta.KindResponse || kept.Invoke != 6 || kept.DurationSec != 90 {
		t.Errorf("%+v", kept)
	}
	c.ask(csta.GetDoNotDisturb, 7, "2001") // for which the capture waits
	for c.next() != nil {
	}
	if result, err := outcome(); err != nil || result.Unmatched > 0 {
		t.Errorf("%+v: %v", result, err)
	}
}

// The capture begins anew on the same link: what the far side asked once it need not ask again, and is not waited for.
func TestLoopWaitsForNoRequest(t *testing.T) {
	c, outcome := run(t, replay.Options{
		Files: []string{amid(t, 10)}, TopSpeed: true, Loop: true, Limit: 50, Patience: time.Hour,
	})
	c.ask(csta.MonitorStart, 5, "2001")
	c.ask(csta.GetDoNotDisturb, 7, "2001")
	events := 0
	for m := c.next(); m != nil; m = c.next() {
		if m.Kind == csta.KindEvent {
			events++
		}
	}
	if result, err := outcome(); err != nil || events < 30 || result.Unasked != 0 || result.Played < 300*time.Millisecond {
		t.Errorf("%d events, %+v: %v", events, result, err)
	}
}

// The end is not put off by a far side that does not read.
func TestEndsThoughNobodyReads(t *testing.T) {
	since := time.Now()
	c, outcome := run(t, replay.Options{
		Files: []string{amid(t, 10)}, TopSpeed: true, Loop: true, Duration: time.Second, Patience: time.Minute,
	})
	must(t, c.socket.(*net.TCPConn).SetReadBuffer(1<<12))
	c.ask(csta.MonitorStart, 5, "2001")
	c.ask(csta.GetDoNotDisturb, 7, "2001")
	result, err := outcome()
	if took := time.Since(since); err != nil || result.Sent == 0 || took > 10*time.Second {
		t.Errorf("it took %v, %+v: %v", took, result, err)
	}
}

// A far side that returns in a later round asks anew, and is waited for as in the first.
func TestLoopWaitsOnNewLink(t *testing.T) {
	address, outcome := play(t, replay.Options{
		Files: []string{amid(t, 10)}, TopSpeed: true, Loop: true, Duration: time.Second, Patience: time.Minute,
	})
	for round := range 2 {
		c := call(t, address)
		time.Sleep(time.Duration(20*round) * time.Millisecond) // it is slow to ask, the second time
		c.ask(csta.MonitorStart, 5, "2001")
		c.ask(csta.GetDoNotDisturb, 7, "2001")
		events := 0
		for m := c.next(); m != nil && (round > 0 || events < 25); m = c.next() {
			if m.Kind == csta.KindEvent {
				events++
			}
		}
		must(t, c.socket.Close())
	}
	if result, err := outcome(); err != nil || result.Unwatched > 20 { // the rest of the round in which it returned
		t.Errorf("%+v: %v", result, err)
	}
}

// A far side that leaves amid the capture and returns starts its monitors anew and gets what is left.
func TestFarSideReturns(t *testing.T) {
	address, outcome := play(t, replay.Options{Files: []string{amid(t, 60)}, Patience: 50 * time.Millisecond})
	events := 0
	for range 2 {
		c := call(t, address)
		c.ask(csta.MonitorStart, 5, "2001")
		for m := c.next(); m != nil && events < 5; m = c.next() {
			if m.Kind == csta.KindEvent {
				events++
			}
		}
		must(t, c.socket.Close())
		if events < 5 {
			t.Fatalf("%d events", events)
		}
		events = 0
	}
	c := call(t, address)
	c.ask(csta.MonitorStart, 5, "2001")
	for m := c.next(); m != nil; m = c.next() {
		if m.Kind == csta.KindEvent {
			events++
		}
	}
	if result, err := outcome(); err != nil || events == 0 || result.Events < 10 || result.Ended != 2 {
		t.Errorf("%d events in the end, %+v: %v", events, result, err)
	}
}

// Bad files and names are the operator's fault, and nobody who comes is no crash.
func TestFaults(t *testing.T) {
	dir := t.TempDir()
	empty, junk := filepath.Join(dir, "empty"), filepath.Join(dir, "junk")
	must(t, os.WriteFile(empty, nil, 0o600))
	must(t, os.WriteFile(junk, bytes.Repeat([]byte("GET / HTTP/1.1\r\n"), 100), 0o600))
	for _, it := range []struct {
		opts replay.Options
		want error
	}{
		{replay.Options{Files: []string{empty}}, capture.ErrEmpty},
		{replay.Options{Files: []string{junk}}, capture.ErrNoLegs},
		{replay.Options{Files: []string{filepath.Join(dir, "none")}}, os.ErrNotExist},
		{replay.Options{Files: []string{amid(t, 3)}, Leg: "backup"}, replay.ErrLeg},
		{replay.Options{Files: []string{amid(t, 3)}, TServers: map[string]string{"nobody": "127.0.0.1:1"}}, replay.ErrLeg},
		{replay.Options{Files: []string{amid(t, 3)}, Listen: "127.0.0.1:0", Wait: 10 * time.Millisecond}, replay.ErrNobody},
	} {
		if _, err := replay.Run(context.Background(), it.opts, t.Output()); !errors.Is(err, it.want) {
			t.Errorf("%v: %v", it.opts.Files, err)
		}
	}
}

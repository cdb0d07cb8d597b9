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
	"haproxy/codec/frame"
	"haproxy/fanout/pcapng"
	"haproxy/perf/replay"
)

// What a proxy made of one query of a T-Server, and what another makes of it. Where the first gave the query up, when it
// said so is of no matter; what the switch said, or what is said at once, has its place; and nothing is said twice.
func TestFailures(t *testing.T) {
	failure := csta.Message{Kind: csta.KindError, Service: csta.GetDoNotDisturb, Invoke: 7, Error: csta.ErrSystemResource}
	generic := failure
	generic.Error = csta.ErrGeneric
	one, two := delivered("5", 1), delivered("5", 2)
	all := []csta.Message{failure, one, two}
	for name, it := range map[string]struct {
		ofSwitch bool // the failure
		inVain   bool // the link was asked the same before, and did not answer
		due      []csta.Message
		come     []csta.Message
		soon     bool // nothing is waited for before
		same     bool
	}{
		"as it was":              {due: all, come: all, same: true},
		"given up later":         {due: all, come: []csta.Message{one, two, failure}, same: true},
		"given up sooner":        {due: []csta.Message{one, two, failure}, come: all, same: true},
		"never given up":         {due: all, come: all[1:]},
		"given up twice":         {due: all, come: []csta.Message{failure, failure, one, two}},
		"another error":          {due: all, come: []csta.Message{generic, one, two}},
		"refused at once":        {due: []csta.Message{one, two, failure}, come: all, soon: true},
		"events in another turn": {due: all, come: []csta.Message{failure, two, one}},
		"the switch's":           {ofSwitch: true, due: all, come: all, same: true},
		"the switch's, later":    {ofSwitch: true, due: all, come: []csta.Message{one, two, failure}},
		"later, one in vain":     {ofSwitch: true, inVain: true, due: all, come: []csta.Message{one, two, failure}},
		"after the end":          {due: all[1:], come: []csta.Message{one, two, failure}, same: true},
		"twice after the end":    {due: all[1:], come: []csta.Message{one, two, failure, failure}},
		"at once, not at all":    {due: all[1:], come: all, soon: true},
	} {
		t.Run(name, func(t *testing.T) {
			after, wait := 200, 200*time.Millisecond
			if it.soon { // as it is on a slow machine too
				defer replay.SetClockPatience(time.Second)()
				after, wait = 1500, 0
			} else {
				t.Parallel()
			}
			path := failing(t, it.ofSwitch, it.inVain, after, it.due)
			result, err := behind(t, path, wait, it.come)
			if it.same != (err == nil) || err != nil && !errors.Is(err, replay.ErrMismatch) {
				t.Errorf("%+v: %v", result.TServers, err)
			}
		})
	}
}

// failing writes a capture of a T-Server that queries, and is told so much after so many milliseconds, and of the link, on which the
// query was answered only if the failure is the switch's.
func failing(t *testing.T, ofSwitch, inVain bool, after int, due []csta.Message) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "both.pcapng")
	file, err := os.Create(path)
	must(t, err)
	w, err := pcapng.NewWriter(file, pcapng.Speaking("made by a test", "csta3-xml", "ecma323"), "switch", "primary")
	must(t, err)
	link, leg, of := &pcapng.Conversation{Name: "switch"}, &pcapng.Conversation{Name: "primary"}, xml(t).NewCodec()
	leg.Caller, leg.Called = netip.MustParseAddrPort("192.0.2.3:40001"), netip.MustParseAddrPort("192.0.2.4:1041")
	say := func(on *pcapng.Conversation, byCaller bool, ms int, msg csta.Message) {
		f, err := of.Append(nil, &msg)
		must(t, err)
		must(t, w.Say(on, byCaller, began.Add(time.Duration(ms)*time.Millisecond), f, ""))
	}
	must(t, w.Open(link, began))
	must(t, w.Open(leg, began))
	say(link, false, 0, delivered("5", 0)) // which tells the switch
	query := csta.Message{Kind: csta.KindRequest, Service: csta.GetDoNotDisturb, Invoke: 7, Device: number("2001")}
	if inVain {
		first := query
		first.Invoke = 6
		say(link, true, 0, first)
	}
	say(leg, true, 1, query)
	say(link, true, 1, query)
	if ofSwitch {
		say(link, false, after, due[0])
	}
	for i := range due {
		say(leg, false, after+1+i, due[i])
	}
	must(t, w.Close(leg, began.Add(2*time.Second)))
	must(t, w.Close(link, began.Add(2*time.Second)))
	must(t, w.Flush())
	must(t, file.Close())
	return path
}

// behind replays a capture to a proxy, by hand, which after a while answers a query by what is to come.
func behind(t *testing.T, path string, wait time.Duration, come []csta.Message) (*replay.Result, error) {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	address, outcome := play(t, replay.Options{
		Files: []string{path}, Expect: true, TopSpeed: true, Patience: time.Second,
		TServers: map[string]string{"primary": listener.Addr().String()},
	})
	link := call(t, address)
	socket, err := listener.Accept()
	must(t, err)
	leg := &caller{t: t, socket: socket, codec: xml(t).NewCodec(), cut: frame.NewSplitter(frame.ECMA323, frame.ECMA323Max)}
	for m := leg.next(); m != nil; m = leg.next() {
		answer := []csta.Message{{Kind: csta.KindResponse, Service: m.Service, Invoke: m.Invoke}}
		if m.Service == csta.GetDoNotDisturb {
			link.ask(csta.GetDoNotDisturb, 1, "2001")
			time.Sleep(wait)
			answer = come
		}
		for i := range answer {
			f, err := leg.codec.Append(nil, &answer[i])
			must(t, err)
			_, err = socket.Write(f)
			must(t, err)
		}
	}
	must(t, socket.Close())
	go func() { _, _ = io.Copy(io.Discard, link.socket); _ = link.socket.Close() }()
	return outcome()
}

package replay_test

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"haproxy/codec/csta"
	"haproxy/fanout/pcapng"
	"haproxy/perf/capture"
	"haproxy/perf/replay"
)

// A proxy that takes longer than patience lasts has told nothing else than it did: what comes late is identical, what
// never comes is missing.
func TestLateIsIdentical(t *testing.T) {
	t.Parallel()
	answer := csta.Message{Kind: csta.KindResponse, Service: csta.GetDoNotDisturb, Invoke: 7, On: csta.SwitchOn}
	due := []csta.Message{answer, delivered("5", 1), delivered("5", 2), delivered("5", 3)}
	for name, come := range map[string][]csta.Message{"late": due, "late, and one not": {due[0], due[1], due[3]}} {
		// patience, a second, is had twice: until the query is taken, and for its answer
		result, err := behind(t, failing(t, true, false, 10, due), 2600*time.Millisecond, come)
		c := result.TServers[0]
		if (err == nil) != (len(come) == len(due)) || c.Delayed == 0 || err == nil && c.Identical != len(due) {
			t.Errorf("%s: %+v: %v", name, c, err)
		}
	}
}

// What is under way when a replay ends before the capture does is no difference.
func TestCutShortIsNoMismatch(t *testing.T) {
	t.Parallel()
	answer := csta.Message{Kind: csta.KindResponse, Service: csta.GetDoNotDisturb, Invoke: 7, On: csta.SwitchOn}
	path := failing(t, true, false, 10, []csta.Message{answer, delivered("5", 1)})
	var config net.ListenConfig
	proxy, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = proxy.Close() })
	link, outcome := run(t, replay.Options{
		Files: []string{path}, Expect: true, TopSpeed: true, Limit: 1,
		TServers: map[string]string{"primary": proxy.Addr().String()},
	})
	for m := link.next(); m != nil; m = link.next() { // the one event
	}
	must(t, link.socket.Close())
	result, err := outcome()
	if err != nil || result.Sent != 1 {
		t.Errorf("%+v: %v", result, err)
	}
}

// A file that was being written, and is cut off, is played as far as it goes, and said to be cut off.
func TestCutOffFile(t *testing.T) {
	path := talk(t, start(7, "2001"), started(7, csta.CrossRefID("5")), delivered("5", 1), delivered("5", 2))
	content, err := os.ReadFile(path)
	must(t, err)
	cut := filepath.Join(t.TempDir(), "cut.pcapng")
	must(t, os.WriteFile(cut, content[:len(content)-7], 0o600))
	c, outcome := run(t, replay.Options{Files: []string{cut}, TopSpeed: true})
	c.ask(csta.MonitorStart, 1, "2001")
	events := 0
	for m := c.next(); m != nil; m = c.next() {
		if m.Kind == csta.KindEvent {
			events++
		}
	}
	must(t, c.socket.Close())
	_, err = outcome()
	var fault *replay.CaptureError
	if !errors.As(err, &fault) || !errors.Is(err, capture.ErrTruncated) || events == 0 {
		t.Errorf("%d events: %v", events, err)
	}
}

// T-Servers are not compared over two runs of the proxy, of which the second began without state.
func TestTwoRuns(t *testing.T) {
	var files []string
	for _, about := range []string{"the first", "the second"} {
		path := filepath.Join(t.TempDir(), "run.pcapng")
		file, err := os.Create(path)
		must(t, err)
		w, err := pcapng.NewWriter(file, pcapng.Speaking(about, "csta3-xml", "ecma323"), "switch", "primary")
		must(t, err)
		link := &pcapng.Conversation{Name: "switch"}
		leg := &pcapng.Conversation{
			Name: "primary", Caller: netip.MustParseAddrPort("192.0.2.3:40001"), Called: netip.MustParseAddrPort("192.0.2.4:1041"),
		}
		for _, on := range []*pcapng.Conversation{link, leg} {
			must(t, w.Open(on, began))
			event := delivered("5", 1)
			f, err := xml(t).NewCodec().Append(nil, &event)
			must(t, err)
			must(t, w.Say(on, false, began, f, ""))
			must(t, w.Close(on, began))
		}
		must(t, w.Flush())
		must(t, file.Close())
		files = append(files, path)
	}
	_, err := replay.Run(t.Context(), replay.Options{
		Files: files, Expect: true, Listen: "127.0.0.1:0", TServers: map[string]string{"primary": "127.0.0.1:1"},
	}, t.Output())
	if !errors.Is(err, replay.ErrRuns) {
		t.Error(err)
	}
}

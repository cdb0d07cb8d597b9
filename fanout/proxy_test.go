package fanout

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/panjf2000/gnet/v2"
	gneterrors "github.com/panjf2000/gnet/v2/pkg/errors"
	"github.com/rs/zerolog"
)

func errorsAs(err error, target any) bool { return err != nil && errors.As(err, target) }

// TestFanOut passes frames both ways: an event reaches both T-Servers, a request the switch alone.
func TestFanOut(t *testing.T) {
	r := newRig(t, nil)
	sw := r.answer()
	a, b := r.join(0), r.join(1)
	sw.send("event 1")
	sw.send("event 2")
	a.want("event 1", "event 2")
	b.want("event 1", "event 2")
	a.send("request")
	sw.want("request")
	if got := r.metric("socket_frames_total"); got != 3 {
		t.Errorf("%v frames read, want 3", got)
	}
}

// TestCutFrames sends one stream in pieces of every size up to a frame and more.
func TestCutFrames(t *testing.T) {
	r := newRig(t, nil)
	sw, a := r.answer(), r.join(0)
	stream := slices.Concat(packet("first"), packet(""), packet("third and longer"))
	for size := 1; size <= len(stream); size++ {
		for at := 0; at < len(stream); at += size {
			if _, err := sw.Write(stream[at:min(at+size, len(stream))]); err != nil {
				t.Fatal(err)
			}
		}
		a.want("first", "", "third and longer")
	}
}

// TestBigFrames passes frames of the largest size, glued.
func TestBigFrames(t *testing.T) {
	r := newRig(t, nil)
	sw, a, b := r.answer(), r.join(0), r.join(1)
	big := strings.Repeat("x", 65535-8)
	const n = 64
	go func() {
		stream := make([]byte, 0, n*65535)
		for range n {
			stream = append(stream, packet(big)...)
		}
		_, _ = sw.Write(stream)
	}()
	for range n {
		a.want(big)
		b.want(big)
	}
}

// TestTwoLinks runs two links in one process; a panic in one leaves the other alone.
func TestTwoLinks(t *testing.T) {
	noLeaks(t)
	one, two := listenLocal(t), listenLocal(t)
	log := &logs{}
	build := func(name string, sw net.Listener) *Link {
		cfg := testLink(sw.Addr().String())
		cfg.Name = name
		k := newLink(&cfg, zerolog.New(log), quick())
		k.newCore = func() core { return newScript(0) }
		return k
	}
	p, err := start(context.Background(), []*Link{build("one", one), build("two", two)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Shutdown(context.Background()) })
	var switches []*end
	for _, l := range []net.Listener{one, two} {
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		switches = append(switches, newEnd(t, c))
	}
	a := dialEnd(t, p.Links()[0].TServerAddr(0))
	b := dialEnd(t, p.Links()[1].TServerAddr(0))
	a.want("hello")
	b.want("hello")
	switches[0].send("panic")
	a.wantEnd()
	switches[0].wantEnd()
	switches[1].send("event")
	b.want("event")
	if p.Links()[1].Name() != "two" {
		t.Errorf("link is named %q", p.Links()[1].Name())
	}
}

// TestPanic ends the legs of a link whose hub broke, says so, and serves again.
func TestPanic(t *testing.T) {
	r := newRig(t, nil)
	for _, from := range []string{"switch", "T-Server"} {
		sw, a, b := r.answer(), r.join(0), r.join(1)
		if from == "switch" {
			sw.send("panic")
		} else {
			a.send("panic")
		}
		sw.wantEnd()
		a.wantEnd()
		b.wantEnd()
	}
	sw, a := r.answer(), r.join(0)
	sw.send("event")
	a.want("event")
	if got := r.metric("panics_total"); got != 2 {
		t.Errorf("%v panics counted, want 2", got)
	}
	if n := r.logs.count("the answer must be 42"); n != 2 {
		t.Errorf("the sentence is in the log %d times, want 2:\n%s", n, r.logs)
	}
}

// TestCoreCloses closes the leg that the hub wants closed, and tells it once.
func TestCoreCloses(t *testing.T) {
	r := newRig(t, nil)
	a := r.join(0)
	a.send("close")
	a.wantEnd()
	r.until("the hub has no leg", func() (none bool) {
		r.core(func(s *script) { none = len(s.legs) == 0 })
		return none
	})
}

// TestAddressInUse fails the start with a sentence for the operator and leaves nothing bound.
func TestAddressInUse(t *testing.T) {
	noLeaks(t)
	taken := listenLocal(t)
	defer func() { _ = taken.Close() }()
	cfg := testLink("127.0.0.1:1")
	cfg.TServers[1].Listen = taken.Addr().String()
	_, err := Start(context.Background(), Config{Links: []LinkConfig{cfg}, Log: zerolog.Nop()})
	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Fatalf("got %v", err)
	}
	parts := []string{`link "one"`, `T-Server "b"`, taken.Addr().String(), "stop it or"}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

// TestConfig refuses what cannot run.
func TestConfig(t *testing.T) {
	for name, change := range map[string]func(*LinkConfig){
		"no name":     func(c *LinkConfig) { c.Name = "" },
		"no way":      func(c *LinkConfig) { c.Dial = nil },
		"both ways":   func(c *LinkConfig) { c.Listen = "127.0.0.1:0" },
		"no bound":    func(c *LinkConfig) { c.FrameMax = 0 },
		"no time-out": func(c *LinkConfig) { c.ConnectTimeout = 0 },
		"no address":  func(c *LinkConfig) { c.TServers[0].Listen = "" },
		"strangers":   func(c *LinkConfig) { c.TServers = c.TServers[:1] },
	} {
		cfg := testLink("127.0.0.1:1")
		change(&cfg)
		if p, err := Start(context.Background(), Config{Links: []LinkConfig{cfg}}); err == nil {
			_ = p.Shutdown(context.Background())
			t.Errorf("%s: started", name)
		}
	}
}

// TestContextEnds stops a proxy whose context ends, without a Shutdown.
func TestContextEnds(t *testing.T) {
	noLeaks(t)
	sw := listenLocal(t)
	defer func() { _ = sw.Close() }()
	ctx, cancel := context.WithCancel(context.Background())
	cfg := testLink(sw.Addr().String())
	k := newLink(&cfg, zerolog.Nop(), quick())
	k.newCore = func() core { return newScript(0) }
	p, err := start(ctx, []*Link{k})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := p.Wait(); err != nil {
		t.Error(err)
	}
	if _, err := k.Snapshot(context.Background()); !errors.Is(err, ErrStopped) {
		t.Errorf("a snapshot of a stopped link: %v", err)
	}
}

// TestSnapshotOfStuckLoop comes back with the caller's patience, and ticks do not pile up.
func TestSnapshotOfStuckLoop(t *testing.T) {
	r := newRig(t, nil)
	before, after := 0, 0
	stuck, release := make(chan struct{}), make(chan struct{})
	if err := r.link.post(func() {
		before = r.link.loop.hub.(*script).ticks
		close(stuck)
		<-release
	}); err != nil {
		t.Fatal(err)
	}
	<-stuck
	ctx, cancel := context.WithTimeout(context.Background(), 8*defaultLimits.tick)
	defer cancel()
	if _, err := r.link.Snapshot(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	close(release)
	r.core(func(s *script) { after = s.ticks })
	if after > before+2 { // the one that waited, and one that has come since
		t.Errorf("%d ticks piled up", after-before)
	}
}

// TestOneWriteALeg writes the frames of one read to each T-Server at once.
func TestOneWriteALeg(t *testing.T) {
	r := newRig(t, nil)
	sw, a, b := r.answer(), r.join(0), r.join(1)
	reads, writes := r.metric("socket_reads_total"), r.metric("socket_writes_total")
	const n = 8 << 10
	go flood(sw, n)
	wantFlood(a, n)
	wantFlood(b, n)
	reads, writes = r.metric("socket_reads_total")-reads, r.metric("socket_writes_total")-writes
	if writes > 2*reads || reads > n/8 {
		t.Errorf("%v writes for %v reads of %d frames", writes, reads, n)
	}
}

// TestLoopEnds stops the proxy with an error when an event loop ends by itself.
func TestLoopEnds(t *testing.T) {
	r := newRig(t, func(c *LinkConfig, _ *limits, _ *rig) { c.Dial, c.Listen = nil, "127.0.0.1:0" })
	a := r.join(0)
	_ = r.link.bridge.Execute(context.Background(), gnet.RunnableFunc(func(context.Context) error {
		return gneterrors.ErrEngineShutdown
	}))
	a.wantEnd()
	began := time.Now()
	if err := r.proxy.Wait(); err == nil || !strings.Contains(err.Error(), "ended by itself") {
		t.Errorf("got %v", err)
	}
	if took := time.Since(began); took > patience {
		t.Errorf("took %v", took)
	}
}

// TestShutdownOfStuckLoop leaves a loop that does not come back, and says so.
func TestShutdownOfStuckLoop(t *testing.T) {
	r := newRig(t, nil)
	r.join(0)
	release := make(chan struct{})
	defer close(release)
	if err := r.link.post(func() { <-release }); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := r.proxy.Shutdown(ctx); err == nil || !strings.Contains(err.Error(), "stuck") {
		t.Errorf("got %v", err)
	}
}

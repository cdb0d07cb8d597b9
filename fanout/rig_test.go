package fanout

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"haproxy/codec/codectest"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
	"haproxy/fanout/hub"
)

// patience is how long a test waits for what must come.
const patience = 10 * time.Second

// script is a core that is easy to predict: what the switch sends goes to every leg, what a leg
// sends goes to the switch. Payloads command it: "panic" breaks it, "close" asks for the leg's end.
type script struct {
	up     bool
	legs   map[hub.LegID]int
	outs   []hub.Output
	order  []hub.LegID
	bound  int
	backed map[hub.LegID]int
	lines  []hub.Notice
	ticks  int
	heard  int
	stops  int
}

func newScript(bound int) *script {
	return &script{legs: make(map[hub.LegID]int), backed: make(map[hub.LegID]int), bound: bound}
}

func (s *script) out(id hub.LegID) *hub.Output {
	for i := range s.outs {
		if s.outs[i].Leg == id {
			return &s.outs[i]
		}
	}
	s.outs = append(s.outs, hub.Output{Leg: id})
	return &s.outs[len(s.outs)-1]
}

func (s *script) send(id hub.LegID, b []byte) {
	o := s.out(id)
	if n := len(o.Runs); n > 0 {
		last := o.Runs[n-1]
		if len(last)+len(b) <= cap(last) && &last[:len(last)+1][len(last)] == &b[0] {
			o.Runs[n-1] = last[:len(last)+len(b)]
			return
		}
	}
	o.Runs = append(o.Runs, b)
}

func (s *script) LinkUp(time.Time)   { s.up = true }
func (s *script) LinkDown(time.Time) { s.up = false; s.all(packet("link down")) }
func (s *script) LegUp(_ time.Time, id hub.LegID, tserver int) {
	s.legs[id] = tserver
	s.order = append(s.order, id)
	s.send(id, packet("hello"))
}

func (s *script) LegDown(_ time.Time, id hub.LegID) {
	if _, ok := s.legs[id]; !ok {
		panic(fmt.Sprintf("leg %d went down twice or never came up", id))
	}
	delete(s.legs, id)
	delete(s.backed, id)
}

func (s *script) all(b []byte) {
	for _, id := range s.order {
		if _, ok := s.legs[id]; ok {
			s.send(id, b)
		}
	}
}

func (s *script) FromLink(_ time.Time, b []byte) {
	if string(b[8:]) == "panic" {
		panic("the answer must be 42")
	}
	s.all(b)
}

func (s *script) FromLeg(_ time.Time, id hub.LegID, b []byte) {
	switch string(b[8:]) {
	case "panic":
		panic("the answer must be 42")
	case "close":
		s.out(id).Close = hub.CloseSession
	default:
		s.send(hub.Link, b)
	}
}

func (s *script) Heard(time.Time, hub.LegID) { s.heard++ }

func (s *script) Backlog(id hub.LegID, n int) {
	s.backed[id] = n
	if s.bound > 0 && n > s.bound && id != hub.Link {
		s.out(id).Close = hub.CloseSlow
	}
}
func (s *script) Undelivered(time.Time, hub.LegID, int) {}

func (s *script) Tick(time.Time)        { s.ticks++ }
func (s *script) Waiting() bool         { return false }
func (s *script) Outputs() []hub.Output { return s.outs }
func (s *script) Notices() []hub.Notice { return s.lines }
func (s *script) Done()                 { s.outs, s.lines = s.outs[:0], s.lines[:0] }
func (s *script) Status() csta.Status   { return csta.StatusNormal }
func (s *script) Stop(time.Time)        { s.stops++ }
func (s *script) State() hub.LinkState {
	if s.up {
		return hub.LinkNormal
	}
	return hub.LinkDown
}

func (s *script) AppendMetrics(dst []hub.Metric) []hub.Metric {
	return append(dst, hub.Metric{Name: "script_ticks", Value: float64(s.ticks)})
}

func (s *script) Recount(func(int, bool, []byte) bool) bool { return false }
func (s *script) RecountLen() int64                         { return 0 }

// packet is a frame with a payload.
func packet(payload string) []byte {
	b := make([]byte, frame.ECMA323HeaderLen, frame.ECMA323HeaderLen+len(payload))
	frame.PutECMA323(b, len(b)+len(payload), frame.ECMA323EventID)
	return append(b, payload...)
}

// logs collects a test's log.
type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logs) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), text)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// rig is one link with scripted cores, its switch and its log.
type rig struct {
	t      *testing.T
	proxy  *Proxy
	link   *Link
	logs   *logs
	ports  net.Listener // of the switch
	bound  int
	scores []*script // every core made, on the loop only
}

// quick are limits that suit a test.
func quick() limits {
	lim := defaultLimits
	lim.backoffMin, lim.backoffMax = 5*time.Millisecond, 40*time.Millisecond
	lim.header, lim.frame = 150*time.Millisecond, 300*time.Millisecond
	lim.stop = 500 * time.Millisecond
	return lim
}

// testLink is a link with two T-Servers whose switch is at an address.
func testLink(dial ...string) LinkConfig {
	return LinkConfig{
		Name: "one", Framing: frame.ECMA323, FrameMax: 65535, Dial: dial,
		ConnectTimeout: time.Second,
		Hub:            hub.Config{TServers: []hub.TServer{{Name: "a"}, {Name: "b"}}},
		TServers: []TServerConfig{
			{Name: "a", Listen: "127.0.0.1:0"},
			{Name: "b", Listen: "127.0.0.1:0"},
		},
	}
}

// newRig starts one link. Changes may be made to it and its limits before it runs.
func newRig(t *testing.T, change func(*LinkConfig, *limits, *rig)) *rig {
	t.Helper()
	noLeaks(t)
	r := &rig{t: t, logs: &logs{}}
	r.ports = listenLocal(t)
	cfg, lim := testLink(r.ports.Addr().String()), quick()
	if change != nil {
		change(&cfg, &lim, r)
	}
	k := newLink(&cfg, zerolog.New(r.logs), lim)
	k.newCore = func() core {
		s := newScript(r.bound)
		r.scores = append(r.scores, s)
		return s
	}
	p, err := start(context.Background(), []*Link{k})
	if err != nil {
		t.Fatal(err)
	}
	r.proxy, r.link = p, k
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := p.Shutdown(ctx); err != nil && !t.Failed() {
			t.Logf("shutdown: %v", err)
		}
		if t.Failed() {
			t.Logf("log:\n%s", r.logs)
		}
	})
	return r
}

// core runs a look at the present core on the loop.
func (r *rig) core(look func(*script)) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := r.link.ask(ctx, func() { look(r.link.loop.hub.(*script)) }); err != nil {
		r.t.Fatal(err)
	}
}

// metric returns the sum of a counter over its labels, and over both sides.
func (r *rig) metric(name string) float64 {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	snap, err := r.link.Snapshot(ctx)
	if err != nil {
		r.t.Fatal(err)
	}
	sum, found := 0.0, false
	for _, m := range snap.Metrics {
		if m.Name == name || m.Name == "link_"+name || m.Name == "tserver_"+name {
			sum, found = sum+m.Value, true
		}
	}
	if !found {
		r.t.Fatalf("no metric %q", name)
	}
	return sum
}

// until polls for a condition.
func (r *rig) until(what string, ok func() bool) {
	r.t.Helper()
	until(r.t, what, ok)
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
		pause()
	}
}

// pause yields between two looks at a condition.
func pause() { <-time.After(time.Millisecond) }

// answer accepts the proxy's call to the switch.
func (r *rig) answer() *end {
	r.t.Helper()
	_ = r.ports.(*net.TCPListener).SetDeadline(time.Now().Add(patience))
	c, err := r.ports.Accept()
	if err != nil {
		r.t.Fatalf("the proxy did not call the switch: %v", err)
	}
	r.until("the link is up", func() (up bool) {
		r.core(func(s *script) { up = s.up })
		return up
	})
	return newEnd(r.t, c)
}

// join dials as a T-Server and reads the greeting.
func (r *rig) join(i int) *end {
	r.t.Helper()
	e := dialEnd(r.t, r.link.TServerAddr(i))
	e.want("hello")
	return e
}

// end is a peer's end of a socket.
type end struct {
	t *testing.T
	net.Conn
}

func newEnd(t *testing.T, c net.Conn) *end {
	t.Helper()
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(3 * patience))
	return &end{t: t, Conn: c}
}

func dialEnd(t *testing.T, to net.Addr) *end {
	t.Helper()
	c, err := net.DialTimeout("tcp", to.String(), patience)
	if err != nil {
		t.Fatal(err)
	}
	return newEnd(t, c)
}

func (e *end) send(payload string) {
	e.t.Helper()
	if _, err := e.Write(packet(payload)); err != nil {
		e.t.Fatal(err)
	}
}

// next returns the payload of the next frame.
func (e *end) next() string {
	e.t.Helper()
	head := make([]byte, 8)
	if _, err := io.ReadFull(e, head); err != nil {
		e.t.Fatalf("no frame: %v", err)
	}
	body := make([]byte, int(head[2])<<8+int(head[3])-8)
	if _, err := io.ReadFull(e, body); err != nil {
		e.t.Fatalf("frame ends early: %v", err)
	}
	return string(body)
}

func (e *end) want(payloads ...string) {
	e.t.Helper()
	for _, want := range payloads {
		if got := e.next(); got != want {
			e.t.Fatalf("got %.60q, want %.60q", got, want)
		}
	}
}

// wantEnd reads until the peer has closed.
func (e *end) wantEnd() {
	e.t.Helper()
	_, err := io.Copy(io.Discard, e)
	var timeout net.Error
	if ok := errorsAs(err, &timeout); ok && timeout.Timeout() {
		e.t.Fatal("the socket was not closed")
	}
}

func listenLocal(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// noLeaks checks at the end of the test that descriptors and goroutines are back at their level.
func noLeaks(t *testing.T) {
	t.Helper()
	files, routines := openFiles(t), runtime.NumGoroutine()
	t.Cleanup(func() {
		if t.Failed() {
			return
		}
		for end := time.Now().Add(patience); ; pause() {
			f, g := openFiles(t), runtime.NumGoroutine()
			if f <= files && g <= routines {
				return
			}
			if time.Now().After(end) {
				stacks := make([]byte, 1<<20)
				stacks = stacks[:runtime.Stack(stacks, true)]
				t.Fatalf("%d descriptors and %d goroutines, were %d and %d\n%s", f, g, files,
					routines, stacks)
			}
		}
	})
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		codectest.Missing(t, "/proc:", err)
	}
	return len(entries)
}

func prefixes(list ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range list {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

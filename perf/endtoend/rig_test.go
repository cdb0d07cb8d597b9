package endtoend

import (
	"bytes"
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"haproxy/codec"
	"haproxy/codec/cstaxml"
	"haproxy/fanout"
	"haproxy/fanout/hub"
	"haproxy/perf/ledger"
	"haproxy/perf/protocols"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// patience bounds every wait; nothing is expected to take that long.
const patience = 30 * time.Second

// rig is a switch, the proxy and the T-Servers, over loopback.
type rig struct {
	t      testing.TB
	ctx    context.Context
	sw     *switchsim.Server
	speaks protocols.Protocol
	proxy  *fanout.Proxy
	link   *fanout.Link
	log    *lines
}

// lines counts the lines of the log, from warnings on.
type lines struct{ n atomic.Int64 }

func (l *lines) Write(b []byte) (int, error) {
	l.n.Add(int64(bytes.Count(b, []byte("\n"))))
	return len(b), nil
}

func (l *lines) count() int { return int(l.n.Load()) }

// setup changes what a rig is made of.
type setup struct {
	speaks protocols.Protocol // the zero one is XML
	sw     switchsim.Options
	hub    func(*hub.Config)
	tap    fanout.Tap

	recordBytes int64 // of one file of a record
	lossFirst   bool  // the link is lost before there are calls, and not amid them
}

// each runs a scenario over the protocols.
func each(
	t *testing.T, over []protocols.Protocol, scenario func(t *testing.T, p protocols.Protocol),
) {
	t.Helper()
	for _, p := range over {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel() // they mostly wait
			scenario(t, p)
		})
	}
}

// newRig starts a switch and a proxy before it, with two T-Servers to come.
func newRig(tb testing.TB, s setup) *rig {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	tb.Cleanup(cancel)
	p := s.speaks
	if p.Name == "" {
		p = protocols.Tested()[0]
	}
	sw, err := switchsim.Listen(ctx, "127.0.0.1:0", switchsim.New(p.Switch(s.sw)), p.Wire())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(sw.Close)
	cfg := hubConfigOf(p)
	if s.hub != nil {
		s.hub(&cfg)
	}
	r := &rig{t: tb, ctx: ctx, sw: sw, speaks: p, log: &lines{}}
	r.startProxy(cfg, sw.Addr(), s.tap)
	r.eventually("the link is normal", func() bool { return r.metric("link_state") == float64(hub.LinkNormal) })
	return r
}

// startProxy starts a proxy before the switch at an address.
func (r *rig) startProxy(cfg hub.Config, dial string, tap fanout.Tap) {
	tb, p := r.t, r.speaks
	tb.Helper()
	written := r.log
	log := zerolog.New(zerolog.MultiLevelWriter(zerolog.NewTestWriter(tb), written)).Level(zerolog.WarnLevel)
	if _, ok := tb.(*testing.B); ok {
		log = zerolog.Nop()
	}
	proxy, err := fanout.Start(r.ctx, fanout.Config{Log: log, Links: []fanout.LinkConfig{{
		Name: "pbx", Hub: cfg, Framing: p.Framing, FrameMax: p.FrameMax(),
		Dial: []string{dial}, ConnectTimeout: cfg.ConnectTimeout, Tap: tap,
		TServers: []fanout.TServerConfig{
			{Name: "primary", Listen: "127.0.0.1:0"}, {Name: "backup", Listen: "127.0.0.1:0"},
		},
	}}})
	if err != nil {
		tb.Fatal(err)
	}
	r.proxy, r.link = proxy, proxy.Links()[0]
	tb.Cleanup(r.stop)
}

// hubConfigOf is hubConfig of a protocol.
func hubConfigOf(p protocols.Protocol) hub.Config {
	cfg := hubConfig()
	cfg.NewCodec = p.NewCodec
	if p.Association != nil {
		cfg.Session = hub.Session{Kind: hub.SessionACSE, Association: *p.Association}
	}
	return cfg
}

// hubConfig is DESIGN's defaults, but for a rate that suits tests.
func hubConfig() hub.Config {
	return hub.Config{
		NewCodec:           func() codec.Codec { return cstaxml.New() },
		TServers:           []hub.TServer{{Name: "primary", BacklogMax: 64 << 20}, {Name: "backup", BacklogMax: 64 << 20}},
		ConnectTimeout:     2 * time.Second,
		RequestOutstanding: 30,
		RequestQueue:       65536,
		RequestTimeout:     30 * time.Second,
		HeartbeatInterval:  3 * time.Second,
		HeartbeatMisses:    3,
		MonitorLinger:      10 * time.Minute,
		RouteTimeout:       3 * time.Second,
		CallAudit:          4 * time.Hour,
		JournalMax:         1 << 30,
		Answer:             hub.AnswerSet{Monitor: true, Snapshot: true, Features: true},
	}
}

func (r *rig) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := r.proxy.Shutdown(ctx); err != nil {
		r.t.Logf("shutdown: %v", err)
	}
}

// tserver makes a T-Server that keeps everything it gets.
func (r *rig) tserver(name string, seed uint64, opts tserversim.Options) *tserversim.Client {
	opts.Name, opts.Seed, opts.Log = name, seed, ledger.Full
	return tserversim.NewClient(tserversim.New(r.speaks.TServer(opts)), r.speaks.Wire())
}

// join connects a T-Server and waits until it is in step.
func (r *rig) join(c *tserversim.Client, index int) {
	r.t.Helper()
	r.connect(c, index)
	r.inStep(c)
}

// inStep waits until a T-Server has all its monitors and what it asked for.
func (r *rig) inStep(c *tserversim.Client) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.ctx, patience)
	defer cancel()
	if err := c.WaitInStep(ctx); err != nil {
		c.With(func(core *tserversim.TServer) { r.t.Fatalf("%v: %+v", err, core.Stats()) })
	}
}

func (r *rig) connect(c *tserversim.Client, index int) {
	r.t.Helper()
	if err := c.Connect(r.ctx, r.link.TServerAddr(index).String()); err != nil {
		r.t.Fatal(err)
	}
}

// eventually waits until ok.
func (r *rig) eventually(what string, ok func() bool) {
	r.t.Helper()
	deadline := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(deadline) {
			r.t.Fatalf("not within %v: %s", patience, what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// quiet lets the switch rest and waits until the T-Servers have all that it sent.
func (r *rig) quiet(clients ...*tserversim.Client) {
	r.t.Helper()
	r.sw.With(func(core *switchsim.Switch) {
		load := core.Load()
		load.Still = true
		core.SetLoad(load)
	})
	for _, c := range clients {
		c.With(func(core *tserversim.TServer) { core.SetRequests(tserversim.Requests{}) })
	}
	last, same := int64(-1), 0
	r.eventually("silence", func() bool {
		sum := int64(0)
		idle := true
		r.sw.With(func(core *switchsim.Switch) { sum += int64(core.Ledger().Count()) })
		for _, c := range clients {
			c.With(func(core *tserversim.TServer) {
				sum += int64(core.Ledger().Count())
				idle = idle && core.Outstanding() == 0
			})
		}
		if !idle || sum != last {
			last, same = sum, 0
			return false
		}
		same++
		time.Sleep(5 * time.Millisecond)
		return same > 60
	})
}

// metric returns a number of the proxy, summed over its labels.
func (r *rig) metric(name string) float64 {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.ctx, patience)
	defer cancel()
	snapshot, err := r.link.Snapshot(ctx)
	if err != nil {
		r.t.Fatal(err)
	}
	sum, found := 0.0, false
	for _, m := range snapshot.Metrics {
		if m.Name == name {
			sum, found = sum+m.Value, true
		}
	}
	if !found {
		r.t.Fatalf("no metric %s", name)
	}
	return sum
}

// closed returns how many legs the proxy closed for a reason.
func (r *rig) closed(reason string) float64 {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.ctx, patience)
	defer cancel()
	snapshot, err := r.link.Snapshot(ctx)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, m := range snapshot.Metrics {
		if m.Name == "legs_closed_total" && m.LabelValue == reason {
			return m.Value
		}
	}
	r.t.Fatalf("no reason %s", reason)
	return 0
}

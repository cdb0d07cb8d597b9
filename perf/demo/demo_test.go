package demo_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"haproxy/fanout"
	"haproxy/fanout/hub"
	"haproxy/perf/demo"
	"haproxy/perf/protocols"
)

// startProxy starts the real one with DESIGN's defaults.
func startProxy(t *testing.T, p protocols.Protocol) func(string) ([2]string, func(), error) {
	t.Helper()
	return func(switchAddr string) (addrs [2]string, stop func(), err error) {
		cfg := hub.Config{
			NewCodec:       p.NewCodec,
			TServers:       []hub.TServer{{Name: "1", BacklogMax: 1 << 26}, {Name: "2", BacklogMax: 1 << 26}},
			ConnectTimeout: 2 * time.Second, RequestOutstanding: 30, RequestQueue: 65536,
			RequestTimeout: 30 * time.Second, HeartbeatInterval: 3 * time.Second,
			HeartbeatMisses: 3, MonitorLinger: 10 * time.Minute, RouteTimeout: 3 * time.Second,
			CallAudit: 4 * time.Hour, JournalMax: 1 << 30,
			Answer: hub.AnswerSet{Monitor: true, Snapshot: true, Features: true},
		}
		if p.Association != nil {
			cfg.Session = hub.Session{Kind: hub.SessionACSE, Association: *p.Association}
		}
		proxy, err := fanout.Start(t.Context(), fanout.Config{
			Log: zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.WarnLevel),
			Links: []fanout.LinkConfig{{
				Name: "pbx", Hub: cfg, Framing: p.Framing, FrameMax: p.FrameMax(),
				Dial: []string{switchAddr}, ConnectTimeout: cfg.ConnectTimeout,
				TServers: []fanout.TServerConfig{
					{Name: "1", Listen: "127.0.0.1:0"}, {Name: "2", Listen: "127.0.0.1:0"},
				},
			}},
		})
		if err != nil {
			return addrs, nil, err
		}
		for i := range addrs {
			addrs[i] = proxy.Links()[0].TServerAddr(i).String()
		}
		return addrs, func() {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			_ = proxy.Shutdown(ctx)
		}, nil
	}
}

// The demonstration passes on the real proxy and says so, in XML and in every phase of ASN.1 over
// another framing.
func TestDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("plays for five seconds")
	}
	for _, p := range protocols.Tested() {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			opts := demo.Options{StartProxy: startProxy(t, p), Protocol: p, Seed: 1}
			if !p.IsXML() {
				opts.Act = 500 * time.Millisecond
			}
			err := demo.Run(t.Context(), opts, &out)
			t.Logf("\n%s", out.String())
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

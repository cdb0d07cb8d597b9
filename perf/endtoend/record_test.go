package endtoend

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"haproxy/codec/csta"
	"haproxy/fanout/hub"
	"haproxy/fanout/record"
	"haproxy/perf/capture"
	"haproxy/perf/protocols"
	"haproxy/perf/replay"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// What a proxy records of a busy hour into several files, with a backup that is killed and returns and a link that is
// lost, is replayed to another proxy: both T-Servers get the same streams, byte for byte.
func TestRecordIsReproduced(t *testing.T) { each(t, protocols.Tested(), recordIsReproduced) }

func recordIsReproduced(t *testing.T, p protocols.Protocol) {
	t.Helper()
	dir := t.TempDir()
	recordHour(t, p, dir)
	files, err := filepath.Glob(filepath.Join(dir, "*.pcapng"))
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	result, err := replayed(ctx, t, p, files)
	if err != nil {
		t.Fatalf("%v: %+v", err, result)
	}
	for _, c := range result.TServers {
		if c.Identical < 300 {
			t.Errorf("%+v", c)
		}
	}
	if result.Unmatched+result.Unasked > 0 {
		t.Errorf("%+v", result)
	}
	falsify(t, files)
	result, err = replayed(ctx, t, p, files)
	if !errors.Is(err, replay.ErrMismatch) {
		t.Fatalf("a record that was changed is reproduced: %v", err)
	}
	told := ""
	for _, c := range result.TServers {
		told += c.First
	}
	if !strings.Contains(told, "from byte ") {
		t.Errorf("the first difference is told as %q", told)
	}
}

// replayed replays captures to a proxy that nothing was told before.
func replayed(ctx context.Context, t *testing.T, p protocols.Protocol, files []string) (*replay.Result, error) {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, ctx: ctx, speaks: p, log: &lines{}}
	r.startProxy(hubConfigOf(p), listener.Addr().String(), nil)
	return replay.Run(ctx, replay.Options{
		Files: files, Listener: listener, TopSpeed: true, Expect: true,
		TServers: map[string]string{
			"primary": r.link.TServerAddr(0).String(), "backup": r.link.TServerAddr(1).String(),
		},
		Patience: time.Second,
	}, t.Output())
}

// falsify changes the name of the call in the last event that a T-Server got.
func falsify(t *testing.T, files []string) {
	t.Helper()
	var last, call []byte
	reader, err := capture.NewReader(capture.Options{}, func(m *capture.Message) error {
		if id := m.Body.Subject.Call; m.Leg.Name == "backup" && m.Body.Kind == csta.KindEvent && len(id) > 0 {
			last, call = bytes.Clone(m.Frame), bytes.Clone(id)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	path, content := "", []byte(nil)
	for _, path = range files {
		if content, err = os.ReadFile(path); err == nil {
			err = reader.Read(bytes.NewReader(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err = reader.Close(); err != nil {
		t.Fatal(err)
	}
	at := bytes.LastIndex(content, last) // the switch's own is before the T-Servers'
	if at < 0 {
		t.Fatalf("%s does not have the last event", path)
	}
	content[at+bytes.Index(last, call)]++
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// recordHour records.
func recordHour(t *testing.T, p protocols.Protocol, dir string) {
	t.Helper()
	tap, err := record.Start(record.Config{
		Dir: dir, Link: "pbx", TServers: []string{"primary", "backup"}, FileBytes: 256 << 10, Files: 1000,
	}, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, setup{
		speaks: p, tap: tap,
		sw: switchsim.Options{
			Seed: 5, Plant: plant, Load: switchsim.Load{Calls: 12, Features: 10, Pace: 10 * time.Millisecond},
			MonitorLimit: 1,
		},
	})
	opts := tserversim.Options{
		Devices: plant.Numbers(), Ask: tserversim.AskAll, Requests: tserversim.Requests{Rate: 20},
	}
	primary, backup := r.tserver("primary", 1, opts), r.tserver("backup", 2, opts)
	r.join(primary, 0)
	r.join(backup, 1)
	r.sleepEvents(400)
	backup.Kill()
	r.sleepEvents(400)
	r.join(backup, 1)
	r.sleepEvents(400)
	r.sw.With(func(core *switchsim.Switch) { core.DropLink() })
	r.eventually("the link is normal", func() bool { return r.metric("link_state") == float64(hub.LinkNormal) })
	r.sleepEvents(400)
	primary.Close()
	backup.Close()
	r.stop()
	if err := tap.Stop(); err != nil {
		t.Fatal(err)
	}
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/rs/zerolog"
)

// fakeProxy serves until it is told to stop or to fail.
type fakeProxy struct {
	serving chan struct{}
	fail    chan error
}

func (p *fakeProxy) Links() []linkSource {
	return []linkSource{&fakeLink{name: "pbx", snapshot: LinkSnapshot{Normal: true}}}
}

func (p *fakeProxy) Serve(ctx context.Context) error {
	close(p.serving)
	select {
	case <-ctx.Done():
		return nil
	case err := <-p.fail:
		return err
	}
}

// logBuffer takes the log of a running command.
type logBuffer struct {
	mutex sync.Mutex
	text  bytes.Buffer
	lines chan string
}

func (b *logBuffer) Write(line []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.lines <- string(line)
	return b.text.Write(line)
}

func (b *logBuffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.text.String()
}

// await gives the next log line with the message.
func (b *logBuffer) await(t *testing.T, message string) map[string]any {
	t.Helper()
	for {
		select {
		case line := <-b.lines:
			var fields map[string]any
			if err := json.Unmarshal([]byte(line), &fields); err != nil {
				t.Fatalf("log line %q: %v", line, err)
			}
			if fields["message"] == message {
				return fields
			}
		case <-t.Context().Done():
			t.Fatalf("no log line %q in\n%s", message, b)
		}
	}
}

type running struct {
	*fakeProxy
	path  string
	admin string
	log   *logBuffer
	code  chan int
}

// start runs the run command on a fake proxy.
func start(t *testing.T) *running {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &running{
		fakeProxy: &fakeProxy{serving: make(chan struct{}), fail: make(chan error, 1)},
		path:      filepath.Join(t.TempDir(), "haproxy.toml"),
		admin:     free.Addr().String(),
		log:       &logBuffer{lines: make(chan string, 100)},
		code:      make(chan int, 1),
	}
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	r.write(t, least)
	root := newRoot(func(*Config, zerolog.Logger) (proxy, error) { return r, nil })
	go func() {
		r.code <- execute(context.Background(), root, []string{"run", "-c", r.path}, os.Stdout, r.log)
	}()
	<-r.serving
	t.Cleanup(func() { setLevel("info") })
	return r
}

// write replaces the configuration file by text and the admin address.
func (r *running) write(t *testing.T, text string) {
	t.Helper()
	text += fmt.Sprintf("[admin]\nlisten = %q\n", r.admin)
	if err := os.WriteFile(r.path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func hangUp(t *testing.T, signal syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(os.Getpid(), signal); err != nil {
		t.Fatal(err)
	}
}

func TestRunServesReloadsAndStops(t *testing.T) {
	r := start(t)
	r.log.await(t, "started")
	response, err := http.Get("http://" + r.admin + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("readyz: %v, %v", response.Status, err)
	}

	r.write(t, strings.Replace(least, "1041", "1042", 1)+"[log]\nlevel = \"debug\"\n")
	hangUp(t, syscall.SIGHUP)
	fields := r.log.await(t, "configuration reloaded; these keys take effect at the next start")
	if keys := fmt.Sprint(fields["keys"]); keys != "[link[0].tserver[0].listen]" {
		t.Errorf("keys are %s", keys)
	}
	if zerolog.GlobalLevel() != zerolog.DebugLevel {
		t.Errorf("level is %v", zerolog.GlobalLevel())
	}
	r.write(t, "[[link]]\n")
	hangUp(t, syscall.SIGHUP)
	fields = r.log.await(t, "configuration has faults: nothing was reloaded")
	if faults := fmt.Sprint(fields["faults"]); !strings.Contains(faults, "toml:1: name is missing") {
		t.Errorf("faults are %s", faults)
	}

	hangUp(t, syscall.SIGTERM)
	if fields := r.log.await(t, "stopped"); fields["level"] != "info" {
		t.Errorf("the level is %v", fields["level"])
	}
	if code := <-r.code; code != exitOK {
		t.Errorf("exit code %d\n%s", code, r.log)
	}
}

func TestRunFailsWithItsProxy(t *testing.T) {
	r := start(t)
	r.fail <- errors.New("the loop ended")
	if fields := r.log.await(t, "stopped"); fields["level"] != "error" {
		t.Errorf("the level is %v", fields["level"])
	}
	if code := <-r.code; code != exitFailure || !strings.HasSuffix(r.log.String(), "haproxy: the loop ended\n") {
		t.Errorf("exit code %d\n%s", code, r.log)
	}
}

func TestRunTellsTakenAdminAddress(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	r := &running{path: filepath.Join(t.TempDir(), "f.toml"), admin: taken.Addr().String()}
	r.write(t, least)
	code, _, stderr := command(t, "run", "-c", r.path)
	for _, want := range []string{"haproxy: [admin] listen: cannot listen on " + r.admin, "change listen\n"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("no %q in %s", want, stderr)
		}
	}
	if code != exitFailure {
		t.Errorf("exit code %d", code)
	}
}

func TestRunTellsFaultsOfItsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.toml")
	if err := os.WriteFile(path, []byte(least+"seed = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	root := newRoot(nil)
	var stderr bytes.Buffer
	code := execute(t.Context(), root, []string{"run", "-c", path}, os.Stdout, &stderr)
	if code != exitOperator || !strings.HasPrefix(stderr.String(), path+":8: unknown key") {
		t.Errorf("exit code %d\n%s", code, stderr.String())
	}
}

func TestWaitingNamesWhatChanged(t *testing.T) {
	started, now := mustParse(t, least), mustParse(t, least+"[log]\nlevel=\"warn\"\n")
	if keys := waiting(started, now); len(keys) > 0 {
		t.Errorf("the level alone: %v", keys)
	}
	now = mustParse(t, strings.ReplaceAll(least, "1041", "1042")+"[[link.tserver]]\nname=\"b\"\nlisten=\":1043\"\n")
	now.Links[0].Session.Password = "new"
	want := []string{
		"link[0].session.password_file",
		"link[0].tserver[0].listen",
		"link[0].tserver[1].allow", "link[0].tserver[1].backlog_max",
		"link[0].tserver[1].listen", "link[0].tserver[1].name",
	}
	if keys := waiting(started, now); !slices.Equal(keys, want) {
		t.Errorf("got %v, want %v", keys, want)
	}
	if keys := waiting(now, started); !slices.Equal(keys, want) {
		t.Errorf("got %v, want %v", keys, want)
	}
}

func TestLogFormats(t *testing.T) {
	for _, c := range []struct {
		format   string
		terminal bool
		json     bool
	}{{"auto", true, false}, {"auto", false, true}, {"console", false, false}, {"json", true, true}} {
		var out bytes.Buffer
		log := newLogger(&out, c.format, c.terminal)
		log.Info().Msg("hello")
		if isJSON := strings.HasPrefix(out.String(), "{"); isJSON != c.json || !strings.Contains(out.String(), "hello") {
			t.Errorf("%+v: %s", c, out.String())
		}
	}
}

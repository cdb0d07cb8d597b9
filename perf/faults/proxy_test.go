package faults

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"haproxy/perf/protocols"
)

// binaryEnv names the program under test.
const binaryEnv = "HAPROXY_BINARY"

// proxy is the real program, a process of its own.
type proxy struct {
	t        testing.TB
	cmd      *exec.Cmd
	ended    chan error
	logPath  string
	host     string // its address
	admin    string
	tservers [2]string
}

// proxySetup changes how the proxy is started.
type proxySetup struct {
	speaks     protocols.Protocol
	dial       string
	host       string              // where it is reached; default 127.0.0.1
	attr       syscall.SysProcAttr // of its process
	backlogMax [2]string
	heartbeat  time.Duration
}

func program(tb testing.TB) string {
	tb.Helper()
	path := os.Getenv(binaryEnv)
	if path == "" {
		tb.Skip(binaryEnv + " names no program to test: make faults builds it and does")
	}
	return path
}

// hosts counts the proxies of this run.
var hosts atomic.Uint32

// ownHost returns an address of the loopback net that no other proxy of this run has: what is free there
// is not taken meanwhile by somebody's socket that dials.
func ownHost() string {
	n := hosts.Add(1)
	return fmt.Sprintf("127.%d.%d.%d", 1+os.Getpid()%250, n>>8, n&0xFF)
}

// ports returns ports that the kernel gave and that are free again.
func ports(tb testing.TB, host string, n int) []int {
	tb.Helper()
	var free []int
	for range n {
		l, err := net.Listen("tcp", host+":0")
		if err != nil {
			tb.Fatal(err)
		}
		defer l.Close()
		free = append(free, l.Addr().(*net.TCPAddr).Port)
	}
	return free
}

const config = `
[log]
format = "json"
[admin]
listen = "%[1]s:%[2]d"
[[link]]
name = "pbx"
profile = %[3]q
protocol = %[4]q
framing = %[5]q
dial = [%[6]q]
connect_timeout = "2s"
heartbeat_interval = "%[11]v"
heartbeat_misses = %[12]d
request_timeout = "4s"
frame_max = "16KiB"
[[link.tserver]]
name = "primary"
listen = "%[1]s:%[7]d"
backlog_max = %[9]q
[[link.tserver]]
name = "backup"
listen = "%[1]s:%[8]d"
backlog_max = %[10]q
`

func startProxy(tb testing.TB, s proxySetup) *proxy {
	tb.Helper()
	bind, look := "0.0.0.0", "127.0.0.1" // it has its address a little later
	if s.host == "" {
		s.host = ownHost()
		bind, look = s.host, s.host
	}
	profile := ""
	if s.speaks.Association != nil {
		profile = "oxe"
	}
	free := ports(tb, look, 3)
	at := func(i int) string { return net.JoinHostPort(s.host, strconv.Itoa(free[i])) }
	p := &proxy{
		t: tb, host: s.host, admin: at(0), tservers: [2]string{at(1), at(2)},
		ended: make(chan error, 1), logPath: filepath.Join(tb.TempDir(), "log"),
	}
	file := filepath.Join(tb.TempDir(), "haproxy.toml")
	text := fmt.Sprintf(config, bind, free[0], profile, s.speaks.Name, s.speaks.Framing, s.dial, free[1], free[2],
		s.backlogMax[0], s.backlogMax[1], s.heartbeat, misses)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	out, err := os.Create(p.logPath)
	if err != nil {
		tb.Fatal(err)
	}
	p.cmd = exec.Command(program(tb), "run", "-c", file)
	p.cmd.Stderr, p.cmd.SysProcAttr = out, &s.attr
	if err := p.start(); err != nil {
		tb.Fatal(err)
	}
	_ = out.Close() // the process has its own
	go func() { p.ended <- p.cmd.Wait() }()
	tb.Cleanup(p.stop)
	return p
}

// start starts the process. A new network namespace is its thread's for the time of the fork alone.
func (p *proxy) start() error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return p.cmd.Start()
}

// stop has the proxy stop cleanly, and shows its log where the test failed.
func (p *proxy) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended, which the wait tells
	select {
	case err := <-p.ended:
		if err != nil {
			p.t.Errorf("the proxy ended: %v", err)
		}
	case <-time.After(patience):
		p.t.Error("the proxy does not stop")
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
	text, err := os.ReadFile(p.logPath)
	if err != nil {
		p.t.Error(err)
	}
	if bytes.Contains(text, []byte("invariant")) {
		p.t.Error("an invariant was broken")
	}
	if p.t.Failed() {
		p.t.Logf("the proxy's log:\n%s", tail(text, 8000))
	}
}

func tail(text []byte, n int) []byte { return text[max(len(text)-n, 0):] }

var httpClient = http.Client{
	Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true},
}

// get asks the admin server.
func (p *proxy) get(path string) (status int, body string) {
	response, err := httpClient.Get("http://" + p.admin + path)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(text)
}

func (p *proxy) ready() bool {
	status, _ := p.get("/readyz")
	return status == http.StatusOK
}

// metric sums the metrics that begin so, label and all.
func (p *proxy) metric(prefix string) float64 {
	_, body := p.get("/metrics")
	sum := 0.0
	for line := range strings.Lines(body) {
		if !strings.HasPrefix(line, prefix) {
			continue
		}
		if value, err := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndexByte(line, ' ')+1:]), 64); err == nil {
			sum += value
		}
	}
	return sum
}

// usage is what the process holds.
type usage struct {
	fds, goroutines int
	rss             int // KiB
}

func (p *proxy) usage() usage {
	p.t.Helper()
	proc := fmt.Sprintf("/proc/%d", p.cmd.Process.Pid)
	entries, err := os.ReadDir(proc + "/fd")
	if err != nil {
		p.t.Fatal(err)
	}
	u := usage{fds: len(entries), goroutines: int(p.metric("go_goroutines "))}
	text, err := os.ReadFile(proc + "/status")
	if err != nil {
		p.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmRSS:" {
			u.rss, _ = strconv.Atoi(fields[1])
		}
	}
	return u
}

// open names the descriptors of the process.
func (p *proxy) open() (names []string) {
	links, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", p.cmd.Process.Pid)) // the pattern is well formed
	for _, link := range links {
		if name, err := os.Readlink(link); err == nil { // it may be closed meanwhile
			names = append(names, name)
		}
	}
	return names
}

package load

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"haproxy/codec/csta"
)

// Subject is a proxy under load: a process, and where its T-Servers are served.
type Subject struct {
	PID      int
	TServers []string // addresses
	Stop     func() error
	Gone     <-chan struct{} // closed when the process has ended; nil where nobody looks

	Carrier *Carrier // where it is a broker: how it carries events
	Publish string   // and its address for the switch, which calls it
}

// whenGone cancels a load whose proxy's process ends amid it.
func (s *Subject) whenGone(ctx context.Context, cancel context.CancelCauseFunc) {
	if s.Gone == nil {
		return
	}
	go func() {
		select {
		case <-s.Gone:
			cancel(errEnded)
		case <-ctx.Done():
		}
	}()
}

// Usage is what a process has used so far.
type Usage struct {
	CPU      time.Duration // user and system
	Resident int64         // bytes, now
	Peak     int64         // bytes, at most since forgetPeak
}

// forgetPeak has the kernel count the peak from now on. Where it does not, the peak is of the whole life.
func forgetPeak(pid int) { _ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0) }

// clockOf is the clock of the processor time that a process has used, as clock_getcpuclockid makes it. The times in
// /proc count in ticks, too coarse for a load that takes few of them.
func clockOf(pid int) int32 { return int32(^pid<<3 | 2) }

// UsageOf reads what a process has used.
func UsageOf(pid int) (Usage, error) {
	var u Usage
	var used unix.Timespec
	if err := unix.ClockGettime(clockOf(pid), &used); err != nil {
		return u, fmt.Errorf("the processor time of process %d: %w", pid, err)
	}
	u.CPU = time.Duration(used.Nano())
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return u, err
	}
	for line := range strings.SplitSeq(string(status), "\n") {
		var kib int64
		if n, _ := fmt.Sscanf(line, "VmRSS: %d kB", &kib); n == 1 {
			u.Resident = kib << 10
		} else if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kib); n == 1 {
			u.Peak = kib << 10
		}
	}
	return u, nil
}

// startProxy runs our proxy before a switch, with so many T-Servers.
func startProxy(ctx context.Context, opts *Options, dial string) (*Subject, error) {
	addresses, err := FreeAddresses(ctx, opts.TServers)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "haproxy-bench-")
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "haproxy.toml")
	if err = os.WriteFile(config, []byte(configText(opts, dial, addresses)), 0o600); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	cmd := exec.CommandContext(ctx, opts.Binary, "run", "-c", config)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	log, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	s := &Subject{PID: cmd.Process.Pid, TServers: make([]string, opts.TServers)}
	s.Stop = sync.OnceValue(func() error {
		stopped := cmd.Process.Signal(syscall.SIGTERM)
		return errors.Join(stopped, cmd.Wait(), os.RemoveAll(dir))
	})
	if err = s.learn(log); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	gone := make(chan struct{})
	s.Gone = gone
	go func() {
		_, _ = io.Copy(io.Discard, log) // so that it never waits for us
		close(gone)
	}()
	return s, nil
}

// FreeAddresses returns loopback addresses on which nobody listens.
func FreeAddresses(ctx context.Context, n int) ([]string, error) {
	var config net.ListenConfig
	var failed error
	addresses := make([]string, n)
	for i := range addresses {
		listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		addresses[i] = listener.Addr().String()
		defer func() { failed = errors.Join(failed, listener.Close()) }() // together, so that none comes twice
	}
	return addresses, failed
}

// configText is the configuration of the proxy.
func configText(opts *Options, dial string, addresses []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "[log]\nformat = \"json\"\n[admin]\nlisten = \"\"\n[runtime]\ngomaxprocs = %d\n", opts.GOMAXPROCS)
	fmt.Fprintf(&b, "[[link]]\nname = \"bench\"\nprotocol = %q\nframing = %q\ndial = [%q]\n", opts.Protocol.Name,
		opts.Protocol.Framing, dial)
	if opts.Profile != "" {
		fmt.Fprintf(&b, "profile = %q\n", opts.Profile)
	}
	fmt.Fprintf(&b, "session.kind = %q\n", sessionKind(opts.Protocol.Association))
	if opts.Record != "" {
		fmt.Fprintf(&b, "record = %q\n", opts.Record)
	}
	for i := range opts.TServers {
		fmt.Fprintf(&b, "[[link.tserver]]\nname = %q\nlisten = %q\n", tserverName(i), addresses[i])
		if opts.Backlog > 0 {
			fmt.Fprintf(&b, "backlog_max = \"%dB\"\n", opts.Backlog)
		}
	}
	return b.String()
}

// sessionKind is what the configuration calls what a link is opened with.
func sessionKind(a *csta.Association) string {
	if a == nil {
		return "none"
	}
	return "acse"
}

func tserverName(i int) string { return fmt.Sprintf("tserver-%d", i+1) }

// learn reads from the proxy's log where the T-Servers are served.
func (s *Subject) learn(log io.Reader) error {
	lines := bufio.NewScanner(log)
	missing := len(s.TServers)
	var last string
	for missing > 0 && lines.Scan() {
		var line struct {
			Message, Listen string
			For             []string
		}
		last = lines.Text()
		if json.Unmarshal(lines.Bytes(), &line) != nil || line.Message != "listening" {
			continue
		}
		for i := range s.TServers {
			if len(line.For) == 1 && line.For[0] == tserverName(i) {
				s.TServers[i] = line.Listen
				missing--
			}
		}
	}
	if missing > 0 {
		return fmt.Errorf("the proxy did not start: %s", last)
	}
	return lines.Err()
}

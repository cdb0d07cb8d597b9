package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"haproxy/perf/load"
	"haproxy/perf/protocols"
)

// subject is what is put under load.
type subject struct {
	name     string
	decodes  bool // it knows what it passes on
	tservers int
	rates    []float64 // at which it is measured; nil for all
	set      func(o *load.Options)
	missing  func() string // why it cannot be measured here; "" where it can
}

// The programs of Debian's packages. Ours has HAProxy's name, so that the paths are whole.
const (
	haproxyProgram = "/usr/sbin/haproxy"
	nginxProgram   = "/usr/sbin/nginx"
	nginxStream    = "/usr/lib/nginx/modules/ngx_stream_module.so"
	redisProgram   = "/usr/bin/redis-server"
	natsName       = "nats-server" // in the folder of our proxy: make compare builds it
)

// How the brokers carry events, on a channel named c.
var (
	redis = load.Carrier{
		Subscriber: "SUBSCRIBE c\r\n",
		Publish:    "*3\r\n$7\r\nPUBLISH\r\n$1\r\nc\r\n$",
		Deliver:    "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$",
	}
	nats = load.Carrier{
		Publisher:  "CONNECT {\"verbose\":false,\"pedantic\":false}\r\n",
		Subscriber: "CONNECT {\"verbose\":false,\"pedantic\":false}\r\nSUB c 1\r\n",
		Publish:    "PUB c ",
		Deliver:    "MSG c 1 ",
	}
)

// subjects are all that are compared, ours first.
func subjects(ours, self string, ber protocols.Protocol) []subject {
	here := func() string { return "" }
	natsProgram := filepath.Join(filepath.Dir(ours), natsName)
	own := func(role string) func(*load.Options) {
		return func(o *load.Options) {
			o.Start = func(ctx context.Context, dial string) (*load.Subject, error) {
				addresses, err := load.FreeAddresses(ctx, 2)
				if err != nil {
					return nil, err
				}
				return start(ctx, addresses, "", self, append([]string{role, dial}, addresses...)...)
			}
		}
	}
	return []subject{
		{nameOurs, true, 2, nil, func(o *load.Options) { o.Binary = ours }, here},
		{nameOne, true, 2, nil, func(o *load.Options) { o.Binary, o.GOMAXPROCS = ours, 1 }, here},
		{nameBER, true, 2, []float64{0}, func(o *load.Options) { o.Binary, o.Protocol, o.Size = ours, ber, 1 }, here},
		{nameStill, true, 2, []float64{10_000}, func(o *load.Options) {
			o.Binary, o.Stall, o.Backlog = ours, o.Duration/2, stillBacklog
		}, here},
		{nameEpoll, false, 2, nil, own(roleEpoll), here},
		{nameNaive, false, 2, nil, own(roleNaive), here},
		{nameRedis, false, 2, nil, broker(redisProgram, &redis, func(port, dir string) []string {
			return []string{"--bind", "127.0.0.1", "--port", port, "--save", "", "--dir", dir}
		}), needs(fromDebian, redisProgram)},
		{nameNATS, false, 2, nil, broker(natsProgram, &nats, func(port, _ string) []string {
			return []string{"-a", "127.0.0.1", "-p", port}
		}), needs("make bin/nats-server", natsProgram)},
		{
			nameTCP, false, 1, nil, passThrough(haproxyProgram, haproxyConfig, "-db", "-f"),
			needs(fromDebian, haproxyProgram),
		},
		{
			nameNginx, false, 1, nil, passThrough(nginxProgram, nginxConfig, "-c"),
			needs(fromDebian, nginxProgram, nginxStream),
		},
	}
}

const fromDebian = "install Debian's package"

// needs says which file is missing, and what gives it.
func needs(remedy string, paths ...string) func() string {
	return func() string {
		for _, path := range paths {
			if _, err := os.Stat(path); err != nil {
				return path + " is missing: " + remedy
			}
		}
		return ""
	}
}

// passThrough is a program that passes one stream on, by a configuration that is made for it.
func passThrough(program string, config func(listen, dial, dir string) string, flags ...string) func(*load.Options) {
	return func(o *load.Options) {
		o.Start = func(ctx context.Context, dial string) (*load.Subject, error) {
			addresses, err := load.FreeAddresses(ctx, 1)
			if err != nil {
				return nil, err
			}
			dir, err := os.MkdirTemp("", "haproxy-compare-")
			if err != nil {
				return nil, err
			}
			path := filepath.Join(dir, "config")
			if err = os.WriteFile(path, []byte(config(addresses[0], dial, dir)), 0o600); err != nil {
				return nil, errors.Join(err, os.RemoveAll(dir))
			}
			return start(ctx, addresses, dir, program, append(flags, path)...)
		}
	}
}

// broker is a program that carries what one publishes to two who subscribe.
func broker(program string, carrier *load.Carrier, flags func(port, dir string) []string) func(*load.Options) {
	return func(o *load.Options) {
		o.Start = func(ctx context.Context, _ string) (*load.Subject, error) {
			addresses, err := load.FreeAddresses(ctx, 1)
			if err != nil {
				return nil, err
			}
			dir, err := os.MkdirTemp("", "haproxy-compare-")
			if err != nil {
				return nil, err
			}
			_, port, err := net.SplitHostPort(addresses[0])
			if err != nil {
				return nil, errors.Join(err, os.RemoveAll(dir))
			}
			s, err := start(ctx, addresses, dir, program, flags(port, dir)...)
			if err != nil {
				return nil, err
			}
			s.TServers = []string{addresses[0], addresses[0]}
			s.Carrier, s.Publish = carrier, addresses[0]
			return s, nil
		}
	}
}

func haproxyConfig(listen, dial, _ string) string {
	return "defaults\n mode tcp\n timeout connect 5s\n timeout client 1h\n timeout server 1h\n" +
		"listen cti\n bind " + listen + "\n server switch " + dial + "\n"
}

func nginxConfig(listen, dial, dir string) string {
	return fmt.Sprintf("load_module %s;\ndaemon off;\nmaster_process off;\npid %s/pid;\nerror_log %s/log;\n"+
		"events { worker_connections 64; }\nstream { server { listen %s; proxy_pass %s; proxy_timeout 1h; } }\n",
		nginxStream, dir, dir, listen, dial)
}

// start starts a program and waits until it listens.
func start(ctx context.Context, addresses []string, dir, program string, args ...string) (*load.Subject, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 2 * time.Second
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	s := &load.Subject{PID: cmd.Process.Pid, TServers: addresses}
	s.Stop = sync.OnceValue(func() error {
		stopped := cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait() // it was told to end
		return errors.Join(stopped, os.RemoveAll(dir))
	})
	for range 500 {
		if listening(addresses) {
			return s, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	stopped := s.Stop() // what it said is whole then
	return nil, errors.Join(fmt.Errorf("%s does not listen: %s", program, said.String()), stopped)
}

// listening reports whether somebody listens on all of the addresses, by the kernel's table: who tries to listen there
// too is in the way of a program that starts.
func listening(addresses []string) bool {
	const listens = "0A"
	table, err := os.ReadFile("/proc/self/net/tcp")
	if err != nil {
		return false
	}
	open := make(map[string]bool)
	for line := range strings.Lines(string(table)) {
		if f := strings.Fields(line); len(f) > 3 && f[3] == listens {
			open[f[1]] = true
		}
	}
	return !slices.ContainsFunc(addresses, func(address string) bool {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !at.Addr().Is4() {
			return true
		}
		ip := at.Addr().As4()
		return !open[fmt.Sprintf("%08X:%04X", binary.NativeEndian.Uint32(ip[:]), at.Port())]
	})
}

package faults

import (
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"haproxy/codec/codectest"
	"haproxy/perf/ledger"
	"haproxy/perf/protocols"
)

// netEnv says that the test runs in a network namespace of its own already.
const netEnv = "HAPROXY_FAULTS_NET"

// TestFaultsLoss is the matrix's last fault: 5 % of a leg's frames are lost and 5 % overtaken, between
// the network namespaces of the proxy and of its peers. It runs itself again in a namespace that ends
// with it.
func TestFaultsLoss(t *testing.T) {
	program(t)
	if os.Getenv(netEnv) == "" {
		lossInNamespace(t)
		return
	}
	run(t, "ip", "link", "set", "lo", "up")
	for _, speaks := range spoken {
		for _, at := range []place{onLink, onPrimary, onBackup} {
			name := fmt.Sprintf("%v/%v", protocols.Tested()[speaks], at)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				playLoss(t, at, speaks, name)
			})
		}
	}
}

func lossInNamespace(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		codectest.Missing(t, "root, who may make network namespaces")
	}
	for _, tool := range []string{"ip", "nsenter", "unshare"} {
		if _, err := exec.LookPath(tool); err != nil {
			codectest.Missing(t, tool, "of iproute2 and util-linux")
		}
	}
	probe := exec.Command("unshare", "--net", "ip", "link", "add", "p0", "type", "veth", "peer", "name", "p1")
	if out, err := probe.CombinedOutput(); err != nil {
		codectest.Missing(t, "the right to make network namespaces:", err, string(out))
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run", "^TestFaultsLoss$", "-test.v", "-test.parallel", "3")
	cmd.Env = append(os.Environ(), netEnv+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	out, err := cmd.CombinedOutput()
	t.Logf("in a network namespace of its own:\n%s", out)
	if err != nil {
		t.Error(err)
	}
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
}

// nets counts the pairs of networks.
var nets atomic.Uint32

// newLossyRig puts the proxy into a namespace of its own: h0 is the peers' end and p0 the proxy's, and the
// bridge lies between their far ends.
func newLossyRig(t *testing.T, s setup) (*rig, *bridge) {
	t.Helper()
	n := nets.Add(1)
	peers, proxyHost := fmt.Sprintf("10.77.%d.1", n), fmt.Sprintf("10.77.%d.2", n)
	end := func(name string) string { return fmt.Sprintf("%s-%d", name, n) }
	for _, side := range []string{"h", "p"} {
		near, far := end(side+"0"), end(side+"1")
		run(t, "ip", "link", "add", near, "type", "veth", "peer", "name", far)
		run(t, "ip", "link", "set", far, "arp", "off", "up")
	}
	run(t, "ip", "addr", "add", peers+"/24", "dev", end("h0"))
	run(t, "ip", "link", "set", end("h0"), "up")
	b := newBridge(t, s.seed, end("h1"), end("p1"))
	r := &rig{
		t: t, setup: s, speaks: protocols.Tested()[s.speaks], rnd: rand.New(rand.NewPCG(s.seed, 0xfa17)),
	}
	dial := r.startSwitch(peers)
	r.proxy = startProxy(t, proxySetup{
		speaks: r.speaks, dial: dial, host: proxyHost, backlogMax: [2]string{"64MiB", "64MiB"},
		heartbeat: time.Second, attr: syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET},
	})
	pid := strconv.Itoa(r.proxy.cmd.Process.Pid)
	run(t, "ip", "link", "set", end("p0"), "netns", pid)
	for _, command := range []string{
		"ip addr add " + proxyHost + "/24 dev " + end("p0"), "ip link set " + end("p0") + " up",
	} {
		run(t, "nsenter", append([]string{"-t", pid, "-n"}, strings.Fields(command)...)...)
	}
	r.addrs = r.proxy.tservers
	r.begin()
	r.dial = dial
	return r, b
}

func playLoss(t *testing.T, at place, speaks int, name string) {
	t.Helper()
	began := time.Now()
	s := setup{speaks: speaks, seed: uint64(crc32.ChecksumIEEE([]byte(name))), log: ledger.Full, load: busy}
	t.Logf("seed %d", s.seed)
	r, b := newLossyRig(t, s)
	r.events(100)
	before, links := r.proxy.usage(), r.links()
	hurt := r.dial
	if at != onLink {
		hurt = r.addrs[at]
	}
	_, text, err := net.SplitHostPort(hurt)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	b.port.Store(uint32(port))
	r.eventually("losses", func() bool { return b.lost.Load() >= 40 && b.late.Load() >= 40 })
	b.port.Store(0)
	r.events(100)
	r.quiet()
	if n := r.links() - links; n != 0 {
		t.Errorf("the CTI link was lost %d times", n)
	}
	for i := range r.ts {
		if legs := r.tserver(place(i)).Stats.Legs; legs != 1 {
			t.Errorf("%v had %d legs", place(i), legs)
		}
	}
	r.judge(false)
	r.leaked(before)
	t.Logf("%v, %d frames lost, %d overtaken", time.Since(began).Round(time.Millisecond), b.lost.Load(), b.late.Load())
}

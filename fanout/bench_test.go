package fanout

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"haproxy/fanout/hub"
)

// benchFrame is the size of the frames of a benchmark, header included.
const benchFrame = 608

// relay is the least core that fans out: it allocates nothing and does nothing else, so that what a
// benchmark measures is this layer.
type relay struct {
	script
	runs [2][][]byte
	legs [2]hub.Output
	n    int
	slow hub.LegID // the leg to be cut
}

func (r *relay) LegUp(_ time.Time, id hub.LegID, tserver int) {
	r.legs[tserver].Leg = id
	r.n++
}
func (r *relay) LegDown(time.Time, hub.LegID) { r.n-- }
func (r *relay) LinkUp(time.Time)             {}
func (r *relay) LinkDown(time.Time)           {}

// relayBound is the product's default backlog_max.
const relayBound = 64 << 20

func (r *relay) Backlog(id hub.LegID, n int) {
	if n > relayBound {
		r.slow = id
	}
}

func (r *relay) FromLink(_ time.Time, b []byte) {
	for i := range r.runs {
		if n := len(r.runs[i]); n > 0 {
			last := r.runs[i][n-1]
			if len(last)+len(b) <= cap(last) && &last[:len(last)+1][len(last)] == &b[0] {
				r.runs[i][n-1] = last[:len(last)+len(b)]
				continue
			}
		}
		r.runs[i] = append(r.runs[i], b)
	}
}

func (r *relay) Outputs() []hub.Output {
	if len(r.runs[0]) == 0 {
		return nil
	}
	for i := range r.legs {
		r.legs[i].Runs, r.legs[i].Close = r.runs[i], hub.CloseNone
		if r.slow != 0 && r.legs[i].Leg == r.slow {
			r.legs[i].Close = hub.CloseSlow
		}
	}
	return r.legs[:]
}
func (r *relay) Done() { r.runs[0], r.runs[1] = r.runs[0][:0], r.runs[1][:0] }

// BenchmarkOneInTwoOut passes events of 608 bytes from one switch to two T-Servers, which are other
// processes: as fast as they come, and at rates. cpu-s/M is what this process used for a million
// messages, mallocs/op is of a message.
func BenchmarkOneInTwoOut(b *testing.B) {
	for _, rate := range []int{0, 10000, 1000} {
		name := fmt.Sprintf("rate=%d", rate)
		if rate == 0 {
			name = "rate=full"
		}
		b.Run(name, func(b *testing.B) { benchOneInTwoOut(b, rate) })
	}
}

func benchOneInTwoOut(b *testing.B, rate int) {
	b.Helper()
	sw := startPeer(b, "switch", fmt.Sprint(rate))
	cfg := testLink(sw.line(b))
	k := newLink(&cfg, zerolog.Nop(), defaultLimits)
	k.newCore = func() core { return &relay{} }
	p, err := start(context.Background(), []*Link{k})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = p.Shutdown(context.Background()) }()
	total := fmt.Sprint(b.N * benchFrame)
	sinks := []*peer{
		startPeer(b, "sink", k.TServerAddr(0).String(), total),
		startPeer(b, "sink", k.TServerAddr(1).String(), total),
	}
	for ready := false; !ready; pause() {
		_ = k.ask(context.Background(), func() {
			ready = k.loop.cti != nil && len(k.loop.legs) == 2
			for _, g := range k.loop.legs {
				setReno(b, g.conn.Fd())
			}
		})
	}
	var before, after syscall.Rusage
	var mallocs, mallocsAfter runtime.MemStats
	runtime.ReadMemStats(&mallocs)
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &before)
	b.ResetTimer()
	sw.say(fmt.Sprint(b.N))
	for _, sink := range sinks {
		sink.line(b)
	}
	b.StopTimer()
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &after)
	runtime.ReadMemStats(&mallocsAfter)
	used := time.Duration(after.Utime.Nano() + after.Stime.Nano() -
		before.Utime.Nano() - before.Stime.Nano())
	b.ReportMetric(used.Seconds()/float64(b.N)*1e6, "cpu-s/M")
	b.ReportMetric(float64(mallocsAfter.Mallocs-mallocs.Mallocs)/float64(b.N), "mallocs/op")
	b.SetBytes(benchFrame)
}

// BenchmarkBesideStalled measures how long events take to one T-Server while the other reads
// nothing, fills its backlog and is cut, at 20,000 messages a second; and the same with both
// reading. Run it with -benchtime of 140000x, seven seconds.
func BenchmarkBesideStalled(b *testing.B) {
	for _, other := range []string{"sink", "stall"} {
		b.Run("other="+other, func(b *testing.B) {
			sw := startPeer(b, "switch", "20000")
			cfg := testLink(sw.line(b))
			k := newLink(&cfg, zerolog.Nop(), defaultLimits)
			k.newCore = func() core { return &relay{} }
			p, err := start(context.Background(), []*Link{k})
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = p.Shutdown(context.Background()) }()
			total := fmt.Sprint(b.N * benchFrame)
			timed := startPeer(b, "timed", k.TServerAddr(0).String(), total)
			startPeer(b, other, k.TServerAddr(1).String(), total)
			for ready := false; !ready; pause() {
				_ = k.ask(context.Background(), func() {
					ready = k.loop.cti != nil && len(k.loop.legs) == 2
				})
			}
			b.ResetTimer()
			sw.say(fmt.Sprint(b.N))
			var p50, p99, worst float64
			if _, err := fmt.Sscan(timed.line(b), &p50, &p99, &worst); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			b.ReportMetric(p50, "p50-µs")
			b.ReportMetric(p99, "p99-µs")
			b.ReportMetric(worst, "max-µs")
			var usage syscall.Rusage
			_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
			b.ReportMetric(float64(usage.Maxrss>>10), "max-rss-MiB")
		})
	}
}

// setReno sets one congestion control on every socket: the host's default changes the figures.
func setReno(tb testing.TB, fd int) {
	tb.Helper()
	if err := unix.SetsockoptString(fd, unix.IPPROTO_TCP, unix.TCP_CONGESTION, "reno"); err != nil {
		tb.Log(err)
	}
}

// peer is a process at the other end of a benchmark's sockets.
type peer struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// peerEnv makes this test binary a peer.
const peerEnv = "FANOUT_TEST_PEER"

func startPeer(tb testing.TB, args ...string) *peer {
	tb.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), peerEnv+"="+strings.Join(args, " "))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = in.Close(); _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return &peer{cmd: cmd, in: in, out: bufio.NewReader(out)}
}

func (p *peer) say(s string) { _, _ = fmt.Fprintln(p.in, s) }

func (p *peer) line(tb testing.TB) string {
	tb.Helper()
	s, err := p.out.ReadString('\n')
	if err != nil {
		tb.Fatalf("peer: %v", err)
	}
	return strings.TrimSpace(s)
}

// TestMain is a peer of a benchmark where the environment says so.
func TestMain(m *testing.M) {
	role := strings.Fields(os.Getenv(peerEnv))
	switch {
	case len(role) == 0:
		m.Run()
	case role[0] == "switch":
		peerSwitch(role[1])
	case role[0] == "sink":
		peerSink(role[1], role[2], false)
	case role[0] == "timed":
		peerSink(role[1], role[2], true)
	case role[0] == "stall":
		if _, err := net.Dial("tcp", role[1]); err != nil {
			panic(err)
		}
		_, _ = io.Copy(io.Discard, os.Stdin)
	}
}

// peerSwitch sends as many frames as it is told, at a rate, 0 being the fastest.
func peerSwitch(rate string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	raw, _ := l.(*net.TCPListener).SyscallConn()
	_ = raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptString(int(fd), unix.IPPROTO_TCP, unix.TCP_CONGESTION, "reno")
	})
	_, _ = fmt.Fprintln(os.Stdout, l.Addr())
	c, err := l.Accept()
	if err != nil {
		panic(err)
	}
	var n, perSecond int
	_, _ = fmt.Sscan(rate, &perSecond)
	for {
		if _, err := fmt.Scanln(&n); err != nil {
			return
		}
		one := packet(strings.Repeat("x", benchFrame-8))
		if perSecond == 0 {
			batch := bytes.Repeat(one, 100)
			for ; n > 0; n -= 100 {
				_, _ = c.Write(batch[:min(n, 100)*len(one)])
			}
			continue
		}
		began := time.Now()
		for i := range n { // one write a frame, as a switch does
			for time.Since(began) < time.Duration(i)*time.Second/time.Duration(perSecond) {
				time.Sleep(200 * time.Microsecond)
			}
			binary.LittleEndian.PutUint64(one[8:], uint64(time.Now().UnixNano()))
			_, _ = c.Write(one)
		}
	}
}

// peerSink reads so many bytes and says that they came, or how long each frame was under way: the
// median, the 99th percentile and the worst, in microseconds.
func peerSink(address, total string, timed bool) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		panic(err)
	}
	var left int
	_, _ = fmt.Sscan(total, &left)
	var took []float64
	buf, have := make([]byte, 1<<20), 0
	for left > 0 {
		n, err := c.Read(buf[have:])
		if err != nil {
			panic(err)
		}
		left -= n
		if !timed {
			continue
		}
		have += n
		now, at := time.Now().UnixNano(), 0
		for ; have-at >= benchFrame; at += benchFrame {
			took = append(took, float64(now-int64(binary.LittleEndian.Uint64(buf[at+8:])))/1e3)
		}
		have = copy(buf, buf[at:have])
	}
	slices.Sort(took)
	if len(took) > 0 {
		_, _ = fmt.Fprintln(os.Stdout, took[len(took)/2], took[len(took)*99/100], took[len(took)-1])
	} else {
		_, _ = fmt.Fprintln(os.Stdout, "done")
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
}

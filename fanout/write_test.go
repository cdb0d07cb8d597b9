package fanout

import (
	"bytes"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestWriteAnyRuns writes runs of all numbers and sizes to a leg that reads now and then: thousands of
// small ones, more than one system call takes, and ones larger than any buffer. All bytes arrive in
// order.
func TestWriteAnyRuns(t *testing.T) {
	r := newRig(t, nil)
	chance := rand.New(rand.NewPCG(5, 6))
	a := r.join(0)
	for _, shape := range []struct{ runs, size int }{
		{1, 100}, {1, 12 << 20}, {8, 700}, {9, 700}, {5000, 300}, {300, 100 << 10}, {3, 3 << 20},
	} {
		var runs [][]byte
		for range shape.runs {
			run := make([]byte, 1+chance.IntN(shape.size))
			for i := 0; i < len(run); i += 1 + i/16 {
				run[i] = byte(chance.Uint32())
			}
			runs = append(runs, run)
		}
		want := bytes.Join(runs, nil)
		r.core(func(s *script) {
			l := r.link.loop
			l.guard(time.Now(), func() {
				for _, run := range runs {
					o := s.out(s.order[0])
					o.Runs = append(o.Runs, run)
				}
			})
		})
		got := make([]byte, len(want))
		if _, err := io.ReadFull(a, got); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("%d runs of up to %d bytes arrive altered", shape.runs, shape.size)
		}
	}
}

// TestSocketOptions looks at the sockets of both sides.
func TestSocketOptions(t *testing.T) {
	r := newRig(t, func(c *LinkConfig, _ *limits, _ *rig) {
		c.Hub.HeartbeatInterval, c.Hub.HeartbeatMisses = 3*time.Second, 3
	})
	r.answer()
	r.join(0)
	check := func(g *leg, userTimeout int) {
		for _, o := range []struct {
			name       string
			level, opt int
			value      int
		}{
			{"TCP_NODELAY", unix.IPPROTO_TCP, unix.TCP_NODELAY, 1},
			{"SO_KEEPALIVE", unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1},
			{"TCP_KEEPIDLE", unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 10},
			{"TCP_KEEPINTVL", unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, 3},
			{"TCP_KEEPCNT", unix.IPPROTO_TCP, unix.TCP_KEEPCNT, 3},
			{"TCP_USER_TIMEOUT", unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, userTimeout},
		} {
			if got, err := unix.GetsockoptInt(g.conn.Fd(), o.level, o.opt); err != nil || got != o.value {
				t.Errorf("%v: %s is %d, want %d (%v)", g.peer, o.name, got, o.value, err)
			}
		}
	}
	r.core(func(*script) {
		check(r.link.loop.cti, 9000)
		for _, g := range r.link.loop.legs {
			check(g, 30000)
		}
	})
}

// allocationsIn returns how many allocations are made in a time in which the test does nothing.
func allocationsIn(d time.Duration) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	time.Sleep(d)
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs - before.Mallocs)
}

// TestReadAllocatesNothing steps the loop with reads and writes at no cost to the heap.
func TestReadAllocatesNothing(t *testing.T) {
	r := newRig(t, nil)
	sw, a, b := r.answer(), r.join(0), r.join(1)
	event := packet("event")
	stream := bytes.Repeat(event, 100)
	got := make([]byte, len(stream))
	r.core(func(*script) {
		core := &relay{}
		for id, g := range r.link.loop.legs {
			core.LegUp(time.Time{}, id, g.tserver)
		}
		r.link.loop.hub = core
	})
	defer r.link.ask(t.Context(), func() { r.link.loop.hub = newScript(0) })
	pass := func() {
		_, _ = sw.Write(stream)
		_, _ = io.ReadFull(a, got)
		_, _ = io.ReadFull(b, got)
	}
	const passes = 500
	began := time.Now()
	n := testing.AllocsPerRun(passes, pass)
	idle := allocationsIn(time.Since(began)) / passes // the clock's tasks cost a little, however long it takes
	if n-idle >= 1 {
		t.Errorf("%v allocations for 100 frames, %v of them without", n, idle)
	}
	if !bytes.HasPrefix(got, event) {
		t.Errorf("got %q", got[:len(event)])
	}
}

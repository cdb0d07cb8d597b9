package fanout

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"
)

func reset(t *testing.T, e *end) {
	t.Helper()
	if err := e.Conn.(*net.TCPConn).SetLinger(0); err != nil {
		t.Fatal(err)
	}
	_ = e.Close()
}

// flood sends numbered frames of about 1 KiB as the switch does, until told to stop or so many.
func flood(sw *end, n int) {
	fill := strings.Repeat("x", 1000)
	batch := make([]byte, 0, 70<<10)
	for i := range n {
		batch = append(batch, packet(fmt.Sprintf("%08d%s", i, fill))...)
		if len(batch) > 64<<10 || i == n-1 {
			if _, err := sw.Write(batch); err != nil {
				return
			}
			batch = batch[:0]
		}
	}
}

// wantFlood reads what flood sent, as long as there is progress.
func wantFlood(e *end, n int) {
	e.t.Helper()
	for i := range n {
		if i%1024 == 0 {
			_ = e.SetDeadline(time.Now().Add(patience)) // a socket that is closed says so when it is read
		}
		if got := e.next(); got[:8] != fmt.Sprintf("%08d", i) {
			e.t.Fatalf("frame %d is %.8s", i, got)
		}
	}
}

// TestBacklogKeepsOrder gives a T-Server that pauses everything, in order, when it reads again; the
// other has it long before.
func TestBacklogKeepsOrder(t *testing.T) {
	r := newRig(t, func(_ *LinkConfig, _ *limits, r *rig) { r.bound = 256 << 20 })
	sw, slow, other := r.answer(), r.join(0), r.join(1)
	const n = 48 << 10
	go flood(sw, n)
	wantFlood(other, n)
	if owed := r.metric("tserver_backlog_bytes"); owed == 0 {
		t.Error("no backlog: the test shows nothing")
	}
	wantFlood(slow, n)
	r.until("the backlog is gone", func() bool { return r.metric("tserver_backlog_bytes") == 0 })
	// The hub hears of what the library drained on its own with the next tick, or before its next step.
	r.until("the hub knows that it is gone", func() (known bool) {
		r.core(func(s *script) {
			known = len(s.backed) > 0
			for _, owed := range s.backed {
				known = known && owed == 0
			}
		})
		return known
	})
	r.until("the clock is slow again", func() bool { return !r.link.soon.Load() })
}

// TestSlowIsCut cuts the T-Server that stands still once its backlog passes the bound. Its memory
// is bounded and given back, and the other's stream is whole.
func TestSlowIsCut(t *testing.T) {
	const bound = 8 << 20
	r := newRig(t, func(_ *LinkConfig, _ *limits, r *rig) { r.bound = bound })
	sw, slow, other := r.answer(), r.join(0), r.join(1)
	_ = slow.Conn.(*net.TCPConn).SetReadBuffer(16 << 10)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range 64 { // the other keeps up
		flood(sw, 1<<10)
		wantFlood(other, 1<<10)
	}
	r.until("the slow one is cut", func() (one bool) {
		r.core(func(s *script) { one = len(s.legs) == 1 })
		return one
	})
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapInuse) - int64(before.HeapInuse); grown > 2*bound {
		t.Errorf("%d bytes more in use", grown)
	}
	slow.wantEnd()
	back := r.join(0)
	sw.send("event")
	back.want("event")
}

// TestSwitchStopsReading gives up a switch that takes no more requests.
func TestSwitchStopsReading(t *testing.T) {
	r := newRig(t, func(_ *LinkConfig, lim *limits, _ *rig) { lim.linkOwed = 1 << 20 })
	r.answer()
	a := r.join(0)
	go flood(a, 32<<10)
	a.want("link down")
	r.answer()
	if r.logs.count("the switch does not read") == 0 {
		t.Error("no line says so")
	}
}

// TestDrain gives T-Servers what was written to them before the proxy ends, and closes the link
// first.
func TestDrain(t *testing.T) {
	r := newRig(t, func(_ *LinkConfig, _ *limits, r *rig) { r.bound = 256 << 20 })
	sw, slow := r.answer(), r.join(0)
	const n = 32 << 10
	flood(sw, n)
	r.until("all is read", func() bool { return r.metric("socket_frames_total") == n })
	if owed := r.metric("tserver_backlog_bytes"); owed == 0 {
		t.Error("no backlog: the test shows nothing")
	}
	ended := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		ended <- r.proxy.Shutdown(ctx)
	}()
	sw.wantEnd()
	if _, err := net.Dial("tcp", r.link.TServerAddr(1).String()); err == nil {
		t.Error("a T-Server could call while the proxy drains")
	}
	wantFlood(slow, n)
	slow.want("link down")
	slow.wantEnd()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := r.proxy.Wait(); err != nil {
		t.Error(err)
	}
}

// TestDrainDeadline ends at the deadline, with the bytes that were lost.
func TestDrainDeadline(t *testing.T) {
	r := newRig(t, func(_ *LinkConfig, _ *limits, r *rig) { r.bound = 256 << 20 })
	sw := r.answer()
	r.join(0)
	const n = 32 << 10
	flood(sw, n)
	r.until("all is read", func() bool { return r.metric("socket_frames_total") == n })
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	err := r.proxy.Shutdown(ctx)
	if !errors.Is(err, ErrUndrained) || !strings.Contains(err.Error(), `link "one": `) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(began); took > patience {
		t.Errorf("took %v", took)
	}
	if again := r.proxy.Wait(); !errors.Is(again, err) && again.Error() != err.Error() {
		t.Errorf("Wait says %v", again)
	}
}

package fanout

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// watching makes an epoll descriptor that watches the reading end of a pipe.
func watching(t *testing.T) (poller, reads, writes int) {
	t.Helper()
	var ends [2]int
	if err := unix.Pipe2(ends[:], unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	poller, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, fd := range []int{poller, ends[0], ends[1]} {
			_ = unix.Close(fd)
		}
	})
	interest := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(ends[0])}
	if err = unix.EpollCtl(poller, unix.EPOLL_CTL_ADD, ends[0], &interest); err != nil {
		t.Fatal(err)
	}
	return poller, ends[0], ends[1]
}

// processors has the test run on so many.
func processors(t *testing.T, n int) {
	t.Helper()
	before := runtime.GOMAXPROCS(n)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
}

func TestPollerOf(t *testing.T) {
	first, reads, writes := watching(t)
	second, also, _ := watching(t)
	for fd, want := range map[int]int{reads: first, also: second} {
		if got, err := pollerOf(fd); err != nil || got != want {
			t.Errorf("the poller of %d is %d, %v; want %d", fd, got, err, want)
		}
	}
	if got, err := pollerOf(writes); err == nil {
		t.Errorf("%d, which nobody watches, has the poller %d", writes, got)
	}
}

// The library is returned to as soon as it has something to take, and when it has to yield.
func TestLinger(t *testing.T) {
	processors(t, 2)
	_, reads, writes := watching(t)
	w := lingerer{loops: 1}
	if err := w.lingersOn(reads); err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1000, 0)
	w.linger(now)
	due := now.Add(yieldEvery)
	if !w.due.Equal(due) {
		t.Fatalf("after a rest it has to yield at %v, want %v", w.due, due)
	}
	now = now.Add(yieldEvery - time.Millisecond)
	for w.due.Equal(due) { // a signal ends the wait too
		w.linger(now)
	}
	if want := due.Add(yieldEvery); !w.due.Equal(want) {
		t.Errorf("after a wait for nothing it has to yield at %v, want %v", w.due, want)
	}
	if _, err := unix.Write(writes, []byte{1}); err != nil {
		t.Fatal(err)
	}
	due = w.due
	w.linger(now)
	if !w.due.Equal(due) {
		t.Error("it waited although there was something to take")
	}
	now = due.Add(time.Millisecond)
	w.linger(now)
	if want := now.Add(yieldEvery); !w.due.Equal(want) {
		t.Errorf("when it was due it yielded not at all: %v, want %v", w.due, want)
	}
}

// The loop of a running link has found the library's poller, and takes bytes and tasks while it waits there.
func TestLoopLingers(t *testing.T) {
	processors(t, 2)
	r := newRig(t, nil)
	sw, leg := r.answer(), r.join(0)
	for range 3 {
		sw.send("event")
		leg.want("event")
	}
	var w lingerer
	if err := r.link.ask(t.Context(), func() { w = r.link.loop.lingerer }); err != nil {
		t.Fatal(err)
	}
	if w.poller[0].Events == 0 || w.loops != 1 || w.due.IsZero() {
		t.Errorf("it does not wait by itself: %+v", w)
	}
}

// Where the loops that wait would leave no processor, it is the library's yield that lets others run.
func TestLingerLeavesAProcessor(t *testing.T) {
	for _, c := range []struct {
		processors, loops int
		waits             bool
	}{{1, 1, false}, {2, 1, true}, {2, 2, false}, {4, 3, true}, {4, 4, false}} {
		processors(t, c.processors)
		_, reads, _ := watching(t)
		w := lingerer{loops: c.loops}
		if err := w.lingersOn(reads); err != nil {
			t.Fatal(err)
		}
		w.linger(time.Unix(1000, 0)) // after a rest
		if got := !w.due.IsZero(); got != c.waits {
			t.Errorf("with %d processors for %d loops it means to wait: %v", c.processors, c.loops, got)
		}
	}
}

package fanout

import (
	"fmt"
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

// lingering makes w wait in a process with so many processors, and returns the end to write what it waits for.
func lingering(t *testing.T, ofProcessors int, w lingerer) (of *lingerer, writes int) {
	t.Helper()
	processors(t, ofProcessors)
	_, reads, writes := watching(t)
	if err := w.lingersOn(reads); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.lingersOff)
	return &w, writes
}

// The library is returned to as soon as it has something to take, and when it has to yield.
func TestLinger(t *testing.T) {
	for _, c := range []struct {
		name       string
		processors int
		every      time.Duration // it has to yield so often
		waits      time.Duration // in vain, at least
	}{
		{"beside another processor", 2, yieldEvery, time.Millisecond},
		{"alone", 1, holdFor, 2 * holdFor},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, writes := lingering(t, c.processors, lingerer{loops: 1})
			now := time.Unix(1000, 0)
			w.linger(now)
			due := now.Add(c.every)
			if !w.due.Equal(due) {
				t.Fatalf("after a rest it has to yield at %v, want %v", w.due, due)
			}
			now = now.Add(c.every - time.Millisecond)
			began := time.Now()
			for w.due.Equal(due) || w.alone && w.due.Equal(due.Add(c.every)) { // a signal ends the wait too
				w.linger(now)
			}
			if took := time.Since(began); took < c.waits {
				t.Errorf("it waited for nothing for %v, want %v", took, c.waits)
			}
			if last := w.due; !last.After(due) {
				t.Errorf("after a wait for nothing it has to yield at %v, no later than before", last)
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
			if want := now.Add(c.every); !w.due.Equal(want) {
				t.Errorf("when it was due it yielded not at all: %v, want %v", w.due, want)
			}
		})
	}
}

// The loop of a running link has found the library's poller, and takes bytes and tasks while it waits there.
func TestLoopLingers(t *testing.T) {
	for _, n := range []int{1, 2} {
		t.Run(fmt.Sprintf("%d processors", n), func(t *testing.T) {
			processors(t, n)
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
			if w.poller[0].Events == 0 || w.loops != 1 || w.due.IsZero() || w.alone != (n == 1) {
				t.Errorf("it does not wait by itself: %+v", w)
			}
		})
	}
}

// Where the loops that wait would leave no processor to another, it is the library's yield that lets others run. A
// loop alone holds its own for less long, unless somebody often waits for a disk.
func TestLingerLeavesAProcessor(t *testing.T) {
	for _, c := range []struct {
		processors, loops int
		writes            bool
		waits             time.Duration
	}{
		{1, 1, false, holdFor},
		{1, 1, true, 0},
		{1, 2, false, 0},
		{2, 1, true, yieldEvery},
		{2, 2, false, 0},
		{4, 3, false, yieldEvery},
		{4, 4, false, 0},
	} {
		w, _ := lingering(t, c.processors, lingerer{loops: c.loops, writes: c.writes})
		now := time.Unix(1000, 0)
		w.linger(now) // after a rest
		switch {
		case c.waits == 0 && w.due.IsZero():
		case c.waits > 0 && w.due.Equal(now.Add(c.waits)):
		default:
			t.Errorf("%+v: it yields at %v, want %v later", c, w.due, c.waits)
		}
	}
}

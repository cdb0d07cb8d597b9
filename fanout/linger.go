package fanout

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// yieldEvery is for how long the loop does not yield. Go's scheduler signals a goroutine that has not for 10 ms, as one
// that keeps others waiting.
const yieldEvery = 9500 * time.Microsecond

// lingerer waits for the next bytes after some were taken, in the library's place: the library yields before each
// wait, and at each yield Go's scheduler wakes a second thread, which finds nothing to do. At the rates of a CTI
// link that is a third of the proxy's time. The poller is ready for a task as for bytes, but for one that comes in one
// wake of the library with bytes, and those behind it: they are late by some 10 ms at most.
type lingerer struct {
	poller [1]unix.PollFd // the library's, ready when it has something to take
	loops  int            // of the process, this one among them
	writes bool           // another goroutine writes to a disk what the loop reads
	holder holder         // waits for the poller where there is one processor
	due    time.Time      // when the loop has to yield
	alone  bool           // there is one processor, and nobody who needs it often
}

// lingersOn sets the poller by one of its sockets.
func (w *lingerer) lingersOn(fd int) error {
	poller, err := pollerOf(fd)
	if err != nil {
		return err
	}
	w.poller[0] = unix.PollFd{Fd: int32(poller), Events: unix.POLLIN}
	if w.loops == 1 && !w.writes {
		w.holder, err = newHolder(poller)
	}
	return err
}

// lingersOff has the library do the waiting, whose poller ends.
func (w *lingerer) lingersOff() {
	_ = w.holder.close() // nothing is lost with it
	w.poller[0], w.holder = unix.PollFd{}, holder{}
}

// linger waits until the library has something to take, or has to yield. It returns at once where the loop has not
// been at work of late, and where the loops that wait so would leave no processor: one that waits in a system call
// keeps its own until it yields. A loop that has the only processor holds it, for less long, unless another goroutine
// often waits for a disk: while a loop holds it, Go's monitor rests, and is up to 20 ms late to take it from one that
// waits so. The runtime may change their number.
func (w *lingerer) linger(now time.Time) {
	if w.poller[0].Events == 0 {
		return
	}
	left := w.due.Sub(now)
	if left <= 0 {
		processors := runtime.GOMAXPROCS(0)
		w.alone = processors == 1 && w.holder != holder{}
		if processors <= w.loops && !w.alone {
			return
		}
		if left < -yieldEvery {
			w.yielded(now)
			return // it did when it came to rest, and does so again
		}
		runtime.Gosched()
		left = w.yielded(now)
	}
	if w.alone {
		w.hold()
		return
	}
	timeout := unix.NsecToTimespec(int64(left))
	n, err := unix.Ppoll(w.poller[:], &timeout, nil)
	if n == 0 && err == nil { // the library finds nothing either, and yields
		w.yielded(now.Add(left))
	}
}

// yielded notes that the loop yields, and returns for how long it need not again.
func (w *lingerer) yielded(now time.Time) time.Duration {
	every := yieldEvery
	if w.alone {
		every = holdFor
	}
	w.due = now.Add(every)
	return every
}

// hold waits as the holder does. The second time that nothing came, the library finds nothing either, and waits itself.
func (w *lingerer) hold() {
	if !w.holder.wait() {
		return
	}
	runtime.Gosched()
	w.yielded(w.due)
	if w.holder.wait() {
		w.yielded(w.due)
	}
}

// pollerOf returns the epoll descriptor that watches another. The library does not say which it has.
func pollerOf(fd int) (int, error) {
	const descriptors, about = "/proc/self/fd", "/proc/self/fdinfo"
	entries, err := os.ReadDir(descriptors)
	if err != nil {
		return 0, err
	}
	for _, entry := range entries {
		kind, err := os.Readlink(filepath.Join(descriptors, entry.Name()))
		if err != nil || kind != "anon_inode:[eventpoll]" {
			continue // closed meanwhile, as that of the directory is
		}
		watched, err := os.ReadFile(filepath.Join(about, entry.Name()))
		if err != nil {
			continue
		}
		for line := range strings.SplitSeq(string(watched), "\n") {
			// «tfd:        7 events: ...», a line a descriptor
			if f := strings.Fields(line); len(f) > 1 && f[0] == "tfd:" && f[1] == strconv.Itoa(fd) {
				return strconv.Atoi(entry.Name())
			}
		}
	}
	return 0, fmt.Errorf("no epoll descriptor watches descriptor %d", fd)
}

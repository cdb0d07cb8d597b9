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
// wake of the library with bytes, and those behind it: they are late by a wait at most.
type lingerer struct {
	poller [1]unix.PollFd // the library's, ready when it has something to take
	loops  int            // of the process, this one among them
	due    time.Time      // when the loop has to yield
}

// lingersOn sets the poller by one of its sockets.
func (w *lingerer) lingersOn(fd int) error {
	poller, err := pollerOf(fd)
	if err == nil {
		w.poller[0] = unix.PollFd{Fd: int32(poller), Events: unix.POLLIN}
	}
	return err
}

// linger waits until the library has something to take, or has to yield. It returns at once where the loop has not
// been at work of late, and where the loops that wait so would leave no processor: one that waits in a system call
// keeps its own until it yields, and with one there is no second thread to wake either. The runtime may change their
// number.
func (w *lingerer) linger(now time.Time) {
	if w.poller[0].Events == 0 {
		return
	}
	left := w.due.Sub(now)
	if left <= 0 {
		if runtime.GOMAXPROCS(0) <= w.loops {
			return
		}
		w.due = now.Add(yieldEvery)
		if left < -yieldEvery {
			return // it yielded when it came to rest, and does so again
		}
		runtime.Gosched()
		left = yieldEvery
	}
	timeout := unix.NsecToTimespec(int64(left))
	n, err := unix.Ppoll(w.poller[:], &timeout, nil)
	if n == 0 && err == nil { // the library finds nothing either, and yields
		w.due = now.Add(left + yieldEvery)
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

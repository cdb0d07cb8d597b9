package fanout

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// holdFor is for how long a holder waits at most. A shorter timeout costs what it saves: the kernel sets the clock's
// hardware for one that comes before its next tick, at each wait.
const holdFor = 5 * time.Millisecond

// holder waits for a poller and holds the processor meanwhile: Go's scheduler is not told that the thread is in a
// system call. Where there is one processor, the scheduler's monitor takes it from a thread that waits in a system call
// within some 20 µs, and the next event has to get it back and to wake the monitor. The zero holder has no poller.
type holder struct {
	epoll int     // a descriptor that watches the poller
	ready uintptr // a page of memory that is not Go's, where the kernel says what is ready; nobody reads it
}

func newHolder(poller int) (holder, error) {
	const noFile = ^uintptr(0)
	page, _, errno := unix.RawSyscall6(unix.SYS_MMAP, 0, uintptr(os.Getpagesize()), unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS, noFile, 0)
	if errno != 0 {
		return holder{}, os.NewSyscallError("mmap", errno)
	}
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	h := holder{epoll, page}
	if err == nil {
		interest := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(poller)}
		err = unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, poller, &interest)
	}
	if err != nil {
		return holder{}, errors.Join(os.NewSyscallError("epoll", err), h.close())
	}
	return h, nil
}

// wait returns whether the poller was quiet for all of holdFor.
func (h holder) wait() (quiet bool) {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(h.epoll), h.ready, 1,
		uintptr(holdFor.Milliseconds()), 0, 0)
	return n == 0 && errno == 0
}

// close gives up what the holder has, of which the poller is no part.
func (h holder) close() error {
	var err error
	if h.epoll > 0 {
		err = unix.Close(h.epoll)
	}
	if h.ready != 0 {
		_, _, errno := unix.RawSyscall(unix.SYS_MUNMAP, h.ready, uintptr(os.Getpagesize()), 0)
		if errno != 0 {
			err = errors.Join(err, errno)
		}
	}
	return err
}

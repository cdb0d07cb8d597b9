package main

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// meet calls the switch and waits for one T-Server on each address.
func meet(ctx context.Context, dial string, addresses []string) (upstream net.Conn, legs []net.Conn, err error) {
	var config net.ListenConfig
	listeners, legs := make([]net.Listener, len(addresses)), make([]net.Conn, len(addresses))
	for i, address := range addresses {
		if listeners[i], err = config.Listen(ctx, "tcp", address); err != nil {
			return nil, nil, err
		}
	}
	for i, listener := range listeners {
		if legs[i], err = listener.Accept(); err != nil {
			return nil, nil, err
		}
	}
	dialer := net.Dialer{Timeout: 5 * time.Second}
	upstream, err = dialer.DialContext(ctx, "tcp", dial)
	return upstream, legs, err
}

// epollFanOut passes what the switch sends to every leg, by epoll, read by read, without looking at it. What a leg
// cannot take is waited for: it has no queue.
func epollFanOut(ctx context.Context, dial string, addresses []string) error {
	upstream, legs, err := meet(ctx, dial, addresses)
	if err != nil {
		return err
	}
	in, err := descriptor(upstream)
	if err != nil {
		return err
	}
	out := make([]int, len(legs))
	for i, leg := range legs {
		if out[i], err = descriptor(leg); err != nil {
			return err
		}
	}
	poll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return err
	}
	interest := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(in)}
	if err = unix.EpollCtl(poll, unix.EPOLL_CTL_ADD, in, &interest); err != nil {
		return err
	}
	return fanOut(poll, in, out)
}

// fanOut passes on what comes until it ends.
func fanOut(poll, in int, out []int) error {
	events, chunk := make([]unix.EpollEvent, 8), make([]byte, 256<<10)
	for {
		if _, err := unix.EpollWait(poll, events, -1); err != nil {
			if errors.Is(err, unix.EINTR) {
				continue
			}
			return err
		}
		n, err := unix.Read(in, chunk)
		switch {
		case errors.Is(err, unix.EAGAIN):
			continue
		case err != nil || n == 0:
			return err
		}
		for _, fd := range out {
			if err := writeAll(fd, chunk[:n]); err != nil {
				return err
			}
		}
	}
}

// descriptor takes a socket out of the runtime's hands.
func descriptor(c net.Conn) (int, error) {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return 0, errors.New("it is no TCP socket")
	}
	file, err := tcp.File()
	if err != nil {
		return 0, err
	}
	fd, err := unix.Dup(int(file.Fd()))
	if err != nil {
		return 0, err
	}
	return fd, errors.Join(unix.SetNonblock(fd, true), file.Close(), c.Close())
}

func writeAll(fd int, b []byte) error {
	for len(b) > 0 {
		n, err := unix.Write(fd, b)
		switch {
		case err == nil:
			b = b[n:]
		case errors.Is(err, unix.EAGAIN):
			wait := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
			if _, failed := unix.Poll(wait, -1); failed != nil && !errors.Is(failed, unix.EINTR) {
				return failed
			}
		default:
			return err
		}
	}
	return nil
}

// naiveFanOut is what is written first in Go: a goroutine for each leg, a message at a time, a write each.
func naiveFanOut(ctx context.Context, dial string, addresses []string) error {
	upstream, legs, err := meet(ctx, dial, addresses)
	if err != nil {
		return err
	}
	queues := make([]chan []byte, len(legs))
	for i, leg := range legs {
		queues[i] = make(chan []byte, 1024)
		go func() {
			for f := range queues[i] {
				if _, err := leg.Write(f); err != nil {
					return
				}
			}
		}()
		go func() { _, _ = io.Copy(io.Discard, leg) }() // what the T-Servers say
	}
	header := make([]byte, 8)
	for {
		if _, err := io.ReadFull(upstream, header); err != nil {
			return err
		}
		f := make([]byte, int(header[2])<<8|int(header[3]))
		copy(f, header)
		if _, err := io.ReadFull(upstream, f[len(header):]); err != nil {
			return err
		}
		for _, queue := range queues {
			queue <- f
		}
	}
}

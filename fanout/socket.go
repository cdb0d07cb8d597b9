package fanout

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// keepAlive finds a dead peer on a socket with nothing to send: 10 s idle, then three probes 3 s
// apart.
var keepAlive = net.KeepAliveConfig{
	Enable: true, Idle: keepIdle, Interval: keepInterval, Count: keepProbes,
}

// enroll gives a socket to the loop, which owns it from then on, and waits until it is open there.
func (k *Link) enroll(socket net.Conn, g *leg) error {
	tcp, ok := socket.(*net.TCPConn)
	if !ok {
		_ = socket.Close() // not ours to serve
		return fmt.Errorf("%T is not a TCP socket", socket)
	}
	if err := setUserTimeout(tcp, k.userTimeout(g.tserver)); err != nil {
		_ = tcp.Close() // nobody has it yet
		return err
	}
	dropZone(tcp)
	done := make(chan error, 1)
	go func() { // it does not return if the loop has ended
		_, err := k.client.EnrollContext(tcp, g)
		done <- err
	}()
	select {
	case err := <-done:
		if err == nil && !g.opened.Load() {
			err = errors.New("the event loop did not take the socket")
		}
		return err
	case <-k.dead:
		return ErrStopped
	}
}

// userTimeout returns for how long bytes sent to a side may stay unacknowledged. The kernel also
// counts a window that stays shut, so a T-Server gets longer: its backlog bounds it, heartbeats
// find it dead.
func (k *Link) userTimeout(side int) time.Duration {
	heartbeats := k.cfg.Hub.HeartbeatInterval * time.Duration(k.cfg.Hub.HeartbeatMisses)
	if side == switchSide {
		return max(switchTimeout, heartbeats)
	}
	return max(tserverTimeout, heartbeats)
}

// setUserTimeout bounds the time that sent bytes may stay unacknowledged: without it the kernel
// retries for a quarter of an hour.
func setUserTimeout(tcp *net.TCPConn, d time.Duration) error {
	raw, err := tcp.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT,
			int(d.Milliseconds()))
	})
	if err = errors.Join(err, failed); err != nil {
		return fmt.Errorf("cannot set TCP_USER_TIMEOUT: %w", err)
	}
	return nil
}

// dropZone forgets the zones of link-local addresses. When a socket closes the library puts the
// bytes of the zone's string, which are not its own, into a pool of buffers to be written to.
func dropZone(tcp *net.TCPConn) {
	for _, addr := range []net.Addr{tcp.LocalAddr(), tcp.RemoteAddr()} {
		if a, ok := addr.(*net.TCPAddr); ok {
			a.Zone = ""
		}
	}
}

// addrPort returns a TCP address as a value, IPv4 as such.
func addrPort(a net.Addr) netip.AddrPort {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	at := tcp.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap().WithZone(""), at.Port())
}

// unsent returns the bytes that the kernel holds for a peer, those in flight included.
func unsent(fd int) int {
	n, err := unix.IoctlGetInt(fd, unix.SIOCOUTQ)
	if err != nil {
		return 0
	}
	return n
}

// socketPair returns two joined sockets.
func socketPair() (near, far net.Conn, err error) {
	kind := unix.SOCK_STREAM | unix.SOCK_CLOEXEC | unix.SOCK_NONBLOCK
	fds, err := unix.Socketpair(unix.AF_UNIX, kind, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot make a socket pair: %w", err)
	}
	if near, err = fileConn(fds[0]); err != nil {
		_ = unix.Close(fds[1]) // the pair is given up
		return nil, nil, err
	}
	if far, err = fileConn(fds[1]); err != nil {
		_ = near.Close() // the pair is given up
		return nil, nil, err
	}
	return near, far, nil
}

// fileConn takes over a descriptor.
func fileConn(fd int) (net.Conn, error) {
	file := os.NewFile(uintptr(fd), "socketpair")
	socket, err := net.FileConn(file)
	return socket, errors.Join(err, file.Close())
}

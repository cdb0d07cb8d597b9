package faults

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"
)

// bridge joins two interfaces by their raw frames, as a switch of Ethernet does, and loses and reorders
// those of one TCP port. Frames keep what the kernel left to be done on them, so that whole bursts are
// lost at once.
type bridge struct {
	fds    [2]int
	port   atomic.Uint32 // to be hurt; 0 is none
	lost   atomic.Uint32
	late   atomic.Uint32
	stop   atomic.Bool
	rounds sync.WaitGroup
}

const (
	lossRate    = 0.05
	reorderRate = 0.05
	overtaken   = 3  // frames that pass before one that is late
	vnetHeader  = 10 // of PACKET_VNET_HDR
)

func newBridge(tb testing.TB, seed uint64, names ...string) *bridge {
	tb.Helper()
	b := new(bridge)
	for i, name := range names {
		var err error
		if b.fds[i], err = packetSocket(name); err != nil {
			tb.Fatalf("%s: %v", name, err)
		}
	}
	for i := range b.fds {
		rnd := rand.New(rand.NewPCG(seed, uint64(i)))
		b.rounds.Go(func() { b.carry(b.fds[i], b.fds[1-i], rnd) })
	}
	tb.Cleanup(func() {
		b.stop.Store(true)
		b.rounds.Wait()
		for _, fd := range b.fds {
			_ = unix.Close(fd) // nothing is left to be sent
		}
	})
	return b
}

// packetSocket takes every frame of an interface.
func packetSocket(name string) (int, error) {
	link, err := net.InterfaceByName(name)
	if err != nil {
		return 0, err
	}
	const all = unix.ETH_P_ALL<<8&0xFF00 | unix.ETH_P_ALL>>8 // in the network's order
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, all)
	if err != nil {
		return 0, err
	}
	return fd, errors.Join(
		unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_VNET_HDR, 1),
		unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1),
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 16<<20),
		unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: 5000}),
		unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: link.Index}),
	)
}

// carry is one direction. A frame that is late leaves after others, or when it grows quiet.
func (b *bridge) carry(from, to int, rnd *rand.Rand) {
	buf := make([]byte, vnetHeader+1<<17)
	var late []byte
	passed := 0
	release := func() {
		if late != nil {
			_, _ = unix.Write(to, late) // a full queue is a loss, too
			late = nil
		}
	}
	for !b.stop.Load() {
		n, _, err := unix.Recvfrom(from, buf, 0)
		if err != nil { // the time is up
			release()
			continue
		}
		frame := buf[:n]
		if port := b.port.Load(); port != 0 && isOfPort(frame, uint16(port)) {
			switch dice := rnd.Float64(); {
			case dice < lossRate:
				b.lost.Add(1)
				continue
			case dice < lossRate+reorderRate && late == nil:
				late, passed = append([]byte(nil), frame...), 0
				b.late.Add(1)
				continue
			}
		}
		_, _ = unix.Write(to, frame) // a full queue is a loss, too
		if passed++; passed >= overtaken {
			release()
		}
	}
}

// isOfPort reports whether a frame is TCP over IPv4 from or to a port.
func isOfPort(frame []byte, port uint16) bool {
	const ethernet, protocol = vnetHeader + 14, vnetHeader + 14 + 9
	if len(frame) < ethernet+40 || frame[protocol] != unix.IPPROTO_TCP ||
		binary.BigEndian.Uint16(frame[ethernet-2:]) != unix.ETH_P_IP {
		return false
	}
	tcp := frame[ethernet+int(frame[ethernet]&0x0F)*4:]
	return len(tcp) >= 4 &&
		(binary.BigEndian.Uint16(tcp) == port || binary.BigEndian.Uint16(tcp[2:]) == port)
}

package fanout

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

// listener is one address of a link: T-Servers dial it, or the switch does.
type listener struct {
	socket net.Listener
	sides  []int // the T-Servers that share it, by index, or switchSide alone
}

// listen binds all addresses of a link, or none.
func (k *Link) listen(ctx context.Context) error {
	shared := make(map[string]*listener)
	open := func(address string, side int, who string) error {
		if l := shared[address]; l != nil {
			l.sides = append(l.sides, side)
			k.listeners[side] = l
			return nil
		}
		socket, err := Listen(ctx, address)
		if err != nil {
			return fmt.Errorf("link %q: cannot listen on %s for %s: %w", k.cfg.Name, address, who, err)
		}
		l := &listener{socket: socket, sides: []int{side}}
		k.listeners[side] = l
		if !strings.HasSuffix(address, ":0") { // port 0 is another port each time
			shared[address] = l
		}
		return nil
	}
	for i := range k.cfg.TServers {
		t := &k.cfg.TServers[i]
		if err := open(t.Listen, i, fmt.Sprintf("T-Server %q", t.Name)); err != nil {
			k.closeListeners()
			return err
		}
	}
	if k.cfg.Listen == "" {
		return nil
	}
	if err := open(k.cfg.Listen, switchSide, "the switch"); err != nil {
		k.closeListeners()
		return err
	}
	if len(k.listeners[switchSide].sides) > 1 {
		k.closeListeners()
		return fmt.Errorf("link %q: the switch and a T-Server share %s: give each its own address",
			k.cfg.Name, k.cfg.Listen)
	}
	return nil
}

func (k *Link) closeListeners() {
	for _, l := range k.listeners {
		_ = l.socket.Close() // shared ones are closed twice, which does no harm
	}
}

// Listen binds a TCP address. Its error says what to do with the key listen.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	config := net.ListenConfig{KeepAliveConfig: keepAlive}
	socket, err := config.Listen(ctx, network(address), address)
	if err != nil {
		return nil, remedy(err)
	}
	return socket, nil
}

// network names the protocol of the address that is written: net would serve IPv6 on 0.0.0.0 too.
// Nothing, a name and [::] stand for both.
func network(address string) string {
	at, err := netip.ParseAddrPort(address)
	switch addr := at.Addr().Unmap(); {
	case err != nil || addr == netip.IPv6Unspecified():
		return "tcp"
	case addr.Is4():
		return "tcp4"
	}
	return "tcp6"
}

// remedy adds to the error of a bind what an operator can do.
func remedy(err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%w; another program, or another haproxy, has the address: stop it or"+
			" change listen", err)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%w; ports below 1024 need CAP_NET_BIND_SERVICE: grant it or change"+
			" listen", err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("%w; no interface of this host has the address: correct listen", err)
	default:
		return err
	}
}

// The pauses after an accept that failed: without descriptors it fails until some are free again.
const (
	acceptPauseMin = 5 * time.Millisecond
	acceptPauseMax = time.Second
)

// accept hands the sockets of a listener to the loop. It lives through errors until the listener is
// closed. The loop opens one socket before the next is accepted, so that a busy loop leaves callers
// to the kernel's queue.
func (k *Link) accept(ctx context.Context, l *listener) {
	pause := k.newBackoff(acceptPauseMin, acceptPauseMax)
	for {
		socket, err := l.socket.Accept()
		if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
			if err == nil {
				_ = socket.Close() // accepted while the proxy stops
			}
			return
		}
		if err != nil {
			if k.beside.acceptsFailed.Add(1); pause.last == 0 {
				k.log.Error().Err(err).Stringer("listen", l.socket.Addr()).
					Msg("cannot accept; trying again")
			}
			wait(ctx, pause.next())
			continue
		}
		pause.reset()
		k.admit(socket, l)
	}
}

// admit finds out who has called and hands the socket over, or closes it.
func (k *Link) admit(socket net.Conn, l *listener) {
	peer := addrPort(socket.RemoteAddr())
	side, ok := k.side(l, peer.Addr())
	if !ok {
		_ = socket.Close() // refused
		k.refuse(peer, "no T-Server's allow has this address")
		return
	}
	if n := k.sockets(side).Add(1); n > int32(k.limits.sockets) {
		k.sockets(side).Add(-1)
		_ = socket.Close() // refused
		k.refuse(peer, fmt.Sprintf("too many sockets: %d are open", n-1))
		return
	}
	g := k.newLeg(socket, side)
	if err := k.enroll(socket, g); err != nil {
		k.sockets(side).Add(-1)
		k.refuse(peer, err.Error())
	}
}

// side returns which T-Server an address is, by the first allow list that has it.
func (k *Link) side(l *listener, peer netip.Addr) (int, bool) {
	for _, side := range l.sides {
		if side == switchSide || allows(k.cfg.TServers[side].Allow, peer) {
			return side, true
		}
	}
	return 0, false
}

// allows reports whether a list of prefixes has the address; an empty one has them all.
func allows(prefixes []netip.Prefix, peer netip.Addr) bool {
	for _, prefix := range prefixes {
		if prefix.Contains(peer) {
			return true
		}
	}
	return len(prefixes) == 0
}

// refuse counts a peer that was sent away and says so, now and then.
func (k *Link) refuse(peer netip.AddrPort, why string) {
	k.beside.refused.Add(1)
	if unlogged, due := k.refusals.due(time.Now(), peer.Addr()); due {
		k.log.Warn().Stringer("peer", peer).Int("unlogged", unlogged).Msg("refused: " + why)
	}
}

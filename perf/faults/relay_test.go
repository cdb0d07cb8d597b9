package faults

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// flow is what a relay does with bytes.
type flow int32

const (
	pass    flow = iota
	stall        // nothing is read
	swallow      // read and never passed on; the pair stays so
	drip         // one byte a write
	sip          // a little, now and then
)

// relay stands between the proxy and a peer of it, whose sockets it joins, and does to them what a
// network does.
type relay struct {
	t        testing.TB
	listener net.Listener
	target   string // who is dialled for each socket that comes in
	dialled  bool   // the proxy dials the relay, as it does for its link; else the peer
	tiny     bool   // every socket has the least buffers there are

	toPeer, toProxy atomic.Int32 // flows
	mu              sync.Mutex
	pairs           []*pair
	closed          bool
	loops           sync.WaitGroup
}

// pair is one socket of the proxy and the peer's.
type pair struct {
	relay       *relay
	proxy, peer *net.TCPConn
	black       atomic.Bool // what comes is swallowed, a close too
}

// least is what the buffers of a tiny socket have: smaller ones pass a few frames a second only.
const least = 8 << 10

func newRelay(tb testing.TB, target string, dialled, tiny bool) *relay {
	tb.Helper()
	r := &relay{t: tb, target: target, dialled: dialled, tiny: tiny}
	config := net.ListenConfig{Control: r.control}
	var err error
	if r.listener, err = config.Listen(tb.Context(), "tcp", "127.0.0.1:0"); err != nil {
		tb.Fatal(err)
	}
	r.loops.Go(r.accept)
	tb.Cleanup(r.close)
	return r
}

// control makes the buffers of a socket tiny before it is used: the window is never wide then.
func (r *relay) control(_, _ string, raw syscall.RawConn) error {
	if !r.tiny {
		return nil
	}
	return raw.Control(func(fd uintptr) {
		for _, option := range []int{syscall.SO_RCVBUF, syscall.SO_SNDBUF} {
			if err := syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, option, least); err != nil {
				r.t.Errorf("tiny buffers: %v", err)
			}
		}
	})
}

func (r *relay) addr() string { return r.listener.Addr().String() }

func (r *relay) accept() {
	dialer := net.Dialer{Timeout: time.Second, Control: r.control}
	for {
		near, err := r.listener.Accept()
		if err != nil {
			return
		}
		far, err := dialer.DialContext(context.Background(), "tcp", r.target)
		if err != nil {
			_ = near.Close() // as a network does that leads nowhere
			continue
		}
		p := &pair{relay: r, proxy: far.(*net.TCPConn), peer: near.(*net.TCPConn)}
		if r.dialled {
			p.proxy, p.peer = p.peer, p.proxy
		}
		r.mu.Lock()
		r.pairs = append(r.pairs, p)
		if r.closed {
			p.end()
		}
		r.mu.Unlock()
		r.loops.Go(p.run)
	}
}

// run carries both directions until both have ended.
func (p *pair) run() {
	var both sync.WaitGroup
	both.Go(func() { p.carry(p.peer, p.proxy, &p.relay.toPeer) })
	both.Go(func() { p.carry(p.proxy, p.peer, &p.relay.toProxy) })
	both.Wait()
	p.end()
	p.relay.mu.Lock()
	defer p.relay.mu.Unlock()
	for i, other := range p.relay.pairs {
		if other == p {
			p.relay.pairs = append(p.relay.pairs[:i], p.relay.pairs[i+1:]...)
			return
		}
	}
}

// carry copies one direction under the flow of the moment, until its source ends; a reset ends both.
func (p *pair) carry(to, from *net.TCPConn, now *atomic.Int32) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		for rest := buf[:n]; len(rest) > 0; {
			piece := rest
			switch flow(now.Load()) {
			case stall:
				time.Sleep(time.Millisecond)
				if p.black.Load() {
					rest = nil
				}
				continue
			case swallow:
				p.black.Store(true)
			case drip:
				piece = rest[:1]
			case sip:
				piece = rest[:min(len(rest), 2<<10)]
				time.Sleep(20 * time.Millisecond)
			default:
			}
			rest = rest[len(piece):]
			if !p.black.Load() {
				if _, failed := to.Write(piece); failed != nil {
					rest = nil // its reader tells why
				}
			}
		}
		switch {
		case err == nil:
		case p.black.Load():
			return
		case flow(now.Load()) == swallow:
			p.black.Store(true)
			return
		case isReset(err):
			p.reset()
			return
		default:
			_ = to.CloseWrite() // it may be gone
			return
		}
	}
}

func isReset(err error) bool {
	errno, ok := errnoOf(err)
	return ok && errno == syscall.ECONNRESET
}

// reset ends both sockets by RST.
func (p *pair) reset() {
	for _, socket := range []*net.TCPConn{p.proxy, p.peer} {
		_ = socket.SetLinger(0) // one that is closed already has no more to end
		_ = socket.Close()
	}
}

func (p *pair) end() {
	_ = p.proxy.Close() // it may be closed already
	_ = p.peer.Close()
}

// each does something to every pair there is.
func (r *relay) each(do func(p *pair)) {
	r.mu.Lock()
	pairs := append([]*pair(nil), r.pairs...)
	r.mu.Unlock()
	for _, p := range pairs {
		do(p)
	}
}

// set changes the flow of both directions.
func (r *relay) set(f flow) {
	r.toPeer.Store(int32(f))
	r.toProxy.Store(int32(f))
}

// fin ends both sockets of every pair by FIN; what was read before is passed on.
func (r *relay) fin() {
	r.each(func(p *pair) {
		_ = p.proxy.CloseWrite() // it may be closed already
		_ = p.peer.CloseWrite()
	})
}

func (r *relay) rst() { r.each((*pair).reset) }

// half ends the peer's socket of every pair; the proxy's stays open and silent.
func (r *relay) half() {
	r.each(func(p *pair) {
		p.black.Store(true)
		_ = p.peer.Close() // it may be closed already
	})
}

func (r *relay) close() {
	_ = r.listener.Close() // accept ends
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.set(swallow)
	r.each((*pair).end)
	r.loops.Wait()
}

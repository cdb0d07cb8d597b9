package fanout

import (
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/panjf2000/gnet/v2"

	"haproxy/codec/frame"
	"haproxy/fanout/hub"
)

// switchSide is the T-Server index of the legs towards the switch.
const switchSide = -1

// leg is one socket of a link. Everything but opened belongs to the loop once it is enrolled.
type leg struct {
	id       hub.LegID
	tserver  int // index, or switchSide
	peer     netip.AddrPort
	conn     gnet.Conn // nil until it is open, and from OnClose on: its number may be another's
	splitter *frame.Splitter
	traffic  *traffic
	wire     Wire // set with conn

	queue   queue     // what the socket could not take, behind what the library holds
	told    int       // backlog last told to the hub
	partial time.Time // when the unfinished frame or preamble began; zero without one
	heard   time.Time // the last byte
	adopted bool      // the hub knows it
	framed  bool      // a read of it had whole frames, and the hub kept it
	cause   error     // why it is closed, if it was not we who closed it

	opened atomic.Bool   // OnOpen has run
	gone   chan struct{} // closed with the socket
}

// newLeg makes the leg of a socket that is not open on the loop yet.
func (k *Link) newLeg(socket net.Conn, side int) *leg {
	g := &leg{
		id:       k.nextLeg(),
		tserver:  side,
		peer:     addrPort(socket.RemoteAddr()),
		splitter: frame.NewSplitter(k.cfg.Framing, k.cfg.FrameMax),
		gone:     make(chan struct{}),
	}
	_, expect := frame.Preamble(k.cfg.Framing, g.role())
	g.splitter.Expect(expect)
	return g
}

// role returns the side of the link that we play on the leg.
func (g *leg) role() frame.Role {
	if g.tserver == switchSide {
		return frame.Computing
	}
	return frame.Switching
}

// owed returns the bytes that are written to the leg and have not reached the kernel.
func (g *leg) owed() int {
	if g.conn == nil {
		return 0
	}
	return g.queue.size + g.conn.OutboundBuffered()
}

// clear reports whether the socket took everything so far, so that a write may go to it at once.
func (g *leg) clear() bool { return g.queue.size == 0 && g.conn.OutboundBuffered() == 0 }

// track keeps the time at which the leg's unfinished frame began, after a read of so many whole
// frames.
func (g *leg) track(now time.Time, frames int) {
	switch {
	case g.splitter.Partial() == 0:
		g.partial = time.Time{}
	case frames > 0 || g.partial.IsZero():
		g.partial = now
	}
}

// overdue returns for how long the leg owes the rest of a frame, if that is too long.
func (g *leg) overdue(now time.Time, lim *limits, headerLen int) (time.Duration, bool) {
	if g.partial.IsZero() {
		return 0, false
	}
	age, bound := now.Sub(g.partial), lim.frame
	if g.splitter.Partial() < headerLen {
		bound = lim.header
	}
	return age, age > bound
}

package fanout

import (
	"net/netip"
	"time"
)

// Tap is told everything that goes over the sockets of a link, by the loop of the link alone. It must not
// block: the link stands still meanwhile.
type Tap interface {
	// Open takes a new socket: of the switch where tserver is below 0, else of the T-Server of that
	// index. called says that we called.
	Open(tserver int, called bool, local, peer netip.AddrPort, at time.Time) Wire
}

// Wire is one socket that a Tap listens to.
type Wire interface {
	// Heard takes what the peer said, as it was read. The bytes are borrowed.
	Heard(at time.Time, b []byte)
	// Amid notes that what was heard so far ends amid a message.
	Amid()
	// Said takes what was said to the peer, whole messages. The bytes are borrowed.
	Said(at time.Time, runs [][]byte)
	// Close takes the end of the socket.
	Close(at time.Time)
}

// untapped is the wire of a socket that nobody listens to.
type untapped struct{}

func (untapped) Heard(time.Time, []byte)  {}
func (untapped) Amid()                    {}
func (untapped) Said(time.Time, [][]byte) {}
func (untapped) Close(time.Time)          {}

// tapped returns the wire of a leg that has opened.
func (l *loop) tapped(g *leg, now time.Time) Wire {
	tap := l.link.cfg.Tap
	if tap == nil {
		return untapped{}
	}
	called := g.tserver == switchSide && len(l.link.cfg.Dial) > 0
	return tap.Open(g.tserver, called, addrPort(g.conn.LocalAddr()), g.peer, now)
}

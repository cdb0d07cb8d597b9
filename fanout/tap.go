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
	// Due reports whether the Tap wants to be told what stands. It is asked after every read.
	Due() bool
	// Recount may have from tell what stands. No socket is amid a message.
	Recount(at time.Time, from Recounter)
}

// Recounter tells what stands on a link: see hub.Hub.
type Recounter interface {
	// Recount reports false, and tells nothing, while that is not certain. The frame is borrowed; tserver is below 0
	// for the link. It ends when tell returns false.
	Recount(tell func(tserver int, fromSwitch bool, frame []byte) bool) bool
	// RecountLen returns how many bytes Recount tells, about, but for queries.
	RecountLen() int64
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

// recount has the tap told what stands, where it wants that and no leg is amid a message.
func (l *loop) recount(now time.Time) {
	tap := l.link.cfg.Tap
	if tap == nil || !tap.Due() || l.cti != nil && l.cti.splitter.Partial() > 0 {
		return
	}
	for _, g := range l.legs {
		if g.splitter.Partial() > 0 {
			return
		}
	}
	l.guard(now, func() { tap.Recount(now, l.hub) })
}

// tapped returns the wire of a leg that has opened.
func (l *loop) tapped(g *leg, now time.Time) Wire {
	tap := l.link.cfg.Tap
	if tap == nil {
		return untapped{}
	}
	called := g.tserver == switchSide && len(l.link.cfg.Dial) > 0
	return tap.Open(g.tserver, called, addrPort(g.conn.LocalAddr()), g.peer, now)
}

package fanout

import (
	"time"

	"github.com/panjf2000/gnet/v2"
	"github.com/rs/zerolog"

	"haproxy/codec/frame"
)

// Some framings begin with a preamble: a raw byte each way before the first frame. Until the peer's
// has come a leg is no business of the hub's: to the switch ours goes out as soon as the socket is
// open, and the link is up with its answer; a T-Server speaks first, and gets our answer before
// anything else.

// await keeps a leg until its peer's preamble has come. It returns what we say first.
func (l *loop) await(now time.Time, g *leg) []byte {
	l.open[g] = true
	g.partial = now
	l.logLeg(g, zerolog.DebugLevel).Msg("socket open; its preamble is due")
	if g.role() != frame.Computing {
		return nil
	}
	send, _ := frame.Preamble(l.link.cfg.Framing, frame.Computing)
	g.traffic.bytesOut += uint64(len(send))
	g.wire.Said(now, [][]byte{send})
	return send
}

// greeted takes the first bytes of a leg that was awaited. It reports whether the preamble has come
// and the hub has taken the leg.
func (l *loop) greeted(now time.Time, g *leg) bool {
	if g.splitter.Expecting() {
		if _, err := g.splitter.Next(); err != nil {
			l.unframed(now, g, err)
		}
		return false
	}
	delete(l.open, g)
	g.partial = time.Time{}
	if l.stopped || l.link.draining.Load() {
		l.close(g)
		return false
	}
	if g.role() == frame.Switching {
		send, _ := frame.Preamble(l.link.cfg.Framing, frame.Switching)
		g.traffic.bytesOut += uint64(len(send))
		g.wire.Said(now, [][]byte{send})
		_, _ = g.conn.Write(send) // an error has closed the leg
	}
	if g.conn != nil && l.adopt(now, g) == gnet.Close {
		l.close(g)
	}
	return g.conn != nil
}

// closeMute closes the legs whose preamble does not come: a switch has connect_timeout, a T-Server
// as long as for a header.
func (l *loop) closeMute(now time.Time) {
	for g := range l.open {
		bound := l.link.limits.header
		if timeout := l.link.cfg.ConnectTimeout; g.tserver == switchSide && timeout > 0 {
			bound = timeout
		}
		if age := now.Sub(g.partial); age > bound {
			g.traffic.overdue++
			l.logGarbled(now, g).Dur("age", age).Stringer("framing", l.link.cfg.Framing).
				Msg("closed: its preamble did not come in time")
			l.close(g)
		}
	}
}

package fanout

import "time"

// iovMax is the number of runs that one writev takes. More are gathered: beyond eight the system
// call wrapper allocates, and copying small frames is cheaper than describing them. (Beyond 1,024
// the kernel refuses, and the library would close the socket.)
const iovMax = 8

// write sends runs to a leg: directly while the socket takes them, the rest into the leg's queue. A
// failing write closes the leg before it returns: its conn is nil then.
func (l *loop) write(g *leg, runs [][]byte) {
	l.pump(g)
	if g.conn == nil {
		return
	}
	total := 0
	for _, run := range runs {
		total += len(run)
	}
	g.traffic.bytesOut += uint64(total)
	if l.link.cfg.Tap != nil {
		g.wire.Said(time.Now(), runs)
	}
	if len(runs) <= iovMax && total <= handMax && g.clear() {
		l.writeRuns(g, runs)
		return
	}
	rest := cursor{runs: runs}
	for g.conn != nil && g.clear() {
		piece := rest.next(l.gather)
		if len(piece) == 0 {
			return
		}
		g.traffic.writes++
		_, _ = g.conn.Write(piece) // an error has closed the leg
	}
	if g.conn == nil {
		return
	}
	for piece := rest.next(nil); len(piece) > 0; piece = rest.next(nil) {
		g.queue.push(&l.spares, piece)
	}
}

// writeRuns is one write of a few runs. The library alters the slices it is given after a short
// write, so they are described anew.
func (l *loop) writeRuns(g *leg, runs [][]byte) {
	g.traffic.writes++
	if len(runs) == 1 {
		_, _ = g.conn.Write(runs[0]) // an error has closed the leg
		return
	}
	n := copy(l.iov[:], runs)
	_, _ = g.conn.Writev(l.iov[:n]) // an error has closed the leg
	clear(l.iov[:n])
}

// pump moves what a leg's queue holds to the socket, as far as it takes it and not longer than is
// fair to the other legs.
func (l *loop) pump(g *leg) {
	for sent := 0; sent < pumpMax && g.conn != nil && g.queue.size > 0; {
		if g.conn.OutboundBuffered() > 0 {
			return
		}
		piece := g.queue.peek()
		g.traffic.writes++
		_, _ = g.conn.Write(piece) // keeps a copy of the rest; an error has closed the leg
		if g.conn == nil {
			return
		}
		sent += len(piece)
		g.queue.pop(&l.spares, len(piece))
	}
}

// cursor walks over runs in pieces.
type cursor struct {
	runs [][]byte
	at   int // bytes of the first run that are gone
}

// next returns the next bytes, nil at the end. Runs that are short beside room are copied into it,
// one after the other; longer ones are lent as they are, at most handMax bytes at once.
func (c *cursor) next(room []byte) []byte {
	filled := 0
	for len(c.runs) > 0 {
		rest := c.runs[0][c.at:]
		if len(rest) > len(room)/4 {
			if filled > 0 {
				break
			}
			piece := rest[:min(len(rest), handMax)]
			c.skip(len(piece))
			return piece
		}
		if filled+len(rest) > len(room) {
			break
		}
		filled += copy(room[filled:], rest)
		c.skip(len(rest))
	}
	return room[:filled]
}

func (c *cursor) skip(n int) {
	c.at += n
	if c.at == len(c.runs[0]) {
		c.runs, c.at = c.runs[1:], 0
	}
}

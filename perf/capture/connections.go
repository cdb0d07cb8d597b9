package capture

import (
	"container/list"
	"net/netip"
	"slices"
	"time"

	"github.com/gopacket/gopacket/layers"
)

// connections are the TCP connections of all captures that are read. Those that are no leg are bounded: the one that
// was quiet for the longest is forgotten for a new one.
type connections struct {
	byPair  map[pair]*connection
	others  *list.List    // of *connection: those that are no leg, the longest quiet first
	lacking []*connection // in which segments wait for one that is missing
	swept   time.Time     // when these were looked at
	bytes   int           // that wait so
	legs    int
	tried   int // connections whose protocol is not known
}

const (
	othersMax  = 1 << 14
	legsMax    = 1 << 12
	triedMax   = 1 << 10
	lackingFew = 32                    // connections that may be looked at with each packet
	sweepEvery = 10 * time.Millisecond // by the capture's clock: where there are more
)

// pair is the two ends of a connection, the lower first. What stands on the legs of a record is told between ends of
// its own, which are made up, and so are the sequence numbers: each process that writes one begins them anew.
type pair struct {
	low, high netip.AddrPort
	stands    bool
	record    string // what it says of itself; "" elsewhere
}

// connection is one connection. Its sides are numbered as they were seen.
type connection struct {
	of     pair
	number int
	first  netip.AddrPort // side 0
	name   string         // of the interface of a record, which is that of the leg
	// standing is the leg of which it tells what stands.
	standing string
	halves   [2]half
	flow     *flow // what is said; nil before anything is, and where it is nothing for us
	in       *file // that had the first of it
	caller   int   // the side that opened it; unknown is -1
	midway   bool  // it had begun before the capture did
	amid     bool  // so that its sides may begin amid a message
	dead     bool  // what is said is nothing for us
	closed   bool
	inPart   uint64        // packets of which but a beginning was captured
	place    *list.Element // of others
}

func newConnections() *connections {
	return &connections{byPair: make(map[pair]*connection), others: list.New()}
}

// segment is a TCP segment of a capture.
type segment struct {
	from, to netip.AddrPort
	tcp      *layers.TCP
	at       time.Time
	name     string // of the interface of a record
	record   string // what that says of itself: another with each process that wrote it; "" elsewhere
	standing string // the leg of which that tells what stands
	cut      bool   // but a beginning of it was captured
}

// segment takes one segment.
func (r *Reader) segment(s *segment) {
	of := pair{s.from, s.to, s.standing != "", s.record}
	if s.to.Compare(s.from) < 0 {
		of.low, of.high = s.to, s.from
	}
	c := r.connections.byPair[of]
	if c != nil && c.isAnew(s) {
		r.closeConnection(c)
		r.forget(c)
		c = nil
	}
	if c == nil {
		if !s.tcp.SYN && (len(s.tcp.Payload) == 0 || s.tcp.RST) {
			return // the end of one that nobody saw
		}
		c = r.open(of, s)
	}
	if c.place != nil {
		r.connections.others.MoveToBack(c.place)
	}
	if c.closed {
		return // sent again
	}
	if s.cut {
		c.inPart++
	}
	r.advance(c, s)
}

// isAnew reports whether a segment begins another connection between the same ends.
func (c *connection) isAnew(s *segment) bool {
	h := &c.halves[c.side(s.from)]
	switch {
	case s.tcp.SYN && !h.synced:
		return c.closed || !s.tcp.ACK && (c.flow != nil || c.dead)
	case s.tcp.SYN:
		return c.closed || s.tcp.Seq+1 != h.start
	case c.closed && h.synced && len(s.tcp.Payload) > 0:
		ahead := int32(s.tcp.Seq - h.next)
		return ahead < -stale || ahead > stale || ahead >= 0 && h.ended
	default:
		return false
	}
}

func (c *connection) side(from netip.AddrPort) int {
	if from == c.first {
		return 0
	}
	return 1
}

// open begins to follow a connection.
func (r *Reader) open(of pair, s *segment) *connection {
	t := r.connections
	c := &connection{of: of, number: r.created, first: s.from, name: s.name, caller: -1, midway: !s.tcp.SYN}
	r.created++
	c.amid = c.midway && !r.file.stands
	c.standing = s.standing
	c.dead = s.standing != "" && r.spoke[interfaceOf{s.record, s.standing}] // the capture goes on from one that was read
	if t.others.Len() >= othersMax {
		oldest := t.others.Front().Value.(*connection)
		r.closeConnection(oldest)
		r.forget(oldest)
	}
	t.byPair[of] = c
	c.place = t.others.PushBack(c)
	return c
}

// forget takes a connection that has closed out of the table.
func (r *Reader) forget(c *connection) {
	delete(r.connections.byPair, c.of)
	if c.place != nil {
		r.connections.others.Remove(c.place)
		c.place = nil
	}
}

// advance takes a segment of a connection that is open.
func (r *Reader) advance(c *connection, s *segment) {
	from := c.side(s.from)
	h, other := &c.halves[from], &c.halves[1-from]
	seq := s.tcp.Seq
	if s.tcp.SYN {
		seq++
		c.opened(from, s.tcp.ACK)
	}
	if s.tcp.ACK {
		other.ack(s.tcp.Ack)
	}
	if !h.synced && (s.tcp.SYN || s.tcp.FIN || len(s.tcp.Payload) > 0) {
		h.sync(seq)
	}
	r.take(c, from, seq, s.tcp.Payload, s.at)
	end := seq + uint32(len(s.tcp.Payload))
	switch {
	case s.tcp.RST && (h.synced && seq != h.next || !h.synced && c.flow != nil): // nobody believes it (RFC 5961)
	case s.tcp.RST:
		h.finish(end)
		r.closeConnection(c)
	case s.tcp.FIN:
		h.finish(end)
	}
	if h.isDone() && other.isDone() {
		r.closeConnection(c)
	}
}

// opened notes who opened a connection, from a SYN of a side.
func (c *connection) opened(from int, answers bool) {
	if c.caller = from; answers {
		c.caller = 1 - from
	}
	if c.flow != nil {
		c.flow.caller = c.caller
	}
}

// take takes what a side sent, and what waited for it.
func (r *Reader) take(c *connection, from int, seq uint32, data []byte, at time.Time) {
	h := &c.halves[from]
	if len(data) == 0 {
		return
	}
	if int32(seq-h.next) < -stale {
		again := h.stray == seq
		if h.stray = seq + uint32(len(data)); !again {
			return // it belongs to something else
		}
		r.giveUp(c, from) // so much was lost that the numbers have come round
		r.skip(c, from, 0)
		h.next = seq
	}
	fresh, missing := h.known(seq, data)
	if c.dead {
		h.next += uint32(missing + len(fresh))
		return
	}
	if missing > 0 {
		if len(h.waiting) == 0 && c.halves[1-from].waiting == nil {
			r.connections.lacking = append(r.connections.lacking, c)
		}
		r.connections.bytes += h.wait(seq, data, at)
		return
	}
	r.give(c, from, fresh, at)
	r.giveDue(c, from)
}

// giveDue gives away what waited and is due.
func (r *Reader) giveDue(c *connection, from int) {
	h := &c.halves[from]
	for {
		p, ok := h.due()
		if !ok {
			return
		}
		r.connections.bytes -= len(p.data) + pieceCost
		fresh, _ := h.known(p.seq, p.data)
		r.give(c, from, fresh, p.at)
	}
}

// give gives bytes of a side away. None has them before those that come before them: what was sent again is as late
// as that, and so is what waited for it.
func (r *Reader) give(c *connection, from int, data []byte, at time.Time) {
	if len(data) == 0 {
		return
	}
	h := &c.halves[from]
	h.next += uint32(len(data))
	if at.Before(h.latest) {
		at = h.latest
	}
	h.latest = at
	if c.dead { // since it was decided amid what waited
		return
	}
	if c.flow == nil {
		c.flow = r.flowOf(c)
	}
	c.flow.bytes(from, data, at)
	r.judge(c)
}

// flowOf makes the flow of a connection, when the first bytes come.
func (r *Reader) flowOf(c *connection) *flow {
	t := r.connections
	if t.tried >= triedMax {
		r.decideOldest()
	}
	t.tried++
	r.sum.Streams++
	c.in = r.file
	c.in.streams++
	c.in.undecided++
	ends := [2]netip.AddrPort{c.first, c.of.low}
	if c.first == c.of.low {
		ends[1] = c.of.high
	}
	candidates := recordedAs(r.file.section(), r.candidates)
	f := r.newFlow(c.number, c.name, candidates, [2]string{ends[0].String(), ends[1].String()})
	f.caller, f.midway, f.amid, f.record = c.caller, c.midway, c.amid, c.of.record
	f.standing, f.greets = c.standing, !c.midway && c.standing == ""
	return f
}

// decideOldest has the connection whose protocol is not known, and that was quiet for the longest, decided now.
func (r *Reader) decideOldest() {
	for e := r.connections.others.Front(); e != nil; e = e.Next() {
		if c := e.Value.(*connection); c.flow != nil {
			c.flow.end()
			r.judge(c)
			return
		}
	}
}

// judge notes what became of the flow of a connection.
func (r *Reader) judge(c *connection) {
	t := r.connections
	if c.flow != nil && c.flow.leg != nil {
		r.file.spoke, c.in.spoke = true, true
	}
	switch {
	case c.place == nil || c.dead: // as before
	case c.flow.leg != nil && t.legs >= legsMax:
		r.sum.TooMany++
		c.flow.dead = true
		fallthrough
	case c.flow.dead:
		c.dead, c.flow = true, nil
		t.tried--
		c.in.undecided--
	case c.flow.leg != nil:
		t.others.Remove(c.place)
		c.place = nil
		t.tried--
		c.in.undecided--
		t.legs++
	}
}

// skip notes that bytes of a side are missing, as many as are known.
func (r *Reader) skip(c *connection, from, missing int) {
	if c.flow != nil {
		c.flow.gap(from, missing, r.at)
	}
}

// giveUp goes on behind all that a side lacks.
func (r *Reader) giveUp(c *connection, from int) {
	for len(c.halves[from].waiting) > 0 {
		r.passGap(c, from)
	}
}

// passGap goes on behind the first gap of a side in which segments wait.
func (r *Reader) passGap(c *connection, from int) {
	h := &c.halves[from]
	if missing := int(int32(h.waiting[0].seq - h.next)); missing > 0 {
		if c.flow == nil && !c.dead {
			c.flow = r.flowOf(c)
		}
		r.skip(c, from, missing)
		h.next = h.waiting[0].seq
	}
	r.giveDue(c, from)
}

// giveUpLost goes on behind what is not to be waited for, in all connections.
func (r *Reader) giveUpLost(now time.Time) {
	t := r.connections
	crowded, since := t.bytes > waitingOfAll, now.Sub(t.swept)
	soon := len(t.lacking) > lackingFew && !crowded && since >= 0 && since < sweepEvery
	if len(t.lacking) == 0 || soon {
		return
	}
	t.swept = now
	r.flush(func() {
		t.lacking = slices.DeleteFunc(t.lacking, func(c *connection) bool {
			for from := range c.halves {
				h := &c.halves[from]
				for first := crowded; len(h.waiting) > 0 && (first || h.isLost(now)); first = false {
					r.passGap(c, from)
				}
			}
			if len(c.halves[0].waiting)+len(c.halves[1].waiting) > 0 {
				return false
			}
			c.halves[0].waiting, c.halves[1].waiting = nil, nil
			return true
		})
	})
}

// closeConnection ends a connection: what waits is given away, and what is missing at its end counted.
func (r *Reader) closeConnection(c *connection) {
	if c.closed {
		return
	}
	c.closed = true
	r.flush(func() {
		for from := range c.halves {
			r.giveUp(c, from)
			if n := c.halves[from].lacking(); n > 0 {
				r.skip(c, from, n)
			}
		}
	})
	if c.flow == nil {
		return
	}
	f := c.flow
	f.inPart = c.inPart
	f.end()
	r.judge(c)
	if f.leg == nil || f.dead {
		return
	}
	if r.opts.Ended != nil && !r.ended {
		f.packet = r.sum.Packets
		r.message(f, 0, nil, r.at)
	}
	c.flow, c.dead = nil, true
	r.connections.legs--
	c.place = r.connections.others.PushBack(c) // what is sent again is not to be taken for another
}

// closeAll ends all connections, in the order in which they were seen.
func (r *Reader) closeAll() {
	var all []*connection
	for _, c := range r.connections.byPair {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *connection) int { return a.number - b.number })
	for _, c := range all {
		r.closeConnection(c)
	}
}

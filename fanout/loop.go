package fanout

import (
	"fmt"
	"runtime/debug"
	"time"

	"github.com/panjf2000/gnet/v2"
	"github.com/rs/zerolog"

	"haproxy/codec/csta"
	"haproxy/fanout/hub"
)

// core is what the loop steps; tests put a scripted one in the hub's place.
type core interface {
	LinkUp(now time.Time)
	LinkDown(now time.Time)
	LegUp(now time.Time, leg hub.LegID, tserver int)
	LegDown(now time.Time, leg hub.LegID)
	FromLink(now time.Time, frame []byte)
	FromLeg(now time.Time, leg hub.LegID, frame []byte)
	Heard(now time.Time, leg hub.LegID)
	Backlog(leg hub.LegID, bytes int)
	Undelivered(now time.Time, leg hub.LegID, bytes int)
	Tick(now time.Time)
	Waiting() bool
	Outputs() []hub.Output
	Notices() []hub.Notice
	Done()
	State() hub.LinkState
	Status() csta.Status
	Stop(now time.Time)
	AppendMetrics(dst []hub.Metric) []hub.Metric
	Recounter
}

var _ core = (*hub.Hub)(nil)

// loop is the part of a link that its event loop owns. All of it runs on that one goroutine; the
// clock is read once an event.
type loop struct {
	gnet.BuiltinEventEngine
	lingerer

	link *Link
	hub  core
	cti  *leg               // the switch's; nil while there is none
	legs map[hub.LegID]*leg // the T-Servers'
	open map[*leg]bool      // those that wait for their peer's preamble: the hub knows them not yet

	owing   int    // legs that the hub was told have a backlog
	busy    bool   // the hub is being stepped: what happens meanwhile has to wait
	fallen  []*leg // closed meanwhile
	written []*leg // since Outputs
	stopped bool   // the link is going away: legs that close are nobody's business

	iov    [iovMax][]byte
	gather []byte
	spares spares
	counts counts
}

func newLoop(link *Link) *loop {
	return &loop{
		link:   link,
		hub:    link.newCore(),
		legs:   make(map[hub.LegID]*leg),
		open:   make(map[*leg]bool),
		gather: make([]byte, readBuffer),
		counts: newCounts(&link.cfg),
	}
}

// OnOpen takes a socket that was dialled or accepted.
func (l *loop) OnOpen(c gnet.Conn) ([]byte, gnet.Action) {
	g, ok := c.Context().(*leg)
	if !ok {
		l.link.bridged(c)
		return nil, gnet.None
	}
	g.opened.Store(true)
	if l.stopped || l.link.draining.Load() {
		return nil, gnet.Close
	}
	now := time.Now()
	g.conn, g.heard, g.traffic = c, now, &l.counts.link
	if g.tserver != switchSide {
		g.traffic = &l.counts.tservers[g.tserver]
	}
	g.wire = l.tapped(g, now)
	if g.splitter.Expecting() {
		return l.await(now, g), gnet.None
	}
	return nil, l.adopt(now, g)
}

// adopt tells the hub of a leg.
func (l *loop) adopt(now time.Time, g *leg) gnet.Action {
	if g.tserver == switchSide {
		return l.linkOpened(now, g)
	}
	g.adopted = true
	l.legs[g.id] = g
	l.logLeg(g, zerolog.DebugLevel).Msg("socket open")
	l.guard(now, func() { l.hub.LegUp(now, g.id, g.tserver) })
	return gnet.None
}

// linkOpened takes a new socket of the switch. There is one link: while it lives, another caller is
// refused. A caller from the same host takes over from a socket that has been silent for a
// heartbeat: its host has lost that one and nobody told us.
func (l *loop) linkOpened(now time.Time, g *leg) gnet.Action {
	old := l.cti
	if old != nil && (old.peer.Addr() != g.peer.Addr() || now.Sub(old.heard) < l.link.silence()) {
		l.link.refuse(g.peer, "the link is up, with "+old.peer.String())
		return gnet.Close
	}
	l.guard(now, func() {
		if old != nil {
			l.logLeg(old, zerolog.WarnLevel).Msg("closed: silent, and the switch has called anew")
			l.close(old)
			l.settle(now)
		}
		g.adopted = true
		l.cti = g
		l.counts.linkUps++
		l.logLeg(g, zerolog.DebugLevel).Msg("socket open")
		l.hub.LinkUp(now)
	})
	return gnet.None
}

// OnTraffic takes the bytes of one read. They are the library's, for the time of the call.
func (l *loop) OnTraffic(c gnet.Conn) gnet.Action {
	chunk, err := c.Next(-1)
	g, ok := c.Context().(*leg)
	if err != nil || !ok || !g.adopted && !l.open[g] {
		return gnet.None
	}
	now := time.Now()
	g.heard = now
	g.traffic.reads++
	g.traffic.bytesIn += uint64(len(chunk))
	g.wire.Heard(now, chunk)
	g.splitter.Feed(chunk)
	if !g.adopted && !l.greeted(now, g) {
		return gnet.None
	}
	l.guard(now, func() { l.read(now, g) })
	l.recount(now)
	l.linger(now)
	return gnet.None
}

// read steps the hub with the frames of one read.
func (l *loop) read(now time.Time, g *leg) {
	frames := 0
	for {
		frame, err := g.splitter.Next()
		if err != nil {
			l.unframed(now, g, err)
			return
		}
		if frame == nil {
			break
		}
		frames++
		if g == l.cti {
			l.hub.FromLink(now, frame)
		} else {
			l.hub.FromLeg(now, g.id, frame)
		}
	}
	g.traffic.framesIn += uint64(frames)
	g.framed = g.framed || frames > 0
	if frames == 0 {
		l.hub.Heard(now, l.hubID(g))
	}
	g.track(now, frames)
	if g.splitter.Partial() > 0 {
		g.wire.Amid()
	}
}

// unframed closes a leg whose bytes are no frames.
func (l *loop) unframed(now time.Time, g *leg, err error) {
	g.traffic.framing++
	l.logGarbled(now, g).Err(err).Msg("closed: what came cannot be cut into frames")
	l.close(g)
}

// OnClose takes a socket's end. It may run inside a write to that socket, in the midst of a step.
func (l *loop) OnClose(c gnet.Conn, err error) gnet.Action {
	g, ok := c.Context().(*leg)
	if !ok {
		l.link.unbridged()
		return gnet.None
	}
	g.conn, g.cause = nil, err
	if g.wire != nil {
		g.wire.Close(time.Now())
	}
	g.queue.drop(&l.spares)
	l.remember(g, 0)
	l.link.release(g)
	delete(l.open, g)
	if !g.adopted || l.stopped {
		return gnet.None
	}
	l.fallen = append(l.fallen, g)
	if !l.busy {
		l.guard(time.Now(), func() {})
	}
	return gnet.None
}

// guard does work on the hub, carries out what comes of it, and answers a panic with a fresh hub.
func (l *loop) guard(now time.Time, work func()) {
	defer func() {
		l.busy = false
		if broken := recover(); broken != nil {
			l.restart(broken, debug.Stack())
		}
	}()
	l.busy = true
	l.tellBacklogs()
	work()
	l.settle(now)
	l.watch()
}

// settleMax bounds the rounds of one settle, so that a hub that never comes to rest does not hold
// the loop: the next tick goes on.
const settleMax = 16

// settle carries out what the hub decided, until neither it nor a closing socket leaves anything to
// do.
func (l *loop) settle(now time.Time) {
	for range settleMax {
		l.stepFallen(now)
		outputs := l.hub.Outputs()
		for i := range outputs {
			l.deliver(&outputs[i])
		}
		l.logNotices()
		quiet := len(outputs) == 0
		l.hub.Done()
		for _, g := range l.written {
			l.tell(g) // the hub takes what was put out for unsent until it is told
		}
		clear(l.written)
		l.written = l.written[:0]
		if quiet && len(l.fallen) == 0 {
			return
		}
	}
}

// stepFallen tells the hub of the sockets that have closed.
func (l *loop) stepFallen(now time.Time) {
	for len(l.fallen) > 0 {
		g := l.fallen[0]
		l.fallen = l.fallen[1:]
		if g == l.cti {
			l.hub.LinkDown(now)
			l.logNotices()
			l.cti = nil
			continue
		}
		l.hub.LegDown(now, g.id)
		l.logNotices()
		delete(l.legs, g.id)
	}
}

// deliver writes one leg's output and closes it, if asked to. The leg may be gone by now.
func (l *loop) deliver(out *hub.Output) {
	g := l.leg(out.Leg)
	if g == nil || g.conn == nil {
		return
	}
	if len(out.Runs) > 0 {
		l.write(g, out.Runs)
		l.written = append(l.written, g)
	}
	if out.Close != hub.CloseNone && g.conn != nil {
		l.logLeg(g, zerolog.DebugLevel).Stringer("reason", out.Close).Msg("socket closed")
		l.close(g)
	}
}

// close closes a leg for a reason that was logged. The hub hears of it in the next settle.
func (l *loop) close(g *leg) {
	if g.conn == nil {
		return
	}
	if err := g.conn.EventLoop().Close(g.conn); err != nil {
		l.logLeg(g, zerolog.WarnLevel).Err(err).Msg("socket did not close cleanly")
	}
}

// tick is stepped by the link's clock.
func (l *loop) tick() {
	if l.stopped {
		return
	}
	now := time.Now()
	l.guard(now, func() {
		l.closeOverdue(now)
		for _, g := range l.legs {
			l.pump(g)
		}
		if l.cti != nil {
			l.pump(l.cti)
		}
		l.tellBacklogs()
		l.tellDrains(now)
		l.hub.Tick(now)
	})
}

// closeOverdue closes the legs whose frame does not end.
func (l *loop) closeOverdue(now time.Time) {
	lim, header := &l.link.limits, l.link.cfg.Framing.HeaderLen()
	check := func(g *leg) {
		age, late := g.overdue(now, lim, header)
		if !late || g.conn == nil {
			return
		}
		g.traffic.overdue++
		l.logGarbled(now, g).Int("bytes", g.splitter.Partial()).Dur("age", age).
			Msg("closed: a frame did not end in time")
		l.close(g)
	}
	for _, g := range l.legs {
		check(g)
	}
	if l.cti != nil {
		check(l.cti)
	}
	l.closeMute(now)
}

// tellBacklogs tells the hub of every backlog that changed while nobody looked: the library drains
// on its own.
func (l *loop) tellBacklogs() {
	if l.owing == 0 {
		return
	}
	for _, g := range l.legs {
		if g.told > 0 {
			l.tell(g)
		}
	}
	if l.cti != nil && l.cti.told > 0 {
		l.tell(l.cti)
	}
}

// tellDrains tells the hub how far the T-Servers have come that it may take for dead.
func (l *loop) tellDrains(now time.Time) {
	for _, g := range l.legs {
		if g.conn != nil && (g.told > 0 || now.Sub(g.heard) >= l.link.cfg.Hub.HeartbeatInterval/2) {
			l.hub.Undelivered(now, g.id, g.owed()+unsent(g.conn.Fd()))
		}
	}
}

// tell tells the hub of a leg's backlog, and gives up a switch that stopped reading.
func (l *loop) tell(g *leg) {
	owed := g.owed()
	l.remember(g, owed)
	l.hub.Backlog(l.hubID(g), owed)
	if g == l.cti && owed > l.link.limits.linkOwed {
		l.logLeg(g, zerolog.WarnLevel).Int("bytes", owed).Msg("closed: the switch does not read")
		l.close(g)
	}
}

// remember keeps what was told of a leg's backlog.
func (l *loop) remember(g *leg, owed int) {
	if g.told > 0 {
		l.owing--
	}
	if owed > 0 {
		l.owing++
	}
	g.told = owed
}

// watch passes on what goroutines beside the loop need to know.
func (l *loop) watch() {
	if l.hub.State() == hub.LinkNormal && !l.link.normal.Load() {
		l.link.normal.Store(true)
	}
	l.link.pace(l.owing > 0 || len(l.fallen) > 0 || l.hub.Waiting())
}

// restart ends every leg and puts a fresh hub in the place of one whose invariant broke.
func (l *loop) restart(broken any, stack []byte) {
	l.counts.panics++
	l.link.log.Error().Str("panic", fmt.Sprint(broken)).Bytes("stack", stack).
		Msg("an invariant is broken: the legs of this link are closed and it starts afresh")
	l.busy = true
	for _, g := range l.legs {
		l.close(g)
	}
	if l.cti != nil {
		l.close(l.cti)
	}
	l.busy = false
	l.fallen, l.written, l.cti = nil, nil, nil
	clear(l.legs)
	l.hub = l.link.newCore()
	l.link.normal.Store(false) // so that dialling backs off
	l.link.pace(false)
}

// leg returns the leg of a hub's ID.
func (l *loop) leg(id hub.LegID) *leg {
	if id == hub.Link {
		return l.cti
	}
	return l.legs[id]
}

// hubID returns what the hub calls a leg.
func (l *loop) hubID(g *leg) hub.LegID {
	if g.tserver == switchSide {
		return hub.Link
	}
	return g.id
}

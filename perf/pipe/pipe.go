package pipe

import (
	"bytes"
	"math/rand/v2"
	"time"

	"haproxy/codec/frame"
	"haproxy/perf/wire"
)

// Net is how a leg carries bytes. The zero Net delivers at the next step, frames merged.
type Net struct {
	Framing  frame.Framing // default ECMA323
	FrameMax int           // default frame.ECMA323Max
	Delay    time.Duration // of every byte
	Jitter   time.Duration // more, at most
	Pieces   bool          // cut at random bytes instead of delivering what there is
}

// World is a set of legs and a clock.
type World struct {
	rnd   *rand.Rand
	now   time.Time
	tick  time.Duration
	legs  []*Leg
	cores []wire.Core
	// After is called after every step of the clock, to check what must always hold; may be nil.
	After func(now time.Time)
	// Stride is how far the clock goes at most where nothing arrives before; 0 goes a millisecond a
	// step, and arrivals wait for it.
	Stride time.Duration
	// Shuffled wakes cores and serves legs in another order every step.
	Shuffled bool
}

// New returns a world whose clock stands at start.
func New(seed uint64, start time.Time) *World {
	return &World{
		rnd: rand.New(rand.NewPCG(seed, 0x919e)), now: start, tick: time.Millisecond,
	}
}

// Now returns the virtual time.
func (w *World) Now() time.Time { return w.now }

// Leg joins two cores by a stream each way.
type Leg struct {
	world *World
	net   Net
	up    bool
	ends  [2]end
}

// end is one side of a leg and what is under way to it.
type end struct {
	core     wire.Core
	splitter *frame.Splitter
	queue    []parcel
	ready    time.Time // of the last parcel queued: bytes never overtake
	frozen   bool
	bytes    int  // queued
	closing  bool // it hung up: what it said before still arrives, it reads and says no more
	lost     bool // its core was told that the leg is down, and the other was not
}

// parcel is a run of bytes under way.
type parcel struct {
	at time.Time
	b  []byte
}

// Join adds a leg between two cores; it is down until Open.
func (w *World) Join(a, b wire.Core, net Net) *Leg {
	if net.Framing == 0 {
		net.Framing = frame.ECMA323
	}
	if net.FrameMax == 0 {
		net.FrameMax = frame.ECMA323Max
	}
	leg := &Leg{world: w, net: net, ends: [2]end{{core: a}, {core: b}}}
	w.legs = append(w.legs, leg)
	for _, core := range []wire.Core{a, b} {
		known := false
		for _, other := range w.cores {
			known = known || other == core
		}
		if !known {
			w.cores = append(w.cores, core)
		}
	}
	return leg
}

// Open brings the leg up at both ends.
func (l *Leg) Open() {
	if l.up {
		return
	}
	l.up = true
	for i := range l.ends {
		e := &l.ends[i]
		e.splitter = frame.NewSplitter(l.net.Framing, l.net.FrameMax)
		e.queue, e.bytes, e.ready, e.frozen, e.closing = nil, 0, l.world.now, false, false
		e.lost = false
	}
	for i := range l.ends {
		l.ends[i].core.Up(l.world.now)
	}
	l.collect()
}

// Cut takes the leg down at both ends; what is under way is lost.
func (l *Leg) Cut() {
	if !l.up {
		return
	}
	l.up = false
	for i := range l.ends {
		l.down(&l.ends[i])
	}
}

// Lose takes the leg down at one end, 0 or 1, as a host that crashed does: the other end does not
// learn of it, and what it sends goes nowhere.
func (l *Leg) Lose(side int) {
	if l.up {
		l.down(&l.ends[side])
	}
}

// Lost reports whether one end was told that the leg is down and the other was not.
func (l *Leg) Lost() bool { return l.up && (l.ends[0].lost || l.ends[1].lost) }

// down tells an end, once, that the leg is gone.
func (l *Leg) down(e *end) {
	e.queue, e.bytes = nil, 0
	if e.lost {
		return
	}
	e.lost = true
	e.core.Out()
	e.core.Down(l.world.now)
}

// Up reports whether the leg is there.
func (l *Leg) Up() bool { return l.up }

// Freeze stops delivery to one end, 0 or 1, as a reader that stands still does.
func (l *Leg) Freeze(side int, frozen bool) { l.ends[side].frozen = frozen }

// Backlog returns the bytes under way to one end.
func (l *Leg) Backlog(side int) int { return l.ends[side].bytes }

// Quiet reports whether nothing is under way on any leg.
func (w *World) Quiet() bool {
	for _, leg := range w.legs {
		if leg.up && (leg.ends[0].bytes > 0 || leg.ends[1].bytes > 0) {
			return false
		}
	}
	return true
}

// Inject puts raw bytes under way to one end.
func (l *Leg) Inject(side int, b []byte) {
	if l.up {
		l.post(&l.ends[side], bytes.Clone(b))
	}
}

// Run moves the clock on by d.
func (w *World) Run(d time.Duration) {
	w.RunUntil(d, func() bool { return false })
}

// RunUntil moves the clock on until ok or for d at most, and reports whether ok.
func (w *World) RunUntil(d time.Duration, ok func() bool) bool {
	for end := w.now.Add(d); w.now.Before(end); {
		if ok() {
			return true
		}
		w.now = w.next(end)
		w.step()
	}
	return ok()
}

// least is how far the clock goes at the least: what answers at once is not endless.
const least = 50 * time.Microsecond

// next returns the time of the next step.
func (w *World) next(end time.Time) time.Time {
	if w.Stride == 0 {
		return w.now.Add(w.tick)
	}
	at := w.now.Add(w.Stride/4 + time.Duration(w.rnd.Int64N(int64(w.Stride))))
	if at.After(end) {
		at = end
	}
	for _, leg := range w.legs {
		for i := range leg.ends {
			e := &leg.ends[i]
			if leg.up && !e.frozen && !e.closing && !e.lost && len(e.queue) > 0 && e.queue[0].at.Before(at) {
				at = e.queue[0].at
			}
		}
	}
	if soonest := w.now.Add(least); at.Before(soonest) {
		at = soonest
	}
	return at
}

// step is one moment: every core ticks, then everything that is due arrives.
func (w *World) step() {
	if w.Shuffled {
		w.rnd.Shuffle(len(w.cores), func(i, k int) { w.cores[i], w.cores[k] = w.cores[k], w.cores[i] })
		w.rnd.Shuffle(len(w.legs), func(i, k int) { w.legs[i], w.legs[k] = w.legs[k], w.legs[i] })
	}
	for _, core := range w.cores {
		core.Tick(w.now)
	}
	for _, leg := range w.legs {
		leg.collect()
	}
	for _, leg := range w.legs {
		leg.deliver()
	}
	for _, leg := range w.legs {
		leg.collect()
	}
	if w.After != nil {
		w.After(w.now)
	}
}

// backlogged is a core that wants to know how many of its bytes its peer has not taken.
type backlogged interface{ Backlog(n int) }

// collect puts what the ends have to say under way.
func (l *Leg) collect() {
	if !l.up {
		return
	}
	for i := range l.ends {
		from, to := &l.ends[i], &l.ends[1-i]
		if from.lost {
			continue
		}
		for _, f := range from.core.Out() {
			if !from.closing {
				l.post(to, f)
			}
		}
		from.closing = from.closing || from.core.Hangup()
		if core, ok := from.core.(backlogged); ok {
			core.Backlog(to.bytes)
		}
	}
	if l.ends[0].gone(&l.ends[1]) || l.ends[1].gone(&l.ends[0]) {
		l.Cut()
	}
}

// gone reports whether an end hung up and all it said before has arrived, or will not.
func (e *end) gone(peer *end) bool {
	return e.closing && (peer.bytes == 0 || peer.frozen || peer.closing || peer.lost)
}

// post puts bytes under way to an end, whole or in pieces.
func (l *Leg) post(to *end, b []byte) {
	to.bytes += len(b)
	for len(b) > 0 {
		n := len(b)
		if l.net.Pieces {
			n = 1 + l.world.rnd.IntN(min(n, 400))
		}
		at := l.world.now.Add(l.net.Delay)
		if l.net.Jitter > 0 {
			at = at.Add(time.Duration(l.world.rnd.Int64N(int64(l.net.Jitter))))
		}
		if at.Before(to.ready) {
			at = to.ready
		}
		to.ready = at
		to.queue = append(to.queue, parcel{at, b[:n]})
		b = b[n:]
	}
}

// deliver gives both ends what is due.
func (l *Leg) deliver() {
	for i := range l.ends {
		e := &l.ends[i]
		for l.up && !e.frozen && !e.closing && !e.lost && len(e.queue) > 0 && !e.queue[0].at.After(l.world.now) {
			p := e.queue[0]
			e.queue = e.queue[1:]
			e.bytes -= len(p.b)
			if !l.feed(e, p.b) {
				l.Cut()
			}
		}
	}
}

// feed steps a core with the frames that a parcel completes; false means it cannot be framed.
func (l *Leg) feed(e *end, b []byte) bool {
	e.splitter.Feed(b)
	for {
		f, err := e.splitter.Next()
		if f == nil {
			return err == nil
		}
		e.core.Step(l.world.now, f)
	}
}

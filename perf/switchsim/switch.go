package switchsim

import (
	"math/rand/v2"
	"time"

	"haproxy/codec/csta"
	"haproxy/perf/ledger"
	"haproxy/perf/wire"
)

// Switch is the core of the simulator. It belongs to one goroutine.
type Switch struct {
	opts    Options
	rnd     *rand.Rand
	now     time.Time
	began   bool
	timers  timers
	plant   plant
	link    link
	msg     csta.Message // the one being stepped
	said    csta.Message // an event as its frame says it
	out     [][]byte
	arena   []byte
	log     *ledger.Ledger
	reached []Reached
	stats   Stats

	calls    map[string]*call
	order    []*call // the calls alive, in an order that the seed repeats
	nextCall uint64
	freeIDs  []string
	refs     uint64 // cross reference IDs given, over all links
	count    uint64 // events sent, over all links
	due      struct{ call, feature, drop time.Time }

	routes map[string]*dialogue
	muted  bool // its events are lost
	pad    []byte

	// What the protocol has.
	hasBusy, hasRouteing, hasRoutes bool
}

var _ wire.Core = (*Switch)(nil)

// New returns a switch without a link, its agents partly logged on and no calls yet.
func New(opts Options) *Switch {
	opts = opts.withDefaults()
	s := &Switch{
		opts:   opts,
		rnd:    rand.New(rand.NewPCG(opts.Seed, 0x5717c4)),
		log:    ledger.New(opts.Log, opts.LogSize),
		calls:  make(map[string]*call),
		routes: make(map[string]*dialogue),
	}
	s.stats.Requests = make(map[csta.Service]int)
	s.hasBusy = s.tells(csta.EventAgentBusy)
	s.hasRouteing = s.asks(csta.RouteRequest)
	s.hasRoutes = s.asks(csta.RouteRegister)
	s.build()
	return s
}

// Up tells that the link is there. Every link starts without monitors and registrations.
func (s *Switch) Up(now time.Time) {
	s.advance(now)
	s.openLink()
	s.flush()
}

// Down tells that the link is gone. Calls go on.
func (s *Switch) Down(now time.Time) {
	s.advance(now)
	s.closeLink()
}

// Step takes one frame of the computing function.
func (s *Switch) Step(now time.Time, frame []byte) {
	s.advance(now)
	if s.link.up {
		s.take(frame)
	}
	s.flush()
}

// Tick lets everything happen that is due.
func (s *Switch) Tick(now time.Time) {
	s.advance(now)
	s.flush()
}

// Out returns the frames to be sent, in order; they belong to the caller and are not to be changed.
func (s *Switch) Out() [][]byte {
	out := s.out
	s.out = nil
	return out
}

// Hangup reports whether the switch wants the link closed.
func (s *Switch) Hangup() bool { return s.link.hangup }

// Ledger returns the record of the events sent. It must not be changed.
func (s *Switch) Ledger() *ledger.Ledger { return s.log }

// advance runs what is due until now.
func (s *Switch) advance(now time.Time) {
	if !s.began {
		s.began = true
		s.now = now
		s.due.call, s.due.feature, s.due.drop = now, now, now.Add(time.Second)
	}
	for {
		t, ok := s.timers.next(now)
		if !ok {
			break
		}
		if t.at.After(s.now) {
			s.now = t.at
		}
		t.run()
	}
	if now.After(s.now) {
		s.now = now
	}
	s.generate()
	s.beat()
}

// after has f called in d.
func (s *Switch) after(d time.Duration, f func()) { s.timers.add(s.now.Add(d), f) }

// chance is true with probability p.
func (s *Switch) chance(p float64) bool { return p > 0 && s.rnd.Float64() < p }

// pace returns a random time with the mean of the load's pace.
func (s *Switch) pace() time.Duration {
	mean := float64(s.opts.Load.Pace)
	return time.Duration(mean * min(s.rnd.ExpFloat64(), 5))
}

// flush is where every entry ends.
func (s *Switch) flush() {
	if !s.link.up {
		s.out = nil
	}
}

package tserversim

import (
	"math/rand/v2"
	"time"

	"haproxy/codec/csta"
	"haproxy/perf/latency"
	"haproxy/perf/ledger"
	"haproxy/perf/stamp"
	"haproxy/perf/wire"
)

// Phase is how far a T-Server has come since its leg is up.
type Phase uint8

// The phases, in their order.
const (
	PhaseDown        Phase = iota // no leg
	PhaseSession                  // opening an application session or an association
	PhaseGreeting                 // waiting for the switch's SystemStatus
	PhaseRegistering              // SystemRegister, monitors, queries
	PhaseInStep                   // all of these were answered
)

var phaseNames = [...]string{"down", "session", "greeting", "registering", "in step"}

// String returns the phase's name.
func (p Phase) String() string { return phaseNames[p] }

// TServer is the core of the simulator. It belongs to one goroutine.
type TServer struct {
	opts  Options
	rnd   *rand.Rand
	now   time.Time
	phase Phase
	msg   csta.Message
	out   [][]byte

	model    *Model
	refs     map[string]*View       // by cross reference ID
	held     map[string][][]byte    // events whose monitor is not known yet
	holding  int                    // of them
	last     map[string]stamp.Stamp // the last one of each monitor
	down     bool                   // it was told that the link is lost
	log      *ledger.Ledger
	sessions []*ledger.Ledger

	requests map[csta.InvokeID]*request
	invoke   csta.InvokeID
	jobs     []job
	open     int              // requests of the start unanswered
	stopping map[string]*stop // by cross reference ID
	stopRefs []string         // their IDs, in the order they were asked
	absent   []absence
	whim     *rand.Rand // chooses what is stopped
	traced   []*Asked
	segments map[string]*segments
	session  string
	hangup   bool

	associated bool
	leaveBy    time.Time // when the leg is closed, answered or not; zero while it stays

	upAt, inStepAt, greetUntil, nextBeat, nextRequest, nextSweep, nextStop, retryAt, resetAt time.Time

	stats   Stats
	latency latency.Histogram
	recent  latency.Histogram // since TakeLatency
}

var _ wire.Core = (*TServer)(nil)

// New returns a T-Server without a leg.
func New(opts Options) *TServer {
	t := &TServer{opts: opts.withDefaults(), rnd: rand.New(rand.NewPCG(opts.Seed, 0x75e2f0))}
	t.whim = rand.New(rand.NewPCG(opts.Seed, 0x570b))
	t.stats.Errors = make(map[string]int)
	t.log = ledger.New(t.opts.Log, t.opts.LogSize)
	t.reset()
	return t
}

// reset forgets everything that a T-Server that died does not know any more.
func (t *TServer) reset() {
	t.model = NewModel()
	t.refs = make(map[string]*View)
	t.held = make(map[string][][]byte)
	t.last, t.down = make(map[string]stamp.Stamp), false
	t.requests = make(map[csta.InvokeID]*request)
	t.segments = make(map[string]*segments)
	t.jobs, t.open, t.session, t.hangup, t.holding = nil, 0, "", false, 0
	t.inStepAt, t.retryAt, t.leaveBy = time.Time{}, time.Time{}, time.Time{}
	t.associated = false
	t.forgetStops()
	first, _ := t.opts.Codec.InvokeIDs()
	t.invoke = first - 1
}

// Up tells that the leg is there. The T-Server starts from nothing, with a ledger of its own.
func (t *TServer) Up(now time.Time) {
	t.now = now
	t.reset()
	t.log = ledger.New(t.opts.Log, t.opts.LogSize)
	t.sessions = append(t.sessions, t.log)
	t.stats.Legs++
	t.upAt = now
	t.greetUntil = now.Add(t.opts.GreetWait)
	t.nextBeat = now.Add(t.opts.Heartbeat)
	t.phase = PhaseGreeting
	if t.opts.Association != nil {
		t.associate()
	}
	if t.opts.Session {
		t.phase = PhaseSession
		t.ask(&csta.Message{
			Service: csta.StartApplicationSession, Application: []byte(t.opts.Application),
			Versions: versions, DurationSec: 600,
		}, nil)
	}
}

// versions are the protocol versions that a session asks for.
var versions = [][]byte{[]byte("http://www.ecma-international.org/standards/ecma-323/csta/ed4")}

// Down tells that the leg is gone.
func (t *TServer) Down(now time.Time) {
	t.now = now
	t.stats.Abandoned += len(t.requests)
	t.traceEnd()
	t.phase = PhaseDown
	t.out = nil
}

// Step takes one frame of the switch.
func (t *TServer) Step(now time.Time, frame []byte) {
	t.now = now
	if t.phase != PhaseDown {
		t.take(frame)
		t.work()
	}
}

// Tick does what is due.
func (t *TServer) Tick(now time.Time) {
	t.now = now
	if t.phase == PhaseDown {
		return
	}
	if !t.leaveBy.IsZero() && !t.leaveBy.After(now) {
		t.hangup = true
	}
	if t.phase == PhaseGreeting && !t.greetUntil.After(now) {
		t.begin()
	}
	t.stopSome()
	t.work()
	t.beat()
	t.sweep()
	t.chat()
}

// Out returns the frames to be sent; they belong to the caller.
func (t *TServer) Out() [][]byte {
	out := t.out
	t.out = nil
	return out
}

// Hangup reports whether the T-Server wants its leg closed.
func (t *TServer) Hangup() bool { return t.hangup }

// Leave has the leg closed in an orderly way.
func (t *TServer) Leave() {
	if t.associated {
		t.release()
		return
	}
	t.hangup = true
}

// Phase returns how far the T-Server has come.
func (t *TServer) Phase() Phase { return t.phase }

// InStep reports whether everything asked for at the start was answered, and no monitor is stopped.
func (t *TServer) InStep() bool {
	return t.phase == PhaseInStep && len(t.absent) == 0 && len(t.stopping) == 0
}

// Sync returns the time from the leg's beginning until the T-Server was in step, or 0 before that.
func (t *TServer) Sync() time.Duration {
	if t.inStepAt.IsZero() {
		return 0
	}
	return t.inStepAt.Sub(t.upAt)
}

// Model returns what the T-Server believes. It must not be changed and is replaced by Up.
func (t *TServer) Model() *Model { return t.model }

// Ledger returns the record of the events received on the present or last leg.
func (t *TServer) Ledger() *ledger.Ledger { return t.log }

// Ledgers returns the records of all legs in order.
func (t *TServer) Ledgers() []*ledger.Ledger { return t.sessions }

// LastStamp returns the count of the last stamp of the events received on the present or last leg: how far along
// the switch's stream the T-Server is.
func (t *TServer) LastStamp() uint64 {
	var last stamp.Stamp
	for _, mark := range t.last {
		if mark.After(last) {
			last = mark
		}
	}
	return last.Count
}

// CrossRefs returns the device of every monitor by its cross reference ID.
func (t *TServer) CrossRefs() map[string]string {
	refs := make(map[string]string, len(t.refs))
	for ref, v := range t.refs {
		refs[ref] = v.Device
	}
	return refs
}

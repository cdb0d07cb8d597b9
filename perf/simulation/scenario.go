package simulation

import (
	"fmt"
	"math/rand/v2"
	"time"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/fanout/hub"
	"haproxy/perf/pipe"
	"haproxy/perf/protocols"
	"haproxy/perf/switchsim"
)

// Scenario is what a world is made from; all of it follows from the seed.
type Scenario struct {
	Seed     uint64
	Protocol protocols.Protocol
	Faults   Faults
	Net      pipe.Net
	Plant    switchsim.Plant
	Switch   switchsim.Options
	Hub      hub.Config
	Rounds   int  // of disturbance, each followed by a comparison with the truth
	IDs      int  // invoke IDs that there are
	Chatty   bool // T-Servers control calls beside watching them
	Routes   bool // and route them
	// Unasked says that T-Servers query nothing and know what they know by replays and events alone. The
	// world begins without calls then.
	Unasked bool

	requests float64 // of each T-Server, a second
	stops    float64 // of monitors by each T-Server, a second
	load     switchsim.Load
}

// String says what a seed stands for.
func (s *Scenario) String() string {
	limits := fmt.Sprintf("outstanding=%d rate=%d queue=%d backlog=%d journal=%d ids=%d stops=%.2g",
		s.Hub.RequestOutstanding, s.Hub.RequestRate, s.Hub.RequestQueue, s.Hub.TServers[0].BacklogMax,
		s.Hub.JournalMax, s.IDs, s.stops)
	return fmt.Sprintf("%v; %s; faults: %v", s.Protocol, limits, s.Faults)
}

// Draw makes the scenario of a seed.
func Draw(seed uint64) *Scenario {
	rnd := rand.New(rand.NewPCG(seed, 0x5ce))
	s := &Scenario{Seed: seed, Protocol: protocols.Tested()[0]}
	if tested := protocols.Tested(); rnd.IntN(2) == 0 {
		s.Protocol = tested[rnd.IntN(len(tested))]
	}
	s.Faults = drawFaults(rnd)
	s.Rounds = 1 + rnd.IntN(3)
	s.IDs = []int{100, 200, 1000}[rnd.IntN(3)]
	s.Chatty = rnd.IntN(3) > 0
	s.requests = []float64{0, 2, 10, 40}[rnd.IntN(4)]
	s.Net = pipe.Net{
		Framing: s.Protocol.Framing, FrameMax: s.Protocol.FrameMax(), Pieces: rnd.IntN(2) == 0,
		Delay:  time.Duration(rnd.IntN(4)) * time.Millisecond,
		Jitter: time.Duration(rnd.IntN(4)*rnd.IntN(10)) * time.Millisecond,
	}
	s.Plant = switchsim.Plant{Stations: 3 + rnd.IntN(4), Agents: rnd.IntN(3), Groups: 1, Trunks: 1 + rnd.IntN(2)}
	if s.Protocol.HasRouteing() && rnd.IntN(4) == 0 {
		s.Plant.RoutePoints, s.Routes = 1, true
	}
	s.load = switchsim.Load{
		Calls: 1 + rnd.IntN(4), Features: float64(rnd.IntN(4)), Pace: 200 * time.Millisecond,
	}
	s.drawSwitch(rnd)
	s.drawHub(rnd)
	s.drawUnasked()
	s.drawStops()
	return s
}

// drawUnasked chooses whether T-Servers query, by chance of its own, so that the other seeds mean what they
// did.
func (s *Scenario) drawUnasked() {
	rnd := rand.New(rand.NewPCG(s.Seed, 0xa5ced))
	if rnd.IntN(6) == 0 {
		s.Unasked, s.requests, s.Hub.Seed, s.Hub.CallAudit = true, 0, false, 4*time.Hour
	}
}

// drawStops chooses whether T-Servers stop monitors, by chance of its own, so that the other seeds mean
// what they did. What happens to a device without a monitor has to be asked for.
func (s *Scenario) drawStops() {
	rnd := rand.New(rand.NewPCG(s.Seed, 0x570b5))
	if rnd.IntN(3) == 0 && !s.Unasked {
		s.stops = 0.1 + 2*rnd.Float64()
	}
}

// hides reports whether the switch loses events and tells of it only later.
func (s *Scenario) hides() bool {
	return s.Faults[Restart]+s.Faults[ColdRestart]+s.Faults[MessagesLost] > 0
}

// namesAgents reports whether the protocol's answers tell whose an agent state is.
func (s *Scenario) namesAgents() bool {
	return s.Protocol.Name == protocols.XML || s.Protocol.Name == protocols.Phase3
}

// lateBy is longer than what any request is waited for.
const lateBy = 12 * time.Second

// drawSwitch chooses how the switch behaves.
func (s *Scenario) drawSwitch(rnd *rand.Rand) {
	s.Switch = switchsim.Options{
		Seed: s.Seed, Plant: s.Plant, MonitorLimit: 1,
		CallIDs: []int{0, 12, 64}[rnd.IntN(3)], SegmentSize: rnd.IntN(2),
		Fault: s.misbehaviour(),
	}
	if f := &s.Faults; s.hides() || f[Never]+f[TooLate]+f[LinkStall]+f[LinkHalfOpen] > 0 {
		s.Switch.MonitorLimit = 0 // who gets no answer, or too late, asks for a second one
	}
	if rnd.IntN(2) == 0 {
		s.Switch.Link.LatencyMax = time.Duration(1+rnd.IntN(50)) * time.Millisecond
	}
	if rnd.IntN(2) == 0 {
		s.Switch.Link.Heartbeat = 2 * time.Second
	}
	s.Switch.Link.Silent = rnd.IntN(4) == 0
	s.Switch = s.Protocol.Switch(s.Switch)
	s.Switch.Codec = s.few(s.Switch.Codec)
}

// misbehaviour is what the switch itself does wrong.
func (s *Scenario) misbehaviour() switchsim.Faults {
	f := &s.Faults
	wrong := switchsim.Faults{
		Never: f[Never], Late: f[Late], LateBy: time.Second, Twice: f[Twice],
		EventFirst: f[EventFirst], Unknown: f[Unknown], Garbage: f[Garbage],
	}
	if f[TooLate] > 0 {
		wrong.Late, wrong.LateBy, f[Late] = f[TooLate], lateBy, 0
	}
	return wrong
}

// drawHub chooses the limits; in half of the seeds they are the product's.
func (s *Scenario) drawHub(rnd *rand.Rand) {
	s.Hub = hub.Config{
		NewCodec:       func() codec.Codec { return s.few(s.Protocol.NewCodec()) },
		ConnectTimeout: 2 * time.Second, RequestOutstanding: 30, RequestQueue: 4096,
		RequestTimeout: 8 * time.Second, HeartbeatInterval: time.Second, HeartbeatMisses: 3,
		MonitorLinger: time.Minute, RouteTimeout: 3 * time.Second, CallAudit: 4 * time.Hour,
		JournalMax: 1 << 20, Answer: hub.AnswerSet{Monitor: true, Snapshot: true, Features: true},
		Seed: rnd.IntN(4) == 0,
	}
	backlog := 1 << 20
	if rnd.IntN(3) == 0 {
		s.Hub.RequestOutstanding = 1 + rnd.IntN(6)
	}
	if rnd.IntN(4) == 0 {
		s.Hub.RequestRate = 20 + rnd.IntN(60)
	}
	if rnd.IntN(4) == 0 {
		s.Hub.RequestQueue = 4 + rnd.IntN(28)
	}
	if rnd.IntN(4) == 0 {
		backlog = 24 << 10
	}
	if rnd.IntN(6) == 0 {
		s.Hub.JournalMax = 16 << 10
	}
	if rnd.IntN(8) == 0 {
		s.Hub.CallAudit = 2 * time.Second
	}
	for _, name := range []string{"first", "second"} {
		s.Hub.TServers = append(s.Hub.TServers, hub.TServer{Name: name, BacklogMax: backlog})
	}
	if s.Protocol.Association != nil {
		s.Hub.Session = hub.Session{Kind: hub.SessionACSE, Association: *s.Protocol.Association}
	}
}

// few returns a codec that has few invoke IDs, so that they are soon used again.
func (s *Scenario) few(c codec.Codec) codec.Codec { return fewIDs{c, s.IDs} }

// fewIDs is a codec with few invoke IDs.
type fewIDs struct {
	codec.Codec

	n int
}

// InvokeIDs is codec.Codec's.
func (c fewIDs) InvokeIDs() (first, last csta.InvokeID) {
	first, last = c.Codec.InvokeIDs()
	return first, min(last, first+csta.InvokeID(c.n-1))
}

package simulation

import (
	"time"

	"haproxy/fanout/hub"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// Result is what became of one seed.
type Result struct {
	Scenario *Scenario
	Messages int           // frames that the hub was given or gave
	Virtual  time.Duration // time that passed for the world
	Digest   uint64        // of everything that the hub gave
	Err      error         // the first thing that was wrong
}

// Messages is about how many messages a world goes through.
const Messages = 500

const (
	roundMax = 20 * time.Second // of disturbance
	restMax  = 5 * time.Minute  // to come to rest
)

// Run runs the world of one seed.
func Run(seed uint64) Result { return run(seed, nil) }

// Trace runs the world of one seed and tells of every frame.
func Trace(seed uint64, trace func(format string, args ...any)) Result { return run(seed, trace) }

func run(seed uint64, trace func(format string, args ...any)) Result {
	w := newWorld(Draw(seed))
	w.referee.trace = trace
	w.link.Open()
	for _, p := range w.ts {
		w.open(p)
	}
	if w.Unasked { // calls that are older than their monitors would not be known
		w.rest()
	}
	for round := range w.Rounds {
		w.round(Messages * (round + 1) / w.Rounds)
		if w.referee.err == nil {
			w.rest()
		}
		if w.referee.err != nil {
			break
		}
		w.compare()
	}
	return Result{
		Scenario: w.Scenario, Messages: w.referee.messages, Virtual: w.net.Now().Sub(epoch),
		Digest: w.referee.digest, Err: w.referee.err,
	}
}

// round lets calls run and disturbs the world until so many messages have gone by.
func (w *world) round(messages int) {
	w.calm = false
	w.net.Stride = 40 * time.Millisecond
	w.sw.SetLoad(w.load)
	w.sw.SetFaults(w.Switch.Fault)
	for i := range w.ts {
		w.ts[i].core.SetRequests(tserversim.Requests{
			Rate: w.requests, Control: w.Chatty, Stops: w.stops,
		})
	}
	w.net.RunUntil(roundMax, func() bool {
		return w.referee.err != nil || w.referee.messages >= messages
	})
}

// rest ends all disturbance and waits until nothing is under way any more.
func (w *world) rest() {
	w.calm = true
	w.net.Stride = 100 * time.Millisecond
	load := w.sw.Load()
	load.Still = true
	w.sw.SetLoad(load)
	w.sw.SetFaults(switchsim.Faults{})
	for _, p := range w.ts {
		p.core.SetRequests(tserversim.Requests{})
	}
	since := w.net.Now()
	quiet := w.net.RunUntil(restMax, func() bool {
		if !w.quiet() {
			since = w.net.Now()
		}
		return w.referee.err != nil || w.net.Now().Sub(since) > 300*time.Millisecond
	})
	if !quiet {
		w.fail("not at rest: link %v, T-Servers %v and %v, outstanding %v, waiting %v", w.proxy.Hub.State(),
			w.ts[0].core.Phase(), w.ts[1].core.Phase(), w.metric("requests_outstanding"),
			w.metric("requests_waiting"))
	}
}

// quiet reports whether nothing is under way.
func (w *world) quiet() bool {
	if len(w.later) > 0 || !w.link.Up() || w.link.Lost() || w.proxy.Hub.State() != hub.LinkNormal || !w.net.Quiet() {
		return false
	}
	for _, p := range w.ts {
		if !p.core.InStep() || p.core.Outstanding() > 0 {
			return false
		}
	}
	if w.metric("recovering") > 0 {
		return false
	}
	return !w.proxy.Hub.Waiting() && w.metric("requests_outstanding") == 0 && w.metric("requests_waiting") == 0
}

package simulation_test

import (
	"flag"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"haproxy/perf/simulation"
)

var (
	simTime = flag.Duration("simtime", 0, "run seeds for so long")
	seed    = flag.Uint64("seed", 0, "run this seed alone, or begin with it where -simtime is set")
	goOn    = flag.Bool("goon", false, "go on after a seed that failed")
	trace   = flag.Bool("trace", false, "print every frame of the seed")
)

// TestSimulation runs the seed that is named, or seeds for as long as is said or until it is interrupted, or a few.
func TestSimulation(t *testing.T) {
	if *seed != 0 && *simTime == 0 {
		one(t, *seed)
		return
	}
	const few = 150
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // each world is small, and garbage soon
	first := max(*seed, 1)
	var next, messages, virtual atomic.Int64
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt)
	defer stop()
	began := time.Now()
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for ctx.Err() == nil && (*goOn || !t.Failed()) {
				n := next.Add(1) - 1
				if *simTime == 0 && n >= few || *simTime > 0 && time.Since(began) > *simTime {
					return
				}
				r := simulation.Run(first + uint64(n))
				messages.Add(int64(r.Messages))
				virtual.Add(int64(r.Virtual))
				report(t, r)
			}
		})
	}
	wg.Wait()
	took := time.Since(began)
	t.Logf("%d seeds from %d in %v (%.0f a second), %d messages, %.1f virtual hours", next.Load(), first,
		took.Round(time.Millisecond), float64(next.Load())/took.Seconds(), messages.Load(),
		time.Duration(virtual.Load()).Hours())
}

// report fails the test for a seed that failed.
func report(t *testing.T, r simulation.Result) {
	t.Helper()
	if r.Err != nil {
		t.Errorf("seed %d: %v\n%v\nrepeat it: make sim SEED=%d", r.Scenario.Seed, r.Err, r.Scenario, r.Scenario.Seed)
	}
}

func one(t *testing.T, seed uint64) {
	t.Helper()
	if !*trace {
		report(t, simulation.Run(seed))
		return
	}
	report(t, simulation.Trace(seed, t.Logf))
}

// TestFoundSeeds runs the seeds that failed once: a line each, the seed and what it found.
func TestFoundSeeds(t *testing.T) {
	list, err := os.ReadFile("testdata/seeds.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(list)) {
		number, _, _ := strings.Cut(line, " ")
		seed, err := strconv.ParseUint(number, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		report(t, simulation.Run(seed))
	}
}

// TestSameSeedSameWorld runs seeds twice: not a byte may depend on anything else.
func TestSameSeedSameWorld(t *testing.T) {
	for seed := range uint64(20) {
		a, b := simulation.Run(seed), simulation.Run(seed)
		if a.Digest != b.Digest || a.Messages != b.Messages || a.Virtual != b.Virtual {
			t.Errorf("seed %d: %d and %d messages, %v and %v", seed, a.Messages, b.Messages, a.Virtual, b.Virtual)
		}
	}
}

package tserversim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"haproxy/codec"
	"haproxy/perf/ledger"
	"haproxy/perf/wire"
)

// RunOptions is what T-Servers are run with until their end, from the command line: one for each
// address, all alike but for their seeds.
type RunOptions struct {
	Options
	NewCodec func() codec.Codec // of each leg, instead of Options.Codec
	Wire     wire.Options
	Addrs    []string
	Duration time.Duration // 0 runs until the context ends
	Every    time.Duration // between two lines of statistics; default 1 s
	Redial   time.Duration // pause before a lost leg is opened again; default 500 ms
	// Compare keeps the latest events of all T-Servers, so that their streams can be compared at
	// the end.
	Compare bool
}

// ErrMismatch is a run in which a T-Server got what it must not, or two got different streams; the
// summary says what.
var ErrMismatch = errors.New("tserversim: what was received is not as it must be")

// compared is how many events each T-Server keeps for the comparison.
const compared = 200_000

// runner is one T-Server of a Run.
type runner struct {
	name   string
	addr   string
	client *Client
	last   Stats
	from   int // events it had when all were in step
}

// Run runs the T-Servers, writes a line of statistics for each every second and a summary at the
// end.
func Run(ctx context.Context, opts RunOptions, out io.Writer) error {
	if opts.Every == 0 {
		opts.Every = time.Second
	}
	if opts.Redial == 0 {
		opts.Redial = 500 * time.Millisecond
	}
	if opts.Duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, opts.Duration)
		defer cancel()
	}
	runners := start(ctx, opts)
	began := time.Now()
	lastAt := began
	ticker := time.NewTicker(opts.Every)
	defer ticker.Stop()
	aligned := false
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case now := <-ticker.C:
			for _, r := range runners {
				r.line(out, now.Sub(began), now.Sub(lastAt))
			}
			lastAt = now
			if !aligned {
				aligned = align(runners)
			}
		}
	}
	for _, r := range runners {
		<-r.client.Done()
	}
	return summary(out, runners, opts.Compare && aligned, time.Since(began))
}

// start makes the T-Servers and keeps them connected.
func start(ctx context.Context, opts RunOptions) []*runner {
	runners := make([]*runner, len(opts.Addrs))
	for i, addr := range opts.Addrs {
		own := opts.Options
		own.Codec = opts.NewCodec()
		own.Seed += uint64(i)
		own.Name = fmt.Sprintf("T-Server %d", i+1)
		if opts.Compare {
			own.Log, own.LogSize = ledger.Ring, compared
		}
		r := &runner{name: own.Name, addr: addr, client: NewClient(New(own), opts.Wire)}
		runners[i] = r
		go r.keep(ctx, opts.Redial)
	}
	return runners
}

// keep opens the leg again whenever it is lost.
func (r *runner) keep(ctx context.Context, pause time.Duration) {
	for ctx.Err() == nil {
		if r.client.Connect(ctx, r.addr) == nil {
			<-r.client.Done()
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// align notes where the streams of all T-Servers begin to be one; false while one is not in step.
func align(runners []*runner) bool {
	for _, r := range runners {
		ready := false
		r.client.With(func(core *TServer) {
			ready = core.InStep()
			r.from = core.log.Count()
		})
		if !ready {
			return false
		}
	}
	return true
}

// line writes what happened since the last line.
func (r *runner) line(out io.Writer, at, over time.Duration) {
	r.client.With(func(core *TServer) {
		s, recent := core.Stats(), core.TakeLatency()
		per := over.Seconds()
		fmt.Fprintf(out, "%6s  %s  %-11v  calls %5d  events %7.0f/s  requests %6.0f/s"+
			"  p50 %8v  p99 %8v  errors %d  faults %d\n",
			at.Round(time.Second), r.name, core.Phase(), core.Model().Calls(),
			float64(s.Events-r.last.Events)/per, float64(s.Requests-r.last.Requests)/per,
			short(recent.Quantile(0.5)), short(recent.Quantile(0.99)),
			s.ErrorsAll-r.last.ErrorsAll, s.Faults())
		r.last = s
	})
}

// short rounds a duration to what a table wants.
func short(d time.Duration) time.Duration {
	if d > time.Second {
		return d.Round(time.Millisecond)
	}
	return d.Round(time.Microsecond)
}

// summary writes the totals and judges them.
func summary(out io.Writer, runners []*runner, compare bool, ran time.Duration) error {
	bad := false
	fmt.Fprintf(out, "\n%v\n", ran.Round(time.Millisecond))
	for _, r := range runners {
		r.client.With(func(core *TServer) {
			s, all := core.Stats(), core.Latency()
			fmt.Fprintf(out, "%s: %d events, %.1f MB; %d requests, %d answers, %d errors;"+
				" p50 %v, p99 %v, highest %v; in step after %v; legs %d\n",
				r.name, s.Events, float64(s.Bytes)/1e6, s.Requests, s.Answers, s.ErrorsAll,
				short(all.Quantile(0.5)), short(all.Quantile(0.99)), short(all.Max()),
				short(core.Sync()), s.Legs)
			for _, fault := range s.faults() {
				fmt.Fprintf(out, "  %s\n", fault)
				bad = true
			}
			if s.Legs == 0 || core.Sync() == 0 {
				fmt.Fprintln(out, "  never in step")
				bad = true
			}
		})
	}
	if compare {
		for _, r := range runners[1:] {
			n, err := ledger.Overlap(runners[0].since(), r.since())
			if err != nil {
				fmt.Fprintf(out, "%s and %s: %v\n", runners[0].name, r.name, err)
				bad = true
				continue
			}
			fmt.Fprintf(out, "%s and %s: %d events identical, byte for byte\n",
				runners[0].name, r.name, n)
		}
	}
	if bad {
		return ErrMismatch
	}
	return nil
}

// since returns the events from where the streams are one, if the leg of that time is still there.
func (r *runner) since() (entries []ledger.Entry) {
	r.client.With(func(core *TServer) {
		if len(core.sessions) == 1 {
			entries = core.log.Since(r.from)
		}
	})
	return entries
}

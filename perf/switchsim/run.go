package switchsim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"haproxy/codec/csta"
	"haproxy/perf/wire"
)

// RunOptions is what a switch is run with until its end, from the command line.
type RunOptions struct {
	Options
	Wire     wire.Options
	Listen   string        // the address to listen on; empty where Dial is set
	Dial     string        // the address to call, of a proxy that listens for its switch
	Duration time.Duration // 0 runs until the context ends
	Every    time.Duration // between two lines of statistics; default 1 s
}

// ErrMismatch is a run in which the computing function did what it must not; the summary says what.
var ErrMismatch = errors.New("switchsim: the computing function broke the rules")

// Run runs a switch, writes a line of statistics every second and a summary at the end. It returns
// ErrMismatch where the far side sent what cannot be decoded, or two requests under one invoke ID.
func Run(ctx context.Context, opts RunOptions, out io.Writer) error {
	if opts.Every == 0 {
		opts.Every = time.Second
	}
	if opts.Duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, opts.Duration)
		defer cancel()
	}
	if opts.Process == 0 {
		opts.Process = uint64(time.Now().UnixMilli())
	}
	core := New(opts.Options)
	var server *Server
	if opts.Dial != "" {
		server = Dial(ctx, opts.Dial, core, opts.Wire)
		fmt.Fprintf(out, "switch: calling %s\n", opts.Dial)
	} else {
		var err error
		if server, err = Listen(ctx, opts.Listen, core, opts.Wire); err != nil {
			return err
		}
		fmt.Fprintf(out, "switch: listening on %s, %d devices\n", server.Addr(),
			len(opts.Plant.Numbers())+len(opts.Plant.TrunkNumbers()))
	}
	began := time.Now()
	last, lastAt := server.Stats(), began
	ticker := time.NewTicker(opts.Every)
	defer ticker.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case now := <-ticker.C:
			stats := server.Stats()
			line(out, server, now.Sub(began), &stats, &last, now.Sub(lastAt))
			last, lastAt = stats, now
		}
	}
	server.Close()
	return summary(out, server.Stats(), time.Since(began))
}

// line writes what happened since the last line.
func line(out io.Writer, server *Server, at time.Duration, s, last *Stats, over time.Duration) {
	up, monitors, calls, open := "down", 0, 0, 0
	server.With(func(core *Switch) {
		if core.link.up {
			up = "up"
		}
		monitors, calls, open = core.Monitors(), core.Calls(), len(core.link.open)
	})
	per := over.Seconds()
	fmt.Fprintf(out, "%6s  link %-4s  monitors %6d  calls %5d  events %7.0f/s %6.2f MB/s"+
		"  requests %6.0f/s  open %4d  errors %d\n",
		at.Round(time.Second), up, monitors, calls,
		float64(s.Events-last.Events)/per, float64(s.EventBytes-last.EventBytes)/per/1e6,
		float64(s.RequestsAll-last.RequestsAll)/per, open, s.ErrorsSent-last.ErrorsSent)
}

// summary writes the totals and judges them.
func summary(out io.Writer, s Stats, ran time.Duration) error {
	fmt.Fprintf(out, "\n%v: %d calls, %d at once; %d events, %.1f MB; links %d, refused %d\n",
		ran.Round(time.Millisecond), s.Calls, s.MaxCalls, s.Events, float64(s.EventBytes)/1e6,
		s.Links, s.Second)
	fmt.Fprintf(out, "%d requests, at most %d in a second and %d at once; %d answers, %d errors\n",
		s.RequestsAll, s.MaxPerSecond, s.MaxOutstanding, s.AnswersSent, s.ErrorsSent)
	for _, service := range slices.SortedFunc(maps.Keys(s.Requests), func(a, b csta.Service) int {
		return cmp.Or(cmp.Compare(s.Requests[b], s.Requests[a]), cmp.Compare(a, b))
	}) {
		fmt.Fprintf(out, "  %8d  %v\n", s.Requests[service], service)
	}
	if s.Undecodable+s.DuplicateInvokes+s.Unencodable > 0 {
		fmt.Fprintf(out, "undecodable frames %d, doubled invoke IDs %d, own refused %d: %v\n",
			s.Undecodable, s.DuplicateInvokes, s.Unencodable, s.LastError)
		return ErrMismatch
	}
	return nil
}

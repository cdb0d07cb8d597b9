package load

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"haproxy/perf/protocols"
)

// Options say what load a proxy is put under.
type Options struct {
	Binary     string // of our proxy
	GOMAXPROCS int    // of our proxy; 0 leaves it to Go
	// Start starts another subject in our proxy's place, before a switch at an address: one that passes bytes on
	// and knows nothing of what they say, so that nothing is asked through it.
	Start    func(ctx context.Context, dial string) (*Subject, error)
	Protocol protocols.Protocol
	Record   string // a directory where the proxy records; "" records nothing

	Rate     float64       // events a second; 0 is as many as go through
	Duration time.Duration // that is measured
	WarmUp   time.Duration // before
	Size     int           // bytes of an event at least
	Devices  int
	Calls    int // devices that have a call; 0 is all of them
	TServers int

	JoinEvery time.Duration // the last T-Server leaves and returns so often; 0 is never
	Stall     time.Duration // it stands still so long, once; 0 is not at all
	Backlog   int64         // of bytes that may wait for a T-Server of our proxy; 0 is its default
	Requests  float64       // of the first T-Server to the switch, a second
}

// ErrLost says that events were lost, doubled or changed. The result says how many.
var ErrLost = errors.New("load: the T-Servers did not get what the switch sent")

const (
	warmRate  = 2000 // events a second until every T-Server is in step
	windowMax = 4096 // events that are under way at most, at rate 0
	startMax  = 30 * time.Second
)

// run is a load under way.
type run struct {
	opts   Options
	x      *exchange
	takers []*taker
	pid    int
	began  time.Time
}

// Run starts a proxy, puts it under load and measures it.
func Run(ctx context.Context, opts Options) (*Result, error) {
	e, err := newEvents(opts.Protocol, opts.Devices, opts.Calls, opts.Size)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer func() { _ = listener.Close() }() // nobody else is to come
	start := opts.Start
	if start == nil {
		start = func(ctx context.Context, dial string) (*Subject, error) { return startProxy(ctx, &opts, dial) }
	}
	subject, err := start(ctx, listener.Addr().String())
	if err != nil {
		return nil, err
	}
	defer func() { _ = subject.Stop() }() // it was measured before
	r := &run{opts: opts, pid: subject.PID, began: time.Now()}
	r.x = &exchange{events: e, speaks: opts.Protocol, began: r.began}
	if opts.Start == nil {
		if err = r.x.accept(ctx, listener); err != nil {
			return nil, err
		}
	}
	var legs sync.WaitGroup
	defer legs.Wait()
	defer cancel(nil)
	r.takeFrom(subject)
	for _, t := range r.takers {
		legs.Go(func() {
			if failed := t.serve(ctx); failed != nil {
				cancel(failed)
			}
		})
	}
	switch {
	case subject.Carrier != nil:
		e.wrap(subject.Carrier)
		err = r.x.dial(ctx, subject.Publish, subject.Carrier)
	case opts.Start != nil: // it may call the switch only when somebody calls it
		err = r.x.accept(ctx, listener)
	}
	if err != nil {
		return nil, err
	}
	result, err := r.measure(ctx)
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return result, err
}

// takeFrom makes the T-Servers of a subject.
func (r *run) takeFrom(subject *Subject) {
	for i, address := range subject.TServers {
		t := newTaker(tserverName(i), r.x.events, r.opts.Protocol, r.began)
		t.address, t.silent, t.carrier = address, r.opts.Start != nil, subject.Carrier
		r.takers = append(r.takers, t)
	}
	if last := len(r.takers) - 1; last > 0 && r.opts.JoinEvery > 0 {
		r.takers[0].beside = r.takers[last]
	}
}

// measure brings the T-Servers in step, warms up, and measures.
func (r *run) measure(ctx context.Context) (*Result, error) {
	granted := func(t *taker) bool { return int(t.granted.Load()) == r.opts.Devices }
	if err := r.until(ctx, "the T-Servers' monitors are granted", granted); err != nil {
		return nil, err
	}
	rate := float64(warmRate)
	if r.opts.Rate > 0 {
		rate = min(rate, r.opts.Rate)
	}
	stop := r.tell(ctx, rate)
	err := r.until(ctx, "the T-Servers are in step", func(t *taker) bool { return t.inStep.Load() })
	if err = errors.Join(err, stop()); err != nil {
		return nil, err
	}
	stop = r.tell(ctx, r.opts.Rate)
	if err = wait(ctx, r.opts.WarmUp); err != nil {
		return nil, errors.Join(err, stop())
	}
	result, err := r.window(ctx)
	return result, errors.Join(err, stop(), r.drained(ctx, result))
}

// tell tells events until the function is called.
func (r *run) tell(ctx context.Context, rate float64) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- r.x.tell(ctx, rate, r.room) }()
	return func() error {
		cancel()
		return <-done
	}
}

// room returns how many events may be told now: those that the slowest T-Server in step has not taken are bounded.
func (r *run) room() int {
	slowest := r.x.sent.Load()
	for _, t := range r.takers {
		if n := t.next.Load(); n < slowest && t.inStep.Load() && !t.stalled.Load() {
			slowest = n
		}
	}
	return windowMax - int(r.x.sent.Load()-slowest)
}

// until waits for all T-Servers.
func (r *run) until(ctx context.Context, what string, ok func(t *taker) bool) error {
	for end := time.Now().Add(startMax); ; {
		all := true
		for _, t := range r.takers {
			all = all && ok(t)
		}
		if all {
			return nil
		}
		if failed := r.x.failed.Load(); failed != nil {
			return fmt.Errorf("the proxy's link: %w", *failed)
		}
		if time.Now().After(end) {
			return fmt.Errorf("not within %v: %s", startMax, what)
		}
		if err := wait(ctx, time.Millisecond); err != nil {
			return err
		}
	}
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// window measures for the time that was asked for, with what is to happen in it.
func (r *run) window(ctx context.Context) (*Result, error) {
	runtime.GC() // ours, so that it is less likely to stand in the way of what is measured
	for _, t := range r.takers {
		t.mu.Lock()
		t.latency.Reset()
		t.disturbed.Reset()
		t.answers.Reset()
		t.got, t.joins, t.cuts = 0, nil, 0
		t.mu.Unlock()
	}
	forgetPeak(r.pid)
	before, err := UsageOf(r.pid)
	if err != nil {
		return nil, err
	}
	first, asked, start := r.x.sent.Load(), r.x.asked.Load(), time.Now()
	within, cancel := context.WithCancel(ctx)
	var doings sync.WaitGroup
	for _, do := range []func(context.Context){r.rejoin, r.stall, r.request} {
		doings.Go(func() { do(within) })
	}
	err = wait(ctx, r.opts.Duration)
	took, told := time.Since(start), r.x.sent.Load()-first
	after, usageErr := UsageOf(r.pid)
	cancel()
	doings.Wait()
	if err = errors.Join(err, usageErr); err != nil {
		return nil, err
	}
	result := r.result(told, took, before, after)
	result.Asked = r.x.asked.Load() - asked
	return result, nil
}

// rejoin has the last T-Server leave and return, once it is in step.
func (r *run) rejoin(ctx context.Context) {
	last := r.takers[len(r.takers)-1]
	for r.opts.JoinEvery > 0 && wait(ctx, r.opts.JoinEvery) == nil {
		if socket := last.socket.Load(); socket != nil && last.inStep.Load() {
			_ = (*socket).Close() // its reader notices
		}
	}
}

// stall has the last T-Server stand still, from a quarter of the time on.
func (r *run) stall(ctx context.Context) {
	if r.opts.Stall <= 0 || wait(ctx, r.opts.Duration/4) != nil {
		return
	}
	last := r.takers[len(r.takers)-1]
	last.stalled.Store(true)
	_ = wait(ctx, r.opts.Stall) // it goes on at the end at the latest
	last.stalled.Store(false)
}

// request has the first T-Server ask the switch.
func (r *run) request(ctx context.Context) {
	if r.opts.Requests <= 0 {
		return
	}
	start := time.Now()
	for n := 0; ; n++ {
		due := start.Add(time.Duration(float64(n) / r.opts.Requests * float64(time.Second)))
		if wait(ctx, time.Until(due)) != nil || r.takers[0].ask(n) != nil {
			return
		}
	}
}

// drained waits until every T-Server in step has all that was sent, and adds up what they never got.
func (r *run) drained(ctx context.Context, result *Result) error {
	if result == nil {
		return nil
	}
	sent := r.x.sent.Load()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); {
		behind := uint64(0)
		for _, t := range r.takers {
			if n := t.next.Load(); t.inStep.Load() && n < sent {
				behind += sent - n
			}
		}
		if behind == 0 {
			break
		}
		if wait(ctx, time.Millisecond) != nil {
			break
		}
	}
	for i, t := range r.takers {
		t.mu.Lock()
		of := &result.TServers[i]
		of.Lost, of.Wrong = t.lost, t.wrong
		if n := t.next.Load(); t.inStep.Load() && n < sent {
			of.Lost += sent - n
		}
		result.Lost, result.Wrong = result.Lost+of.Lost, result.Wrong+of.Wrong
		t.mu.Unlock()
	}
	if result.Lost+result.Wrong > 0 {
		return ErrLost
	}
	return nil
}

// merged returns what all T-Servers measured together.
func merged(takers []*taker) *hdrhistogram.Histogram {
	all := hdrhistogram.New(1, highest, precision)
	for _, t := range takers {
		t.mu.Lock()
		all.Merge(t.latency)
		t.mu.Unlock()
	}
	return all
}

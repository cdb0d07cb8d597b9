package load

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"slices"
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
	Profile  string // of our proxy's switch; "" is none
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

// What makes a result one of a proxy that failed. The result says more.
var (
	// ErrLost is events that were lost, doubled or changed.
	ErrLost = errors.New("load: the T-Servers did not get what the switch sent")
	// ErrCut is a T-Server whose leg ended though nobody asked for it, or that was not in step again at the end.
	ErrCut = errors.New("load: a T-Server lost its leg")
	// ErrUnanswered is requests without an answer.
	ErrUnanswered = errors.New("load: requests were not answered")
	// errEnded is a proxy whose process ended amid the load.
	errEnded = errors.New("load: the proxy has ended")
)

const (
	warmRate  = 2000 // events a second until every T-Server is in step
	windowMax = 4096 // events that are under way at most, at rate 0
	startMax  = 30 * time.Second
	drainMax  = 10 * time.Second // for what was due while it was measured
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
	listener, err := listen()
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
	subject.whenGone(ctx, cancel)
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

// listen listens as the switch. Who does not call in time does not come.
func listen() (*net.TCPListener, error) {
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	return listener, listener.SetDeadline(time.Now().Add(startMax))
}

// takeFrom makes the T-Servers of a subject.
func (r *run) takeFrom(subject *Subject) {
	for i, address := range subject.TServers {
		t := newTaker(tserverName(i), r.x.events, r.opts.Protocol, r.began)
		t.address, t.silent, t.carrier = address, r.opts.Start != nil, subject.Carrier
		r.takers = append(r.takers, t)
	}
	for i, t := range r.takers {
		t.told = func() uint64 { return r.told(i) }
		t.offered = r.x.offered.Load
	}
	if last := len(r.takers) - 1; last > 0 && r.opts.JoinEvery > 0 {
		r.takers[0].beside = r.takers[last]
	}
}

// told returns how many events the proxy is known to have taken: another T-Server than one has them.
func (r *run) told(butOf int) uint64 {
	most := uint64(0)
	for i, t := range r.takers {
		if i != butOf && t.inStep.Load() {
			most = max(most, t.next.Load())
		}
	}
	return most
}

// measure brings the T-Servers in step, warms up, and measures.
func (r *run) measure(ctx context.Context) (*Result, error) {
	granted := func(t *taker) bool { return int(t.granted.Load()) == r.opts.Devices }
	if err := r.until(ctx, "the T-Servers' monitors are granted", granted); err != nil {
		return nil, err
	}
	stop := r.tell(ctx, warmRate)
	err := r.until(ctx, "the T-Servers are in step", func(t *taker) bool { return t.inStep.Load() })
	if err = errors.Join(err, stop()); err != nil {
		return nil, err
	}
	stop = r.tell(ctx, r.opts.Rate)
	if err = wait(ctx, r.opts.WarmUp); err != nil {
		return nil, errors.Join(err, stop())
	}
	w, err := r.window(ctx)
	if err = errors.Join(err, stop()); err != nil {
		return nil, err
	}
	r.drain(ctx)
	result := r.result(w)
	return result, r.judge(result)
}

// tell tells events until the function is called, and then those that were due until then.
func (r *run) tell(ctx context.Context, rate float64) (stop func() error) {
	told, cancel := context.WithCancel(ctx)
	done, of := make(chan error, 1), r.x.begin(rate)
	go func() { done <- r.x.tell(told, of, r.room) }()
	return func() error {
		cancel()
		select {
		case err := <-done:
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(drainMax):
			return fmt.Errorf("the proxy does not take what the switch says, for %v", drainMax)
		}
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

// window is the time that is measured.
type window struct {
	told          uint64 // events
	took          time.Duration
	before, after Usage
	asked         uint64   // by the proxy
	got           []uint64 // by each T-Server
}

// window measures for the time that was asked for, with what is to happen in it. The latencies are of all events that
// were due in it, whenever they are taken: those come later.
func (r *run) window(ctx context.Context) (*window, error) {
	runtime.GC() // ours, so that it is less likely to stand in the way of what is measured
	forgetPeak(r.pid)
	before, err := UsageOf(r.pid)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	first, asked := r.x.due(start), r.x.asked.Load()
	for _, t := range r.takers {
		t.mu.Lock()
		t.latency.Reset()
		t.disturbed.Reset()
		t.answers.Reset()
		t.got, t.joins, t.cuts, t.expected = 0, nil, 0, 0
		t.from, t.to = first, ^uint64(0)
		t.mu.Unlock()
	}
	within, cancel := context.WithCancel(ctx)
	var doings sync.WaitGroup
	for _, do := range []func(context.Context){r.rejoin, r.stall, r.request} {
		doings.Go(func() { do(within) })
	}
	err = wait(ctx, r.opts.Duration)
	end := time.Now()
	last := r.x.due(end)
	after, usageErr := UsageOf(r.pid)
	w := &window{told: last - first, took: end.Sub(start), before: before, after: after, asked: r.x.asked.Load() - asked}
	for _, t := range r.takers {
		t.mu.Lock()
		t.to = last
		w.got = append(w.got, t.got)
		t.mu.Unlock()
	}
	cancel()
	doings.Wait()
	return w, errors.Join(err, usageErr)
}

// rejoin has the last T-Server leave and return, once it is in step.
func (r *run) rejoin(ctx context.Context) {
	last := r.takers[len(r.takers)-1]
	for r.opts.JoinEvery > 0 && wait(ctx, r.opts.JoinEvery) == nil {
		if socket := last.socket.Load(); socket != nil && last.inStep.Load() {
			last.mu.Lock()
			last.expected++
			last.mu.Unlock()
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
		if wait(ctx, time.Until(due)) != nil || r.takers[0].ask(n, due) != nil {
			return
		}
	}
}

// drain waits until every T-Server is in step and has all that was sent, and every request its answer.
func (r *run) drain(ctx context.Context) {
	sent := r.x.sent.Load()
	done := func() bool {
		for _, t := range r.takers {
			if !t.inStep.Load() || t.next.Load() < sent || t.unanswered() > 0 {
				return false
			}
		}
		return true
	}
	joining := func() bool {
		return slices.ContainsFunc(r.takers, func(t *taker) bool { return !t.inStep.Load() })
	}
	var stop func() error // of events that are told while a T-Server joins: it is in step behind them
	for end := time.Now().Add(drainMax); time.Now().Before(end) && (stop != nil || !done()); {
		switch {
		case joining() && stop == nil:
			stop = r.tell(ctx, warmRate)
		case !joining() && stop != nil:
			_ = stop() // what failed shows in what is missing
			stop, sent = nil, r.x.sent.Load()
		}
		if wait(ctx, time.Millisecond) != nil {
			break
		}
	}
	if stop != nil {
		_ = stop()
	}
}

// judge says what the T-Servers did not get.
func (r *run) judge(result *Result) error {
	var errs []error
	if result.Lost+result.Wrong > 0 {
		errs = append(errs, ErrLost)
	}
	for i, t := range r.takers {
		t.mu.Lock()
		cuts := t.cuts - t.expected
		t.mu.Unlock()
		stalled := r.opts.Stall > 0 && i == len(r.takers)-1
		switch of := &result.TServers[i]; {
		case of.Lost+of.Wrong > 0: // it is said
		case cuts > 0 && !stalled:
			errs = append(errs, fmt.Errorf("%w: %s, %d times", ErrCut, t.name, cuts))
		case !t.inStep.Load():
			errs = append(errs, fmt.Errorf("%w: %s is not in step again", ErrCut, t.name))
		}
	}
	if result.Unanswered > 0 {
		errs = append(errs, fmt.Errorf("%w: %d", ErrUnanswered, result.Unanswered))
	}
	return errors.Join(errs...)
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

package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"time"

	"haproxy/codec/csta"
	"haproxy/codec/frame"
)

// director plays a capture, message by message, on all sockets.
type director struct {
	ctx      context.Context
	opts     Options
	script   *script
	result   Result
	arrivals chan arrival
	listener net.Listener
	out      io.Writer

	sw       *switchSide
	tservers map[string]*tserverSide
	msg      csta.Message  // of the capture
	began    time.Time     // the capture's first message, in our time
	round    int           // messages since, for an even rate
	played   time.Time     // how far the capture is, in its time
	waited   time.Duration // for the far side to come
	cut      bool          // it was ended before the capture was
	progress *progress
}

// errDone ends a replay at its limit.
var errDone = errors.New("replay: done")

// Run replays a capture until its end, its limit, or the end of ctx, and writes a summary. What is wrong with a
// file is a *CaptureError; ErrNobody where the far side did not come, or only ever left; ErrMismatch where a T-Server
// got something else than in the capture.
func Run(ctx context.Context, opts Options, out io.Writer) (*Result, error) {
	shown := new(progress)
	if opts.Progress {
		shown.out = out
	}
	script, err := open(ctx, &opts, shown)
	shown.clear()
	switch {
	case ctx.Err() != nil:
		return &Result{}, nil // it was ended before anything was played
	case err != nil:
		return nil, &CaptureError{err}
	}
	if opts.Duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, opts.Duration)
		defer cancel()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	d := &director{
		ctx: ctx, opts: opts.withDefaults(), script: script, arrivals: make(chan arrival, arrivalsMax), out: out,
		tservers: make(map[string]*tserverSide), progress: shown,
	}
	d.result.Recorded = script.last.Sub(script.first)
	d.sw = newSwitchSide(d)
	for name, address := range opts.TServers {
		d.tservers[name] = &tserverSide{
			director: d, address: address, codec: script.speaks.NewCodec(), compared: Compared{Name: name},
		}
	}
	if err = d.listen(); err != nil {
		return nil, err
	}
	began := time.Now()
	err = d.perform()
	d.result.Took = time.Since(began) - d.waited
	d.close()
	d.summary()
	if err == nil && script.cutOff != nil {
		err = &CaptureError{script.cutOff}
	}
	return &d.result, err
}

// listen opens the address that the far side calls.
func (d *director) listen() error {
	if d.listener = d.opts.Listener; d.listener == nil && d.opts.Listen == "" {
		return nil
	}
	if d.listener == nil {
		var config net.ListenConfig
		var err error
		if d.listener, err = config.Listen(d.ctx, "tcp", d.opts.Listen); err != nil {
			return err
		}
	}
	context.AfterFunc(d.ctx, func() { _ = d.listener.Close() }) // an Accept then ends
	fmt.Fprintf(d.out, "replay: %v, listening on %s\n", d.script.speaks, d.listener.Addr())
	return nil
}

// perform plays the capture, over and over where it is to.
func (d *director) perform() error {
	if err := d.bringAbout(); err != nil {
		return err
	}
	for {
		sent := d.result.Sent
		d.played = d.script.first
		d.began, d.round = time.Time{}, 0
		d.sw.rewind()
		err := d.script.play(d.play)
		d.result.Played += d.played.Sub(d.script.first)
		switch {
		case errors.Is(err, errDone), d.ctx.Err() != nil && errors.Is(err, context.Cause(d.ctx)):
			d.cut = true
			return d.verdict()
		case err != nil:
			return err
		case !d.opts.Loop || d.result.Sent == sent && !d.sw.fresh: // nothing is sent the next time either
			d.flush()
			if err = d.sw.judgeSilence(); err != nil && d.ctx.Err() == nil {
				return err
			}
			return d.verdict()
		}
	}
}

// verdict judges what the T-Servers got.
func (d *director) verdict() error {
	var failed error
	for _, t := range d.tservers {
		t.settle()
		t.end()
		if d.opts.Expect && (!t.compared.Equal() || t.compared.Identical == 0 && !d.cut) {
			failed = ErrMismatch
		}
	}
	return failed
}

// play plays one message.
func (d *director) play(l *line) error {
	if d.opts.Limit > 0 && d.result.Sent >= d.opts.Limit {
		return errDone
	}
	if err := context.Cause(d.ctx); err != nil {
		return err
	}
	if d.began.IsZero() {
		d.began = time.Now()
	}
	d.drain()
	d.progress.show("%d messages, %d answered, %d unmatched", d.result.Sent, d.result.Answered, d.result.Unmatched)
	err := d.playOn(l)
	if err == nil && !l.end && l.at.After(d.played) {
		d.played = l.at
	}
	return err
}

// playOn plays one message on the leg that it is of.
func (d *director) playOn(l *line) error {
	if d.script.isSwitch(l.leg) {
		return d.sw.play(l)
	}
	if t := d.tservers[l.leg.Name]; t != nil && d.script.index.spoke[l.leg.Number] { // else it was a probe of the port
		return t.play(l)
	}
	return nil
}

const meetEvery = 100 * time.Millisecond // it is looked for

// waiting does something for which the replay waits: the time is none of its own.
func (d *director) waiting(do func() error) error {
	since := time.Now()
	defer func() { d.waited += time.Since(since) }()
	return do()
}

// meet waits so long for the far side: it calls, or is called.
func (d *director) meet(most time.Duration) (*peer, error) {
	ctx, cancel := context.WithTimeout(d.ctx, most)
	defer cancel()
	at := d.opts.To
	if d.listener != nil {
		at = d.listener.Addr().String()
	}
	defer d.progress.wait("the far side on "+at, most)()
	for {
		socket, err := d.socket(ctx)
		if err == nil {
			var p *peer
			if p, err = newPeer(d.ctx, socket, d.script.speaks, frame.Switching, d.arrivals); err == nil {
				return p, nil
			}
		}
		select {
		case <-ctx.Done():
			if d.ctx.Err() != nil {
				return nil, context.Cause(d.ctx)
			}
			return nil, fmt.Errorf("%w in %v: %w", ErrNobody, most.Round(time.Millisecond), err)
		case <-time.After(meetEvery):
		}
	}
}

func (d *director) socket(ctx context.Context) (net.Conn, error) {
	if d.listener == nil {
		var dialer net.Dialer
		return dialer.DialContext(ctx, "tcp", d.opts.To)
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := d.listener.(*net.TCPListener).SetDeadline(deadline); err != nil {
			return nil, err
		}
	}
	return d.listener.Accept()
}

// pace waits until a message of the capture is due.
func (d *director) pace(at time.Time) error {
	d.round++
	var due time.Time
	switch {
	case d.opts.TopSpeed:
		return nil
	case d.opts.Rate > 0:
		due = d.began.Add(time.Duration(float64(d.round) / d.opts.Rate * float64(time.Second)))
	case at.IsZero() || d.script.first.IsZero():
		return nil
	default:
		due = d.began.Add(d.elapsed(at))
	}
	wait := time.Until(due)
	if wait <= 0 {
		return nil
	}
	d.flush()
	return d.rest(wait)
}

// rest takes what comes, for a while.
func (d *director) rest(while time.Duration) error {
	_, err := d.until(func() bool { return false }, while)
	return err
}

// elapsed returns how long after the first message one of the capture is due.
func (d *director) elapsed(at time.Time) time.Duration {
	if at.IsZero() || d.script.first.IsZero() || d.opts.Rate > 0 {
		return 0
	}
	return time.Duration(float64(at.Sub(d.script.first)) / d.opts.Multiple)
}

// await takes what comes until ok, or for as long as patience lasts. It reports whether ok.
func (d *director) await(ok func() bool) (bool, error) {
	if ok() {
		return true, nil
	}
	d.flush()
	return d.until(ok, d.opts.Patience)
}

func (d *director) until(ok func() bool, most time.Duration) (bool, error) {
	timer := time.NewTimer(most)
	defer timer.Stop()
	for !ok() {
		select {
		case a := <-d.arrivals:
			d.take(a)
		case <-timer.C:
			d.sw.overdue(time.Now(), d.opts.Patience)
			return ok(), nil
		case <-d.ctx.Done():
			return false, context.Cause(d.ctx)
		}
	}
	return true, nil
}

// drain takes what came.
func (d *director) drain() {
	for {
		select {
		case a := <-d.arrivals:
			d.take(a)
		default:
			return
		}
	}
}

// take gives what came to whom it came to; a socket that was replaced is nobody's.
func (d *director) take(a arrival) {
	switch {
	case d.sw.peer != a.from:
	case a.frame == nil:
		d.sw.ended(a.from, a.fault)
		return
	default:
		d.sw.take(a.frame, time.Now())
		return
	}
	for _, t := range d.tservers {
		if t.peer == a.from {
			t.take(a.frame)
		}
	}
}

func (d *director) flush() {
	if d.sw.peer != nil {
		d.sw.peer.flush()
	}
}

func (d *director) close() {
	if d.sw.peer != nil {
		d.sw.peer.close()
	}
	if d.listener != nil {
		_ = d.listener.Close() // nothing comes any more
	}
}

// summary writes what was done.
func (d *director) summary() {
	r := &d.result
	d.progress.clear()
	fmt.Fprintf(d.out, "sent %d messages, %d of them events; %.0f/s\n", r.Sent, r.Events,
		float64(r.Sent)/max(r.Took.Seconds(), 1e-9))
	fmt.Fprintf(d.out, "answered %d requests; %d unmatched (an error was given), %d answers whose request did not come\n",
		r.Answered, r.Unmatched, r.Unasked)
	if r.Stood+r.Fallen > 0 {
		fmt.Fprintf(d.out, "brought about %d requests from before the record; %d in vain\n", r.Stood, r.Fallen)
	}
	if r.Ended > 0 {
		fmt.Fprintf(d.out, "its link to the far side ended amid the capture, %d times\n", r.Ended)
	}
	if r.Unwatched > 0 {
		fmt.Fprintf(d.out, "%d events left out: the far side does not monitor their devices\n", r.Unwatched)
	}
	if d.script.index.left > 0 {
		fmt.Fprintf(d.out, "%d requests or answers of the capture not kept: nobody asked for it, or they are too many\n",
			d.script.index.left)
	}
	if sum := &d.script.sum; sum.Gaps > 0 {
		fmt.Fprintf(d.out, "the capture lacks bytes: %d gaps, %d bytes as far as known, %d passed over behind them\n",
			sum.Gaps, sum.Missing, sum.Skipped)
	}
	fmt.Fprintf(d.out, "took %v for %v of the capture, which has %v: %.2f times the recorded pace\n",
		r.Took.Round(time.Millisecond), r.Played.Round(time.Millisecond), r.Recorded.Round(time.Millisecond),
		r.Played.Seconds()/max(r.Took.Seconds(), 1e-9))
	for _, name := range slices.Sorted(maps.Keys(d.tservers)) {
		c := d.tservers[name].compared
		r.TServers = append(r.TServers, c)
		if !d.opts.Expect {
			continue
		}
		fmt.Fprintf(d.out, "T-Server %s: %d messages identical, %d different, %d missing, %d further\n", name,
			c.Identical, c.Different, c.Missing, c.Further)
		if c.Identical+c.Different+c.Missing+c.Further == 0 {
			fmt.Fprintln(d.out, "  nothing was compared: the capture has no message for it as far as it was played")
		}
		if c.Delayed > 0 {
			fmt.Fprintf(d.out, "  %d of them came later than --patience lasts\n", c.Delayed)
		}
		if c.Late > 0 {
			fmt.Fprintf(d.out, "  %d requests given up that the capture does not have to the end\n", c.Late)
		}
		if c.First != "" {
			fmt.Fprintf(d.out, "  first %s\n", c.First)
		}
	}
}

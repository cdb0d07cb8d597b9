package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
	"haproxy/perf/protocols"
	"haproxy/perf/wire"
)

// taker is a T-Server of the load.
type taker struct {
	name    string
	address string
	events  *events
	speaks  protocols.Protocol
	began   time.Time
	silent  bool     // it asks for nothing
	carrier *Carrier // what carries the events to it, where it is no CTI link
	beside  *taker   // one that leaves and returns; nil for none
	// told and offered return how many events the proxy has taken, at least and at most.
	told, offered func() uint64

	// Shared with the run.
	next    atomic.Uint64 // the number of the event that is due
	granted atomic.Int64
	inStep  atomic.Bool
	stalled atomic.Bool
	socket  atomic.Pointer[net.Conn]

	mu        sync.Mutex // guards what follows, held for a read's worth of frames
	latency   *hdrhistogram.Histogram
	disturbed *hdrhistogram.Histogram // while another joins
	answers   *hdrhistogram.Histogram // of requests
	asked     map[csta.InvokeID]time.Time
	got       uint64
	lost      uint64
	wrong     uint64 // events that are not what was sent, or doubled, or out of order
	failures  uint64 // requests that were refused
	joins     []join
	cuts      int
	expected  int    // of these
	from, to  uint64 // the events whose latency is measured
	latest    int64  // when the last event was to be sent

	// The reader's.
	codec   codec.Codec
	msg     csta.Message
	room    []byte
	writing sync.Mutex
	run     uint64 // events one after the other since it joined and had all monitors
	since   int64  // when the first of these came, counted as began says
	seen    bool   // any, since it joined
	streams streams
	begun   bool // its monitors were asked for
	joining time.Time
	bytes   int64 // read since then
}

// join is how long a T-Server took to be in step, and what it was given for it.
type join struct {
	took  time.Duration
	bytes int64
}

const (
	highest   = int64(time.Minute) // of a histogram
	precision = 3
	inFlight  = 64  // MonitorStarts at once
	steady    = 200 // events in order, after which a T-Server that joined is in step
	firstAsk  = 1000
)

func newTaker(name string, e *events, p protocols.Protocol, began time.Time) *taker {
	return &taker{
		name: name, events: e, speaks: p, began: began, asked: make(map[csta.InvokeID]time.Time),
		latency: hdrhistogram.New(1, highest, precision), answers: hdrhistogram.New(1, highest, precision),
		disturbed: hdrhistogram.New(1, highest, precision),
	}
}

// serve joins, again when its leg ended, until ctx ends.
func (t *taker) serve(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := t.leg(ctx); err != nil && ctx.Err() == nil {
			return fmt.Errorf("T-Server %s: %w", t.name, err)
		}
		t.inStep.Store(false)
		t.mu.Lock()
		t.cuts++
		t.mu.Unlock()
	}
	return nil
}

// leg is one leg from its beginning to its end.
func (t *taker) leg(ctx context.Context) error {
	var dialer net.Dialer
	socket, err := dialer.DialContext(ctx, "tcp", t.address)
	if err != nil {
		return err
	}
	defer func() { _ = socket.Close() }() // it may be closed already
	stop := context.AfterFunc(ctx, func() { _ = socket.Close() })
	defer stop()
	if err = wire.Greet(ctx, socket, t.speaks.Framing, frame.Computing); err != nil {
		return err
	}
	t.socket.Store(&socket)
	t.codec, t.run, t.seen, t.joining = t.speaks.NewCodec(), 0, false, time.Now()
	t.bytes, t.streams = 0, newStreams(t.events)
	t.mu.Lock()
	clear(t.asked) // what was asked on a leg that has ended has no answer
	t.mu.Unlock()
	t.granted.Store(0)
	if t.begun = t.silent; t.silent {
		t.granted.Store(int64(t.events.devices))
	} else if a := t.speaks.Association; a != nil {
		associate := &csta.Message{Kind: csta.KindRequest, Service: csta.Associate, Association: *a}
		if err = t.say(socket, associate); err != nil {
			return err
		}
	}
	return t.read(socket)
}

// greeted takes what the proxy says of its link: once it is there, monitors are started.
func (t *taker) greeted(socket net.Conn) error {
	if t.begun || t.msg.Service != csta.SystemStatus || t.msg.Status == csta.StatusDisabled {
		return nil
	}
	t.begun = true
	for i := range min(inFlight, t.events.devices) {
		if err := t.monitor(socket, i); err != nil {
			return err
		}
	}
	return nil
}

func (t *taker) monitor(socket net.Conn, i int) error {
	t.streams.ask(i, t.told())
	return t.say(socket, &csta.Message{
		Kind: csta.KindRequest, Service: csta.MonitorStart, Invoke: csta.InvokeID(1 + i%(firstAsk-1)),
		Device: device(i),
	})
}

func (t *taker) say(socket net.Conn, msg *csta.Message) error {
	t.writing.Lock()
	defer t.writing.Unlock()
	var err error
	if t.room, err = t.codec.Append(t.room[:0], msg); err != nil {
		return err
	}
	_, err = socket.Write(t.room)
	return err
}

// unanswered returns how many requests have no answer.
func (t *taker) unanswered() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.asked)
}

// ask sends a request that the switch has to answer, and that was due at a time.
func (t *taker) ask(n int, due time.Time) error {
	socket := t.socket.Load()
	if socket == nil || !t.inStep.Load() {
		return nil
	}
	invoke := csta.InvokeID(firstAsk + n%8000)
	t.mu.Lock()
	t.asked[invoke] = due
	t.mu.Unlock()
	device := device(n % t.events.devices)
	return t.say(*socket, &csta.Message{
		Kind: csta.KindRequest, Service: csta.HoldCall, Invoke: invoke,
		Subject: csta.ConnectionID{Call: csta.CallID(fmt.Sprintf("L%05d", n%t.events.devices)), Device: device},
	})
}

// read takes what comes until the leg ends.
func (t *taker) read(socket net.Conn) error {
	var cut cutter = frame.NewSplitter(t.speaks.Framing, t.speaks.FrameMax())
	if t.carrier != nil {
		cut = &delivered{prefix: []byte(t.carrier.Deliver)}
		if _, err := io.WriteString(socket, t.carrier.Subscriber); err != nil {
			return err
		}
	}
	chunk := make([]byte, 256<<10)
	for {
		for t.stalled.Load() {
			time.Sleep(time.Millisecond)
		}
		n, err := socket.Read(chunk)
		if n > 0 {
			t.bytes += int64(n)
			cut.Feed(chunk[:n])
			if wrong := t.frames(socket, cut); wrong != nil {
				return wrong
			}
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed):
			return nil
		case err != nil:
			return nil // reset: the proxy cut it
		}
	}
}

// cutter finds the frames in a stream.
type cutter interface {
	Feed(b []byte)
	Next() ([]byte, error)
}

// frames takes the frames of one read.
func (t *taker) frames(socket net.Conn, cut cutter) error {
	now := int64(time.Since(t.began))
	t.mu.Lock()
	defer t.mu.Unlock()
	due := t.next.Load()
	for {
		f, err := cut.Next()
		if err != nil {
			return err
		}
		if f == nil {
			t.next.Store(due)
			return nil
		}
		number, at, ok := t.events.read(f, due)
		if !ok {
			if err := t.other(socket, f); err != nil {
				return err
			}
			continue
		}
		due = t.event(number, at, now, due)
	}
}

// event takes one event, whole and unharmed, and returns the number of the one that is due after it. While a
// T-Server joins it is given old ones, and some monitors have begun before others.
func (t *taker) event(number uint64, at, now int64, due uint64) uint64 {
	t.got++
	if t.inStep.Load() {
		switch {
		case number == due && (at > now || at < t.latest): // its time was changed: it is later with each
			t.wrong++
			return number + 1
		case number == due:
			t.latest = at
			t.measure(number, min(max(now-at, 1), highest))
		case number > due:
			t.lost += number - due
		default:
			t.wrong++
			return due
		}
		return number + 1
	}
	if !t.silent && !t.streams.follow(number) && t.events.kept {
		t.wrong++
	}
	if t.run++; number != due || !t.seen || int(t.granted.Load()) < t.events.devices {
		t.run, t.since = 0, now
	}
	t.seen = true
	if t.run >= steady { // it has been since the first of these
		t.inStep.Store(true)
		t.joins = append(t.joins, join{time.Duration(t.since) - t.joining.Sub(t.began), t.bytes})
	}
	return number + 1
}

// measure notes how long an event took.
func (t *taker) measure(number uint64, took int64) {
	if number < t.from || number >= t.to {
		return
	}
	_ = t.latency.RecordValue(took) // within its bounds
	if t.beside != nil && !t.beside.inStep.Load() {
		_ = t.disturbed.RecordValue(took)
	}
}

// other takes what is no event of the load.
func (t *taker) other(socket net.Conn, f []byte) error {
	if err := t.codec.Decode(&t.msg, f); err != nil {
		return err
	}
	at, asked := t.asked[t.msg.Invoke]
	switch {
	case t.msg.Kind == csta.KindRequest && t.msg.Service.HasResponse():
		resp := csta.Message{Kind: csta.KindResponse, Service: t.msg.Service, Invoke: t.msg.Invoke}
		return errors.Join(t.say(socket, &resp), t.greeted(socket))
	case t.msg.Kind == csta.KindEvent: // nothing that was sent: it is made for a history that was given up, or wrong
		if t.inStep.Load() || t.events.kept {
			t.wrong++
		}
	case t.msg.Kind == csta.KindRequest, t.msg.Kind == csta.KindResponse && t.msg.Service == csta.Associate:
	case asked:
		delete(t.asked, t.msg.Invoke)
		_ = t.answers.RecordValue(min(max(int64(time.Since(at)), 1), highest)) // within its bounds
		if t.msg.Kind != csta.KindResponse {
			t.failures++
		}
	case len(t.msg.CrossRef) > 0:
		t.streams.grant(t.msg.CrossRef, t.offered())
		n := int(t.granted.Add(1))
		if next := n + inFlight - 1; next < t.events.devices {
			return t.monitor(socket, next)
		}
	default:
		return fmt.Errorf("%v was refused: kind %d", t.msg.Service, t.msg.Kind)
	}
	return nil
}

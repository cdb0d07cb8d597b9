package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"haproxy/codec/frame"
)

// Core is a simulator without its socket. Frames are borrowed during Step; what Out returns belongs
// to the caller.
type Core interface {
	// Up tells that the socket is there.
	Up(now time.Time)
	// Step gives the core one whole frame.
	Step(now time.Time, frame []byte)
	// Tick lets the core do what is due.
	Tick(now time.Time)
	// Down tells that the socket is gone.
	Down(now time.Time)
	// Out returns the frames to be written since the last call, in order.
	Out() [][]byte
	// Hangup reports whether the core wants its socket closed.
	Hangup() bool
}

// ErrHangup is the end of a socket that the core wanted closed.
var ErrHangup = errors.New("closed by the simulator")

// Options is how Serve treats its socket.
type Options struct {
	Framing   frame.Framing
	Role      frame.Role    // for the preamble; Switch and T-Server set their own
	FrameMax  int           // bytes of a PDU without its header
	TickEvery time.Duration // default 2 ms
	ReadSize  int           // bytes of one read; default 64 KiB
	ReadPause time.Duration // wait after each read: a slow reader
	WriteSize int           // bytes of one write at most, 0 is no bound: 1 drips
	WriteWait time.Duration // wait after each write of a drip
	Deaf      func() bool   // while it reports true nothing is read; may be nil
}

// withDefaults fills what was left out.
func (o Options) withDefaults() Options {
	if o.Framing == 0 {
		o.Framing = frame.ECMA323
	}
	if o.FrameMax == 0 {
		o.FrameMax = frame.ECMA323Max
	}
	if o.Role == 0 {
		o.Role = frame.Computing
	}
	if o.TickEvery == 0 {
		o.TickEvery = 2 * time.Millisecond
	}
	if o.ReadSize == 0 {
		o.ReadSize = 64 << 10
	}
	return o
}

// session is one Serve.
type session struct {
	socket net.Conn
	core   Core
	mu     *sync.Mutex // guards the core
	opts   Options
	writes *queue
}

// Serve runs the core on the socket until ctx ends, the peer closes, or the core hangs up, and then
// closes the socket. mu guards the core against readers elsewhere. The error says why it ended; nil
// means the peer closed or ctx ended.
func Serve(ctx context.Context, socket net.Conn, core Core, mu *sync.Mutex, opts Options) error {
	s := &session{socket: socket, core: core, mu: mu, opts: opts.withDefaults(), writes: newQueue()}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if err := Greet(ctx, socket, s.opts.Framing, s.opts.Role); err != nil {
		_ = socket.Close() // it never became a leg
		return err
	}
	var wg sync.WaitGroup
	for _, loop := range []func(context.Context) error{s.read, s.write, s.tick} {
		wg.Go(func() { cancel(loop(ctx)) })
	}
	s.with(func(now time.Time) { core.Up(now) })
	<-ctx.Done()
	closeErr := socket.Close()
	s.writes.close()
	wg.Wait()
	mu.Lock()
	core.Down(time.Now())
	core.Out() // nobody is there to hear it
	mu.Unlock()
	cause := context.Cause(ctx)
	if errors.Is(cause, context.Canceled) || errors.Is(cause, io.EOF) {
		return closeErr
	}
	return cause
}

// preambleTimeout bounds the wait for the far side's preamble: a socket that nothing comes from must
// not keep others out.
const preambleTimeout = 2 * time.Second

// Greet exchanges what comes before the first frame: the computing function speaks first.
func Greet(ctx context.Context, socket net.Conn, framing frame.Framing, role frame.Role) error {
	send, expect := frame.Preamble(framing, role)
	if len(expect) == 0 {
		return nil
	}
	stop := context.AfterFunc(ctx, func() { _ = socket.Close() }) // the read then ends
	defer stop()
	if err := socket.SetReadDeadline(time.Now().Add(preambleTimeout)); err != nil {
		return err
	}
	if role == frame.Computing {
		if _, err := socket.Write(send); err != nil {
			return err
		}
	}
	got := make([]byte, len(expect))
	if _, err := io.ReadFull(socket, got); err != nil {
		return fmt.Errorf("no preamble: %w", err)
	}
	if err := socket.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	if !bytes.Equal(got, expect) {
		return fmt.Errorf("preamble %q instead of %q", got, expect)
	}
	if role == frame.Switching {
		if _, err := socket.Write(send); err != nil {
			return err
		}
	}
	return nil
}

// with calls f on the core and queues what the core has to say. It reports whether the core hung
// up.
func (s *session) with(f func(now time.Time)) bool {
	s.mu.Lock()
	f(time.Now())
	s.writes.put(s.core.Out()) // before another goroutine's, so under the lock
	hangup := s.core.Hangup()
	s.mu.Unlock()
	return hangup
}

// read steps the core with what arrives.
func (s *session) read(ctx context.Context) error {
	splitter := frame.NewSplitter(s.opts.Framing, s.opts.FrameMax)
	chunk := make([]byte, s.opts.ReadSize)
	for {
		if err := s.waitForEars(ctx); err != nil {
			return err
		}
		n, err := s.socket.Read(chunk)
		if n > 0 {
			splitter.Feed(chunk[:n])
			if frameErr := s.frames(splitter); frameErr != nil {
				return frameErr
			}
		}
		if err != nil {
			return err
		}
		if err := pause(ctx, s.opts.ReadPause); err != nil {
			return err
		}
	}
}

// frames steps the core with every whole frame of the splitter.
func (s *session) frames(splitter *frame.Splitter) error {
	var frameErr error
	hangup := s.with(func(now time.Time) {
		for {
			f, err := splitter.Next()
			if f == nil {
				frameErr = err
				return
			}
			s.core.Step(now, f)
		}
	})
	if frameErr != nil {
		return fmt.Errorf("peer sent what cannot be framed: %w", frameErr)
	}
	if hangup {
		return ErrHangup
	}
	return nil
}

// waitForEars returns once the peer is to be listened to.
func (s *session) waitForEars(ctx context.Context) error {
	for s.opts.Deaf != nil && s.opts.Deaf() {
		if err := pause(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// tick lets the core act in time.
func (s *session) tick(ctx context.Context) error {
	ticker := time.NewTicker(s.opts.TickEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
			if s.with(s.core.Tick) {
				return ErrHangup
			}
		}
	}
}

// write sends what is queued, many frames a write, or drips it.
func (s *session) write(ctx context.Context) error {
	for {
		frames := s.writes.take()
		if frames == nil {
			return ctx.Err()
		}
		if s.opts.WriteSize > 0 {
			if err := s.drip(ctx, frames); err != nil {
				return err
			}
			continue
		}
		buffers := net.Buffers(frames)
		if _, err := buffers.WriteTo(s.socket); err != nil {
			return err
		}
	}
}

// drip writes the frames in small pieces.
func (s *session) drip(ctx context.Context, frames [][]byte) error {
	for _, f := range frames {
		for len(f) > 0 {
			n := min(len(f), s.opts.WriteSize)
			if _, err := s.socket.Write(f[:n]); err != nil {
				return err
			}
			f = f[n:]
			if err := pause(ctx, s.opts.WriteWait); err != nil {
				return err
			}
		}
	}
	return nil
}

// pause waits, but not beyond the end of ctx.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

package fanout

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// ErrUndrained says that T-Servers did not read to the end what was written to them: their fault,
// and nothing else went wrong on the link.
var ErrUndrained = errors.New("bytes for T-Servers were not sent before the deadline")

// drainLook is the time between two looks at what is still unsent.
const drainLook = 5 * time.Millisecond

// shutdown ends the link in the order that loses least: nothing new, no more events, then what is
// written gets its time, then the rest.
func (k *Link) shutdown(ctx context.Context) error {
	k.draining.Store(true)
	k.cancel()
	k.closeListeners()
	grace, cancel := context.WithCancel(context.Background())
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		wait(grace, k.limits.stop)
		cancel()
	})
	defer stop()

	stuck := !within(grace, k.makers.Wait)
	left := k.drain(ctx, grace)
	k.stopping.Store(true)
	close(k.quit)
	k.clock.Wait()
	_ = k.post(k.loop.closeAll) // a loop that has ended has nothing left to close
	var stopErr error
	stuck = !within(grace, func() { stopErr = k.client.Stop() }) || stuck
	_ = k.farEnd.Close() // the near end is closed, or nobody minds
	if stuck {
		return fmt.Errorf("link %q: its event loop is stuck and was left", k.cfg.Name)
	}
	if stopErr != nil {
		return fmt.Errorf("link %q: %w", k.cfg.Name, stopErr)
	}
	if left > 0 {
		return fmt.Errorf("link %q: %d %w", k.cfg.Name, left, ErrUndrained)
	}
	return nil
}

// drain closes the socket of the switch and waits until the T-Servers have everything, or ctx ends.
// It returns the bytes that they do not have.
func (k *Link) drain(ctx, grace context.Context) int64 {
	var left atomic.Int64 // a stuck loop may come to the task when nobody waits any more
	for first := true; ; first = false {
		err := k.ask(grace, func() {
			if first {
				k.loop.closeLink()
			}
			left.Store(int64(k.loop.unsent()))
		})
		if err != nil || left.Load() == 0 || ctx.Err() != nil {
			return left.Load()
		}
		wait(ctx, drainLook)
	}
}

// closeLink ends the socket of the switch. The hub tells the T-Servers.
func (l *loop) closeLink() {
	if l.cti == nil {
		return
	}
	now := time.Now()
	l.guard(now, func() { l.hub.Stop(now) })
	l.guard(now, func() {
		if l.cti != nil {
			l.close(l.cti)
		}
	})
}

// unsent returns the bytes that T-Servers have not got, those in flight included.
func (l *loop) unsent() int {
	n := 0
	for _, g := range l.legs {
		if g.conn != nil {
			n += g.owed() + unsent(g.conn.Fd())
		}
	}
	return n
}

// closeAll closes every leg; nobody is told any more.
func (l *loop) closeAll() {
	l.stopped = true
	for _, g := range l.legs {
		l.close(g)
	}
	for g := range l.open {
		l.close(g)
	}
	if l.cti != nil {
		l.close(l.cti)
	}
}

// within runs do and reports whether it returned in time. If not it is left behind: only a loop
// that is stuck in our own code, and then the process is about to end.
func within(ctx context.Context, do func()) bool {
	done := make(chan struct{})
	go func() {
		do()
		close(done)
	}()
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}

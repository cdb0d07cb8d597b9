package tserversim

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"haproxy/codec/frame"
	"haproxy/perf/wire"
)

// Client is a TServer on a TCP socket, which can be killed and return.
type Client struct {
	mu   sync.Mutex // guards core
	core *TServer
	wire wire.Options

	legMu sync.Mutex // guards the rest
	leg   net.Conn
	done  chan struct{} // closed when the leg has ended
	end   error         // why it did
}

// NewClient returns a client without a leg.
func NewClient(core *TServer, opts wire.Options) *Client {
	opts.Role = frame.Computing
	done := make(chan struct{})
	close(done)
	return &Client{core: core, wire: opts, done: done}
}

// Connect opens a leg to the address and lets the T-Server start there, from nothing. The leg ends
// with ctx at the latest.
func (c *Client) Connect(ctx context.Context, addr string) error {
	c.legMu.Lock()
	defer c.legMu.Unlock()
	select {
	case <-c.done:
	default:
		return errors.New("tserversim: the leg is up already")
	}
	leg, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	c.leg, c.done = leg, make(chan struct{})
	c.mu.Lock()
	c.core.phase = PhaseDown // until the new leg is served, nobody takes the old one's for it
	c.mu.Unlock()
	go func(done chan struct{}) {
		end := wire.Serve(ctx, leg, c.core, &c.mu, c.wire)
		c.legMu.Lock()
		c.end = end
		c.legMu.Unlock()
		close(done)
	}(c.done)
	return nil
}

// Kill resets the leg as a crashed process does, and waits until it is gone.
func (c *Client) Kill() {
	c.legMu.Lock()
	leg, done := c.leg, c.done
	c.legMu.Unlock()
	if tcp, ok := leg.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // the close then sends RST; where it cannot, FIN does
	}
	if leg != nil {
		_ = leg.Close() // its end shows as Done
	}
	<-done
}

// Close ends the leg in an orderly way and waits until it is gone.
func (c *Client) Close() {
	c.With(func(core *TServer) { core.Leave() })
	c.legMu.Lock()
	done := c.done
	c.legMu.Unlock()
	<-done
}

// Raw writes bytes of no protocol to the leg.
func (c *Client) Raw(b []byte) error {
	c.legMu.Lock()
	defer c.legMu.Unlock()
	if c.leg == nil {
		return net.ErrClosed
	}
	_, err := c.leg.Write(b)
	return err
}

// Done returns a channel that is closed when the present leg has ended.
func (c *Client) Done() <-chan struct{} {
	c.legMu.Lock()
	defer c.legMu.Unlock()
	return c.done
}

// End returns why the last leg ended; nil is the peer's close or the end of its context.
func (c *Client) End() error {
	c.legMu.Lock()
	defer c.legMu.Unlock()
	return c.end
}

// With calls f on the core while nothing else does. f must not keep the core.
func (c *Client) With(f func(core *TServer)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(c.core)
}

// Wait polls the core until ok, the leg's end, or the end of ctx.
func (c *Client) Wait(ctx context.Context, ok func(core *TServer) bool) error {
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	done := c.Done()
	for {
		var is bool
		var phase Phase
		c.With(func(core *TServer) { is, phase = ok(core), core.Phase() })
		if is {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("tserversim: still %v: %w", phase, ctx.Err())
		case <-done:
			return fmt.Errorf("tserversim: the leg ended: %w", errors.Join(c.End(), net.ErrClosed))
		case <-ticker.C:
		}
	}
}

// WaitInStep waits until the T-Server is in step.
func (c *Client) WaitInStep(ctx context.Context) error {
	return c.Wait(ctx, func(core *TServer) bool { return core.InStep() })
}

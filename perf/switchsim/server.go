package switchsim

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"haproxy/codec/frame"
	"haproxy/perf/wire"
)

// Server is a Switch on a TCP port. It serves one CTI link at a time: while one is up, whoever else
// connects is turned away and counted.
type Server struct {
	mu       sync.Mutex // guards core
	core     *Switch
	wire     wire.Options
	listener net.Listener
	cancel   context.CancelFunc
	done     chan struct{}
	linkEnd  error // of the last link, guarded by mu
}

// Listen starts a switch on the address, which may be "127.0.0.1:0".
func Listen(ctx context.Context, addr string, core *Switch, opts wire.Options) (*Server, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	s := newServer(core, opts)
	s.listener = listener
	ctx, s.cancel = context.WithCancel(ctx)
	context.AfterFunc(ctx, func() { _ = listener.Close() }) // accept sees it
	go s.idle(ctx)
	go s.accept(ctx)
	return s, nil
}

// Dial starts a switch that calls the address and calls again whenever the link is lost.
func Dial(ctx context.Context, addr string, core *Switch, opts wire.Options) *Server {
	s := newServer(core, opts)
	ctx, s.cancel = context.WithCancel(ctx)
	go s.idle(ctx)
	go s.dial(ctx, addr)
	return s
}

func newServer(core *Switch, opts wire.Options) *Server {
	opts.Role = frame.Switching
	return &Server{core: core, wire: opts, done: make(chan struct{})}
}

// Addr returns the address that the switch listens on, empty for one that dials.
func (s *Server) Addr() string {
	if s.listener == nil {
		return ""
	}
	return s.listener.Addr().String()
}

// With calls f on the core while nothing else does. f must not keep the core.
func (s *Server) With(f func(core *Switch)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s.core)
}

// Stats returns the present numbers.
func (s *Server) Stats() (stats Stats) {
	s.With(func(core *Switch) { stats = core.Stats() })
	return stats
}

// LinkEnd returns why the last link ended, nil for the peer's close.
func (s *Server) LinkEnd() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.linkEnd
}

// Close ends the link and the switch and waits for both.
func (s *Server) Close() {
	s.cancel()
	<-s.done
}

// idle lets calls live while there is no link.
func (s *Server) idle(ctx context.Context) {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			s.With(func(core *Switch) {
				if !core.link.up {
					core.Tick(time.Now())
				}
			})
		}
	}
}

// accept serves the first socket and turns others away until it is gone.
func (s *Server) accept(ctx context.Context) {
	var links sync.WaitGroup
	defer close(s.done)
	defer links.Wait()
	busy := make(chan struct{}, 1)
	for {
		socket, err := s.listener.Accept()
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return
			}
			continue
		}
		select {
		case busy <- struct{}{}:
			links.Go(func() {
				s.serve(ctx, socket)
				<-busy
			})
		default:
			s.With(func(core *Switch) { core.stats.Second++ })
			_ = socket.Close() // turned away: there is nothing to lose
		}
	}
}

// dial keeps one link to the address.
func (s *Server) dial(ctx context.Context, addr string) {
	defer close(s.done)
	for ctx.Err() == nil {
		socket, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
		if err == nil {
			s.serve(ctx, socket)
		}
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// serve is one link from its beginning to its end.
func (s *Server) serve(ctx context.Context, socket net.Conn) {
	err := wire.Serve(ctx, socket, s.core, &s.mu, s.wire)
	s.mu.Lock()
	s.linkEnd = err
	s.mu.Unlock()
}

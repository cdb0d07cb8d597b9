package fanout

import (
	"context"
	"errors"
	"sync"
)

// Proxy is a running proxy: all its links.
type Proxy struct {
	links   []*Link
	once    sync.Once
	stopped chan struct{}
	mu      sync.Mutex
	err     error
	release func() bool // of the start's context
}

// Start binds every address, starts a loop for every link and returns while they dial. An error is
// an operator's: it names the address and what to do, and nothing runs then. When ctx ends, the
// proxy stops at once, without draining.
func Start(ctx context.Context, cfg Config) (*Proxy, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	links := make([]*Link, len(cfg.Links))
	for i := range cfg.Links {
		links[i] = newLink(&cfg.Links[i], cfg.Log, defaultLimits)
	}
	return start(ctx, links)
}

// start binds and runs links.
func start(ctx context.Context, links []*Link) (*Proxy, error) {
	p := &Proxy{links: links, stopped: make(chan struct{})}
	for i, k := range links {
		if err := k.listen(ctx); err != nil {
			for _, bound := range links[:i] {
				bound.closeListeners()
			}
			return nil, err
		}
	}
	for i, k := range links {
		if err := k.run(len(links), p.crash); err != nil {
			gone, cancel := context.WithCancel(context.Background())
			cancel()
			for _, running := range links[:i] {
				_ = running.shutdown(gone) // the first error is the one to be told
			}
			for _, bound := range links[i:] {
				bound.closeListeners()
			}
			return nil, err
		}
	}
	p.release = context.AfterFunc(ctx, func() { _ = p.Shutdown(ctx) }) // Wait tells the error
	return p, nil
}

// Links returns the links, in the order of the configuration.
func (p *Proxy) Links() []*Link { return p.links }

// Wait returns when the proxy has stopped: nil after a Shutdown that drained everything, else what
// went wrong.
func (p *Proxy) Wait() error {
	<-p.stopped
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// Shutdown stops the proxy: it closes the links to the switches first, so that no event comes any
// more, stops accepting, waits until the T-Servers have what was written to them or ctx ends, and
// closes their legs. Its error joins those of the links, ErrUndrained of those that were not drained.
// A second call waits for the first.
func (p *Proxy) Shutdown(ctx context.Context) error {
	p.once.Do(func() {
		errs := make([]error, len(p.links))
		var all sync.WaitGroup
		for i, k := range p.links {
			all.Go(func() { errs[i] = k.shutdown(ctx) })
		}
		all.Wait()
		p.note(errors.Join(errs...))
		close(p.stopped)
	})
	err := p.Wait()
	if p.release != nil {
		p.release()
	}
	return err
}

// crash stops the proxy when a loop has ended by itself.
func (p *Proxy) crash(err error) {
	p.note(err)
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	_ = p.Shutdown(gone) // Wait tells the error
}

func (p *Proxy) note(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = errors.Join(p.err, err)
}

package main

import (
	"context"
	"errors"
	"sync"
)

// A linkSource is a running link that can be asked for its state from any goroutine. An
// implementation asks the link's loop for a copy and gives up when ctx ends.
type linkSource interface {
	Name() string
	Snapshot(ctx context.Context) (LinkSnapshot, error)
}

// LinkSnapshot is a link at one moment, between two inputs of its loop.
type LinkSnapshot struct {
	Normal  bool   // whether T-Servers are served from a link that works
	State   string // the state in words, as "dialling 192.0.2.10:1040"
	Metrics []Metric
}

// MetricKind tells a number that only grows from one that also falls.
type MetricKind int

// The kinds of metrics.
const (
	Counter MetricKind = iota
	Gauge
)

// Metric is one number of a link. Its name comes without the product's prefix, and the link's own
// label is added to Labels.
type Metric struct {
	Name   string
	Help   string
	Kind   MetricKind
	Labels []Label
	Value  float64
}

// Label tells metrics of one name apart.
type Label struct {
	Name, Value string
}

var errStuck = errors.New("its loop does not answer")

// A probe asks one link, one question at a time. A link that is stuck costs one goroutine, however
// often it is asked.
type probe struct {
	link linkSource
	turn chan struct{}
}

// An answer is what became of asking one link.
type answer struct {
	link     string
	snapshot LinkSnapshot
	err      error
}

func newProbes(links []linkSource) []*probe {
	probes := make([]*probe, len(links))
	for i, link := range links {
		probes[i] = &probe{link: link, turn: make(chan struct{}, 1)}
	}
	return probes
}

// ask returns at the latest when ctx ends.
func (p *probe) ask(ctx context.Context) answer {
	stuck := answer{link: p.link.Name(), err: errStuck}
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return stuck
	}
	answers := make(chan answer, 1)
	go func() {
		defer func() { <-p.turn }()
		snapshot, err := p.link.Snapshot(ctx)
		answers <- answer{link: stuck.link, snapshot: snapshot, err: err}
	}()
	select {
	case a := <-answers:
		if errors.Is(a.err, context.DeadlineExceeded) {
			return stuck
		}
		return a
	case <-ctx.Done():
		return stuck
	}
}

// askAll asks all links at once and returns within askTime.
func askAll(ctx context.Context, probes []*probe) []answer {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	answers := make([]answer, len(probes))
	var group sync.WaitGroup
	for i, p := range probes {
		group.Go(func() { answers[i] = p.ask(ctx) })
	}
	group.Wait()
	return answers
}

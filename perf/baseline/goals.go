package main

import (
	"fmt"
	"io"

	"haproxy/perf/load"
)

// The subjects that goals name.
const (
	nameOurs  = "haproxy for CTI, 1→2"
	nameOne   = "the same, GOMAXPROCS 1"
	nameBER   = "the same, csta3-ber"
	nameStill = "the same, a T-Server stands still"
	nameEpoll = "epoll fan-out in Go, 1→2"
	nameNaive = "a goroutine a leg, 1→2"
	nameRedis = "Redis pub/sub, 1→2"
	nameNATS  = "NATS, 1→2"
	nameTCP   = "HAProxy TCP, 1→1"
	nameNginx = "nginx stream, 1→1"
)

// stillBacklog is how many bytes may wait for the T-Server that stands still.
const stillBacklog = 1 << 20

// figure is one thing that is measured of a subject.
type figure struct {
	name string
	of   func(*load.Result) float64
}

var (
	throughput = figure{"events/s", func(r *load.Result) float64 { return r.Throughput }}
	p50        = figure{"p50", func(r *load.Result) float64 { return r.Latency.P50 }}
	p99        = figure{"p99", func(r *load.Result) float64 { return r.Latency.P99 }}
	cpu        = figure{"CPU", func(r *load.Result) float64 { return r.CPUPerMillion }}
	highest    = figure{"the first T-Server's highest latency", firstHighest}
	peak       = figure{"MiB at most", func(r *load.Result) float64 { return float64(r.Peak) / (1 << 20) }}
	resident   = figure{"MiB", func(r *load.Result) float64 { return float64(r.Resident) / (1 << 20) }}
)

func firstHighest(r *load.Result) float64 { return r.TServers[0].Latency.Max }

// goal is a ratio of a figure of ours to that of another subject in the same run.
type goal struct {
	rate    float64 // of events; 0 is saturation
	figure  figure
	ours    string
	to      string
	limit   float64
	atLeast bool    // else at most
	beyond  float64 // what ours may have besides
}

// goals are what is meant to hold on two cores.
var goals = []goal{
	{0, throughput, nameOurs, nameEpoll, 0.6, true, 0},
	{0, throughput, nameOurs, nameNATS, 2.5, true, 0},
	{0, throughput, nameOurs, nameRedis, 3, true, 0},
	{0, cpu, nameOurs, nameEpoll, 2, false, 0},
	{0, cpu, nameOurs, nameNATS, 0.35, false, 0},
	{0, cpu, nameOurs, nameRedis, 0.35, false, 0},
	{0, cpu, nameOurs, nameNaive, 0.1, false, 0},
	{10_000, p50, nameOurs, nameTCP, 1, false, 0},
	{10_000, p99, nameOurs, nameTCP, 1.2, false, 0},
	{10_000, p50, nameOne, nameTCP, 1, false, 0},
	{10_000, p99, nameOne, nameTCP, 1.2, false, 0},
	{10_000, cpu, nameOurs, nameEpoll, 1.8, false, 0},
	{10_000, cpu, nameOne, nameEpoll, 1.3, false, 0},
	{10_000, cpu, nameOurs, nameNATS, 0.6, false, 0},
	{1000, cpu, nameOurs, nameNATS, 0.4, false, 0},
	{10_000, highest, nameStill, nameOurs, 2, false, 0},
	{10_000, peak, nameStill, nameOurs, 1, false, 2 * stillBacklog >> 20},
	{0, cpu, nameBER, nameOurs, 0.67, false, 0},
	{1000, resident, nameOurs, nameTCP, 1, false, 0},
}

// writeGoals writes, for each goal whose subjects were measured, the ratio of the medians and whether it is
// reached.
func writeGoals(w io.Writer, cells []*cell) {
	find := func(name string, rate float64) *cell {
		for _, c := range cells {
			if c.Subject == name && c.Rate == rate && len(c.Rounds) > 0 && c.Failed == "" {
				return c
			}
		}
		return nil
	}
	fmt.Fprint(w, "\n### Goals\n\n| figure, ours to another's | goal | is | |\n|---|---|---|---|\n")
	for i := range goals {
		g := &goals[i]
		ours, to := find(g.ours, g.rate), find(g.to, g.rate)
		if ours == nil || to == nil || to.figure(g.figure).median == 0 {
			continue
		}
		is := ours.figure(g.figure).median / (to.figure(g.figure).median + g.beyond)
		bound, reached := "at most", is <= g.limit
		if g.atLeast {
			bound, reached = "at least", is >= g.limit
		}
		verdict := "reached"
		if !reached {
			verdict = "missed"
		}
		beside := g.to
		if g.beyond > 0 {
			beside = fmt.Sprintf("%s, and %.0f more", beside, g.beyond)
		}
		fmt.Fprintf(w, "| %s, %s: %s to %s | %s %.2f | %.2f | %s |\n", g.figure.name, rateTitle(g.rate), g.ours, beside,
			bound, g.limit, is, verdict)
	}
}

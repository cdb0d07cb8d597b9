package fanout

import (
	"context"
	"sync/atomic"

	"haproxy/codec/csta"
	"haproxy/fanout/hub"
)

// traffic counts what went over one side's sockets. The loop owns it.
type traffic struct {
	reads    uint64
	bytesIn  uint64
	framesIn uint64
	writes   uint64
	bytesOut uint64
	framing  uint64 // sockets closed for bytes that are no frames
	overdue  uint64 // sockets closed for a frame that did not end
}

// counts are the loop's counters. They outlive a hub.
type counts struct {
	link     traffic
	tservers []traffic
	linkUps  uint64
	panics   uint64
}

func newCounts(cfg *LinkConfig) counts {
	return counts{tservers: make([]traffic, len(cfg.TServers))}
}

// beside are the counters of the goroutines that make sockets.
type beside struct {
	dials         atomic.Uint64
	dialsFailed   atomic.Uint64
	acceptsFailed atomic.Uint64
	refused       atomic.Uint64
}

// LinkSnapshot is a copy of what a link's loop knows.
type LinkSnapshot struct {
	State   hub.LinkState
	Status  csta.Status // what T-Servers are told of the link
	Metrics []hub.Metric
}

// Snapshot asks the link's loop for a copy. It fails when ctx ends first: the loop is stuck.
func (k *Link) Snapshot(ctx context.Context) (LinkSnapshot, error) {
	reply := make(chan LinkSnapshot, 1)
	err := k.ask(ctx, func() {
		metrics := k.loop.hub.AppendMetrics(nil)
		reply <- LinkSnapshot{State: k.loop.hub.State(), Status: k.loop.hub.Status(), Metrics: k.loop.appendMetrics(metrics)}
	})
	if err != nil {
		return LinkSnapshot{}, err
	}
	return <-reply, nil
}

// trafficMetrics are the counters that every side has.
var trafficMetrics = []struct {
	name, help string
	value      func(*traffic) uint64
}{
	{"socket_reads_total", "reads from sockets", func(t *traffic) uint64 { return t.reads }},
	{
		"socket_read_bytes_total", "bytes read from sockets",
		func(t *traffic) uint64 { return t.bytesIn },
	},
	{
		"socket_frames_total", "frames cut from what was read",
		func(t *traffic) uint64 { return t.framesIn },
	},
	{"socket_writes_total", "writes to sockets", func(t *traffic) uint64 { return t.writes }},
	{
		"socket_written_bytes_total", "bytes written to sockets, or waiting for that",
		func(t *traffic) uint64 { return t.bytesOut },
	},
	{
		"socket_framing_faults_total", "sockets closed because what came cannot be cut into frames",
		func(t *traffic) uint64 { return t.framing },
	},
	{
		"socket_frame_timeouts_total", "sockets closed because a frame did not end in time",
		func(t *traffic) uint64 { return t.overdue },
	},
}

// appendMetrics appends the counters of this layer.
func (l *loop) appendMetrics(dst []hub.Metric) []hub.Metric {
	for i := range trafficMetrics {
		m := &trafficMetrics[i]
		dst = append(dst, hub.Metric{
			Name: "link_" + m.name, Help: m.help + ": the switch's side",
			Value: float64(m.value(&l.counts.link)),
		})
		for n := range l.counts.tservers {
			value := float64(m.value(&l.counts.tservers[n]))
			dst = append(dst, l.tserverMetric(n, m.name, m.help, value))
		}
	}
	for n := range l.counts.tservers {
		owed := 0
		for _, g := range l.legs {
			if g.tserver == n {
				owed += g.owed()
			}
		}
		m := l.tserverMetric(n, "backlog_bytes", "bytes that wait for the T-Server to read",
			float64(owed))
		m.Gauge = true
		dst = append(dst, m)
	}
	counter := func(value uint64, name, help string) {
		dst = append(dst, hub.Metric{Name: name, Help: help, Value: float64(value)})
	}
	beside := &l.link.beside
	counter(l.counts.linkUps, "link_sockets_total", "sockets to the switch that were opened")
	counter(beside.dials.Load(), "link_dials_total", "attempts to dial the switch")
	counter(beside.dialsFailed.Load(), "link_dials_failed_total",
		"attempts to dial the switch that failed")
	counter(beside.refused.Load(), "sockets_refused_total", "callers that were sent away")
	counter(beside.acceptsFailed.Load(), "accept_errors_total",
		"sockets that could not be accepted")
	counter(l.counts.panics, "panics_total",
		"broken invariants after which the link started afresh")
	return dst
}

// tserverMetric makes a number of one T-Server.
func (l *loop) tserverMetric(n int, name, help string, value float64) hub.Metric {
	return hub.Metric{
		Name: "tserver_" + name, Help: help, Value: value,
		Label: "tserver", LabelValue: l.link.cfg.TServers[n].Name,
	}
}

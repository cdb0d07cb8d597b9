package fanout

import (
	"context"
	"sync/atomic"

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
	Metrics []hub.Metric
}

// Snapshot asks the link's loop for a copy. It fails when ctx ends first: the loop is stuck.
func (k *Link) Snapshot(ctx context.Context) (LinkSnapshot, error) {
	reply := make(chan LinkSnapshot, 1)
	err := k.ask(ctx, func() {
		metrics := k.loop.hub.AppendMetrics(nil)
		reply <- LinkSnapshot{State: k.loop.hub.State(), Metrics: k.loop.appendMetrics(metrics)}
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
	{"socket_reads_total", "Reads from sockets.", func(t *traffic) uint64 { return t.reads }},
	{"socket_read_bytes_total", "Bytes read from sockets.", func(t *traffic) uint64 { return t.bytesIn }},
	{"frames_read_total", "Frames cut from what was read.", func(t *traffic) uint64 { return t.framesIn }},
	{"socket_writes_total", "Writes to sockets.", func(t *traffic) uint64 { return t.writes }},
	{"socket_written_bytes_total", "Bytes written to sockets, those in backlogs included.",
		func(t *traffic) uint64 { return t.bytesOut }},
	{"framing_faults_total", "Sockets closed because what came cannot be cut into frames.",
		func(t *traffic) uint64 { return t.framing }},
	{"frame_timeouts_total", "Sockets closed because a frame did not end in time.",
		func(t *traffic) uint64 { return t.overdue }},
}

// appendMetrics appends the counters of this layer.
func (l *loop) appendMetrics(dst []hub.Metric) []hub.Metric {
	k := l.link
	for i := range trafficMetrics {
		m := &trafficMetrics[i]
		side := func(name string, t *traffic) {
			dst = append(dst, hub.Metric{
				Name: m.name, Help: m.help, Label: "leg", LabelValue: name, Value: float64(m.value(t)),
			})
		}
		side("link", &l.counts.link)
		for n := range l.counts.tservers {
			side(k.cfg.TServers[n].Name, &l.counts.tservers[n])
		}
	}
	for n := range l.counts.tservers {
		owed := 0
		for _, g := range l.legs {
			if g.tserver == n {
				owed += g.owed()
			}
		}
		dst = append(dst, hub.Metric{
			Name: "backlog_bytes", Help: "Bytes that wait for a T-Server to read.", Gauge: true,
			Label: "leg", LabelValue: k.cfg.TServers[n].Name, Value: float64(owed),
		})
	}
	counter := func(name, help string, value uint64) {
		dst = append(dst, hub.Metric{Name: name, Help: help, Value: float64(value)})
	}
	counter("link_sockets_total", "Sockets to the switch that were opened.", l.counts.linkUps)
	counter("panics_total", "Broken invariants after which the link started afresh.", l.counts.panics)
	counter("dials_total", "Attempts to dial the switch.", k.beside.dials.Load())
	counter("dials_failed_total", "Attempts to dial the switch that failed.", k.beside.dialsFailed.Load())
	counter("accept_errors_total", "Sockets that could not be accepted.", k.beside.acceptsFailed.Load())
	counter("refused_total", "Peers that were refused.", k.beside.refused.Load())
	return dst
}

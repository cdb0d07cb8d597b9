package main

import (
	"context"
	"log"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/rs/zerolog"
)

// metricPrefix begins the name of every metric of a link.
const metricPrefix = "haproxy_"

// newRegistry serves the metrics of the links, the process and Go.
func newRegistry(probes []*probe) *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		&linkCollector{probes},
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return registry
}

// A linkCollector copies the numbers of each link when it is read. It keeps none itself: they are
// plain numbers on the link's loop.
type linkCollector struct {
	probes []*probe
}

// Describe tells nothing ahead: which metrics there are is known to the links.
func (*linkCollector) Describe(chan<- *prometheus.Desc) {}

// Collect asks all links. The metrics of a link that does not answer are left out, and its
// link_answers is 0.
func (c *linkCollector) Collect(out chan<- prometheus.Metric) {
	for _, a := range askAll(context.Background(), c.probes) {
		answers := Metric{Name: "link_answers", Help: "Whether the link's loop answers.", Kind: Gauge}
		if a.err == nil {
			answers.Value = 1
		}
		out <- export(a.link, answers)
		for _, m := range a.snapshot.Metrics {
			out <- export(a.link, m)
		}
	}
}

// export makes a metric of ours one of Prometheus; one that cannot be is told in the server's log.
func export(link string, m Metric) prometheus.Metric {
	names, values := []string{"link"}, []string{link}
	for _, label := range m.Labels {
		names, values = append(names, label.Name), append(values, label.Value)
	}
	kind := prometheus.GaugeValue
	if m.Kind == Counter {
		kind = prometheus.CounterValue
	}
	desc := prometheus.NewDesc(metricPrefix+m.Name, m.Help, names, nil)
	metric, err := prometheus.NewConstMetric(desc, kind, m.Value, values...)
	if err != nil {
		return prometheus.NewInvalidMetric(desc, err)
	}
	return metric
}

// metricsLog takes what goes wrong while metrics are gathered.
type metricsLog struct {
	log zerolog.Logger
}

// Println is all that promhttp asks of a logger.
func (l *metricsLog) Println(parts ...any) {
	l.log.Warn().Interface("error", parts).Msg("metrics are incomplete")
}

// httpLog takes the lines of net/http: a peer's fault, told at debug level alone.
type httpLog struct {
	log zerolog.Logger
}

func (l *httpLog) Write(line []byte) (int, error) {
	l.log.Debug().Str("error", strings.TrimSpace(string(line))).Msg("admin server")
	return len(line), nil
}

//nolint:forbidigo // http.Server takes no logger but this one
func newHTTPLog(to zerolog.Logger) *log.Logger { return log.New(&httpLog{to}, "", 0) }

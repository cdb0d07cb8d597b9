package load

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Threshold is a bound that a figure of a result has to keep.
type Threshold struct {
	text, relation string
	figure         *figure
	bound          float64
}

// unit is what a figure is counted in, and bounds of it are written in.
type unit uint8

const (
	microseconds unit = iota
	seconds
	octets
	number
)

// figure is one thing of a result.
type figure struct {
	name string
	unit unit
	of   func(r *Result) float64
}

// figures are what thresholds and comparisons are about.
var figures = []figure{
	{"p50", microseconds, func(r *Result) float64 { return r.Latency.P50 }},
	{"p90", microseconds, func(r *Result) float64 { return r.Latency.P90 }},
	{"p99", microseconds, func(r *Result) float64 { return r.Latency.P99 }},
	{"p99.9", microseconds, func(r *Result) float64 { return r.Latency.P999 }},
	{"max", microseconds, func(r *Result) float64 { return r.Latency.Max }},
	{"throughput", number, func(r *Result) float64 { return r.Throughput }},
	{"cpu", seconds, func(r *Result) float64 { return r.CPUPerMillion }},
	{"memory", octets, func(r *Result) float64 { return float64(r.Peak) }},
	{"lost", number, func(r *Result) float64 { return float64(r.Lost) }},
	{"wrong", number, func(r *Result) float64 { return float64(r.Wrong) }},
	{"refused", number, func(r *Result) float64 { return float64(r.Refused) }},
	{"unanswered", number, func(r *Result) float64 { return float64(r.Unanswered) }},
}

// relations are tried in this order: the longer first.
var relations = []struct {
	sign string
	ok   func(a, b float64) bool
}{
	{"<=", func(a, b float64) bool { return a <= b }},
	{">=", func(a, b float64) bool { return a >= b }},
	{"==", func(a, b float64) bool { return a == b }},
	{"<", func(a, b float64) bool { return a < b }},
	{">", func(a, b float64) bool { return a > b }},
}

// ParseThreshold reads a bound such as p99<2ms, lost==0, throughput>=50000 or memory<64MiB.
func ParseThreshold(text string) (Threshold, error) {
	for _, relation := range relations {
		name, bound, found := strings.Cut(text, relation.sign)
		if !found {
			continue
		}
		of := figureOf(strings.TrimSpace(name))
		if of == nil {
			break
		}
		n, ok := of.unit.parse(strings.TrimSpace(bound))
		if !ok {
			return Threshold{}, fmt.Errorf("threshold %q: write times as 2ms, cpu as 20s, memory as 64MiB, and the others"+
				" as plain numbers", text)
		}
		return Threshold{text, relation.sign, of, n}, nil
	}
	names := make([]string, len(figures))
	for i := range figures {
		names[i] = figures[i].name
	}
	return Threshold{}, fmt.Errorf("threshold %q: write one of %s, then <, <=, ==, >= or >, then a bound", text,
		strings.Join(names, ", "))
}

// figureOf returns the figure of a name, nil where there is none.
func figureOf(name string) *figure {
	for i := range figures {
		if figures[i].name == name {
			return &figures[i]
		}
	}
	return nil
}

// parse reads a bound of a figure: a plain number is of its unit.
func (u unit) parse(text string) (float64, bool) {
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		return n, !math.IsNaN(n) && !math.IsInf(n, 0)
	}
	switch u {
	case microseconds, seconds:
		d, err := time.ParseDuration(text)
		if u == seconds {
			return d.Seconds(), err == nil
		}
		return float64(d) / float64(time.Microsecond), err == nil
	case octets:
		for i, of := range []string{"KiB", "MiB", "GiB"} {
			if digits, ok := strings.CutSuffix(text, of); ok {
				n, err := strconv.ParseFloat(digits, 64)
				return n * float64(int64(1)<<(10*(i+1))), err == nil && !math.IsNaN(n) && !math.IsInf(n, 0)
			}
		}
	default:
	}
	return 0, false
}

// Check returns what a result has of a threshold's figure, and whether it keeps it.
func (t Threshold) Check(r *Result) (value float64, kept bool) {
	value = t.figure.of(r)
	for _, relation := range relations {
		if relation.sign == t.relation {
			return value, relation.ok(value, t.bound)
		}
	}
	panic("load: a threshold without a relation")
}

// String returns the threshold as it was written.
func (t Threshold) String() string { return t.text }

// Against writes how a result compares with an older one, figure by figure.
func (r *Result) Against(old *Result) string {
	var b strings.Builder
	for _, what := range [...]struct {
		name        string
		before, now any
	}{
		{"protocol", old.Protocol, r.Protocol},
		{"bytes of an event", old.Size, r.Size},
		{"rate", old.Rate, r.Rate},
		{"devices", old.Devices, r.Devices},
		{"T-Servers", len(old.TServers), len(r.TServers)},
		{"cores", old.Cores, r.Cores},
	} {
		if what.before != what.now {
			fmt.Fprintf(&b, "not of the same load: %s %v before, %v now\n", what.name, what.before, what.now)
		}
	}
	fmt.Fprintf(&b, "%-12s %14s %14s %8s\n", "figure", "baseline", "now", "ratio")
	for _, f := range figures {
		before, now := f.of(old), f.of(r)
		ratio := "-"
		if before != 0 {
			ratio = fmt.Sprintf("%.2f", now/before)
		}
		fmt.Fprintf(&b, "%-12s %14.2f %14.2f %8s\n", f.name, before, now, ratio)
	}
	return b.String()
}

package load

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Threshold is a bound that a figure of a result has to keep.
type Threshold struct {
	text, figure, relation string
	bound                  float64
}

// figures are what thresholds and comparisons are about: in microseconds, bytes and plain numbers.
var figures = []struct {
	name string
	of   func(r *Result) float64
}{
	{"p50", func(r *Result) float64 { return r.Latency.P50 }},
	{"p90", func(r *Result) float64 { return r.Latency.P90 }},
	{"p99", func(r *Result) float64 { return r.Latency.P99 }},
	{"p99.9", func(r *Result) float64 { return r.Latency.P999 }},
	{"max", func(r *Result) float64 { return r.Latency.Max }},
	{"throughput", func(r *Result) float64 { return r.Throughput }},
	{"cpu", func(r *Result) float64 { return r.CPUPerMillion }},
	{"memory", func(r *Result) float64 { return float64(r.Peak) }},
	{"lost", func(r *Result) float64 { return float64(r.Lost) }},
	{"wrong", func(r *Result) float64 { return float64(r.Wrong) }},
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
		figure, bound, found := strings.Cut(text, relation.sign)
		if !found {
			continue
		}
		figure = strings.TrimSpace(figure)
		if figureOf(figure) == nil {
			break
		}
		n, ok := parseBound(strings.TrimSpace(bound))
		if !ok {
			return Threshold{}, fmt.Errorf("threshold %q: write a time as 2ms, a size as 64MiB, or a number", text)
		}
		return Threshold{text, figure, relation.sign, n}, nil
	}
	names := make([]string, len(figures))
	for i := range figures {
		names[i] = figures[i].name
	}
	return Threshold{}, fmt.Errorf("threshold %q: write one of %s, then <, <=, ==, >= or >, then a bound", text,
		strings.Join(names, ", "))
}

func figureOf(name string) func(r *Result) float64 {
	for _, f := range figures {
		if f.name == name {
			return f.of
		}
	}
	return nil
}

// parseBound reads a bound: a time gives microseconds, a size bytes.
func parseBound(text string) (float64, bool) {
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		return n, true
	}
	if d, err := time.ParseDuration(text); err == nil {
		return float64(d) / float64(time.Microsecond), true
	}
	for i, unit := range []string{"KiB", "MiB", "GiB"} {
		if digits, ok := strings.CutSuffix(text, unit); ok {
			n, err := strconv.ParseFloat(digits, 64)
			return n * float64(int64(1)<<(10*(i+1))), err == nil
		}
	}
	return 0, false
}

// Check returns what a result has of a threshold's figure, and whether it keeps it.
func (t Threshold) Check(r *Result) (value float64, kept bool) {
	value = figureOf(t.figure)(r)
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

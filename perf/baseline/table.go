package main

import (
	"encoding/json"
	"fmt"
	"io"

	"haproxy/perf/load"
)

// cell is what one subject made of one load, over all rounds.
type cell struct {
	Subject string         `json:"subject"`
	Rate    float64        `json:"rate_per_s"` // 0 is saturation
	Failed  string         `json:"failed,omitempty"`
	Rounds  []*load.Result `json:"rounds"`

	of *subject
}

// spread is the median of a figure and how far the rounds are apart.
type spread struct{ median, least, most float64 }

// MarshalJSON writes the three figures.
func (s spread) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]float64{"median": s.median, "least": s.least, "most": s.most})
}

func (c *cell) figure(f figure) spread {
	var all []float64
	for _, r := range c.Rounds {
		all = append(all, f.of(r))
	}
	return spreadOf(all)
}

// String writes the median, and the least and the most.
func (s spread) text(format string) string {
	return fmt.Sprintf(format+" ("+format+"–"+format+")", s.median, s.least, s.most)
}

// writeTable writes a table in Markdown for each rate, every figure beside its ratio to ours.
func writeTable(w io.Writer, about string, rates []float64, cells []*cell) {
	fmt.Fprintf(w, "%s\n", about)
	for _, rate := range rates {
		fmt.Fprintf(w, "\n### %s\n\n", rateTitle(rate))
		fmt.Fprintln(w, "| subject | events/s | p50 µs | p99 µs | CPU s per million | MiB | CPU, ours to it |")
		fmt.Fprintln(w, "|---|---|---|---|---|---|---|")
		var ours *cell
		for _, c := range cells {
			if c.Rate != rate {
				continue
			}
			if ours == nil {
				ours = c
			}
			writeRow(w, c, ours)
		}
	}
}

// rateTitle says how many events there are a second.
func rateTitle(rate float64) string {
	if rate == 0 {
		return "as many as go through"
	}
	return fmt.Sprintf("%.0f events/s", rate)
}

func writeRow(w io.Writer, c, ours *cell) {
	if c.Failed != "" || len(c.Rounds) == 0 {
		fmt.Fprintf(w, "| %s | left out: %s | | | | | |\n", c.Subject, c.Failed)
		return
	}
	ratio := "–"
	if of := c.figure(cpu).median; c != ours && of > 0 && ours.Failed == "" && len(ours.Rounds) > 0 {
		ratio = fmt.Sprintf("%.2f", ours.figure(cpu).median/of)
	}
	fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %.1f | %s |\n", c.Subject, c.figure(throughput).text("%.0f"),
		c.figure(p50).text("%.0f"), c.figure(p99).text("%.0f"), c.figure(cpu).text("%.2f"), c.figure(resident).median, ratio)
}

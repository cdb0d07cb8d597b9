package load

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// Plot writes the latency by percentile to a file, whose name ends in svg or png.
func (r *Result) Plot(path string) error {
	p := plot.New()
	p.Title.Text = fmt.Sprintf("%s, %d bytes, %.0f events/s", r.Protocol, r.Size, r.Throughput)
	p.X.Label.Text, p.Y.Label.Text = "percentile", "latency, µs"
	p.X.Tick.Marker, p.Y.Scale, p.Y.Tick.Marker = nines{}, plot.LogScale{}, plot.LogTicks{Prec: -1}
	var points plotter.XYs
	for _, bar := range r.histogram.CumulativeDistribution() {
		if bar.Quantile < 100 && bar.ValueAt > 0 {
			points = append(points, plotter.XY{X: -math.Log10(1 - bar.Quantile/100), Y: float64(bar.ValueAt) / 1e3})
		}
	}
	if len(points) == 0 {
		return fmt.Errorf("nothing was measured that %s could show", path)
	}
	line, err := plotter.NewLine(points)
	if err != nil {
		return err
	}
	p.Add(plotter.NewGrid(), line)
	return p.Save(18*vg.Centimeter, 12*vg.Centimeter, path)
}

// nines puts a mark at 90 %, 99 % and so on.
type nines struct{}

// Ticks implements plot.Ticker.
func (nines) Ticks(_, most float64) []plot.Tick {
	ticks := []plot.Tick{{Value: 0, Label: "0"}}
	label := "90"
	for at := 1.0; at <= most; at++ {
		ticks = append(ticks, plot.Tick{Value: at, Label: label})
		switch label {
		case "90":
			label = "99"
		case "99":
			label = "99.9"
		default:
			label += "9"
		}
	}
	return ticks
}

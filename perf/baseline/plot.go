package main

import (
	"errors"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// colors of the rates, from the slowest to saturation.
var colors = []color.RGBA{
	{0x6b, 0xae, 0xd6, 0xff}, {0x21, 0x71, 0xb5, 0xff}, {0x08, 0x30, 0x6b, 0xff}, {0xd9, 0x48, 0x01, 0xff},
}

// writePlot draws the processor time and the latency of every subject, the medians and how far the rounds are
// apart, into a file, whose name ends in svg or png; none for no name.
func writePlot(path string, rates []float64, cells []*cell) error {
	if path == "" {
		return nil
	}
	paced := rates[:len(rates):len(rates)]
	if last := len(rates) - 1; rates[last] == 0 {
		paced = rates[:last] // the latency at saturation is that of a full queue
	}
	var row []*plot.Plot
	for _, panel := range []struct {
		title string
		figure
		rates []float64
	}{
		{"processor time, s per million events", cpu, rates}, {"latency, p99, µs", p99, paced},
	} {
		if !slices.ContainsFunc(cells, func(c *cell) bool {
			return slices.Contains(panel.rates, c.Rate) && c.figure(panel.figure).least > 0
		}) {
			continue // a scale of powers of ten has no place for nothing
		}
		p, err := plotFigure(panel.title, panel.figure, panel.rates, cells)
		if err != nil {
			return err
		}
		row = append(row, p)
	}
	if len(row) == 0 {
		return errors.New("nothing was measured that could be drawn")
	}
	canvas, err := draw.NewFormattedCanvas(30*vg.Centimeter, 13*vg.Centimeter, strings.TrimPrefix(filepath.Ext(path), "."))
	if err != nil {
		return err
	}
	tiles := draw.Tiles{
		Rows: 1, Cols: len(row), PadX: vg.Centimeter, PadRight: vg.Centimeter, PadTop: 2 * vg.Millimeter,
	}
	for i, at := range plot.Align([][]*plot.Plot{row}, tiles, draw.New(canvas))[0] {
		row[i].Draw(at)
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err = canvas.WriteTo(file); err != nil {
		_ = file.Close() // the first error counts
		return err
	}
	return file.Close()
}

// plotFigure draws one figure on a scale of powers of ten, a line a subject, ours on top.
func plotFigure(title string, f figure, rates []float64, cells []*cell) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text = title
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	p.Legend.Top = true
	var names []string
	for _, c := range slices.Backward(cells) {
		if !slices.Contains(names, c.Subject) {
			names = append(names, c.Subject)
		}
	}
	p.NominalY(names...)
	p.Y.Min, p.Y.Max = -0.5, float64(len(names))+1 // with room for the legend
	p.Add(plotter.NewGrid())
	for i, rate := range rates {
		if err := addRate(p, f, rate, names, colors[i%len(colors)], cells); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// medians are the points of one rate, with their distance to the least and the most.
type medians struct {
	plotter.XYs
	plotter.XErrors
}

func addRate(p *plot.Plot, f figure, rate float64, names []string, shade color.RGBA, cells []*cell) error {
	var points medians
	for _, c := range cells {
		if s := c.figure(f); c.Rate == rate && s.least > 0 { // else it was left out
			line := slices.Index(names, c.Subject)
			points.XYs = append(points.XYs, plotter.XY{X: s.median, Y: float64(line)})
			points.XErrors = append(points.XErrors, struct{ Low, High float64 }{s.median - s.least, s.most - s.median})
		}
	}
	if len(points.XYs) == 0 {
		return nil
	}
	dots, err := plotter.NewScatter(points)
	if err != nil {
		return err
	}
	spreads, err := plotter.NewXErrorBars(points)
	if err != nil {
		return err
	}
	dots.Shape, dots.Color, dots.Radius = draw.CircleGlyph{}, shade, vg.Points(3)
	spreads.Color = shade
	p.Add(spreads, dots)
	p.Legend.Add(rateTitle(rate), dots)
	return nil
}

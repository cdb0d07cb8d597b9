package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"haproxy/perf/load"
)

// inStep is what the return of a backup cost, among so many devices.
type inStep struct {
	Devices int     `json:"devices"`
	Calls   int     `json:"calls"`
	Seconds spread  `json:"seconds"`
	Bytes   spread  `json:"bytes"`
	Asked   uint64  `json:"asked_at_switch"`
	Alone   float64 `json:"primary_p99_us"`               // without a backup that returns
	Beside  float64 `json:"primary_p99_us_while_joining"` // while one does
}

const (
	syncRate  = 5000 // events a second, while a backup returns
	callShare = 5    // devices for each call
)

// syncSizes are the numbers of devices: growth shows where each is ten times the one before.
var syncSizes = []int{1000, 10_000, load.DevicesMax}

// timeToSync has a backup leave and return among more and more devices, every fifth of which has a call.
func timeToSync(ctx context.Context, opts load.Options, sizes []int, progress io.Writer) ([]inStep, error) {
	opts.Rate, opts.TServers = syncRate, 2
	var all []inStep
	for _, devices := range sizes {
		opts.Devices, opts.Calls, opts.JoinEvery = devices, devices/callShare, 0
		// Twice as long as all calls take to begin.
		opts.WarmUp = max(time.Second, time.Duration(2*opts.Calls)*time.Second/syncRate)
		alone, err := load.Run(ctx, opts)
		if err != nil {
			return all, fmt.Errorf("%d devices: %w", devices, err)
		}
		opts.JoinEvery = opts.Duration / 4
		beside, err := load.Run(ctx, opts)
		if err != nil {
			return all, fmt.Errorf("%d devices, a backup returns: %w", devices, err)
		}
		backup := beside.TServers[len(beside.TServers)-1]
		if len(backup.Joins) == 0 {
			return all, fmt.Errorf("%d devices: the backup was not in step within %v", devices, opts.JoinEvery)
		}
		bytes := make([]float64, len(backup.JoinBytes))
		for i, n := range backup.JoinBytes {
			bytes[i] = float64(n)
		}
		all = append(all, inStep{
			Devices: devices, Calls: opts.Calls, Seconds: spreadOf(backup.Joins), Bytes: spreadOf(bytes),
			Asked: beside.Asked, Alone: alone.TServers[0].Latency.P99, Beside: beside.TServers[0].DuringJoins.P99,
		})
		fmt.Fprintf(progress, "%d devices, %d calls: in step after %v s\n", devices, opts.Calls, backup.Joins)
	}
	return all, nil
}

// writeSync writes a table in Markdown, with the growth for each device beside the smallest number.
func writeSync(w io.Writer, about string, all []inStep) {
	fmt.Fprintf(w, "%s\n\n", about)
	fmt.Fprintln(w, "| devices | calls | in step after s | µs a device | MB given | asked at the switch | "+
		"primary's p99 µs, before and meanwhile |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|")
	for i := range all {
		s := &all[i]
		fmt.Fprintf(w, "| %d | %d | %s | %.1f | %.1f | %d | %.0f, %.0f |\n", s.Devices, s.Calls, s.Seconds.text("%.3f"),
			perDevice(s), s.Bytes.median/1e6, s.Asked, s.Alone, s.Beside)
	}
	verdict := "linear"
	if !isLinear(all) {
		verdict = "more than linear"
	}
	fmt.Fprintf(w, "\nGrowth: %s. It is linear where a device costs at most %.1f times what it does among the fewest.\n",
		verdict, linearMax)
}

// perDevice returns how long a return takes for each device, in microseconds.
func perDevice(s *inStep) float64 { return s.Seconds.median / float64(s.Devices) * 1e6 }

// linearMax is how much dearer a device may be among more of them.
const linearMax = 1.5

// isLinear reports whether the time of a return grows with the number of devices and no faster.
func isLinear(all []inStep) bool {
	for i := range all {
		if perDevice(&all[i]) > linearMax*perDevice(&all[0]) {
			return false
		}
	}
	return true
}

// spreadOf returns the median of figures and how far they are apart.
func spreadOf(all []float64) spread {
	if len(all) == 0 {
		return spread{}
	}
	all = slices.Sorted(slices.Values(all))
	return spread{all[len(all)/2], all[0], all[len(all)-1]}
}

// runSync measures and tells.
func runSync(ctx context.Context, opts load.Options, size int, markdown, data string) error {
	all, err := timeToSync(ctx, opts, syncSizes, os.Stderr)
	if err != nil {
		return err
	}
	var b strings.Builder
	of := about(&opts, size, fmt.Sprintf("%d/s, medians of the returns (least–most)", syncRate))
	writeSync(&b, of, all)
	text, err := json.MarshalIndent(map[string]any{"about": of, "returns": all}, "", " ")
	if err != nil {
		return err
	}
	return publish(b.String(), markdown, text, data)
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"haproxy/perf/load"
	"haproxy/perf/protocols"
)

// The roles that this program plays as a subject.
const (
	roleEpoll = "subject-epoll"
	roleNaive = "subject-naive"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1) //nolint:forbidigo // it is the end of a program
	}
}

func run(args []string) error {
	if len(args) > 2 && (args[0] == roleEpoll || args[0] == roleNaive) {
		return play(args[0], args[1], args[2:])
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	flags := flag.NewFlagSet("compare", flag.ContinueOnError)
	ours := flags.String("haproxy", "bin/haproxy", "our proxy")
	rounds := flags.Int("rounds", 5, "rounds, in each of which every subject has its turn")
	duration := flags.Duration("duration", 3*time.Second, "that is measured of each turn")
	only := flags.String("rates", "1000,10000,50000,0", "events a second, 0 for as many as go through")
	size := flags.Int("size", 600, "bytes that an event has at least")
	markdown := flags.String("markdown", "", "also write the table to this file")
	data := flags.String("json", "", "also write every round to this file")
	picture := flags.String("plot", "", "also draw the table into this file, svg or png")
	sync := flags.Bool("sync", false, "measure how long our backup takes to be in step, with more and more devices")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *rounds < 1 || *duration < 100*time.Millisecond || flags.NArg() > 0 {
		return errors.New("-rounds is 1 at least, -duration 100ms, and nothing stands behind the flags")
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	protocol, err := protocols.Find(protocols.XML, "")
	if err != nil {
		return err
	}
	opts := load.Options{ // our proxy gives back what its start needed before the warm-up ends
		Protocol: protocol, Duration: *duration, WarmUp: *duration / 3, Size: *size, Devices: 100,
	}
	mean, err := load.EventSize(&opts)
	if err != nil {
		return err
	}
	if *sync {
		opts.Binary = *ours
		return runSync(ctx, opts, mean, *markdown, *data)
	}
	rates, err := ratesOf(*only)
	if err != nil {
		return err
	}
	how := fmt.Sprintf("%v a turn, medians of %d rounds (least–most)", opts.Duration, *rounds)
	ber, err := protocols.Find(protocols.Phase3, "")
	if err != nil {
		return err
	}
	cells := compare(ctx, opts, subjects(*ours, self, ber), rates, *rounds, os.Stderr)
	if ctx.Err() != nil {
		return errors.New("interrupted: nothing is written")
	}
	if err = write(*markdown, *data, about(&opts, mean, how), rates, cells); err != nil {
		return err
	}
	return errors.Join(writePlot(*picture, rates, cells), oursFailed(cells))
}

// play plays a subject until a signal ends it.
func play(role, dial string, listen []string) error {
	if role == roleEpoll {
		return epollFanOut(context.Background(), dial, listen)
	}
	return naiveFanOut(context.Background(), dial, listen)
}

// oursFailed returns an error where our own proxy was not measured to the end: no goal is judged by it then.
func oursFailed(cells []*cell) error {
	var errs []error
	for _, c := range cells {
		if c.Subject == nameOurs && c.Failed != "" {
			errs = append(errs, fmt.Errorf("our proxy, %s: %s", rateTitle(c.Rate), c.Failed))
		}
	}
	return errors.Join(errs...)
}

// ratesOf reads a list of rates.
func ratesOf(list string) ([]float64, error) {
	var rates []float64
	for text := range strings.SplitSeq(list, ",") {
		rate, err := strconv.ParseFloat(text, 64)
		if err != nil || !(rate >= 0 && rate <= 1e9) {
			return nil, fmt.Errorf("-rates %s: %q is no rate", list, text)
		}
		rates = append(rates, rate)
	}
	return rates, nil
}

// compare gives each subject its turn, round by round.
func compare(ctx context.Context, opts load.Options, all []subject, rates []float64, rounds int,
	progress io.Writer,
) []*cell {
	var cells []*cell
	for _, rate := range rates {
		for i := range all {
			if of := &all[i]; of.rates == nil || slices.Contains(of.rates, rate) {
				cells = append(cells, &cell{Subject: of.name, Rate: rate, Failed: of.missing(), of: of})
			}
		}
	}
	for round := range rounds {
		for _, c := range cells {
			if c.Failed != "" || ctx.Err() != nil {
				continue
			}
			o := opts
			o.Rate, o.TServers = c.Rate, c.of.tservers
			c.of.set(&o)
			result, err := load.Run(ctx, o)
			if err != nil {
				c.Failed = err.Error()
				continue
			}
			fmt.Fprintf(progress, "round %d, %-26s %6.0f/s: %8.0f events/s, p99 %7.0f µs, %6.2f CPU s per million\n", round+1,
				c.Subject, c.Rate, result.Throughput, result.Latency.P99, result.CPUPerMillion)
			c.Rounds = append(c.Rounds, result)
		}
	}
	return cells
}

// about says what was measured where, and how; size is that of an event, on average.
func about(opts *load.Options, size int, how string) string {
	control, err := os.ReadFile("/proc/sys/net/ipv4/tcp_congestion_control")
	if err != nil {
		control = []byte("unknown")
	}
	return fmt.Sprintf("%s, %s, %d cores, %s; %s, events of %d bytes, %s, congestion control %s.",
		time.Now().UTC().Format("2006-01-02"), machine(), runtime.NumCPU(), runtime.Version(), opts.Protocol, size,
		how, strings.TrimSpace(string(control)))
}

// machine names the processor and the kernel, as far as they tell.
func machine() string {
	model := "an unknown processor"
	text, _ := os.ReadFile("/proc/cpuinfo") // or it stays unknown
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			model = strings.TrimSpace(value)
			break
		}
	}
	release, _ := os.ReadFile("/proc/sys/kernel/osrelease") // likewise
	return strings.TrimSpace(model + ", Linux " + strings.TrimSpace(string(release)))
}

func write(markdown, data, about string, rates []float64, cells []*cell) error {
	var b strings.Builder
	writeTable(&b, about, rates, cells)
	writeGoals(&b, cells)
	text, err := json.MarshalIndent(map[string]any{"about": about, "cells": cells}, "", " ")
	if err != nil {
		return err
	}
	return publish(b.String(), markdown, text, data)
}

// publish prints a table, and writes it and the data to files where these have names.
func publish(table, markdown string, text []byte, data string) error {
	_, err := fmt.Fprint(os.Stdout, table)
	if err == nil && markdown != "" {
		err = os.WriteFile(markdown, []byte(table), 0o600)
	}
	if err == nil && data != "" {
		err = os.WriteFile(data, text, 0o600)
	}
	return err
}

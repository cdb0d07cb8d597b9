package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"haproxy/perf/load"
)

// benchFlags are the flags of bench.
type benchFlags struct {
	opts       load.Options
	speaks     simWire
	thresholds []string
	output     string
	plot       string
	baseline   string
	bounds     []load.Threshold
	old        *load.Result
}

// errThreshold is a figure beyond its threshold; the output says which.
var errThreshold = errors.New("a threshold is not kept")

func newBenchCommand() *cobra.Command {
	var flags benchFlags
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure a proxy under load",
		Long: "bench starts a proxy as a process of its own, tells it events as the switch at an even rate, and takes\n" +
			"them as the T-Servers, checking every byte. The latency of an event counts from the time at which it was\n" +
			"to be sent, and of all that were due while it is measured. It exits 1 where events were lost, a T-Server was\n" +
			"cut, a request has no answer, the proxy stands still or ends, or a threshold is not kept.",
		Example: "  haproxy bench --rate 10000 --duration 10s --threshold 'p99<2ms' --threshold lost==0\n" +
			"  haproxy bench --rate 0 --size 120 --protocol csta3-ber -o json > saturation.json",
		Args:    cobra.NoArgs,
		PreRunE: checkNumbers,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := flags.complete(); err != nil {
				return err
			}
			ctx, stop := untilSignal(cmd)
			defer stop()
			result, err := load.Run(ctx, flags.opts)
			if result == nil {
				return err
			}
			return errors.Join(err, flags.tell(cmd, result))
		},
	}
	f, opts := cmd.Flags(), &flags.opts
	flags.speaks.flags(cmd)
	f.Float64Var(&opts.Rate, "rate", 10_000, "events a second; 0 is as many as go through")
	f.DurationVar(&opts.Duration, "duration", 10*time.Second, "how long to measure")
	f.DurationVar(&opts.WarmUp, "warm-up", time.Second, "the load before that")
	f.IntVar(&opts.Size, "size", 600, "bytes that an event has at least")
	f.IntVar(&opts.Devices, "devices", 100, "monitored devices")
	f.IntVar(&opts.Calls, "calls", 0, "devices of these that have a call; 0 is all")
	f.IntVar(&opts.TServers, "tservers", 2, "T-Servers")
	f.IntVar(&opts.GOMAXPROCS, "gomaxprocs", 0, "of the proxy; 0 leaves it to Go")
	f.DurationVar(&opts.JoinEvery, "join-every", 0, "the last T-Server leaves and returns so often")
	f.DurationVar(&opts.Stall, "stall", 0, "the last T-Server stands still so long, once")
	f.Int64Var(&opts.Backlog, "backlog-max", 0, "of `BYTES` that may wait for a T-Server; 0 is the proxy's default")
	f.Float64Var(&opts.Requests, "requests", 0, "requests of the first T-Server to the switch, a second")
	f.StringVar(&opts.Record, "record", "", "a `DIRECTORY` where the proxy records its legs meanwhile")
	f.StringVar(&opts.Binary, "binary", "", "the `FILE` of the proxy; this program is the default")
	f.StringArrayVar(&flags.thresholds, "threshold", nil, "a `BOUND` to be kept, as 'p99<2ms', lost==0 or 'memory<64MiB'")
	f.StringVarP(&flags.output, "output", "o", "text", "`FORMAT`: text, json or hgrm")
	f.StringVar(&flags.plot, "plot", "", "also draw the latency into this svg or png `FILE`")
	f.StringVar(&flags.baseline, "baseline", "", "compare with the `FILE` that -o json of an older run made")
	return cmd
}

// complete checks the flags and gives what they name.
func (f *benchFlags) complete() error {
	o := &f.opts
	var err error
	if o.Protocol, err = f.speaks.open(); err != nil {
		return err
	}
	o.Profile = f.speaks.profile
	backlogMin := leastBacklog(o.Protocol.FrameMax())
	switch {
	case o.Duration < 100*time.Millisecond:
		return &usageError{"--duration is too short: write 100ms at least"}
	case o.Size < 1 || o.Size > o.Protocol.FrameMax(), o.Devices < 1 || o.Devices > load.DevicesMax:
		return &usageError{fmt.Sprintf("--size is 1 to %d and --devices 1 to %d", o.Protocol.FrameMax(), load.DevicesMax)}
	case o.Calls < 0 || o.Calls > o.Devices:
		return &usageError{"--calls is 0 to --devices"}
	case o.Backlog != 0 && o.Backlog < backlogMin:
		return &usageError{fmt.Sprintf("--backlog-max is %d at least", backlogMin)}
	case o.TServers < 1 || o.TServers > 64:
		return &usageError{"--tservers is 1 to 64"}
	case !slices.Contains([]string{"text", "json", "hgrm"}, f.output):
		return &usageError{fmt.Sprintf("-o %s is not known: write text, json or hgrm", f.output)}
	case f.plot != "" && !slices.Contains([]string{".svg", ".png"}, filepath.Ext(f.plot)):
		return &usageError{fmt.Sprintf("--plot %s: write a name that ends in .svg or .png", f.plot)}
	}
	for _, text := range f.thresholds {
		bound, wrong := load.ParseThreshold(text)
		if wrong != nil {
			return &usageError{wrong.Error()}
		}
		f.bounds = append(f.bounds, bound)
	}
	if o.Record != "" {
		if o.Record, err = filepath.Abs(o.Record); err != nil {
			return err
		}
	}
	if o.Binary == "" {
		if o.Binary, err = os.Executable(); err != nil {
			return err
		}
	}
	return f.readBaseline()
}

// readBaseline reads the older result to compare with.
func (f *benchFlags) readBaseline() error {
	if f.baseline == "" {
		return nil
	}
	text, err := os.ReadFile(f.baseline)
	if err == nil {
		f.old = new(load.Result)
		err = json.Unmarshal(text, f.old)
	}
	if err == nil && f.old.Throughput == 0 {
		err = errors.New("it has no result")
	}
	if err != nil {
		return &usageError{fmt.Sprintf("--baseline %s: %v; it is what -o json prints", f.baseline, err)}
	}
	return nil
}

// tell writes a result and judges it.
func (f *benchFlags) tell(cmd *cobra.Command, result *load.Result) error {
	out := cmd.OutOrStdout()
	var failed error
	switch f.output {
	case "json":
		failed = result.JSON(out)
	case "hgrm":
		failed = result.HGRM(out)
	default:
		result.Text(out)
	}
	if f.plot != "" {
		failed = errors.Join(failed, result.Plot(f.plot))
	}
	notes := cmd.ErrOrStderr()
	if f.output == "text" {
		notes = out
	}
	if f.old != nil {
		fmt.Fprint(notes, "\n"+result.Against(f.old))
	}
	var broken []string
	for _, bound := range f.bounds {
		if value, kept := bound.Check(result); !kept {
			broken = append(broken, fmt.Sprintf("%v: it is %.6g", bound, value))
		}
	}
	if len(broken) > 0 {
		failed = errors.Join(failed, fmt.Errorf("%w: %s", errThreshold, strings.Join(broken, "; ")))
	}
	return failed
}

package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	simulated "haproxy/perf/protocols"
	"haproxy/perf/replay"
)

// replayFlags are the flags of replay that its options do not hold as they are.
type replayFlags struct {
	opts     replay.Options
	tservers []string
}

func newReplayCommand() *cobra.Command {
	var flags replayFlags
	cmd := &cobra.Command{
		Use:   "replay FILE...",
		Short: "Play the switch's side of packet captures",
		Long: "replay plays the switch's side of a capture, or of the files of a record in their order, as the switch,\n" +
			"to a proxy or a T-Server that calls it (--listen) or that it calls (--to). What the far side asks is answered\n" +
			"from the capture, by service and object, under its own invoke IDs. With --tserver it plays the T-Servers\n" +
			"too, each to the proxy's address for it; with --expect it compares what they get with the capture, and\n" +
			"exits 1 where it differs. Heartbeats and other SystemStatus messages are not compared, nor when the proxy gave\n" +
			"a request up, which it does at the recorded pace alone.",
		Example: "  haproxy replay --listen 127.0.0.1:1040 incident.pcapng\n" +
			"  haproxy replay --listen :1040 --topspeed --tserver primary=127.0.0.1:2041 \\\n" +
			"      --tserver backup=127.0.0.1:2042 --expect record/pbx-*.pcapng",
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := inSeries(args, cmd.ErrOrStderr()); err != nil {
				return err
			}
			if err := flags.complete(cmd, args); err != nil {
				return err
			}
			ctx, stop := untilSignal(cmd)
			defer stop()
			out := cmd.OutOrStdout()
			flags.opts.Progress = out == os.Stdout && isatty.IsTerminal(os.Stdout.Fd())
			_, err := replay.Run(ctx, flags.opts, out)
			return replayFault(err)
		},
	}
	f, opts := cmd.Flags(), &flags.opts
	f.StringVar(&opts.Capture.Protocol, "protocol", "", "the `NAME` of the protocol, of "+
		strings.Join(simulated.Names(), ", ")+"; found by trying")
	f.StringVar(&opts.Capture.Framing, "framing", "", "the `NAME` of the framing, of "+
		strings.Join(simulated.Framings(), ", ")+"; found by trying")
	f.Uint16Var(&opts.Capture.Port, "port", 0, "read only TCP streams with this `PORT` on either side")
	f.StringVar(&opts.Leg, "leg", "", "the `NAME` of the switch's leg, as decode prints it; found by its events")
	f.StringVar(&opts.Listen, "listen", "", "the `ADDRESS` where the far side calls (default 127.0.0.1:1040)")
	f.StringVar(&opts.To, "to", "", "the `ADDRESS` where the far side listens for its switch")
	f.StringArrayVar(&flags.tservers, "tserver", nil,
		"`NAME=ADDRESS`: play the T-Server's leg of that name to a proxy's address")
	f.BoolVar(&opts.Expect, "expect", false, "compare what the T-Servers get with the capture, a message at a time")
	f.Float64VarP(&opts.Multiple, "multiple", "x", 1, "`MULTIPLE` of the recorded pace")
	f.Float64Var(&opts.Rate, "rate", 0, "an even `NUMBER` of the switch's messages a second, not the recorded pace")
	f.BoolVar(&opts.TopSpeed, "topspeed", false, "as fast as the far side takes them")
	f.BoolVar(&opts.Loop, "loop", false, "begin anew at the end of the capture")
	f.IntVar(&opts.Limit, "limit", 0, "end after this `NUMBER` of messages of the switch; 0 is no limit")
	f.DurationVar(&opts.Duration, "duration", 0, "how long to run; 0 is to the end of the capture")
	f.DurationVar(&opts.Wait, "wait", 0, "how long to wait for the far side (default 30s)")
	f.DurationVar(&opts.Patience, "patience", 0, "how long to wait for what the far side did in the capture (default 2s)")
	return cmd
}

// paces are the flags of which one says how fast to play.
var paces = []string{"multiple", "rate", "topspeed"}

// checkPace refuses paces that are none, or more than one.
func (f *replayFlags) checkPace(cmd *cobra.Command) error {
	const least, most = 1e-6, 1e9
	given := ""
	for _, name := range paces {
		if !cmd.Flags().Changed(name) {
			continue
		}
		if given != "" {
			return &usageError{fmt.Sprintf("--%s and --%s are both given: write one", given, name)}
		}
		given = name
	}
	switch o := &f.opts; {
	case !(o.Multiple >= least && o.Multiple <= most):
		return &usageError{fmt.Sprintf("-x %v is no pace: write %v to %v", o.Multiple, least, most)}
	case given == "rate" && !(o.Rate >= least && o.Rate <= most):
		return &usageError{fmt.Sprintf("--rate %v is no pace: write %v to %v", o.Rate, least, most)}
	}
	return nil
}

// complete checks the flags.
func (f *replayFlags) complete(cmd *cobra.Command, files []string) error {
	o := &f.opts
	if err := f.checkPace(cmd); err != nil {
		return err
	}
	for name, negative := range map[string]bool{
		"limit": o.Limit < 0, "duration": o.Duration < 0, "wait": o.Wait < 0, "patience": o.Patience < 0,
	} {
		if negative {
			return &usageError{fmt.Sprintf("--%s is below 0", name)}
		}
	}
	switch {
	case len(files) == 0:
		return &usageError{"FILE is missing: write haproxy replay FILE, and --listen or --to"}
	case slices.Contains(files, "-"):
		return &usageError{"replay reads a capture more than once: write it to a file first"}
	case o.Listen != "" && o.To != "":
		return &usageError{"--listen and --to are both given: the far side calls, or is called"}
	case o.Expect && len(f.tservers) == 0:
		return &usageError{"--expect compares the legs of --tserver: name one at least"}
	case o.Expect && o.Loop:
		return &usageError{"--expect compares with a capture that is played once: leave --loop out"}
	}
	for _, address := range []string{o.Listen, o.To} {
		if address != "" && !isAddress(address) {
			return &usageError{fmt.Sprintf("%s: is no address: write HOST:PORT", address)}
		}
	}
	if o.Listen == "" && o.To == "" {
		o.Listen = "127.0.0.1:1040"
	}
	o.Files, o.TServers = files, make(map[string]string)
	for _, text := range f.tservers {
		name, address, ok := strings.Cut(text, "=")
		if !ok || name == "" || !isAddress(address) {
			return &usageError{fmt.Sprintf("--tserver %s: write NAME=HOST:PORT", text)}
		}
		if o.TServers[name] != "" {
			return &usageError{fmt.Sprintf("--tserver %s is given twice", name)}
		}
		o.TServers[name] = address
	}
	return nil
}

// isAddress reports whether a text is a host and a port, which may be a name.
func isAddress(text string) bool {
	_, port, err := net.SplitHostPort(text)
	number, isName := strconv.Atoi(port)
	return err == nil && (isName != nil || number >= 0 && number <= math.MaxUint16)
}

// replayFault gives an error of a replay its class.
func replayFault(err error) error {
	var file *replay.CaptureError
	switch {
	case errors.Is(err, replay.ErrMismatch):
		return &reportedError{err}
	case errors.As(err, &file):
		return &usageError{err.Error()}
	case errors.Is(err, context.Canceled):
		return nil
	}
	return err
}

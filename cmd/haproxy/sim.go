package main

import (
	"context"
	"fmt"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"haproxy/codec"
	"haproxy/codec/cstaxml"
	"haproxy/codec/frame"
	"haproxy/perf/wire"
)

func newSimCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sim",
		Short: "Run a simulated switch or simulated T-Servers",
		Long: "The simulators show statistics each second while they run and a summary at the end. They exit 1\n" +
			"if what they received was not as it has to be. SIGINT and SIGTERM end them.",
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return &usageError{fmt.Sprintf("unknown simulator %q: it is switch or tserver", args[0])}
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(newSimSwitchCommand(), newSimTServerCommand())
	return cmd
}

// simWire is the protocol that a simulator speaks.
type simWire struct {
	protocol, framing string
}

func (w *simWire) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&w.protocol, "protocol", "csta3-xml", "the `PROTOCOL`: csta3-xml")
	cmd.Flags().StringVar(&w.framing, "framing", "ecma323", "the `FRAMING`: ecma323")
}

// open checks the flags and gives what makes codecs and cuts frames.
func (w *simWire) open() (func() codec.Codec, wire.Options, error) {
	if w.protocol != "csta3-xml" {
		return nil, wire.Options{}, &usageError{fmt.Sprintf(
			"protocol %q is not simulated: csta3-xml is the one there is", w.protocol)}
	}
	if w.framing != "ecma323" {
		return nil, wire.Options{}, &usageError{fmt.Sprintf(
			"framing %q is not simulated: ecma323 is the one there is", w.framing)}
	}
	newCodec := func() codec.Codec { return cstaxml.New() }
	return newCodec, wire.Options{Framing: frame.ECMA323}, nil
}

// The most that a number and a chance of the command line may be.
const (
	numberMax = 1_000_000
	chanceMax = 1
)

// checkNumbers checks the flags of a simulator that are numbers or times.
func checkNumbers(cmd *cobra.Command, _ []string) error {
	var err error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		most := numberMax
		if strings.HasPrefix(f.Name, "fault-") {
			most = chanceMax
		}
		switch f.Value.Type() {
		case "int", "float64":
			if n, _ := strconv.ParseFloat(f.Value.String(), 64); n >= 0 && n <= float64(most) {
				return
			}
			err = &usageError{fmt.Sprintf("--%s %s is out of bounds: write 0 to %d", f.Name, f.Value, most)}
		case "duration":
			if d, _ := time.ParseDuration(f.Value.String()); d >= 0 {
				return
			}
			err = &usageError{fmt.Sprintf("--%s %s is below 0: write it as 500ms or 10s", f.Name, f.Value)}
		}
	})
	return err
}

// untilSignal gives a context that ends with the command's or with a signal.
func untilSignal(cmd *cobra.Command) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(cmd.Context(), syscall.SIGTERM, syscall.SIGINT)
}

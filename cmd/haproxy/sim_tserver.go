package main

import (
	"errors"

	"github.com/spf13/cobra"

	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

func newSimTServerCommand() *cobra.Command {
	var opts tserversim.RunOptions
	var speaks simWire
	var plant switchsim.Plant
	noAsk := false
	cmd := &cobra.Command{
		Use:   "tserver",
		Short: "Run simulated T-Servers",
		Long: "tserver connects to each address, monitors the devices of a simulated switch of the same size,\n" +
			"asks for their state, follows their events with a call model of its own and sends requests.\n" +
			"Every event is checked for loss, repetition and change.",
		Example: "  haproxy sim tserver --connect 127.0.0.1:2041 --connect 127.0.0.1:2042 --compare",
		Args:    cobra.NoArgs,
		PreRunE: checkNumbers,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(opts.Addrs) == 0 {
				return &usageError{"--connect ADDRESS is missing: write where the proxy serves T-Servers"}
			}
			protocol, err := speaks.open()
			if err != nil {
				return err
			}
			if !noAsk {
				opts.Ask = tserversim.AskAll
			}
			opts.Options, opts.NewCodec = protocol.TServer(opts.Options), protocol.NewCodec
			opts.Wire, opts.Devices = protocol.Wire(), plant.Numbers()
			ctx, stop := untilSignal(cmd)
			defer stop()
			err = tserversim.Run(ctx, opts, cmd.OutOrStdout())
			if errors.Is(err, tserversim.ErrMismatch) {
				return &reportedError{err}
			}
			return err
		},
	}
	f := cmd.Flags()
	speaks.flags(cmd)
	f.StringSliceVar(&opts.Addrs, "connect", nil, "`ADDRESS` of the proxy; once for each T-Server")
	f.DurationVar(&opts.Duration, "duration", 0, "how long to run; 0 is until a signal")
	f.Uint64Var(&opts.Seed, "seed", 1, "the `SEED` that all chance comes from")
	f.IntVar(&plant.Stations, "stations", 60, "telephones of the switch")
	f.IntVar(&plant.Agents, "agents", 16, "stations with an agent")
	f.IntVar(&plant.Groups, "groups", 2, "ACD groups")
	f.IntVar(&plant.Trunks, "trunks", 12, "lines to the outside")
	f.IntVar(&opts.Window, "window", 32, "requests of the start outstanding at once")
	f.BoolVar(&noAsk, "no-ask", false, "monitor only, ask for no state")
	f.BoolVar(&opts.Session, "session", false, "open an ECMA-354 application session")
	f.DurationVar(&opts.Heartbeat, "heartbeat", 0, "interval of own heartbeats")
	f.Float64Var(&opts.Requests.Rate, "requests", 0, "random requests a second")
	f.BoolVar(&opts.Requests.Control, "control", false, "let the requests control calls and features too")
	f.BoolVar(&opts.Compare, "compare", false, "compare the streams of all T-Servers at the end")
	return cmd
}

package main

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"haproxy/perf/switchsim"
)

func newSimSwitchCommand() *cobra.Command {
	var opts switchsim.RunOptions
	var speaks simWire
	cmd := &cobra.Command{
		Use:   "switch",
		Short: "Run a simulated switch with one CTI link",
		Long: "switch listens for one CTI link, or calls a proxy that listens, and has stations, agents, queues\n" +
			"and trunks whose calls come from a seed. It serves one link at a time, as a switch does.",
		Example: "  haproxy sim switch --listen 127.0.0.1:1040 --stations 200 --calls 50",
		Args:    cobra.NoArgs,
		PreRunE: checkNumbers,
		RunE: func(cmd *cobra.Command, _ []string) error {
			protocol, err := speaks.open()
			if err != nil {
				return err
			}
			opts.Options, opts.Wire = protocol.Switch(opts.Options), protocol.Wire()
			ctx, stop := untilSignal(cmd)
			defer stop()
			err = switchsim.Run(ctx, opts, cmd.OutOrStdout())
			if errors.Is(err, switchsim.ErrMismatch) {
				return &reportedError{err}
			}
			return err
		},
	}
	f := cmd.Flags()
	speaks.flags(cmd)
	f.StringVar(&opts.Listen, "listen", "127.0.0.1:1040", "`ADDRESS` to listen on")
	f.StringVar(&opts.Dial, "dial", "", "`ADDRESS` of a proxy that listens for its switch")
	f.DurationVar(&opts.Duration, "duration", 0, "how long to run; 0 is until a signal")
	f.Uint64Var(&opts.Seed, "seed", 1, "the `SEED` that all chance comes from")
	f.IntVar(&opts.Plant.Stations, "stations", 60, "telephones")
	f.IntVar(&opts.Plant.Agents, "agents", 16, "stations with an agent")
	f.IntVar(&opts.Plant.Groups, "groups", 2, "ACD groups")
	f.IntVar(&opts.Plant.Trunks, "trunks", 12, "lines to the outside")
	f.IntVar(&opts.Plant.RoutePoints, "route-points", 0, "devices whose calls are routed")
	f.IntVar(&opts.Load.Calls, "calls", 20, "calls alive at once")
	f.Float64Var(&opts.Load.Rate, "rate", 0, "new calls a second; 0 is as many as --calls needs")
	f.DurationVar(&opts.Load.Pace, "pace", 300*time.Millisecond, "mean time between two events of a call")
	f.Float64Var(&opts.Load.Features, "features", 2, "agent and feature changes a second")
	f.IntVar(&opts.Load.EventLen, "size", 600, "bytes that an event has at least")
	f.BoolVar(&opts.Link.Silent, "silent", false, "send no SystemStatus when the link comes up")
	f.BoolVar(&opts.Link.Session, "session", false, "require an ECMA-354 application session")
	f.DurationVar(&opts.Link.Heartbeat, "heartbeat", 0, "interval of the switch's own heartbeats")
	f.DurationVar(&opts.Link.LatencyMin, "latency-min", 0, "least time to an answer")
	f.DurationVar(&opts.Link.LatencyMax, "latency-max", 0, "longest time to an answer")
	f.IntVar(&opts.MonitorLimit, "monitor-limit", 1, "monitors that one device may have; 0 is any number")
	f.Float64Var(&opts.Fault.Never, "fault-never", 0, "chance that a request is not answered")
	f.Float64Var(&opts.Fault.Late, "fault-late", 0, "chance that an answer is late")
	f.Float64Var(&opts.Fault.Twice, "fault-twice", 0, "chance that an answer comes twice")
	f.Float64Var(&opts.Fault.WrongID, "fault-wrong-id", 0, "chance of an answer under another's invoke ID")
	f.Float64Var(&opts.Fault.Unknown, "fault-unknown", 0, "chance of an event of unknown name")
	f.Float64Var(&opts.Fault.Garbage, "fault-garbage", 0, "chance of a frame that cannot be decoded")
	f.Float64Var(&opts.Fault.Drop, "fault-drop", 0, "chance, each second, that the link is dropped")
	return cmd
}

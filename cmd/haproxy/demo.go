package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"haproxy/fanout"
	"haproxy/perf/demo"
	simulated "haproxy/perf/protocols"
)

func newDemoCommand() *cobra.Command {
	var opts demo.Options
	var speaks simWire
	var verbose bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show the main job with nothing else installed",
		Long: "demo starts a simulated switch, the proxy and two T-Servers over real sockets in one process.\n" +
			"Calls run, the backup is killed in the midst of them and returns. It prints what each side got\n" +
			"and exits 0 only if the streams were identical and the call models are equal.",
		Example: "  haproxy demo --protocol csta2-ber --framing oxe --acse",
		Args:    cobra.NoArgs,
		PreRunE: checkNumbers,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if opts.Protocol, err = speaks.open(); err != nil {
				return err
			}
			log := zerolog.Nop()
			if verbose {
				log = newLogger(cmd.ErrOrStderr(), "auto", true)
			}
			opts.Color = cmd.OutOrStdout() == os.Stdout && isatty.IsTerminal(os.Stdout.Fd())
			opts.StartProxy = func(switchAddr string) ([2]string, func(), error) {
				return startDemoProxy(cmd.Context(), speaks.profile, opts.Protocol, switchAddr, log)
			}
			err = demo.Run(cmd.Context(), opts, cmd.OutOrStdout())
			if errors.Is(err, demo.ErrFailed) {
				return &reportedError{err}
			}
			return err
		},
	}
	speaks.flags(cmd)
	cmd.Flags().Uint64Var(&opts.Seed, "seed", 1, "the `SEED` that all chance comes from")
	cmd.Flags().IntVar(&opts.Stations, "stations", 0, "telephones of the switch (default 60)")
	cmd.Flags().IntVar(&opts.Calls, "calls", 0, "calls alive at once (default a third of the stations)")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "show the proxy's log on standard error")
	return cmd
}

// demoConfig is an ordinary configuration file: the demonstration runs what an operator runs.
const demoConfig = `
[[link]]
name     = "demo"
profile  = %q
protocol = %q
framing  = %q
dial     = [%q]
[link.session]
kind = %q
[[link.tserver]]
name   = "primary"
listen = %q
[[link.tserver]]
name   = "backup"
listen = %q
`

// startDemoProxy runs the proxy on ports of the kernel's choice and returns where T-Servers connect.
func startDemoProxy(
	ctx context.Context, profile string, speaks simulated.Protocol, switchAddr string, log zerolog.Logger,
) (addrs [2]string, stop func(), err error) {
	const anyPort = "127.0.0.1:1" // a file may not say port 0; it is put in below
	session := SessionNone
	if speaks.Association != nil {
		session = SessionACSE
	}
	text := fmt.Sprintf(demoConfig, profile, speaks.Name, speaks.Framing, switchAddr, session, anyPort,
		strings.Replace(anyPort, ":1", ":2", 1))
	cfg, faults := parseConfig("demo", text)
	if len(faults) > 0 {
		return addrs, nil, &configError{path: "demo", faults: faults}
	}
	link := linkConfig(&cfg.Links[0])
	for i := range link.TServers {
		link.TServers[i].Listen = net.JoinHostPort("127.0.0.1", "0")
	}
	running, err := fanout.Start(ctx, fanout.Config{Links: []fanout.LinkConfig{link}, Log: log})
	if err != nil {
		return addrs, nil, err
	}
	for i := range addrs {
		addrs[i] = running.Links()[0].TServerAddr(i).String()
	}
	stop = func() {
		drain, cancel := context.WithTimeout(context.Background(), drainTime)
		defer cancel()
		_ = running.Shutdown(drain) // the demonstration has its verdict already
	}
	return addrs, stop, nil
}

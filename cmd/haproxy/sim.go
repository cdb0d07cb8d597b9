package main

import (
	"context"
	"fmt"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	simulated "haproxy/perf/protocols"
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
	profile, protocol, framing string
	acse                       bool
	given                      *pflag.FlagSet
}

func (w *simWire) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	w.given = f
	f.StringVar(&w.profile, "profile", "",
		"the `PROFILE` of a switch, as in the configuration: "+strings.Join(profileNames[1:], ", "))
	f.StringVar(&w.protocol, "protocol", simulated.XML,
		"the `PROTOCOL`: "+strings.Join(simulated.Names(), ", ")+"; a profile has its own")
	f.StringVar(&w.framing, "framing", "",
		"the `FRAMING`: "+strings.Join(simulated.Framings(), ", ")+" (default the profile's or protocol's)")
	f.BoolVar(&w.acse, "acse", false,
		"associate before anything else, in the ASN.1 protocols; profiles whose switches want it do")
}

// open checks the flags and gives what they name: what is not given is the profile's, as it is in a
// configuration.
func (w *simWire) open() (simulated.Protocol, error) {
	if !slices.Contains(profileNames, w.profile) {
		return simulated.Protocol{}, &usageError{fmt.Sprintf("profile %q is not known: write one of %s", w.profile,
			strings.Join(profileNames[1:], ", "))}
	}
	known := profileOf(w.profile)
	if known.protocol != "" && !w.given.Changed("protocol") {
		w.protocol = known.protocol
	}
	framing := w.framing
	if _, real := protocols[w.protocol]; real && framing == "" {
		framing = known.framingFor(w.protocol)
	}
	p, err := simulated.Find(w.protocol, framing)
	if err != nil {
		return p, &usageError{err.Error()}
	}
	if w.acse && p.IsXML() {
		return p, &usageError{"--acse is for the ASN.1 protocols: leave it out, or write another --protocol"}
	}
	if w.acse || !w.given.Changed("acse") && known.sessionFor(w.protocol) == SessionACSE {
		asked := known.associationFor(w.protocol)
		p.Association = &asked
	}
	return p, nil
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

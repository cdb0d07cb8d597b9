package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	simulated "haproxy/perf/protocols"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// simulate reads the flags of a simulator.
func simulate(t *testing.T, flags ...string) (profile string, p simulated.Protocol) {
	t.Helper()
	var w simWire
	cmd := new(cobra.Command)
	w.flags(cmd)
	if err := cmd.ParseFlags(flags); err != nil {
		t.Fatal(err)
	}
	p, err := w.open()
	if err != nil {
		t.Fatal(err)
	}
	return w.profile, p
}

// TestProfilesSimulated: whatever profile, protocol and framing a configuration may have, the simulators
// with the same flags work through a proxy that has it.
func TestProfilesSimulated(t *testing.T) {
	for _, profile := range profileNames {
		if known := profileOf(profile); known.protocol != "" {
			t.Run(profile, func(t *testing.T) {
				t.Parallel()
				simulated := playSimulators(t, "--profile", profile)
				if simulated.Name != known.protocol || simulated.Framing.String() != known.framing ||
					(simulated.Association != nil) != (known.session == SessionACSE) {
					t.Errorf("simulated is %v, associated %v", simulated, simulated.Association != nil)
				}
			})
		}
		for protocol, framings := range protocols {
			for _, framing := range framings {
				for _, acse := range []bool{false, true} {
					if acse && protocol == protocolXML {
						continue
					}
					t.Run(fmt.Sprintf("%s,%s,%s,%v", profile, protocol, framing, acse), func(t *testing.T) {
						t.Parallel()
						playSimulators(t, "--profile", profile, "--protocol", protocol, "--framing", framing,
							fmt.Sprintf("--acse=%v", acse))
					})
				}
			}
		}
	}
}

// playSimulators has both T-Servers come in step through a proxy.
func playSimulators(t *testing.T, flags ...string) simulated.Protocol {
	t.Helper()
	profile, speaks := simulate(t, flags...)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	plant := switchsim.Plant{Stations: 4, Agents: 1, Groups: 1, Trunks: 1}
	core := switchsim.New(speaks.Switch(switchsim.Options{Seed: 1, Plant: plant, MonitorLimit: 1}))
	sw, err := switchsim.Listen(ctx, "127.0.0.1:0", core, speaks.Wire())
	if err != nil {
		t.Fatal(err)
	}
	defer sw.Close()
	addrs, stop, err := startDemoProxy(ctx, profile, speaks, sw.Addr(), zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	for i, addr := range addrs {
		ts := tserversim.NewClient(tserversim.New(speaks.TServer(tserversim.Options{
			Seed: uint64(i), Devices: plant.Numbers(), Ask: tserversim.AskAll,
		})), speaks.Wire())
		if err := ts.Connect(ctx, addr); err != nil {
			t.Fatal(err)
		}
		defer ts.Kill()
		if err := ts.WaitInStep(ctx); err != nil {
			t.Errorf("T-Server %d: %v", i+1, err)
		}
		ts.With(func(core *tserversim.TServer) {
			if stats := core.Stats(); stats.Faults()+stats.MonitorsRefused+stats.Refused > 0 {
				t.Errorf("T-Server %d: %+v", i+1, stats)
			}
		})
	}
	if n := sw.Stats().Refused; n > 0 {
		t.Errorf("the switch refused %d associations", n)
	}
	return speaks
}

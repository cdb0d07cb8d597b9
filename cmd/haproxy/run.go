package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
)

// A proxy is what run runs.
type proxy interface {
	// Serve runs until ctx ends and the legs are drained. Any other return is a failure.
	Serve(ctx context.Context) error
	// Links gives the links to ask for their state, also from before Serve until after it.
	Links() []linkSource
}

// An opener takes a proxy's addresses and starts its links.
type opener func(cfg *Config, log zerolog.Logger) (proxy, error)

func newRunCommand(open opener) *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "run -c FILE",
		Short: "Run the proxy",
		Long: "run serves the links of a configuration file in the foreground and logs to standard error.\n" +
			"SIGTERM and SIGINT stop it; SIGHUP reads the file again and applies the log level.",
		Example: "  haproxy run -c /etc/haproxy/haproxy.toml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := configFrom(cmd, path)
			if err != nil {
				return err
			}
			setLevel(cfg.Log.Level)
			terminal := cmd.ErrOrStderr() == os.Stderr && isatty.IsTerminal(os.Stderr.Fd())
			log := newLogger(cmd.ErrOrStderr(), cfg.Log.Format, terminal)
			return run(cmd.Context(), open, path, cfg, log)
		},
	}
	configFlag(cmd, &path)
	return cmd
}

// run serves until a signal or until a part of the process fails.
func run(ctx context.Context, open opener, path string, cfg *Config, log zerolog.Logger) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	hangup := notifyHangup()
	defer signal.Stop(hangup)
	if cfg.Runtime.GOMAXPROCS > 0 {
		runtime.GOMAXPROCS(cfg.Runtime.GOMAXPROCS)
	}
	preferShortSlices(log)

	var admin *adminServer
	if cfg.Admin.Listen != "" { // first: a taken address is told before the switch is called
		var err error
		if admin, err = openAdmin(ctx, cfg.Admin.Listen, log); err != nil {
			return err
		}
	}
	p, err := open(cfg, log)
	if err != nil {
		return err
	}
	parts := []part{p.Serve, func(ctx context.Context) error {
		reloadAt(ctx, hangup, path, cfg, log)
		return nil
	}}
	if admin != nil {
		parts = append(parts, func(ctx context.Context) error { return admin.serve(ctx, p.Links()) })
	}
	log.Info().Str("version", versionText()).Int("links", len(cfg.Links)).Msg("started")
	started := time.AfterFunc(startTime, giveBack)
	defer started.Stop()
	err = together(ctx, parts)
	level := zerolog.InfoLevel
	if err != nil {
		level = zerolog.ErrorLevel
	}
	log.WithLevel(level).Err(err).Msg("stopped")
	return err
}

// A part of the process runs until its context ends.
type part func(context.Context) error

// together runs the parts until ctx ends or one of them returns, then lets the
// others end too.
func together(ctx context.Context, parts []part) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	errs := make([]error, len(parts))
	var group sync.WaitGroup
	for i, serve := range parts {
		group.Go(func() {
			defer cancel()
			errs[i] = serve(ctx)
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

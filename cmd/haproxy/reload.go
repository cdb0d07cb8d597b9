package main

import (
	"context"
	"errors"
	"maps"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/rs/zerolog"
)

// notifyHangup catches SIGHUP from now on, which would end the process else.
func notifyHangup() chan os.Signal {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	return hangup
}

// reloadAt reads the file again at each hangup until ctx ends.
func reloadAt(
	ctx context.Context, hangup <-chan os.Signal, path string, started *Config, log zerolog.Logger,
) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			reload(path, started, log)
		}
	}
}

// reload applies the log level and names, in one line, what must wait for the next start. A file
// with a fault changes nothing.
func reload(path string, started *Config, log zerolog.Logger) {
	cfg, err := loadConfig(path)
	var faulty *configError
	if errors.As(err, &faulty) {
		log.Error().Strs("faults", faulty.rows()).Msg("configuration has faults: nothing was reloaded")
		return
	}
	setLevel(cfg.Log.Level)
	if keys := waiting(started, cfg); len(keys) > 0 {
		log.Warn().Str("log_level", cfg.Log.Level).Strs("keys", keys).
			Msg("configuration reloaded; these keys take effect at the next start")
		return
	}
	log.Info().Str("log_level", cfg.Log.Level).Msg("configuration reloaded")
}

// waiting names the keys that differ from those the process was started with.
func waiting(started, now *Config) []string {
	differ := map[string]bool{}
	for key, value := range started.settings {
		if other, ok := now.settings[key]; !ok || other != value {
			differ[key] = true
		}
	}
	for key := range now.settings {
		if _, ok := started.settings[key]; !ok {
			differ[key] = true
		}
	}
	for i := range min(len(started.Links), len(now.Links)) {
		if started.Links[i].Session.Password != now.Links[i].Session.Password {
			differ["link"+element(i)+".session.password_file"] = true // the file's content
		}
	}
	delete(differ, "log.level")
	return slices.Sorted(maps.Keys(differ))
}

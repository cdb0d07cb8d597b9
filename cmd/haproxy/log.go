package main

import (
	"io"

	"github.com/rs/zerolog"
)

// logTime is the time of a log line, for people and for machines.
const logTime = "2006-01-02T15:04:05.000Z07:00"

// newLogger writes to w, as lines for people or as JSON. The level is set apart, since SIGHUP
// changes it for loggers that were handed out long before.
func newLogger(w io.Writer, format string, terminal bool) zerolog.Logger {
	zerolog.TimeFieldFormat = logTime
	if format == "console" || format == "auto" && terminal {
		w = zerolog.ConsoleWriter{Out: w, TimeFormat: logTime, NoColor: !terminal}
	}
	return zerolog.New(w).With().Timestamp().Logger()
}

// setLevel applies one of the levels that a configuration may name to every logger.
func setLevel(name string) {
	level, err := zerolog.ParseLevel(name)
	if err != nil {
		panic("a log level passed the check of the configuration: " + err.Error())
	}
	zerolog.SetGlobalLevel(level)
}

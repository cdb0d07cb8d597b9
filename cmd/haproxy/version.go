package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// Set by the linker, see the Makefile.
var (
	version = ""
	commit  = ""
)

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print version, commit and Go version",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			fmt.Fprintln(cmd.OutOrStdout(), versionText())
			return nil
		},
	}
}

// versionText falls back on what the Go tool recorded where the linker was told nothing.
func versionText() string {
	number, revision := version, commit
	if info, ok := debug.ReadBuildInfo(); ok {
		if number == "" {
			number = info.Main.Version
		}
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" && revision == "" {
				revision = setting.Value
			}
		}
	}
	if number == "" {
		number = "(devel)"
	}
	if revision == "" {
		revision = "unknown"
	}
	return fmt.Sprintf("haproxy %s, commit %s, %s %s/%s",
		number, revision, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

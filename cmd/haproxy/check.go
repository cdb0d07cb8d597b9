package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

func newCheckCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "check -c FILE",
		Short: "Check a configuration file",
		Long: "check reads a configuration file as run would and prints FILE: ok, or a line\n" +
			"FILE:LINE: what is wrong and the remedy, for each fault.",
		Example: "  haproxy check -c /etc/haproxy/haproxy.toml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := configFrom(cmd, path)
			var faulty *configError
			switch {
			case errors.As(err, &faulty): // the faults are what check was asked for: standard output
				fmt.Fprintln(cmd.OutOrStdout(), faulty)
				return &reportedError{err}
			case err != nil:
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), path+": ok")
			return nil
		},
	}
	configFlag(cmd, &path)
	return cmd
}

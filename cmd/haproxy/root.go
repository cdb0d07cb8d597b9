package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// The exit codes, on which scripts rely.
const (
	exitOK       = 0
	exitFailure  = 1 // ours, or of the machine
	exitOperator = 2 // flags or configuration: the line printed says the remedy
)

// A usageError is a fault of the command line.
type usageError struct {
	text string
}

func (e *usageError) Error() string { return e.text }

// A reportedError was told to the operator already and only sets the exit code.
type reportedError struct {
	error
}

// Unwrap gives what was reported.
func (e *reportedError) Unwrap() error { return e.error }

// newRoot builds the command with all its subcommands; run runs what open opens.
func newRoot(open opener) *cobra.Command {
	root := &cobra.Command{
		Use:   "haproxy",
		Short: "Shares one CTI link of a telephone switch between several T-Servers",
		Long: "haproxy terminates the one CTI link of a telephone switch and serves it to several\n" +
			"T-Servers: each receives the identical stream of events, requests are answered to their\n" +
			"asker alone, and a T-Server that returns is given the present state from the proxy.",
		Args:          cobra.ArbitraryArgs, // told from subcommands by unknownCommand
		Version:       versionText(),
		SilenceUsage:  true,
		SilenceErrors: true,

		SuggestionsMinimumDistance: 2,
	}
	root.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return unknownCommand(root, args[0])
		}
		return cmd.Help()
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if args := cmd.Flags().Args(); cmd == root && len(args) > 0 {
			return unknownCommand(root, args[0])
		}
		return seeHelp(cmd, err)
	})
	root.AddCommand(newRunCommand(open), newCheckCommand(), newDemoCommand(), newDecodeCommand(),
		newReplayCommand(), newBenchCommand(), newSimCommand(), newVersionCommand(), newManCommand())
	return root
}

// execute runs a command line and gives the exit code.
func execute(ctx context.Context, root *cobra.Command, args []string, stdout, stderr io.Writer) int {
	started := false // what goes wrong before is the command line's fault
	root.PersistentPreRun = func(*cobra.Command, []string) { started = true }
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	var usage *usageError
	if err != nil && !started && !errors.As(err, &usage) {
		err = seeHelp(cmd, err)
	}
	return report(stderr, err)
}

// report tells an error, unless it was told, and gives the exit code of its class.
func report(stderr io.Writer, err error) int {
	var (
		usage    *usageError
		faulty   *configError
		reported *reportedError
	)
	isUsage, isFaulty := errors.As(err, &usage), errors.As(err, &faulty)
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &reported):
	case isFaulty:
		fmt.Fprintln(stderr, faulty) // begins with the file, as compilers' lines do
	default:
		fmt.Fprintln(stderr, "haproxy:", err)
	}
	if isUsage || isFaulty {
		return exitOperator
	}
	return exitFailure
}

// seeHelp makes an error of the command line one line with its remedy.
func seeHelp(cmd *cobra.Command, err error) error {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return &usageError{fmt.Sprintf("%s; see %s --help", text, cmd.CommandPath())}
}

func unknownCommand(root *cobra.Command, name string) error {
	if near := root.SuggestionsFor(name); len(near) > 0 {
		return &usageError{fmt.Sprintf("unknown command %q: did you mean %s?", name,
			strings.Join(near, " or "))}
	}
	return &usageError{fmt.Sprintf("unknown command %q; see haproxy --help", name)}
}

// configFlag adds -c FILE to a command.
func configFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVarP(path, "config", "c", "", "the configuration `FILE`")
	if err := cmd.MarkFlagFilename("config", "toml"); err != nil {
		panic("the flag config was just added: " + err.Error())
	}
}

// configFrom loads the file of -c.
func configFrom(cmd *cobra.Command, path string) (*Config, error) {
	if path == "" {
		return nil, &usageError{fmt.Sprintf("-c FILE is missing: write %s -c FILE", cmd.CommandPath())}
	}
	return loadConfig(path)
}

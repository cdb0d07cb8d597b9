package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"haproxy/perf/capture"
	simulated "haproxy/perf/protocols"
)

// decodeOptions are the flags of decode.
type decodeOptions struct {
	capture.Options
	filter messageFilter
	output string
	state  bool
	at     timeFlag
}

func newDecodeCommand() *cobra.Command {
	var opts decodeOptions
	cmd := &cobra.Command{
		Use:   "decode FILE...",
		Short: "Print the CSTA messages of packet captures",
		Long: "decode reads packet captures (pcap, pcapng) or plain streams of frames, finds the CTI legs in them\n" +
			"and prints a line for each message: time, leg, who sent it (-> to the switch, <- from it), invoke ID,\n" +
			"what it is, and what it is about. FILE - is the standard input. Protocol and framing are found by\n" +
			"trying. Numbers of callers are personal data: treat what is printed as such.",
		Example: "  haproxy decode incident.pcapng --call 00A1\n" +
			"  haproxy decode -o json link.pcap | jq .event\n" +
			"  haproxy decode -o ladder --device 2001 link.pcap",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{"FILE is missing: write haproxy decode FILE, or - for the standard input"}
			}
			out := bufio.NewWriterSize(cmd.OutOrStdout(), 1<<16)
			printer, err := opts.printer(out)
			if err != nil {
				return err
			}
			if err = opts.check(); err != nil {
				return err
			}
			series, err := inSeries(args, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			d := decoding{opts: &opts, printer: printer, out: out, stdin: cmd.InOrStdin()}
			return d.run(series, strings.Join(args, ", "))
		},
	}
	f := cmd.Flags()
	f.StringVar(&opts.Protocol, "protocol", "", "the `NAME` of the protocol, of "+strings.Join(simulated.Names(), ", "))
	f.StringVar(&opts.Framing, "framing", "", "the `NAME` of the framing, of "+strings.Join(simulated.Framings(), ", "))
	f.Uint16Var(&opts.Port, "port", 0, "read only TCP streams with this `PORT` on either side")
	f.StringVarP(&opts.output, "output", "o", "text", "`FORMAT`: text, json with one object a line, or ladder")
	f.BoolVar(&opts.state, "state", false, "print the calls, agents and devices of each leg at the end, no messages")
	f.Var(&opts.at, "at", "with --state: not at the end, but at this `TIME`")
	f.StringVar(&opts.filter.call, "call", "", "only messages about the call `ID`, and answers to them")
	f.StringVar(&opts.filter.device, "device", "", "only messages about the device `NUMBER`, and answers to them")
	f.StringVar(&opts.filter.monitor, "monitor", "", "only messages of the monitor with the cross reference `ID`")
	return cmd
}

// messagePrinter prints one message.
type messagePrinter interface {
	write(m *capture.Message) error
}

func (o *decodeOptions) printer(out io.Writer) (messagePrinter, error) {
	switch o.output {
	case "text":
		return &textPrinter{out: out}, nil
	case "json":
		return newJSONPrinter(out), nil
	case "ladder":
		return &ladderPrinter{out: out}, nil
	default:
		return nil, &usageError{fmt.Sprintf("-o %s is not known: write text, json or ladder", o.output)}
	}
}

// check refuses flags that do not go together.
func (o *decodeOptions) check() error {
	switch {
	case !o.at.IsZero() && !o.state:
		return &usageError{"--at is the time of --state: write both"}
	case o.state && o.output != "text":
		return &usageError{"--state is printed as text: leave -o out"}
	case o.state && o.filter.isSet():
		return &usageError{"--state is of all calls, devices and monitors: leave --call, --device and --monitor out"}
	}
	return nil
}

// decoding reads files as one capture.
type decoding struct {
	opts    *decodeOptions
	printer messagePrinter
	out     *bufio.Writer
	stdin   io.Reader
	states  stateReader
	failed  error // of what is printed
}

// run prints the messages of all files. What is wrong with a file or a flag is the operator's to mend.
func (d *decoding) run(all []capture.Series, paths string) error {
	d.states.until = d.opts.at.Time
	if d.opts.state {
		d.states.older = d.findOlder(all)
	}
	d.opts.filter.begin()
	reader, err := capture.NewReader(d.opts.Options, d.message)
	if err != nil {
		return &usageError{err.Error()}
	}
	var failed error
	err = reader.ReadSeries(all, capture.Files{Open: d.open, Done: func(path string, err error) error {
		failed = errors.Join(failed, d.fault(path, err))
		return d.failed
	}})
	if err != nil {
		return err
	}
	sum, err := reader.Close()
	if err != nil && failed == nil {
		failed = d.fault(paths, err)
	}
	if err = errors.Join(d.failed, d.states.write(d.out), d.out.Flush()); err != nil {
		return err
	}
	if !d.opts.at.IsZero() && len(d.states.legs) == 0 && sum.Messages > 0 {
		failed = errors.Join(failed, &usageError{"nothing had been said by then: --at is before the first message"})
	}
	return errors.Join(failed, d.gaps(paths, len(all) > 1, sum))
}

// gaps says what the captures lack, which are several series or one; nil for nothing.
func (d *decoding) gaps(paths string, several bool, sum *capture.Summary) error {
	var errs []error
	remedy := "capture without loss"
	if several {
		remedy += ", and by clocks that agree"
	}
	if sum.Cut > 0 {
		remedy = fmt.Sprintf("%d packets were captured in part, capture them whole", sum.Cut)
	}
	if sum.Ignored > 0 {
		remedy += fmt.Sprintf(" (%d packets made no sense, or were fragments of what is not whole)", sum.Ignored)
	}
	if sum.Back > 0 {
		errs = append(errs, &usageError{fmt.Sprintf("%s: %d packets are out of the order of their times: put them in order,"+
			" as reordercap does, unless a clock was set back", paths, sum.Back)})
	}
	if sum.Amid > 0 {
		errs = append(errs, &usageError{fmt.Sprintf("%s: %d legs lack the rest of a message where the capture ends", paths,
			sum.Amid)})
	}
	if sum.TooMany > 0 {
		errs = append(errs, &usageError{fmt.Sprintf("%s: %d legs were not read to their end, as so many others were open:"+
			" name --port", paths, sum.TooMany)})
	}
	if sum.Gaps > 0 || sum.Cut > 0 {
		first := ""
		if sum.GapOf != nil {
			first = ", the first on " + sum.GapOf.Name
		}
		if !sum.GapAt.IsZero() { // as it is in a plain stream
			first += " noticed at " + sum.GapAt.UTC().Format(time.RFC3339Nano)
		}
		errs = append(errs, &usageError{fmt.Sprintf(
			"%s: messages are missing: %d gaps%s, %d bytes as far as known, %d passed over behind them; %s",
			paths, sum.Gaps, first, sum.Missing, sum.Skipped, remedy)})
	}
	return errors.Join(errs...)
}

// open opens a file.
func (d *decoding) open(path string) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(d.stdin), nil
	}
	return os.Open(path)
}

// message takes one message.
func (d *decoding) message(m *capture.Message) error {
	switch {
	case d.opts.state:
		d.states.read(m)
	case d.opts.filter.passes(m):
		d.failed = d.printer.write(m)
	}
	return d.failed
}

// fault gives an error of a file its class; nil for none.
func (d *decoding) fault(path string, err error) error {
	switch {
	case err == nil, d.failed != nil:
		return d.failed
	case errors.As(err, new(*os.PathError)): // which names the file
		return &usageError{err.Error()}
	case errors.Is(err, capture.ErrNoLegs):
		return &usageError{fmt.Sprintf("%s: %v; name --protocol, --framing and --port if it has one", path, err)}
	default:
		return &usageError{fmt.Sprintf("%s: %v", path, err)}
	}
}

package demo

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// report writes what happens and what was found.
type report struct {
	out    io.Writer
	color  bool
	began  time.Time
	passed int
	failed int
	atEnd  []func()
}

func newReport(out io.Writer, color bool) *report {
	return &report{out: out, color: color, began: time.Now()}
}

// The colours of a terminal.
const (
	plain = "\x1b[0m"
	faint = "\x1b[2m"
	bold  = "\x1b[1m"
	green = "\x1b[32m"
	red   = "\x1b[31m"
)

// paint wraps text in a colour, on a terminal.
func (r *report) paint(color, text string) string {
	if !r.color {
		return text
	}
	return color + text + plain
}

// say writes a line of what happens, with the time.
func (r *report) say(format string, args ...any) {
	at := fmt.Sprintf("%6.2fs", time.Since(r.began).Seconds())
	fmt.Fprintf(r.out, "%s  %s\n", r.paint(faint, at), fmt.Sprintf(format, args...))
}

// note writes a line below a finding.
func (r *report) note(format string, args ...any) {
	for line := range strings.Lines(fmt.Sprintf(format, args...)) {
		fmt.Fprintf(r.out, "        %s\n", strings.TrimRight(line, "\n"))
	}
}

// table writes rows in columns, the numbers to the right.
func (r *report) table(head []string, rows [][]string) {
	fmt.Fprintln(r.out)
	w := tabwriter.NewWriter(r.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	width := 0
	for _, row := range rows {
		width = max(width, len(row[0]))
	}
	for _, row := range append([][]string{head}, rows...) {
		fmt.Fprintf(w, "  %-*s\t%s\t\n", width, row[0], strings.Join(row[1:], "\t"))
	}
	_ = w.Flush() // a report that cannot be written has no reader either
	fmt.Fprintln(r.out)
}

// checkThat writes a finding and counts it.
func (r *report) checkThat(ok bool, format string, args ...any) {
	mark := r.paint(green, "ok    ")
	if ok {
		r.passed++
	} else {
		r.failed++
		mark = r.paint(red+bold, "FAILED")
	}
	fmt.Fprintf(r.out, "%s  %s\n", mark, fmt.Sprintf(format, args...))
}

// check is checkThat for an error.
func (r *report) check(err error, format string, args ...any) {
	r.checkThat(err == nil, format, args...)
	if err != nil {
		r.note("%v", err)
	}
}

// checkText is checkThat for a description of differences.
func (r *report) checkText(differences, format string, args ...any) {
	r.checkThat(differences == "", format, args...)
	r.note("%s", differences)
}

// finish writes the last line and returns how many checks failed.
func (r *report) finish() int {
	took := time.Since(r.began).Seconds()
	line := r.paint(green+bold, fmt.Sprintf("all %d checks passed", r.passed))
	if r.failed > 0 {
		line = r.paint(red+bold, fmt.Sprintf("%d of %d checks failed", r.failed, r.passed+r.failed))
	}
	fmt.Fprintf(r.out, "\n%s in %.1f s\n", line, took)
	return r.failed
}

// number writes a count with its thousands apart.
func number[T int | uint64](n T) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// round writes a duration in milliseconds.
func round(d time.Duration) string {
	return d.Round(100 * time.Microsecond).String()
}

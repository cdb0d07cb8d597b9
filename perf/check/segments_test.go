package check

import (
	"fmt"
	"strings"
	"testing"

	"haproxy/codec/cstaxml"
	"haproxy/perf/ledger"
	"haproxy/perf/stamp"
)

// A stream is drawn as the stamps of its events, m for a made one, and what was noted: / in step,
// - disabled, + normal.
func TestCovered(t *testing.T) {
	for _, c := range []struct{ sent, got, want string }{
		{"1 2 3 4", "/ 1 2 3 4", ""},
		{"1 2 3 4", "1 2 / 3 4", ""},
		{"1 2 3 4", "m 2 / 3 4", ""},
		{"1 2 3 4 5 6", "/ 1 2 - m 4 m + + 5 6", ""},
		{"1 2 3 4 5 6", "/ 1 2 - m 5 m 4 + - + 6", ""},
		{"1 2 3 4", "/ 1 2 3", "ends before event 3"},
		{"1 2 3 4", "/ 1 2 4", "differ"},
		{"1 2 3 4", "/ 1 2 2 3 4", "differ"},
		{"1 2 3 4", "/ 1 m 2 3 4", "differ"},
		{"1 2 3 4", "/ 1 - 1 + 2 3 4", "twice"},
		{"1 2 3 4", "/ 1 - 2 + m 3 4", "made"},
		{"1 2 3 4", "/ 1 - 9 + 3 4", "never sent"},
		{"1 2 3 4", "/ 1 - 3 4", "disabled true"},
		{"1 2 3 4", "1 2 3 4", "in step false"},
	} {
		err := covered(stream(c.sent), stream(c.got))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s as %s: %v, want %q", c.sent, c.got, err, c.want)
		}
	}
}

func covered(sent, got *ledger.Ledger) error {
	_, err := Covered(cstaxml.New(), sent, got, true)
	return err
}

func stream(drawn string) *ledger.Ledger {
	l := ledger.New(ledger.Full, 0)
	for _, text := range strings.Fields(drawn) {
		switch text {
		case "/":
			l.Note(ledger.InStep)
		case "-":
			l.Note(ledger.Disabled)
		case "+":
			l.Note(ledger.Normal)
		case "m":
			l.Add("7", []byte("made"))
		default:
			var mark stamp.Stamp
			if _, err := fmt.Sscan(text, &mark.Count); err != nil {
				panic(err)
			}
			l.Add("7", []byte(mark.String()))
		}
	}
	return l
}

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A command line that makes no sense, and a file that cannot be played, are the operator's: one line with the
// remedy, and 2.
func TestReplayRefuses(t *testing.T) {
	junk := filepath.Join(t.TempDir(), "junk")
	if err := os.WriteFile(junk, []byte("no capture\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, it := range []struct{ args, want string }{
		{"", "FILE is missing"},
		{"-", "more than once"},
		{"--listen 127.0.0.1:1 --to 127.0.0.1:2 FILE", "both given"},
		{"--listen 127.0.0.1:99999 FILE", "is no address"},
		{"-x 0 FILE", "-x 0 is no pace"},
		{"-x NaN FILE", "-x NaN is no pace"},
		{"--rate 1e-300 FILE", "--rate 1e-300 is no pace"},
		{"--rate 5 --topspeed FILE", "--rate and --topspeed are both given"},
		{"--limit -1 FILE", "--limit is below 0"},
		{"--tserver a=b:1 --tserver a=b:2 FILE", "--tserver a is given twice"},
		{"--expect FILE", "--tserver"},
		{"--expect --loop --tserver a=b:1 FILE", "--loop"},
		{"--tserver primary FILE", "NAME=HOST:PORT"},
		{"--to nonsense FILE", "HOST:PORT"},
		{"FILE", "no CTI leg was found"},
		{"/none/such", "no such file"},
		{"--framing tpkt --protocol csta3-xml FILE", "is not for csta3-xml"},
	} {
		args := append([]string{"replay"}, strings.Fields(strings.ReplaceAll(it.args, "FILE", junk))...)
		code, stdout, stderr := command(t, args...)
		if code != exitOperator || stdout != "" || !strings.Contains(stderr, it.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("replay %s: %d, %q, %q", it.args, code, stdout, stderr)
		}
	}
}

func TestBenchRefuses(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none.json")
	if err := os.WriteFile(none, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, it := range []struct{ args, want string }{
		{"--acse", "for the ASN.1 protocols"},
		{"--duration 1ms", "100ms"},
		{"--size 0", "--size is 1 to"},
		{"--devices 0", "--devices"},
		{"--backlog-max 1000", "--backlog-max is"},
		{"--backlog-max -1", "--backlog-max is"},
		{"--tservers 65", "--tservers is 1 to 64"},
		{"-o xml", "text, json or hgrm"},
		{"--plot a.gif", ".svg or .png"},
		{"--threshold p98<1ms", "p99"},
		{"--baseline /none/such", "-o json"},
		{"--baseline NORESULT", "no result"},
		{"--rate -1", "out of bounds"},
		{"--protocol csta4", "csta4"},
	} {
		code, stdout, stderr := command(t, append([]string{"bench"}, strings.Fields(strings.ReplaceAll(it.args, "NORESULT", none))...)...)
		if code != exitOperator || stdout != "" || !strings.Contains(stderr, it.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("bench %s: %d, %q, %q", it.args, code, stdout, stderr)
		}
	}
}

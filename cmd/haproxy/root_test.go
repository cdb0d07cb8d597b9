package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// command runs a command line and gives the exit code and what was printed.
func command(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = execute(t.Context(), newRoot(nil), args, &out, &errs)
	return code, out.String(), errs.String()
}

func TestCommandLine(t *testing.T) {
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "good.toml"), filepath.Join(dir, "bad.toml")
	for path, text := range map[string]string{good: least, bad: least + "seed = 1\n[x]\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		args   string
		code   int
		stdout string
		stderr string
	}{
		{"check -c " + good, 0, good + ": ok\n", ""},
		{"check --config=" + good, 0, good + ": ok\n", ""},
		{"check -c " + bad, 2, bad + `:8: unknown key "seed"`, ""},
		{"check -c " + bad, 2, bad + `:9: unknown key "x"`, ""},
		{"check -c absent", 2, "absent: cannot be read: no such file or directory\n", ""},
		{"check", 2, "", "haproxy: -c FILE is missing: write haproxy check -c FILE\n"},
		{"check -c", 2, "", "haproxy: flag needs an argument: 'c' in -c; see haproxy check --help\n"},
		{"check --bogus", 2, "", "haproxy: unknown flag: --bogus; see haproxy check --help\n"},
		{"check more -c " + good, 2, "", `haproxy: unknown command "more" for "haproxy check"; see haproxy check --help`},
		{"chek", 2, "", "haproxy: unknown command \"chek\": did you mean check?\n"},
		{"zzz -c x", 2, "", "haproxy: unknown command \"zzz\"; see haproxy --help\n"},
		{"--bogus", 2, "", "haproxy: unknown flag: --bogus; see haproxy --help\n"},
		{"completion bash zzz", 2, "", "haproxy: unknown command"},
		{"completion bash", 0, "# bash completion V2 for haproxy", ""},
		{"help check", 0, "FILE:LINE: what is wrong and the remedy", ""},
		{"sim switch --profile x", 2, "", "haproxy: profile \"x\" is not known: write one of generic, oxe,"},
		{"sim tserver --profile oxe --connect x:1 --framing ecma323", 2, "", `framing "ecma323" is not for csta2-ber`},
		{"sim switch --stations -1", 2, "", "haproxy: --stations -1 is out of bounds: write 0 to 1000000\n"},
		{"sim switch --rate +Inf", 2, "", "haproxy: --rate +Inf is out of bounds: write 0 to 1000000\n"},
		{"sim switch --features NaN", 2, "", "haproxy: --features NaN is out of bounds"},
		{"sim switch --fault-late 2", 2, "", "haproxy: --fault-late 2 is out of bounds: write 0 to 1\n"},
		{"sim switch --pace -1s", 2, "", "haproxy: --pace -1s is below 0: write it as 500ms or 10s\n"},
		{"sim tserver --connect x:1 --window -1", 2, "", "haproxy: --window -1 is out of bounds"},
		{"demo --stations -5", 2, "", "haproxy: --stations -5 is out of bounds"},
		{"", 0, "Available Commands:", ""},
		{"version", 0, "haproxy ", ""},
		{"--version", 0, ", commit ", ""},
		{"man", 2, "", "haproxy: accepts 1 arg(s), received 0; see haproxy man --help\n"},
		{"man " + dir, 0, "", ""},
		{"man " + good, 1, "", "not a directory\n"},
	} {
		code, stdout, stderr := command(t, strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) ||
			c.stderr == "" && stderr != "" || c.stdout == "" && stdout != "" ||
			strings.Count(stderr, "\n") > 1 {
			t.Errorf("haproxy %s: %d\nstdout: %s\nstderr: %s", c.args, code, stdout, stderr)
		}
	}
	if page, err := os.ReadFile(filepath.Join(dir, "haproxy-check.8")); err != nil ||
		!bytes.Contains(page, []byte("HAPROXY")) {
		t.Errorf("manual page: %v\n%s", err, page)
	}
}

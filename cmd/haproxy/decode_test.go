package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"haproxy/codec/csta"
	"haproxy/fanout/pcapng"
	simulated "haproxy/perf/protocols"
)

// stream writes what a switch sends about two calls to a file, as plain frames of a protocol.
func stream(t *testing.T, protocol string) string {
	t.Helper()
	p, err := simulated.Find(protocol, "")
	if err != nil {
		t.Fatal(err)
	}
	codec, out := p.NewCodec(), []byte(nil)
	for _, call := range []string{"c1", "\xC3\xA9"} {
		device := csta.DeviceID{Form: csta.DeviceNumber, Number: []byte("2001")}
		invoke, _ := codec.EventInvokeID()
		for _, event := range []csta.Event{csta.EventDelivered, csta.EventEstablished} {
			if out, err = codec.Append(out, &csta.Message{
				Kind: csta.KindEvent, Event: event, Invoke: invoke, CrossRef: csta.CrossRefID("00000001"), Device: device,
				Subject: csta.ConnectionID{Call: csta.CallID(call), Device: device}, Calling: device, Called: device,
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "stream.bin")
	if err := os.WriteFile(path, out, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func decoded(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = execute(context.Background(), newRoot(nil), append([]string{"decode"}, args...), &out, &errs)
	return out.String(), errs.String(), code
}

func TestDecodeText(t *testing.T) {
	got, stderr, code := decoded(t, stream(t, simulated.Phase2))
	want := `# leg 1: csta2-ber over length16
- leg 1 <- 0 event Delivered xref=00000001 call=c1@2001 device=2001 calling=2001 called=2001
- leg 1 <- 0 event Established xref=00000001 call=c1@2001 device=2001 calling=2001 called=2001
- leg 1 <- 0 event Delivered xref=00000001 call=0xc3a9@2001 device=2001 calling=2001 called=2001
- leg 1 <- 0 event Established xref=00000001 call=0xc3a9@2001 device=2001 calling=2001 called=2001
`
	if got != want || stderr != "" || code != exitOK {
		t.Errorf("exit %d, %s\n%s\nwant\n%s", code, stderr, got, want)
	}
}

// Every rung is in its lane: the rails stand under each other.
func TestDecodeLadder(t *testing.T) {
	got, _, code := decoded(t, stream(t, simulated.Phase1), "-o", "ladder")
	want := strings.Join([]string{
		"                 leg 1, csta1-ber",
		"                 computing                               switch",
		"                 |<------------------------ Delivered c1@2001 |",
		"                 |<---------------------- Established c1@2001 |",
		"                 |<-------------------- Delivered 0xc3a9@2001 |",
		"                 |<------------------ Established 0xc3a9@2001 |",
		"",
	}, "\n")
	if got != want || code != exitOK {
		t.Errorf("exit %d\n%s\nwant\n%s", code, got, want)
	}
}

func TestDecodeFilters(t *testing.T) {
	path := stream(t, simulated.Phase3)
	for flag, want := range map[string]int{
		"--call=c1": 2, "--call=0xc3a9": 2, "--call=c2": 0, "--device=2001": 4, "--device=2002": 0,
		"--monitor=00000001": 4, "--monitor=2": 0,
	} {
		got, _, code := decoded(t, path, "-o", "json", flag)
		if lines := strings.Count(got, "\n"); lines != want || code != exitOK {
			t.Errorf("%s: %d messages, exit %d, want %d", flag, lines, code, want)
		}
	}
}

// A device is found by its number, whatever the switch writes around it.
func TestDeviceNumber(t *testing.T) {
	const device = "N<+15550100>Line;displayNumber=100;x=y"
	for number, want := range map[string]bool{
		device: true, "+15550100": true, "100": true, "Line": false, "": false, "N<+15550100": false, "y": false,
	} {
		if got := isNumber([]byte(device), number); got != want {
			t.Errorf("%q: %t", number, got)
		}
	}
	if isNumber([]byte("2001"), "200") || !isNumber([]byte("2001"), "2001") {
		t.Error("a plain number")
	}
}

// A monitor that began before the capture counts for the device that most of its events are about.
func TestDecodeStateOfOlderMonitor(t *testing.T) {
	got, stderr, code := decoded(t, stream(t, simulated.XML), "--state")
	head, state, _ := strings.Cut(got, "\n")
	if code != exitOK || stderr != "" || !strings.Contains(head, "1 monitors, 1 of which began before the capture") ||
		strings.Count(state, "2001 connected") != 2 {
		t.Errorf("exit %d, %q:\n%s", code, stderr, got)
	}
}

func TestDecodeJSON(t *testing.T) {
	got, _, _ := decoded(t, stream(t, simulated.XML), "--output=json", "--call=c1")
	var first jsonMessage
	if err := json.NewDecoder(strings.NewReader(got)).Decode(&first); err != nil {
		t.Fatal(err)
	}
	if first.Event != "Delivered" || first.From != "switch" || first.Connection == nil ||
		first.Connection.Call != "c1" || first.Monitor != "00000001" || first.Protocol != simulated.XML {
		t.Errorf("%+v", first)
	}
}

// A capture that lacks bytes is printed as far as it goes, and says so.
func TestDecodeGap(t *testing.T) {
	messages, err := os.ReadFile(stream(t, simulated.XML))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "gap.pcapng")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := pcapng.NewWriter(file, "", "card")
	if err != nil {
		t.Fatal(err)
	}
	leg, at := &pcapng.Conversation{Name: "card"}, time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.Open(leg, at))
	must(w.Say(leg, false, at, messages, ""))
	leg.Miss(false, 100)
	must(w.Say(leg, false, at, messages, ""))
	must(w.Close(leg, at))
	must(w.Flush())
	must(file.Close())
	stdout, stderr, code := decoded(t, path)
	if code != exitOperator || strings.Count(stdout, "\n") < 4 || !strings.Contains(stderr, "1 gaps, the first on leg 1 noticed at 2026-03-01T08:00:00Z, 100 bytes") {
		t.Errorf("exit %d, %q, %q", code, stdout, stderr)
	}
}

// What the operator named wrongly ends with one line that says what to do, and 2.
func TestDecodeFaults(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pcap")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	good := stream(t, simulated.XML)
	for args, want := range map[string]string{
		"":                                  "FILE is missing",
		empty:                               "the file is empty",
		"/nowhere/at.all":                   "no such file",
		good + " -o xml":                    "write text, json or ladder",
		good + " --at 2026-03-01T08:00:00Z": "write both",
		good + " --state -o json":           "leave -o out",
		good + " --state --call c1":         "leave --call",
		good + " --protocol=q931":           "write one of",
		good + " --protocol=csta1-ber":      "no CTI leg was found",
	} {
		_, stderr, code := decoded(t, strings.Fields(args)...)
		if code != exitOperator || !strings.Contains(stderr, want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("decode %s: exit %d, %q", args, code, stderr)
		}
	}
}

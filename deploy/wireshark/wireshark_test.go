// Package wireshark tests the dissector: against what the codecs know, and by tshark.
package wireshark

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"haproxy/codec/ber"
	"haproxy/codec/codectest"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
	"haproxy/fanout/pcapng"
	"haproxy/perf/protocols"
)

var update = flag.Bool("update", false, "write csta_names.lua")

// phaseOf numbers the protocols in BER.
var phaseOf = map[string]int{protocols.Phase1: 1, protocols.Phase2: 2, protocols.Phase3: 3}

// shared are the operations of phases I and II that several services are arguments of, as their standards name them.
var shared = map[string]string{"12": "QueryDevice", "15": "SetFeature"}

// The names that the dissector has are those under which the codecs write the same services and events.
func TestNames(t *testing.T) {
	services, events := make(map[int]map[string]string), make(map[int]map[string]string)
	for name, phase := range phaseOf {
		p, err := protocols.Find(name, "")
		if err != nil {
			t.Fatal(err)
		}
		services[phase], events[phase] = make(map[string]string), make(map[string]string)
		for _, c := range codectest.Messages() {
			of := p.NewCodec()
			f, err := of.Append(nil, &c.Message)
			if err != nil || c.Message.Kind != csta.KindRequest && c.Message.Kind != csta.KindEvent {
				continue
			}
			operation, event := read(t, p.Framing.PDU(f), phase)
			if c.Message.Kind == csta.KindEvent {
				events[phase][event] = c.Message.Event.String()
				continue
			}
			services[phase][operation] = c.Message.Service.String()
			if name := shared[operation]; name != "" && phase < 3 {
				services[phase][operation] = name
			}
		}
	}
	var b strings.Builder
	b.WriteString("-- The services and events of each phase by their numbers: made from the codecs by go test -update.\n\nreturn {\n")
	for _, table := range []struct {
		name string
		of   map[int]map[string]string
	}{{"services", services}, {"events", events}} {
		fmt.Fprintf(&b, "\t%s = {\n", table.name)
		for phase := 1; phase <= 3; phase++ {
			fmt.Fprintf(&b, "\t\t[%d] = {\n", phase)
			for _, key := range slices.Sorted(maps.Keys(table.of[phase])) {
				fmt.Fprintf(&b, "\t\t\t[%q] = %q,\n", key, table.of[phase][key])
			}
			b.WriteString("\t\t},\n")
		}
		b.WriteString("\t},\n")
	}
	b.WriteString("}\n")
	if *update {
		if err := os.WriteFile("csta_names.lua", []byte(b.String()), 0o644); err != nil { //nolint:gosec // it is to be read
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile("csta_names.lua"); err != nil || string(got) != b.String() {
		t.Errorf("csta_names.lua is not what the codecs know: go test ./deploy/wireshark -update (%v)", err)
	}
}

// read returns the operation of a request, and the event of an event report as the dissector names it.
func read(t *testing.T, pdu []byte, phase int) (operation, event string) {
	t.Helper()
	invoke := child(t, pdu, 0)
	op := child(t, pdu, 1)
	if len(invoke.Bytes()) == 0 || len(op.Bytes()) == 0 {
		t.Fatalf("% x is no request", pdu)
	}
	operation = fmt.Sprint(number(op.Bytes()))
	if operation != "21" {
		return operation, ""
	}
	report := child(t, pdu, 2)
	kind := nth(t, report.Bytes(), 1)
	if phase == 1 {
		return operation, fmt.Sprint(number(kind.Bytes()))
	}
	return operation, fmt.Sprintf("%X.%X", uint32(kind.Tag), uint32(nth(t, kind.Bytes(), 0).Tag))
}

func number(b []byte) (n int) {
	n = int(int8(b[0]))
	for _, c := range b[1:] {
		n = n<<8 | int(c)
	}
	return n
}

// child returns an element within the outermost one.
func child(t *testing.T, pdu []byte, i int) *ber.Element {
	t.Helper()
	outer := nth(t, pdu, 0)
	return nth(t, outer.Bytes(), i)
}

// nth returns the i-th of some elements.
func nth(t *testing.T, b []byte, i int) *ber.Element {
	t.Helper()
	c, e := ber.Read(b, 0), new(ber.Element)
	for range i + 1 {
		if err := c.Next(e); err != nil {
			t.Fatalf("% x: %v", b, err)
		}
	}
	return e
}

// What tshark says of every message that a protocol has is what the codec reads in it.
func TestDissector(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		codectest.Missing(t, "tshark, which Debian's package tshark has")
	}
	for _, p := range protocols.Tested() {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			dissected(t, tshark, p)
		})
	}
}

func dissected(t *testing.T, tshark string, p protocols.Protocol) {
	t.Helper()
	path, want := captured(t, p)
	args := []string{
		"-X", "lua_script:csta.lua", "-r", path, "-T", "fields", "-E", "separator=/s", "-Y", "csta.kind",
		"-e", "csta.kind", "-e", "csta.name", "-e", "csta.invoke_id",
	}
	if !p.IsXML() { // one in XML is found by itself
		args = append(args, "-d", "tcp.port==1040,csta", "-o", "csta.framing:"+p.Framing.String(),
			"-o", "csta.phase:"+[]string{"", "I (ECMA-180)", "II (ECMA-218)", "III (ECMA-285)"}[phaseOf[p.Name]])
	}
	cmd := exec.CommandContext(t.Context(), tshark, args...)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil || strings.Contains(complaint.String(), "Error") {
		t.Fatalf("%v\n%s", err, complaint.String())
	}
	got := strings.Split(strings.TrimSpace(string(out)), "\n")
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Fatalf("message %d of %d: tshark says %q, want %q\n%s", i, len(want), append(got, "")[min(i, len(got))], want[i],
				complaint.String())
		}
	}
	if len(got) != len(want) {
		t.Errorf("tshark found %d messages, want %d", len(got), len(want))
	}
}

// Cut off, changed and foreign messages make no error in the dissector, whatever the framing is taken for.
func TestDissectorSurvives(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		codectest.Missing(t, "tshark, which Debian's package tshark has")
	}
	for _, p := range protocols.Tested() {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			out, err := exec.CommandContext(t.Context(), tshark, "-X", "lua_script:csta.lua", "-r", damaged(t, p), "-V",
				"-d", "tcp.port==1040,csta", "-o", "csta.framing:"+p.Framing.String()).CombinedOutput()
			if at := bytes.Index(out, []byte("Lua Error")); err != nil || at >= 0 {
				t.Errorf("%v: %s", err, out[max(at, 0):min(max(at, 0)+500, len(out))])
			}
			if !bytes.Contains(out, []byte("CSTA")) {
				t.Error("nothing was dissected")
			}
		})
	}
}

// damaged writes a capture of messages that were damaged, each on a connection of its own.
func damaged(t *testing.T, p protocols.Protocol) string {
	t.Helper()
	var file bytes.Buffer
	w, err := pcapng.NewWriter(&file, "made by a test", "switch")
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 1))
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	for i, c := range codectest.Messages() {
		f, failed := p.NewCodec().Append(nil, &c.Message)
		if failed != nil {
			continue
		}
		for k := range 4 {
			b := bytes.Clone(f)
			for range rnd.IntN(4) {
				b[rnd.IntN(len(b))] = byte(rnd.IntN(256))
			}
			if k == 3 {
				b = b[:rnd.IntN(len(b))]
			}
			from := netip.AddrPortFrom(netip.MustParseAddr("192.0.2.7"), uint16(20_000+4*i+k))
			leg := &pcapng.Conversation{Name: "switch", Caller: from, Called: netip.MustParseAddrPort("192.0.2.9:1040")}
			err = errors.Join(err, w.Open(leg, at), w.Say(leg, false, at, b, ""), w.Say(leg, false, at, f, ""))
		}
	}
	path := filepath.Join(t.TempDir(), "damaged.pcapng")
	if err = errors.Join(err, w.Flush(), os.WriteFile(path, file.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	return path
}

// captured writes a capture of every message of a protocol, and returns what is to be said of each.
func captured(t *testing.T, p protocols.Protocol) (path string, want []string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "link.pcapng")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }() // it was flushed
	w, err := pcapng.NewWriter(file, "made by a test", "switch")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	leg := &pcapng.Conversation{
		Name: "switch", Caller: netip.MustParseAddrPort("192.0.2.7:40001"), Called: netip.MustParseAddrPort("192.0.2.9:1040"),
	}
	write := func(byCaller bool, b []byte) {
		if at = at.Add(time.Millisecond); err == nil {
			err = w.Say(leg, byCaller, at, b, "")
		}
	}
	err = w.Open(leg, at)
	if send, expect := frame.Preamble(p.Framing, frame.Computing); len(send) > 0 {
		write(true, send)
		write(false, expect)
	}
	for _, c := range codectest.Messages() {
		f, failed := p.NewCodec().Append(nil, &c.Message)
		if failed != nil {
			continue // the protocol has no such message
		}
		if expected := says(t, p, f); expected != "" {
			fromSwitch := c.Message.Kind != csta.KindRequest
			if len(f) > 40 { // in two segments
				write(!fromSwitch, f[:20])
				write(!fromSwitch, f[20:])
			} else {
				write(!fromSwitch, f)
			}
			want = append(want, expected)
		}
	}
	if err == nil {
		err = w.Flush()
	}
	if err != nil || len(want) < 40 {
		t.Fatalf("%d messages: %v", len(want), err)
	}
	return path, want
}

// says returns what the dissector is to say of a frame; nothing of a session's or association's, which have names of
// their own.
func says(t *testing.T, p protocols.Protocol, f []byte) string {
	t.Helper()
	var msg csta.Message
	if err := p.NewCodec().Decode(&msg, f); err != nil {
		t.Fatal(err)
	}
	name := msg.Service.String()
	var kind string
	switch msg.Kind {
	case csta.KindRequest:
		kind = "request"
	case csta.KindResponse:
		if kind = "response"; !p.IsXML() && len(msg.Connections)+len(msg.Agents) == 0 && msg.Service == csta.ServiceUnknown {
			return ""
		}
	case csta.KindEvent:
		kind, name = "event", msg.Event.String()
	case csta.KindError:
		kind, name = "error", "error"
	default:
		return ""
	}
	switch {
	case len(msg.Name) == 0 && p.IsXML(), msg.Service == csta.Associate, msg.Service == csta.Release, msg.Service == csta.Abort,
		len(msg.Session) > 0 || len(msg.Application) > 0, msg.Kind == csta.KindResponse && !p.IsXML():
		return ""
	}
	if phase := phaseOf[p.Name]; msg.Kind == csta.KindRequest && phase == 1 || phase == 2 {
		if operation, _ := read(t, p.Framing.PDU(f), phase); shared[operation] != "" {
			name = shared[operation]
		}
	}
	if p.IsXML() && kind != "error" { // as the schemas spell it
		name = string(msg.Name)
		for _, suffix := range []string{"Event", "PosResponse", "Response"} {
			name = strings.TrimSuffix(name, suffix)
		}
	}
	return fmt.Sprintf("%s %s %d", kind, name, msg.Invoke)
}

package cstaber_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"haproxy/codec/ber"
	"haproxy/codec/codectest"
	"haproxy/codec/csta"
	"haproxy/codec/cstaber"
	"haproxy/codec/frame"
)

// The oracles are programs of others that know the modules: Erlang's asn1 those of phases II and III,
// and Perl's Convert::ASN1 that of phase I. Neither is needed to build or run anything.

// TestErlangAgrees lets Erlang read what we write in phases II and III, and write it again.
func TestErlangAgrees(t *testing.T) {
	folder := modules(t)
	tool(t, "escript")
	var lines []string
	for _, module := range []string{"CSTA3-services", "CSTA3-events"} {
		lines = append(lines, ours(t, cstaber.Phase3, module, definitions(t, folder, module), phase3Type)...)
	}
	lines = append(lines, ours(t, cstaber.Phase2, "CSTA2-traces", definitions(t, folder, "CSTA2-traces"), phase2Type)...)
	consult(t, lines, func(file string) *exec.Cmd {
		return exec.CommandContext(t.Context(), "escript", "testdata/oracle.escript", folder, file)
	})
}

// TestPerlAgrees lets Perl read what we write in phase I, and write it again.
func TestPerlAgrees(t *testing.T) {
	folder := modules(t)
	tool(t, "perl")
	if err := exec.CommandContext(t.Context(), "perl", "-MConvert::ASN1", "-e1").Run(); err != nil {
		codectest.Missing(t, "Convert::ASN1 of Perl (libconvert-asn1-perl):", err)
	}
	module := filepath.Join(folder, "csta-phase1.convert-asn1.txt")
	lines := ours(t, cstaber.Phase1, "I", definitions(t, folder, "csta-phase1.convert-asn1"), phase1Type)
	consult(t, lines, func(file string) *exec.Cmd {
		return exec.CommandContext(t.Context(), "perl", "testdata/oracle.pl", module, file)
	})
}

// modules copies the modules to a folder of the test's own. Erlang refuses an implicit tag in place
// of one around a CHOICE; an explicit one around the CHOICE is the same on the wire.
func modules(t *testing.T) string {
	t.Helper()
	root := codectest.Samples(t)
	files, err := filepath.Glob(filepath.Join(root, "asn1", "phase[123]", "*"))
	if err != nil || len(files) == 0 {
		t.Fatal("no modules in ", root)
	}
	folder := t.TempDir()
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range [][2]string{
			{"IMPLICIT ConnectionID", "ConnectionIDChoice"},
			{"IMPLICIT SubjectDeviceID", "SubjectDeviceChoice"},
			{"ConnectionID ::= [APPLICATION 11] CHOICE {", "ConnectionID ::= [APPLICATION 11] ConnectionIDChoice\nConnectionIDChoice ::= CHOICE {"},
			{"SubjectDeviceID ::= [APPLICATION 3] CHOICE {", "SubjectDeviceID ::= [APPLICATION 3] SubjectDeviceChoice\nSubjectDeviceChoice ::= CHOICE {"},
			{"IMPORTS EventCause,", "IMPORTS ConnectionIDChoice, EventCause,"},
		} {
			if strings.Contains(file, "phase3") {
				text = bytes.ReplaceAll(text, []byte(r[0]), []byte(r[1]))
			}
		}
		if err := os.WriteFile(filepath.Join(folder, filepath.Base(file)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func tool(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		codectest.Missing(t, err)
	}
}

// definitions returns the names of the types of a module.
func definitions(t *testing.T, folder, module string) map[string]bool {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(folder, module+".*"))
	if len(files) == 0 {
		t.Fatal("no module ", module)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^([A-Z][A-Za-z0-9]*)\s*::=`).FindAllSubmatch(text, -1) {
		names[string(m[1])] = true
	}
	return names
}

// ours returns what we write of the table of messages: of each that the module has a type for, a line
// of the type and the argument, result or event.
func ours(t *testing.T, phase cstaber.Phase, module string, types map[string]bool, name func(*csta.Message) string) []string {
	t.Helper()
	var lines []string
	c := cstaber.New(phase, frame.BER)
	for _, tc := range codectest.Messages() {
		frm, err := c.Append(nil, &tc.Message)
		if err != nil {
			continue
		}
		content := last(frm)
		if tc.Message.Kind == csta.KindResponse {
			content = last(content)
		}
		if phase == cstaber.Phase1 && tc.Message.Kind == csta.KindEvent {
			content = last(content)
		}
		if typ := name(&tc.Message); types[typ] && content != nil {
			lines = append(lines, fmt.Sprintf("%s %s %s", module, typ, hex.EncodeToString(content)))
		}
	}
	return lines
}

// last returns the last element within the first one.
func last(b []byte) []byte {
	var e ber.Element
	c := ber.Read(b, 0)
	if c.Next(&e) != nil {
		return nil
	}
	for c = e.Content(); c.More(); {
		if c.Next(&e) != nil {
			return nil
		}
	}
	return e.Whole()
}

// consult asks an oracle about the lines; it has to find each the same as it would write it.
func consult(t *testing.T, lines []string, oracle func(file string) *exec.Cmd) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "lines")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := oracle(file)
	var faults bytes.Buffer
	cmd.Stderr = &faults
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s%s", err, out, faults.Bytes())
	}
	answers := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(answers) != len(lines) {
		t.Fatalf("%d answers to %d questions\n%s", len(answers), len(lines), out)
	}
	for i, answer := range answers {
		if !strings.HasSuffix(answer, " same") {
			t.Errorf("%s\n of %s", answer, lines[i])
		}
	}
	t.Logf("%d agreed on", len(lines))
}

// phase3Type returns the name of the type of a message's argument or result.
func phase3Type(m *csta.Message) string {
	if m.Event == csta.EventLampMode {
		return "" // the module has it as a placeholder
	}
	name := m.Service.String()
	switch m.Service {
	case csta.SystemStatus, csta.RequestSystemStatus:
		if m.Kind == csta.KindResponse {
			return map[csta.Service]string{csta.SystemStatus: "AckResult", csta.RequestSystemStatus: "RequestSysStatRes"}[m.Service]
		}
		return map[csta.Service]string{csta.SystemStatus: "SystemStatusArg", csta.RequestSystemStatus: "RequestSysStatArg"}[m.Service]
	case csta.SingleStepTransferCall:
		name = "SingleStepTrans"
	case csta.RouteSelect:
		name = "RouteSelectRequest"
	case csta.AnswerCall, csta.MonitorStop:
		if m.Kind == csta.KindResponse {
			return "AckResult"
		}
	}
	return kindType(m, name, "Argument", "Result", "CSTAEventReportArgument")
}

// phase2Type: the module was made of traces, and those had call control events alone.
func phase2Type(m *csta.Message) string {
	if m.Kind == csta.KindEvent && m.Event.Category() != csta.CategoryCallControl {
		return ""
	}
	return kindType(m, m.Service.String(), "Argument", "Result", "CSTAEventReportArgument")
}

// phase1Type: the module spells some events and services in its own way.
func phase1Type(m *csta.Message) string {
	if m.CallObject && m.Service == csta.MonitorStart {
		return "" // the module is that of a switch that monitors devices alone
	}
	event := m.Event.String()
	switch m.Event {
	case csta.EventAgentLoggedOn:
		event = "LoggedOn"
	case csta.EventAgentLoggedOff:
		event = "LoggedOff"
	case csta.EventAgentNotReady:
		event = "NotReady"
	case csta.EventAgentReady:
		event = "Ready"
	}
	name := m.Service.String()
	switch m.Service {
	case csta.DeflectCall:
		name = "DivertCall"
	case csta.GetDoNotDisturb, csta.GetMessageWaitingIndicator, csta.GetForwarding, csta.GetAgentState:
		name = "QueryDevice"
	case csta.SetDoNotDisturb, csta.SetMessageWaitingIndicator, csta.SetForwarding, csta.SetAgentState:
		name = "SetFeature"
	}
	return kindType(m, name, "Args", "RS", event)
}

func kindType(m *csta.Message, name, argument, result, event string) string {
	switch m.Kind {
	case csta.KindRequest:
		return name + argument
	case csta.KindResponse:
		return name + result
	case csta.KindEvent:
		return event
	default:
		return ""
	}
}

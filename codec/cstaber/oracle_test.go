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
	var asked []question
	for _, module := range []string{"CSTA3-services", "CSTA3-events"} {
		asked = append(asked, ours(t, cstaber.Phase3, module, definitions(t, folder, module), phase3Type)...)
	}
	asked = append(asked, ours(t, cstaber.Phase2, "CSTA2-traces", definitions(t, folder, "CSTA2-traces"), phase2Type)...)
	asked = append(asked, pdus(t, cstaber.Phase2, "CSTA-ROSE ROSEapdu")...)
	asked = append(asked, pdus(t, cstaber.Phase3, "CSTA-ROSE ROSEapdu")...)
	asked = append(asked, causes(t)...)
	asked = append(asked, failures(t)...)
	asked = append(asked, filters(t)...)
	asked = append(asked, associations(t)...)
	consult(t, asked, func(file string) *exec.Cmd {
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
	asked := ours(t, cstaber.Phase1, "I", definitions(t, folder, "csta-phase1.convert-asn1"), phase1Type)
	asked = append(asked, ours(t, cstaber.Phase2, "I", definitions(t, folder, "csta-phase1.convert-asn1"), phase2Service)...)
	asked = append(asked, pdus(t, cstaber.Phase1, "I CSTAapdu")...)
	asked = append(asked, pdus(t, cstaber.Phase2, "I CSTAapdu")...)
	consult(t, asked, func(file string) *exec.Cmd {
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
	files = append(files, filepath.Join(root, "asn1", "osi", "x227bis-ACSE-1.asn1"))
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
		name := strings.TrimPrefix(filepath.Base(file), "x227bis-")
		if name != filepath.Base(file) {
			text = aloneACSE(text)
		}
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// aloneACSE takes from the module of ACSE what CSTA has no use for, and what Erlang refuses: nested
// associations, and the names of the directory that it imports.
func aloneACSE(text []byte) []byte {
	for _, r := range [][2]string{
		{`DEFAULT \{version1\}`, "OPTIONAL"}, // which is written by some vendors
		{`(?s)ACSE-requirements ::= BIT STRING \{.*?\}`, "ACSE-requirements ::= BIT STRING"},
		{`(?s)IMPORTS.*?;`, ""},
		{`(?s)abrt  ABRT-apdu,.*?\n}`, "abrt  ABRT-apdu\n}"},
		{`(?s)A-DT-apdu ::=.*?\nABRT-diagnostic`, "ABRT-diagnostic"},
		{`\nEND`, "\nName ::= SEQUENCE OF INTEGER\nRelativeDistinguishedName ::= SET OF INTEGER\nEND"},
	} {
		text = regexp.MustCompile(r[0]).ReplaceAll(text, []byte(r[1]))
	}
	return text
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

// question is a line for an oracle, and the names that it has to find in there.
type question struct {
	line  string
	names []string
	zeros bool // its bit strings may end in zeros, as vendors have them, which the oracle would leave out
}

// ours returns what we write of the table of messages: of each that the module has a type for, the
// argument, result or event.
func ours(t *testing.T, phase cstaber.Phase, module string, types map[string]bool, name func(*csta.Message) string) []question {
	t.Helper()
	var asked []question
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
			asked = append(asked, question{
				line:  fmt.Sprintf("%s %s %s", module, typ, hex.EncodeToString(content)),
				names: namesIn(phase, &tc.Message),
			})
		}
	}
	return asked
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

// consult asks an oracle; it has to find each the same as it would write it, and name in it what we
// meant. An oracle that knows no names says nothing behind "same".
func consult(t *testing.T, asked []question, oracle func(file string) *exec.Cmd) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "lines")
	var text strings.Builder
	for _, q := range asked {
		fmt.Fprintln(&text, q.line)
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
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
	if len(answers) != len(asked) {
		t.Fatalf("%d answers to %d questions\n%s", len(answers), len(asked), out)
	}
	names := 0
	for i, answer := range answers {
		_, value, same := strings.Cut(answer, " same")
		if asked[i].zeros && !same {
			_, value, same = strings.Cut(answer, " otherwise ")
		}
		if !same {
			t.Errorf("%s\n of %s", answer, asked[i].line)
			continue
		}
		for _, name := range asked[i].names {
			if value == "" {
				continue
			}
			names++
			if !regexp.MustCompile(`\b` + name + `\b`).MatchString(value) {
				t.Errorf("no %s in %s\n of %s", name, value, asked[i].line)
			}
		}
	}
	t.Logf("%d agreed on, with %d names", len(answers), names)
}

package main

import (
	"os"
	"path/filepath"
	"strings"
	"time"
)

// defaultVersions are the editions of ECMA-323 offered to the switch, the newest first.
var defaultVersions = []string{
	"http://www.ecma-international.org/standards/ecma-323/csta/ed6",
	"http://www.ecma-international.org/standards/ecma-323/csta/ed5",
	"http://www.ecma-international.org/standards/ecma-323/csta/ed4",
	"http://www.ecma-international.org/standards/ecma-323/csta/ed3",
}

const defaultApplication = "haproxy"

func readSession(t *table, protocol string, known *profile) Session {
	var s Session
	s.Kind = SessionKind(t.oneOf("kind", string(known.sessionFor(protocol)),
		string(SessionNone), string(SessionECMA354), string(SessionACSE)))
	s.ApplicationID = t.text("application_id", defaultApplication)
	s.User = t.text("user", "")
	file := t.text("password_file", "")
	s.Duration = t.duration("duration", 3*time.Minute, 10*time.Second, 24*time.Hour)
	if s.Duration%time.Second != 0 {
		t.fault("duration", "duration = %q: write whole seconds, the protocol knows no less", s.Duration)
	}
	switch {
	case s.Kind == SessionACSE && protocol == protocolXML:
		t.fault("kind", `kind = "acse" is for the ASN.1 protocols: write "ecma354" or "none" for %q`,
			protocol)
		readVersions(t, &s)
	case s.Kind == SessionECMA354 && protocol != protocolXML:
		t.fault("kind", `kind = "ecma354" is for %q: write "acse" or "none" for %q`, protocolXML, protocol)
		readVersions(t, &s)
	case s.Kind == SessionACSE:
		readAssociation(t, &s, protocol, known.associationFor(protocol), file)
	case s.Kind == SessionECMA354:
		readVersions(t, &s)
		s.Password = readLogin(t, &s, file)
	default:
		readVersions(t, &s)
	}
	if !t.has("kind") || t.values["kind"] == string(s.Kind) { // else what it needs is not known
		checkUnused(t, s.Kind, protocol)
	}
	t.close()
	return s
}

// readVersions reads the editions of ECMA-323, and the key beside it that is of no use then.
func readVersions(t *table, s *Session) {
	t.text("application_context", "")
	s.Versions = t.texts("versions", defaultVersions, func(version string) string {
		if version == "" {
			return "write the namespace of an edition"
		}
		return ""
	})
}

// readLogin checks what a session opens with and gives the password.
func readLogin(t *table, s *Session, file string) Secret {
	if s.ApplicationID == "" {
		t.fault("application_id", `application_id is empty: a session needs one, as %q`,
			defaultApplication)
	}
	if len(s.Versions) == 0 {
		t.fault("versions", "versions is empty: name one edition at least, or remove the key")
	}
	return readPassword(t, s.User, file)
}

// readPassword gives the password of a user.
func readPassword(t *table, user, file string) Secret {
	if file == "" {
		return ""
	}
	if user == "" {
		t.fault("user", `user is missing: password_file needs user = "…" beside it`)
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(filepath.Dir(t.doc.path), file)
	}
	secret, reason := readSecret(file)
	if reason != "" {
		t.fault("password_file", "password_file %s %s", file, reason)
	}
	return secret
}

// secretMax bounds a password file.
const secretMax = 1024

// readSecret reads a file of one line that others cannot read.
func readSecret(path string) (secret Secret, reason string) {
	info, err := os.Stat(path)
	if err != nil {
		return "", "cannot be read: " + cause(err) + "; write the password into it as one line"
	}
	if !info.Mode().IsRegular() {
		return "", "is no regular file: write the password into a file as one line"
	}
	if info.Mode().Perm()&0o004 != 0 {
		return "", "can be read by everybody: chmod o-r it"
	}
	if info.Size() > secretMax {
		return "", "is longer than 1024 bytes: write the password alone into it"
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", "cannot be read: " + cause(err)
	}
	password := strings.TrimRight(string(text), "\r\n")
	switch {
	case password == "":
		return "", "is empty: write the password into it as one line"
	case strings.ContainsAny(password, "\r\n\x00"):
		return "", "has more than one line: write the password alone into it"
	}
	return Secret(password), ""
}

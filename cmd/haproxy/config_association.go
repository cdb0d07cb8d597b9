package main

import (
	"encoding/asn1"
	"slices"
	"strconv"
	"strings"

	"haproxy/codec/csta"
)

// readAssociation reads the keys of kind = "acse" over what the profile or the protocol has, and
// gives what the proxy asks of the switch.
func readAssociation(t *table, s *Session, protocol string, asked csta.Association, file string) {
	if context := t.text("application_context", ""); context != "" {
		content, reason := parseOID(context)
		if reason != "" {
			t.fault("application_context", "application_context = %q: %s", context, reason)
		}
		asked.Context = content
	}
	s.Versions = t.texts("versions", asked.Versions.Names(), func(name string) string {
		if _, known := csta.ParseVersion(name); !known {
			return "write any of " + quoteAll(versionNames)
		}
		return ""
	})
	if t.has("versions") && asked.Form == csta.UserInfoNone {
		t.fault("versions", "versions has no effect: an association of %q names none; remove it", protocol)
	} else if t.has("versions") && !t.filled("versions") {
		t.fault("versions", "versions is empty: name one version at least, or remove the key")
	}
	asked.Versions = 0
	for _, name := range s.Versions {
		version, _ := csta.ParseVersion(name)
		asked.Versions |= version
	}
	s.Password = readPassword(t, s.User, file)
	asked.User, asked.Password = []byte(s.User), csta.Secret(s.Password)
	s.Association = asked
}

// versionNames are the CSTA versions that an association can ask for.
var versionNames = csta.Versions(1<<32 - 1).Names()

// parseOID reads an object identifier in dots and gives its content octets.
func parseOID(text string) (content []byte, reason string) {
	const remedy = `write an object identifier in dots, as "1.3.12.0.218"`
	var arcs asn1.ObjectIdentifier
	for arc := range strings.SplitSeq(text, ".") {
		n, err := strconv.ParseUint(arc, 10, 31)
		if err != nil {
			return nil, remedy
		}
		arcs = append(arcs, int(n))
	}
	der, err := asn1.Marshal(arcs)
	if err != nil || len(der) > 2+0x7F {
		return nil, remedy
	}
	return der[2:], ""
}

// keysOf are the keys of a session, but for kind, that each kind uses.
var keysOf = map[SessionKind][]string{
	SessionNone:    {"versions", "duration"}, // which have always been let pass
	SessionECMA354: {"application_id", "user", "password_file", "versions", "duration"},
	SessionACSE:    {"application_context", "user", "password_file", "versions"},
}

// checkUnused reports the keys that the session does not use: most likely kind was forgotten.
func checkUnused(t *table, kind SessionKind, protocol string) {
	other := SessionECMA354
	if protocol != protocolXML {
		other = SessionACSE
	}
	for _, key := range []string{
		"application_id", "application_context", "user", "password_file", "versions", "duration",
	} {
		if slices.Contains(keysOf[kind], key) || !t.filled(key) || t.values[key] == unused[key] {
			continue
		}
		if kind == SessionNone && slices.Contains(keysOf[other], key) {
			t.fault(key, `%s has no effect with kind = %q: write kind = %q, or remove it`, key, kind, other)
			continue
		}
		t.fault(key, `%s has no effect with kind = %q: remove it`, key, kind)
	}
}

// unused are values that do no harm where they are not used: the defaults, as a file may state them.
var unused = map[string]any{"application_id": defaultApplication, "duration": "3m"}

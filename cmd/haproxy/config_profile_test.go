package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"haproxy/codec/csta"
	"haproxy/codec/frame"
)

// profiled is the least file of a profile, with more keys of its link.
func profiled(name, keys string) string {
	return strings.Replace(withASN1("", keys), `protocol = ""`, fmt.Sprintf("profile = %q", name), 1)
}

func TestProfiles(t *testing.T) {
	for name, want := range map[string]Link{
		"oxe": {
			Protocol: "csta2-ber", Framing: "oxe", Session: Session{Kind: SessionACSE},
			HeartbeatInterval: 10 * time.Second,
		},
		"panasonic": {
			Protocol: "csta3-ber", Framing: "length16", Session: Session{Kind: SessionACSE},
			HeartbeatInterval: 10 * time.Second,
		},
		"hipath4000": {
			Protocol: "csta3-ber", Framing: "hipath26", Session: Session{Kind: SessionACSE},
			HeartbeatInterval: 3 * time.Second,
		},
		"md110": {
			Protocol: "csta1-ber", Framing: "length16", Session: Session{Kind: SessionNone},
			HeartbeatInterval: 3 * time.Second,
		},
		"openscape-voice": {
			Protocol: "csta3-xml", Framing: "ecma323", Session: Session{Kind: SessionNone},
			HeartbeatInterval: 3 * time.Second,
		},
	} {
		got := mustParse(t, profiled(name, "")).Links[0]
		if got.Profile != name || got.Protocol != want.Protocol || got.Framing != want.Framing ||
			got.Session.Kind != want.Session.Kind || got.HeartbeatInterval != want.HeartbeatInterval ||
			got.HeartbeatMisses != 3 {
			t.Errorf("%s is %+v", name, got)
		}
	}
	for _, name := range []string{"", "generic"} {
		if _, faults := parseConfig("f", profiled(name, "")); len(faults) != 1 ||
			!strings.HasPrefix(faults[0].text, "protocol is missing") {
			t.Errorf("profile %q without protocol: %v", name, faults)
		}
	}
}

// TestKeysWinOverProfile: what the file says holds, and the rest of the profile where it makes sense.
func TestKeysWinOverProfile(t *testing.T) {
	for _, c := range []struct {
		profile, keys     string
		protocol, framing string
		kind              SessionKind
	}{
		{"oxe", "framing = \"length16\"\n", "csta2-ber", "length16", SessionACSE},
		{"oxe", "protocol = \"csta3-ber\"\n", "csta3-ber", "oxe", SessionACSE},
		{"oxe", "protocol = \"csta3-xml\"\n", "csta3-xml", "ecma323", SessionNone},
		{"oxe", "session.kind = \"none\"\n", "csta2-ber", "oxe", SessionNone},
		{"openscape-voice", "session.kind = \"ecma354\"\n", "csta3-xml", "ecma323", SessionECMA354},
		{"openscape-voice", "protocol = \"csta3-ber\"\n", "csta3-ber", "length16", SessionNone},
		{"md110", "session.kind = \"acse\"\n", "csta1-ber", "length16", SessionACSE},
		{"generic", "protocol = \"csta1-ber\"\nframing = \"tpkt\"\n", "csta1-ber", "tpkt", SessionNone},
	} {
		got := mustParse(t, profiled(c.profile, c.keys)).Links[0]
		if got.Protocol != c.protocol || got.Framing != c.framing || got.Session.Kind != c.kind {
			t.Errorf("%s with %q: %s over %s, session %s", c.profile, c.keys, got.Protocol, got.Framing,
				got.Session.Kind)
		}
	}
	got := mustParse(t, profiled("oxe", "heartbeat_interval = \"1s\"\nheartbeat_misses = 5\n")).Links[0]
	if got.HeartbeatInterval != time.Second || got.HeartbeatMisses != 5 {
		t.Errorf("heartbeat every %v, %d misses", got.HeartbeatInterval, got.HeartbeatMisses)
	}
}

func TestEveryProtocolOverItsFramings(t *testing.T) {
	for protocol, framings := range protocols {
		if got := mustParse(t, withASN1(protocol, "")).Links[0].Framing; got != framings[0] {
			t.Errorf("%s goes over %s by default", protocol, got)
		}
		for _, framing := range framings {
			link := mustParse(t, withASN1(protocol, fmt.Sprintf("framing = %q\n", framing))).Links[0]
			known, ok := frame.ParseFraming(framing)
			if link.Framing != framing || !ok || framingOf(&link) != known {
				t.Errorf("%s over %s became %s", protocol, framing, link.Framing)
			}
			if most := known.MaxPDU(); framing != "ber" && (link.FrameMax < most || link.FrameMax > most+16) {
				t.Errorf("frame_max of %s is %d, it carries %d", framing, link.FrameMax, most)
			}
			c := newCodec(&link, known)()
			msg := csta.Message{
				Kind: csta.KindRequest, Service: csta.SystemStatus, Invoke: 7, Status: csta.StatusNormal,
			}
			frm, err := c.Append(nil, &msg)
			var got csta.Message
			if err != nil || c.Decode(&got, frm) != nil || got.Service != csta.SystemStatus || got.Invoke != 7 {
				t.Errorf("%s over %s: % x, %v", protocol, framing, frm, err)
			}
		}
	}
}

func TestAssociations(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "password"), []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, faults := parseConfig(filepath.Join(dir, "f"), profiled("hipath4000", "session = { "+
		`user = "AMHOST", password_file = "password", versions = ["iso-18052", "ecma-285-ed2"], `+
		"application_context = \"1.3.12.0.285.200\" }\n"))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	a := cfg.Links[0].Session.Association
	if string(a.User) != "AMHOST" || string(a.Password) != "hunter2" || len(a.Reference) > 0 ||
		!bytes.Equal(a.Context, []byte("\x2b\x0c\x00\x82\x1d\x81\x48")) ||
		a.Versions != csta.VersionISO18052|csta.VersionECMA285Ed2 {
		t.Errorf("%+v", a)
	}
	if text := fmt.Sprintf("%v %+v %#v %v", cfg, cfg, cfg, a); strings.Contains(text, "hunter2") {
		t.Error("the password prints")
	}
	for protocol, want := range map[string]string{
		"csta1-ber": `"ecma-180"`, "csta2-ber": `"ecma-180", "ecma-218"`, "csta3-ber": `"ecma-285-ed2"`,
	} {
		cfg := mustParse(t, withASN1(protocol, "session.kind = \"acse\"\n"))
		if got := quoteAll(cfg.Links[0].Session.Versions); got != want || len(cfg.Links[0].Session.Association.Context) == 0 {
			t.Errorf("%s asks for %s", protocol, got)
		}
	}
	for text, want := range map[string]string{"1.3.12.0.218": "+\x0c\x00\x81\x5a", "2.999": "\x88\x37"} {
		if got, reason := parseOID(text); string(got) != want || reason != "" {
			t.Errorf("%s: % x %s", text, got, reason)
		}
	}
	for _, text := range []string{"1", "3.1", "1.40", "1..2", "-1.2", "1.3.", "1.3.99999999999", strings.Repeat("1.", 200) + "1"} {
		if got, reason := parseOID(text); reason == "" {
			t.Errorf("%s is % x", text, got)
		}
	}
}

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// withASN1 is the least file with another protocol and more keys of its link, from line 5 on.
func withASN1(protocol, keys string) string {
	head, tail, _ := strings.Cut(strings.Replace(least, "csta3-xml", protocol, 1), "[[link.tserver]]")
	return head + keys + "[[link.tserver]]" + tail
}

// faultCases give a file with %-free text and what check says of it: LINE: start of the sentence.
// A text that begins with "+" is added to the least file behind line 4, within [[link]]; with "&",
// at its end, within [[link.tserver]].
var faultCases = []struct {
	name string
	text string
	want []string
}{
	{"syntax", "[log]\nlevel = \n", []string{"2: not TOML: "}},
	{"key twice", "[log]\nlevel=\"info\"\nlevel=\"info\"\n", []string{"3: not TOML: "}},
	{"no link", "[log]\n", []string{`1: no link: add a [[link]]`}},
	{"empty link", "\n[[link]]\n", []string{
		"2: dial is missing: add dial", "2: name is missing", "2: no T-Server: add a [[link.tserver]]",
		"2: protocol is missing",
	}},
	{"link is a table", "[link]\nname = \"x\"\n", []string{
		"1: link is a table: write an array table, [[link]]",
	}},
	{"log is a list", "[[log]]\n", []string{
		"1: log is an array table: write a table, [log]", "1: no link: add a [[link]]",
	}},
	{"record", "+record = \"dir\"\nrecord_size = \"1KiB\"\nrecord_files = 1\n", []string{
		"6: record_size", "7: record_files",
	}},
	{"record of a T-Server named switch", "[[link]]\nname = \"x\"\nprotocol = \"csta3-xml\"\ndial = [\"h:1\"]\n" +
		"record = \"dir\"\n[[link.tserver]]\nname = \"switch\"\nlisten = \"127.0.0.1:2\"\n", []string{
		`5: a T-Server is named "switch"`,
	}},
	{"unknown keys", "&backlog = 1\nname2 = 1\n[logs]\n[log]\nlevell = \"info\"\n", []string{
		`8: unknown key "backlog": remove it; known here are name, listen, allow, backlog_max`,
		`9: unknown key "name2": did you mean name?`,
		`10: unknown key "logs": did you mean log?`,
		`12: unknown key "levell": did you mean level?`,
	}},
	{"types", "+request_rate = \"8\"\nseed = 1\nreplay = true\nconnect_timeout = 2\nanswer = \"monitor\"\n" +
		"frame_max = 1.5\nmonitor_linger = 1979-05-27\n", []string{
		"5: request_rate is text: write a whole number without quotes",
		"6: seed is a whole number: write true or false",
		"7: replay is true or false: write text in quotes",
		`8: connect_timeout is a whole number: write a time with its unit in quotes, as connect_timeout = "2s"`,
		`9: answer is text: write a list`,
		`10: frame_max = (a number with a fraction) is no size: write bytes`,
		`11: monitor_linger is a date: write a time`,
	}},
	{"bounds", "+request_outstanding = 9999\nheartbeat_misses = 0\nrequest_rate = -1\nrequest_queue = 0\n" +
		"heartbeat_interval = \"0s\"\nconnect_timeout = \"-2s\"\nframe_max = \"128KiB\"\njournal_max = \"1KiB\"\n" +
		"request_timeout = \"5 s\"\nroute_timeout = \"1h\"\n", []string{
		"5: request_outstanding = 9999 is out of bounds: write 1 to 9998",
		"6: heartbeat_misses = 0 is out of bounds: write 1 to 100",
		"7: request_rate = -1 is out of bounds: write 0 to 1000000",
		"8: request_queue = 0 is out of bounds",
		`9: heartbeat_interval = "0s" is out of bounds: write "100ms" to "1h"`,
		`10: connect_timeout = "-2s" is out of bounds`,
		`11: frame_max = "128KiB" is out of bounds: write "1KiB" to "64KiB"`,
		`12: journal_max = "1KiB" is out of bounds`,
		`13: request_timeout = "5 s" is no time: write it as "10s"`,
		`14: route_timeout = "1h" is out of bounds: write "0s" to "5m"`,
	}},
	{
		"words", "+replay = \"all\"\non_link_loss = \"drop\"\nprofile = \"acme\"\nanswer = [\n\"monitor\",\n\"calls\",\n\"monitor\",7]\n",
		[]string{
			`5: replay = "all" is not known: write one of "events", "snapshot", "off"`,
			`6: on_link_loss = "drop" is not known: write one of "status", "close"`,
			`7: profile = "acme" is not known: write one of "", "generic", "oxe", "panasonic", "hipath4000", "md110"`,
			`10: answer has "calls": write any of "monitor", "snapshot", "features"`,
			`11: answer has "monitor": it stands there twice`,
			`11: answer has an element that is a whole number`,
		},
	},
	{"log words", least + "[log]\nlevel=\"loud\"\nformat=\"xml\"\n", []string{
		`9: level = "loud" is not known: write one of "debug", "info", "warn", "error"`,
		`10: format = "xml" is not known`,
	}},
	{"unknown protocol", strings.Replace(least, "csta3-xml", "csta4", 1), []string{
		`3: protocol = "csta4" is not known: write one of "csta3-xml", "csta3-ber", "csta2-ber", "csta1-ber"`,
	}},
	{"unknown profile alone", strings.Replace(least, "protocol = \"csta3-xml\"", "profile = \"acme\"", 1), []string{
		`3: profile = "acme" is not known: write one of "", "generic", "oxe"`,
	}},
	{"unknown version alone", withASN1("csta2-ber", "session = { kind = \"acse\", versions = [\"ecma-1\"] }\n"), []string{
		`5: versions has "ecma-1": write any of "ecma-180"`,
	}},
	{"framing", "+framing = \"length32\"\n", []string{
		`5: framing = "length32" is not known: write one of "ecma323", "length16", "oxe", "hipath26", "tpkt", "ber"`,
	}},
	{"XML over a framing of ASN.1", "+framing = \"tpkt\"\n", []string{
		`5: framing = "tpkt" is for the ASN.1 protocols: "csta3-xml" goes over "ecma323"`,
	}},
	{"ASN.1 over the framing of XML", withASN1("csta2-ber", "framing = \"ecma323\"\n"), []string{
		`5: framing = "ecma323" is for XML: "csta2-ber" goes over one of "length16", "oxe", "hipath26", "tpkt", "ber"`,
	}},
	{"frame_max of 15 bits", withASN1("csta3-ber", "framing = \"hipath26\"\nframe_max = \"64KiB\"\n"), []string{
		`6: frame_max = "64KiB" is out of bounds: write "1KiB" to "32KiB"`,
	}},
	{"frame_max of 16 bits", withASN1("csta3-ber", "framing = \"oxe\"\nframe_max = \"65KiB\"\n"), []string{
		`6: frame_max = "65KiB" is out of bounds: write "1KiB" to "64KiB"`,
	}},
	{"a session of XML", withASN1("csta3-ber", "session.kind = \"ecma354\"\n"), []string{
		`5: kind = "ecma354" is for "csta3-xml": write "acse" or "none" for "csta3-ber"`,
	}},
	{"keys of an association", withASN1("csta3-ber", "[link.session]\nkind = \"acse\"\napplication_id = \"cti\"\n"+
		"application_context = \"csta\"\nversions = [\"ecma-285-ed2\", \"ed6\"]\npassword_file = \"absent\"\n"+
		"duration = \"5m\"\n"), []string{
		`5: user is missing`, `7: application_id has no effect with kind = "acse": remove it`,
		`8: application_context = "csta": write an object identifier in dots, as "1.3.12.0.218"`,
		`9: versions has "ed6": write any of "ecma-180", "ecma-218", "ecma-285-ed1", "iso-18052", "ecma-285-ed2"`,
		`10: password_file `, `11: duration has no effect with kind = "acse": remove it`,
	}},
	{"no versions", withASN1("csta2-ber", "session = { kind = \"acse\", versions = [] }\n"), []string{
		`5: versions is empty: name one version at least`,
	}},
	{"versions in phase I", withASN1("csta1-ber", "session = { kind = \"acse\", versions = [\"ecma-180\"] }\n"), []string{
		`5: versions has no effect: an association of "csta1-ber" names none`,
	}},
	{"an association without its kind", withASN1("csta3-ber", "session = { application_context = "+
		"\"1.3.12.0.218\", user = \"cti\" }\n"), []string{
		`5: application_context has no effect with kind = "none": write kind = "acse", or remove it`,
		`5: user has no effect with kind = "none": write kind = "acse", or remove it`,
	}},
	{"a context in a session of XML", "+session = { kind = \"ecma354\", application_context = \"1.3.12.0.218\" }\n", []string{
		`5: application_context has no effect with kind = "ecma354": remove it`,
	}},
	{"dial and listen", "+listen = \":1050\"\n", []string{"5: dial and listen exclude each other"}},
	{"dial empty", strings.Replace(least, `"192.0.2.10:1040"`, "", 1), []string{"4: dial is missing"}},
	{"dial wrong", strings.Replace(least, `"192.0.2.10:1040"`,
		`"a:b:c", "pbx", ":1", "pbx:x", "p bx:1", "[::1]:70000", "10.0.0.1%e:1"`, 1), []string{
		`4: dial has "10.0.0.1%e:1": write it as "host:port"`,
		`4: dial has ":1": write it as "host:port"`,
		`4: dial has "[::1]:70000": write the port as a number from 1 to 65535`,
		`4: dial has "a:b:c": write it as "host:port", an IPv6 host in brackets`,
		`4: dial has "p bx:1": write it as "host:port"`,
		`4: dial has "pbx": write it as "host:port"`,
		`4: dial has "pbx:x": write the port as a number`,
	}},
	{"dial itself", strings.Replace(least, "192.0.2.10:1040", "127.0.0.1:1041", 1), []string{
		`4: dial has "127.0.0.1:1041", where T-Server "primary" listens`,
	}},
	{"names", strings.Replace(strings.Replace(least, `"pbx"`, `"my pbx"`, 1), `"primary"`, `""`, 1), []string{
		`2: name = "my pbx" is no name: write 1 to 64 letters`, `6: name = "" is no name`,
	}},
	{"listen missing", "&[[link.tserver]]\nname=\"backup\"\n", []string{"8: listen is missing: add listen"}},
	{"names twice", "&[[link.tserver]]\nname=\"primary\"\nlisten=\":1042\"\n" +
		strings.ReplaceAll(least, "1041", "1043"), []string{
		`9: T-Server "primary" stands on line 6 already`, `12: link "pbx" stands on line 2 already`,
	}},
	{"port taken", "&[[link.tserver]]\nname=\"b\"\nlisten=\"[::]:1041\"\n[admin]\nlisten=\"localhost:1041\"\n", []string{
		`10: listen = "[::]:1041" is taken by [admin] on line 12`,
		`10: listen = "[::]:1041" overlaps "127.0.0.1:1041" of T-Server "primary" on line 7`,
		`7: listen = "127.0.0.1:1041" is taken by [admin] on line 12`,
	}},
	{"admin's default taken", strings.Replace(least, "1041", "8040", 1), []string{
		`7: listen = "127.0.0.1:8040" is taken by [admin] (its default): give one of them another port`,
	}},
	{"other link's port", "&" + strings.ReplaceAll(least, "pbx", "pbx2"), []string{
		`14: listen = "127.0.0.1:1041" is taken by T-Server "primary" on line 7`,
	}},
	{"shared without allow", "&[[link.tserver]]\nname=\"b\"\nlisten=\"127.0.0.1:1041\"\nallow=[\"192.0.2.0/24\"]\n", []string{
		`10: listen = "127.0.0.1:1041" is shared with T-Server "primary" on line 7: give each a port`,
	}},
	{"shared with overlap", "&allow=[\"192.0.2.0/24\"]\n[[link.tserver]]\nname=\"b\"\nlisten=\"127.0.0.1:1041\"\n" +
		"allow=[\"192.0.2.7\"]\n", []string{
		`12: allow has 192.0.2.7/32, which overlaps 192.0.2.0/24 of T-Server "primary"`,
	}},
	{"allow wrong", "&allow=[\"192.0.2.0/33\",\n\"192.0.2.7/24\",\n\"host\"]\n", []string{
		`10: allow has "host": write a network`,
		`8: allow has "192.0.2.0/33": write a network as "192.0.2.0/24"`,
		`9: allow has "192.0.2.7/24": bits are set behind the prefix length: write 192.0.2.0/24`,
	}},
	{"backlog under a frame", "&backlog_max = \"64KiB\"\n", []string{
		`8: backlog_max is under four times frame_max: write "256KiB" or more`,
	}},
	{"admin listen", least + "[admin]\nlisten=\"8040\"\n", []string{`9: listen = "8040": write it as "host:port"`}},
	{"gomaxprocs", least + "[runtime]\ngomaxprocs = -1\n", []string{"9: gomaxprocs = -1 is out of bounds"}},
	{"acse", "+session.kind = \"acse\"\n", []string{`5: kind = "acse" is for the ASN.1 protocols`}},
	{"no session", "+[link.session]\nuser = \"cti\"\napplication_id = \"x\"\n", []string{
		`6: user has no effect with kind = "none"`, `7: application_id has no effect`,
	}},
	{"session of unknown kind", "+[link.session]\nkind = \"ecma345\"\nuser = \"cti\"\n", []string{
		`6: kind = "ecma345" is not known`,
	}},
	{"session of another type", "+[link.session]\nkind = 354\nuser = \"cti\"\n", []string{
		"6: kind is a whole number",
	}},
	{"login of another type", "+[link.session]\nkind = \"ecma354\"\nuser = 1\nversions = 6\n" +
		"password_file = \"absent\"\n", []string{
		"7: user is a whole number", "8: versions is a whole number", "9: password_file ",
	}},
	{"session", "+[link.session]\nkind = \"ecma354\"\napplication_id=\"\"\nversions=[\"\"]\nduration=\"10500ms\"\n" +
		"password_file = \"absent\"\n", []string{
		`10: password_file `, `5: user is missing: password_file needs user`,
		`7: application_id is empty`, `8: versions has "": write the namespace`, `8: versions is empty`,
		`9: duration = "10.5s": write whole seconds`,
	}},
}

func TestFaults(t *testing.T) {
	for _, c := range faultCases {
		t.Run(c.name, func(t *testing.T) {
			text := c.text
			head, tail, _ := strings.Cut(least, "[[link.tserver]]")
			if rest, ok := strings.CutPrefix(text, "+"); ok {
				text = head + rest + "[[link.tserver]]" + tail
			}
			if rest, ok := strings.CutPrefix(text, "&"); ok {
				text = least + rest
			}
			cfg, faults := parseConfig("f", text)
			got := (&configError{"f", faults}).Error()
			if cfg == nil && !strings.Contains(got, "not TOML") {
				t.Error("no configuration")
			}
			missing := strings.Split(got, "\n")
			t.Log(got)
			if len(missing) != len(c.want) {
				t.Errorf("%d faults, want %d", len(missing), len(c.want))
			}
			for _, want := range c.want {
				if !strings.Contains(got+"\n", "f:"+want) {
					t.Errorf("no fault %q", want)
				}
			}
		})
	}
}

// A value of a type that no key has is told once, whatever stands in for it.
func TestMistypedIsOneFault(t *testing.T) {
	example, err := os.ReadFile("../../config.example.toml")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(example), "\n")
	tried := 0
	for i, line := range lines {
		key, _, ok := strings.Cut(line, " = ")
		if !ok || !isWord(key) || strings.HasSuffix(line, "offered, the best first") {
			continue
		}
		tried++
		lines[i] = key + " = 1979-05-27"
		_, faults := parseConfig("f", strings.Join(lines, "\n"))
		lines[i] = line
		if len(faults) != 1 || faults[0].line != i+1 {
			t.Errorf("%s: %v", key, faults)
		}
	}
	if tried < 30 {
		t.Errorf("%d keys tried", tried)
	}
}

func TestPasswordFileFaults(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		content string
		mode    os.FileMode
		want    string
	}{
		"world":  {"secret", 0o644, "can be read by everybody: chmod o-r it"},
		"empty":  {"\n", 0o600, "is empty: write the password"},
		"two":    {"a\nb\n", 0o600, "has more than one line"},
		"long":   {strings.Repeat("x", 1025), 0o600, "is longer than 1024 bytes"},
		"a/b":    {"", 0, "is no regular file"},
		"absent": {"", 0, "cannot be read: no such file or directory"},
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		switch {
		case name == "a/b":
			if err := os.MkdirAll(path, 0o700); err != nil {
				t.Fatal(err)
			}
		case c.mode != 0:
			if err := os.WriteFile(path, []byte(c.content), c.mode); err != nil {
				t.Fatal(err)
			}
		}
		secret, reason := readSecret(path)
		if secret != "" || !strings.Contains(reason, c.want) {
			t.Errorf("%s: got %q, want %q", name, reason, c.want)
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add(least)
	f.Add("a.\"b\\u0041\".'c' = [{x=1}, [2, \"\"\"\n\\\"\"\"\"\"\"]]\n[[a]]\n[a.b]\n")
	if example, err := os.ReadFile("../../config.example.toml"); err == nil {
		f.Add(string(example))
	}
	for _, c := range faultCases {
		f.Add(c.text)
	}
	path := filepath.Join(f.TempDir(), "f")
	f.Fuzz(func(t *testing.T, text string) {
		lines := 1 + strings.Count(text, "\n")
		for key, line := range indexLines(text) {
			if line < 1 || line > lines {
				t.Fatalf("%s on line %d of %d", key, line, lines)
			}
		}
		var tree map[string]any
		if _, err := toml.Decode(text, &tree); err == nil {
			checkIndexed(t, indexLines(text), "", tree)
		}
		_, faults := parseConfig(path, text)
		for _, fault := range faults {
			if fault.line < 1 || fault.line > lines {
				t.Errorf("line %d of %d: %s", fault.line, lines, fault.text)
			}
			if fault.text == "" || strings.ContainsAny(fault.text, "\r\n") {
				t.Errorf("fault %q is not one line", fault.text)
			}
		}
	})
}

// checkIndexed asserts that the index knows each key that the TOML package found.
func checkIndexed(t *testing.T, index lineIndex, path string, value any) {
	t.Helper()
	if strings.Count(path, "[")+strings.Count(path, ".") >= nestingMax {
		return
	}
	switch v := value.(type) {
	case map[string]any:
		for key, sub := range v {
			if !isWord(key) {
				continue // names with escapes or blanks are none of ours
			}
			if _, known := index[join(path, key)]; !known {
				t.Errorf("no line for %s", join(path, key))
			}
			checkIndexed(t, index, join(path, key), sub)
		}
	case []any, []map[string]any:
		for i, sub := range elements(v) {
			checkIndexed(t, index, path+element(i), sub)
		}
	}
}

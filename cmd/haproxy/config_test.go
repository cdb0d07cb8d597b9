package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// least is the shortest file that has no fault.
const least = `[[link]]
name = "pbx"
protocol = "csta3-xml"
dial = ["192.0.2.10:1040"]
[[link.tserver]]
name = "primary"
listen = "127.0.0.1:1041"
`

func mustParse(t *testing.T, text string) *Config {
	t.Helper()
	cfg, faults := parseConfig("haproxy.toml", text)
	if len(faults) > 0 {
		t.Fatal((&configError{"haproxy.toml", faults}).Error())
	}
	return cfg
}

func TestExampleStatesEveryKeyAndItsDefault(t *testing.T) {
	const path = "../../config.example.toml"
	cfg, err := loadConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defaults := mustParse(t, least).settings
	lines := indexLines(string(text))
	for key, value := range cfg.settings {
		if strings.HasPrefix(key, "link[0].tserver[1].") {
			continue // the second T-Server shows that defaults may be left out
		}
		line, stated := lines[key]
		if !stated {
			t.Errorf("config.example.toml does not state %s: add it with its default and a sentence", key)
			continue
		}
		if !strings.Contains(strings.Split(string(text), "\n")[line-1], "# ") {
			t.Errorf("config.example.toml:%d: %s has no sentence", line, key)
		}
		required := []string{
			"link[0].name", "link[0].protocol", "link[0].dial",
			"link[0].tserver[0].name", "link[0].tserver[0].listen",
		}
		if value != defaults[key] && !slices.Contains(required, key) {
			t.Errorf("config.example.toml:%d: %s is %s, but the default is %s", line, key, value, defaults[key])
		}
	}
}

func TestDefaults(t *testing.T) {
	want := map[string]string{ // as promised to operators: these change with a major version only
		"log.level": "info", "log.format": "auto", "admin.listen": "127.0.0.1:8040",
		"runtime.gomaxprocs": "0", "link[0].framing": "ecma323", "link[0].profile": "",
		"link[0].connect_timeout": "2s", "link[0].heartbeat_interval": "3s",
		"link[0].heartbeat_misses": "3", "link[0].request_rate": "0",
		"link[0].request_outstanding": "30", "link[0].request_queue": "65536",
		"link[0].request_timeout": "30s", "link[0].frame_max": "65536",
		"link[0].monitor_linger": "10m", "link[0].replay": "events",
		"link[0].answer": `"monitor", "snapshot", "features"`, "link[0].seed": "false",
		"link[0].on_link_loss": "status", "link[0].journal_max": "1073741824",
		"link[0].monitors_max": "262144", "link[0].monitor_memory": "536870912",
		"link[0].call_audit": "4h", "link[0].route_timeout": "3s", "link[0].session.kind": "none",
		"link[0].tserver[0].allow": "", "link[0].tserver[0].backlog_max": "67108864",
	}
	got := mustParse(t, least).settings
	for key, value := range want {
		if got[key] != value {
			t.Errorf("%s = %s, want %s", key, got[key], value)
		}
	}
}

func TestValuesArrive(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "password")
	if err := os.WriteFile(secret, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(least, "[[link.tserver]]", `frame_max = 32768
answer = ["snapshot"]
seed = true
replay = "snapshot"
on_link_loss = "close"
session = { kind = "ecma354", user = "cti", password_file = "password", versions = ["ed4"] }
[[link.tserver]]
allow = ["192.0.2.0/24", "2001:db8::7"]
backlog_max = "1MiB"`, 1)
	cfg, faults := parseConfig(filepath.Join(dir, "haproxy.toml"), text)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	link := cfg.Links[0]
	if link.FrameMax != 32768 || link.Answer != (Answer{Snapshot: true}) || !link.Seed ||
		link.Replay != ReplaySnapshot || link.OnLinkLoss != LinkLossClose {
		t.Errorf("link is %+v", link)
	}
	session := link.Session
	if string(session.Password) != "hunter2" || session.User != "cti" ||
		!slices.Equal(session.Versions, []string{"ed4"}) {
		t.Errorf("session is %+v", session)
	}
	server := link.TServers[0]
	if server.BacklogMax != 1<<20 || len(server.Allow) != 2 || server.Allow[1].Bits() != 128 {
		t.Errorf("T-Server is %+v", server)
	}
}

func TestUnreadableFileIsOneFault(t *testing.T) {
	_, err := loadConfig(filepath.Join(t.TempDir(), "absent.toml"))
	var faulty *configError
	if !errors.As(err, &faulty) || len(faulty.faults) != 1 ||
		!strings.HasSuffix(err.Error(), "absent.toml: cannot be read: no such file or directory") {
		t.Fatalf("got %v", err)
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "12": 12, "12B": 12, "64KiB": 65536, "64 KiB": 65536, "1GiB": 1 << 30, "2TiB": 2 << 40,
	} {
		if got, err := parseSize(text); err != nil || got != want {
			t.Errorf("parseSize(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "KiB", "64KB", "64k", "-1KiB", "1.5GiB", "9000000000TiB", "0x10"} {
		if got, err := parseSize(text); err == nil {
			t.Errorf("parseSize(%q) = %d, want an error", text, got)
		}
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	cfg := Config{Links: []Link{{Session: Session{Password: "hunter2"}}}}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if text := fmt.Sprintf(format, cfg); strings.Contains(text, "hunter2") {
			t.Errorf("%s shows the password: %s", format, text)
		}
	}
}

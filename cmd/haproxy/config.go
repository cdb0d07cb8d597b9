package main

import (
	"errors"
	"net/netip"
	"os"
	"time"

	"github.com/BurntSushi/toml"

	"haproxy/codec/csta"
)

// Config is a configuration file after every check: all values are within their bounds, and what
// the file leaves out has its default.
type Config struct {
	Log     Log
	Admin   Admin
	Runtime Runtime
	Links   []Link

	settings map[string]string // every key and the value that holds, for a reload to compare
}

// Log says what is logged and how.
type Log struct {
	Level  string // debug, info, warn, error
	Format string // auto, console, json
}

// Admin is the HTTP server for health, readiness and metrics.
type Admin struct {
	Listen string // "" is off
}

// Runtime tunes the process.
type Runtime struct {
	GOMAXPROCS int // 0 leaves it to Go
}

// Link is one CTI link and the T-Servers that share it.
type Link struct {
	Name     string
	Protocol string
	Framing  string
	Profile  string

	Dial   []string // the switch's addresses, tried in turn; empty when the switch calls in
	Listen string   // where the switch calls in; "" when the proxy dials

	ConnectTimeout    time.Duration
	HeartbeatInterval time.Duration
	HeartbeatMisses   int

	RequestRate        int // requests a second, 0 is no limit
	RequestOutstanding int
	RequestQueue       int
	RequestTimeout     time.Duration

	FrameMax      int // bytes of the PDU, without its framing header
	MonitorLinger time.Duration
	Replay        Replay
	Answer        Answer
	Seed          bool
	OnLinkLoss    LinkLoss
	JournalMax    int64 // bytes
	MonitorsMax   int   // monitors and registrations
	MonitorMemory int64 // bytes that they may hold
	CallAudit     time.Duration
	RouteTimeout  time.Duration

	Record      string // the directory of the record; "" records nothing
	RecordSize  int64  // bytes of one file
	RecordFiles int

	Session  Session
	TServers []TServer
}

// Replay is what a T-Server that joins a monitor is given.
type Replay string

// The kinds of replay.
const (
	ReplayEvents   Replay = "events"   // the journal
	ReplaySnapshot Replay = "snapshot" // nothing: the T-Server asks
	ReplayOff      Replay = "off"      // nothing
)

// LinkLoss is how T-Servers learn that the link was lost.
type LinkLoss string

// The kinds of notice.
const (
	LinkLossStatus LinkLoss = "status" // a SystemStatus
	LinkLossClose  LinkLoss = "close"  // their legs are closed
)

// Answer names the requests that the proxy answers from its own state.
type Answer struct {
	Monitor  bool // repeated MonitorStarts
	Snapshot bool // SnapshotDevice and SnapshotCall
	Features bool // agent state, do-not-disturb, forwarding, message waiting
}

// SessionKind is what opens the link above TCP.
type SessionKind string

// The kinds of session.
const (
	SessionNone    SessionKind = "none"
	SessionECMA354 SessionKind = "ecma354"
	SessionACSE    SessionKind = "acse"
)

// Session is the application session or association that the proxy opens with the switch.
type Session struct {
	Kind          SessionKind
	ApplicationID string
	User          string
	Password      Secret
	Versions      []string
	Duration      time.Duration // whole seconds

	// Association is what is asked of the switch where Kind is SessionACSE, the login included.
	Association csta.Association
}

// TServer is one T-Server and the address it connects to.
type TServer struct {
	Name       string
	Listen     string
	Allow      []netip.Prefix // empty allows every peer
	BacklogMax int64          // bytes
}

// Secret is a password. It prints as stars, so that no log shows it; a conversion to string gives
// the password itself.
type Secret string

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "***"
}

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return s.String() }

// fileMax bounds a configuration file: a thousand T-Servers fit many times over.
const fileMax = 1 << 20

// loadConfig reads and checks a configuration file. The error is a *configError with every fault.
func loadConfig(path string) (*Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &configError{path: path, faults: []fault{{text: "cannot be read: " + cause(err)}}}
	}
	cfg, faults := parseConfig(path, string(text))
	if len(faults) > 0 {
		return nil, &configError{path: path, faults: faults}
	}
	return cfg, nil
}

// parseConfig checks the text of the file at path, which other files are found beside.
func parseConfig(path, text string) (*Config, []fault) {
	if len(text) > fileMax {
		return nil, []fault{{line: 1, text: "longer than 1 MiB: is this the configuration file?"}}
	}
	var tree map[string]any
	if _, err := toml.Decode(text, &tree); err != nil {
		return nil, []fault{syntaxFault(err)}
	}
	doc := &document{path: path, lines: indexLines(text), settings: map[string]string{}}
	cfg := readConfig(doc.root(tree))
	cfg.settings = doc.settings
	checkAddresses(doc, cfg)
	return cfg, doc.sorted()
}

func readConfig(root *table) *Config {
	cfg := &Config{}
	log := root.table("log")
	cfg.Log.Level = log.oneOf("level", "info", "debug", "info", "warn", "error")
	cfg.Log.Format = log.oneOf("format", "auto", "auto", "console", "json")
	log.close()

	admin := root.table("admin")
	cfg.Admin.Listen = admin.listen("listen", "127.0.0.1:8040")
	admin.close()

	runtime := root.table("runtime")
	cfg.Runtime.GOMAXPROCS = runtime.integer("gomaxprocs", 0, 0, 1024)
	runtime.close()

	names := map[string]int{}
	for _, t := range root.tables("link") {
		link := readLink(t)
		t.unique(names, "link", link.Name)
		cfg.Links = append(cfg.Links, link)
	}
	if !root.has("link") {
		root.fault("link", `no link: add a [[link]] with name, protocol and dial or listen`)
	}
	root.close()
	return cfg
}

// syntaxFault tells where the parser stopped; it stops at its first error.
func syntaxFault(err error) fault {
	var parse toml.ParseError
	if errors.As(err, &parse) {
		return fault{
			line: max(parse.Position.Line, 1),
			text: "not TOML: " + oneLine(parse.Message) + "; correct this line, then check again",
		}
	}
	return fault{line: 1, text: "not TOML: " + oneLine(err.Error())}
}

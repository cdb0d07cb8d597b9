package hub

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/codec/cstaxml"
	"haproxy/codec/frame"
)

var update = flag.Bool("update", false, "rewrite the scripts with what the hub does now")

// TestScripts runs the scripts of testdata. A script is a list of commands, each followed by what
// came of it, indented. Every command is a step of its own; one that begins with "+" joins the step
// before it, as a further frame of one read. Lines that begin with "#" are comments; at an empty
// line the clock of the recorded times begins anew.
//
//	only PROTOCOL                 the protocol it is for; others run every script that they can say
//	config KEY=VALUE …            before anything else: see setConfig
//	link up|down                  the socket to the switch
//	start                         link up, greeting, SystemRegister and its answer, unrecorded
//	up LEG TSERVER, down LEG      a socket of a T-Server; a T-Server is a name of the configuration
//	join LEG TSERVER              up, and a SystemRegister as its first message, unrecorded
//	PEER KIND NAME KEY=VALUE …    a frame of the switch or of a leg: see fields; an answer of the
//	                              switch without invoke= is to the oldest such request
//	PEER xml INVOKE TEXT          a frame with that document
//	tick DURATION                 ticks of 100 ms
//	backlog LEG BYTES             what its socket has not taken
//	counts                        the counters that changed since the last counts
//	state, model, tables          the link's state, the model, the sizes of the hub's tables
//
// A frame of the hub is marked verbatim where a peer sent the same bytes, renumbered where it sent
// them under another invoke ID.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		for i := range speeches {
			name := strings.TrimSuffix(filepath.Base(file), ".txt") + "/" + speeches[i].name
			t.Run(name, func(t *testing.T) { testScript(t, file, &speeches[i]) })
		}
	}
}

// testScript runs one script in one protocol. They are recorded in the first.
func testScript(t *testing.T, file string, in *speech) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got, mute := runScript(t, string(text), in)
	switch {
	case mute != nil && strings.HasPrefix(string(text), got):
		t.Skip("from here on:", mute)
	case got == string(text):
	case *update && (in == &speeches[0] || strings.Contains(string(text), "\nonly "+in.name)):
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s differs; read the difference, then run with -update\n%s", file,
			firstDifference(string(text), got))
	}
}

// firstDifference shows where two texts part.
func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		if i >= len(w) || i >= len(g) || w[i] != g[i] {
			return fmt.Sprintf("line %d\nrecorded:\n%s\ngot:\n%s", i+1,
				strings.Join(w[min(i, len(w)):min(i+6, len(w))], "\n"),
				strings.Join(g[min(i, len(g)):min(i+6, len(g))], "\n"))
		}
	}
	return ""
}

// runScript runs a script and returns it with what the hub does now, as far as the protocol can say what
// is in it.
func runScript(t *testing.T, text string, in *speech) (got string, mute error) {
	t.Helper()
	r := newRig(in)
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\n"); !strings.HasPrefix(line, indent) {
			lines = append(lines, line)
		}
	}
	var out strings.Builder
	for i, line := range lines {
		out.WriteString(line + "\n")
		switch {
		case line == "":
			r.since = r.now
		case !strings.HasPrefix(line, "#"):
			joined := i+1 < len(lines) && strings.HasPrefix(lines[i+1], "+")
			came, err := r.step(line, !joined)
			if errors.Is(err, codec.ErrUnsupported) {
				return strings.TrimSuffix(out.String(), line+"\n"), err
			}
			if err != nil {
				t.Fatal(err)
			}
			for recorded := range strings.Lines(came) {
				out.WriteString(indent + recorded)
			}
		}
	}
	return out.String(), nil
}

// indent begins a line of what came of a command.
const indent = "    "

// rig is a hub with named legs, a clock of its own, and what the peers sent.
type rig struct {
	cfg    Config
	hub    *Hub
	now    time.Time
	since  time.Time // that recorded times are relative to
	speech *speech
	codec  codec.Codec
	peers  map[string]codec.Codec // that write for the peers
	legs   map[string]LegID
	names  map[LegID]string
	open   map[LegID]bool
	sent   map[string]bool         // frames of the peers, whole
	meant  map[string]csta.Message // and what they said, by their bodies
	before map[string]float64
	asked  map[csta.Service][]csta.InvokeID // requests the switch has not answered, in order
}

func newRig(in *speech) *rig {
	r := &rig{
		speech: in, codec: in.codec(), now: epoch, since: epoch, peers: make(map[string]codec.Codec),
		legs: map[string]LegID{"switch": Link}, names: map[LegID]string{Link: "switch"},
		open: make(map[LegID]bool), sent: make(map[string]bool), meant: make(map[string]csta.Message),
		before: make(map[string]float64), asked: make(map[csta.Service][]csta.InvokeID),
	}
	r.cfg = testConfig()
	r.cfg.NewCodec = in.codec
	return r
}

// epoch is when every test begins.
var epoch = time.Unix(1_700_000_000, 0)

// testConfig is a configuration with the heartbeats off.
func testConfig() Config {
	return Config{
		NewCodec: func() codec.Codec { return cstaxml.New() },
		TServers: []TServer{
			{Name: "primary", BacklogMax: 1 << 20}, {Name: "backup", BacklogMax: 1 << 20},
		},
		ConnectTimeout: 2 * time.Second, RequestOutstanding: 30, RequestQueue: 65536,
		RequestTimeout: 30 * time.Second, HeartbeatMisses: 3, MonitorLinger: 10 * time.Minute,
		RouteTimeout: 3 * time.Second, CallAudit: 4 * time.Hour, JournalMax: 1 << 24,
		Answer: AnswerSet{Monitor: true, Snapshot: true, Features: true},
	}
}

// start makes the hub, which a script configures first.
func (r *rig) start() *Hub {
	if r.hub == nil {
		r.hub = New(r.cfg)
		r.changed()
	}
	return r.hub
}

// step runs one command and returns what came of it.
func (r *rig) step(line string, last bool) (string, error) {
	var out strings.Builder
	line = strings.TrimSpace(strings.TrimPrefix(line, "+"))
	if err := r.command(&out, strings.Fields(line), line); err != nil {
		return "", fmt.Errorf("%q: %w", line, err)
	}
	if last && r.hub != nil {
		r.settle(&out)
	}
	return out.String(), nil
}

// command carries out one command.
func (r *rig) command(out *strings.Builder, words []string, line string) error {
	switch words[0] {
	case "only":
		if words[1] != r.speech.name {
			return codec.ErrUnsupported
		}
		return nil
	case "config":
		return r.setConfig(words[1:])
	}
	h := r.start()
	switch words[0] {
	case "link":
		switch words[1] {
		case "up":
			r.open[Link] = true
			clear(r.asked)
			h.LinkUp(r.now)
		case "stop":
			h.Stop(r.now)
		default:
			delete(r.open, Link)
			h.LinkDown(r.now)
		}
	case "up":
		r.up(words[1], words[2])
	case "down":
		delete(r.open, r.legs[words[1]])
		h.LegDown(r.now, r.legs[words[1]])
	case "start":
		return r.startLink()
	case "join":
		return r.join(words[1], words[2])
	case "tick":
		span, err := time.ParseDuration(words[1])
		r.tick(out, span)
		return err
	case "backlog":
		bytes, err := strconv.Atoi(words[2])
		h.Backlog(r.legs[words[1]], bytes)
		return err
	case "counts":
		out.WriteString(r.changed())
	case "state":
		fmt.Fprintln(out, h.State())
	case "waiting":
		fmt.Fprintln(out, h.Waiting())
	case "model":
		out.WriteString(h.Model().String())
	case "tables":
		out.WriteString(tables(h))
	case "recount":
		r.recount(out)
	default:
		return r.frameCommand(words, line)
	}
	return nil
}

// up opens a socket of a T-Server.
func (r *rig) up(leg, tserver string) {
	id := LegID(len(r.names))
	r.legs[leg], r.names[id], r.open[id] = id, leg, true
	r.peers[leg] = r.speech.codec()
	index := slices.IndexFunc(r.cfg.TServers, func(t TServer) bool { return t.Name == tserver })
	r.start().LegUp(r.now, id, index)
}

// startLink brings the link to normal.
func (r *rig) startLink() error {
	defer r.unrecorded()()
	var unseen strings.Builder
	h := r.start()
	r.open[Link] = true
	clear(r.asked)
	h.LinkUp(r.now)
	for _, line := range []string{
		"switch request SystemStatus invoke=0 status=enabled",
		"switch response " + r.speech.first().String() + " register=1",
	} {
		if err := r.frameCommand(strings.Fields(line), line); err != nil {
			return err
		}
		r.settle(&unseen)
	}
	if h.State() < LinkRecovering {
		return fmt.Errorf("the link is %v", h.State())
	}
	return nil
}

// join brings a T-Server's leg past its first message.
func (r *rig) join(leg, tserver string) error {
	defer r.unrecorded()()
	var unseen strings.Builder
	r.up(leg, tserver)
	line := leg + " request " + r.speech.first().String() + " invoke=0"
	err := r.frameCommand(strings.Fields(line), line)
	r.settle(&unseen)
	return err
}

// unrecorded keeps what the peers send in a step that is not recorded out of what is told as theirs.
func (r *rig) unrecorded() (done func()) {
	sent, meant := maps.Clone(r.sent), maps.Clone(r.meant)
	return func() { r.sent, r.meant = sent, meant }
}

// tick lets time pass.
func (r *rig) tick(out *strings.Builder, span time.Duration) {
	for end := r.now.Add(span); r.now.Before(end); {
		r.now = r.now.Add(min(100*time.Millisecond, end.Sub(r.now)))
		r.hub.Tick(r.now)
		r.settle(out)
	}
}

// frameCommand is a frame of a peer.
func (r *rig) frameCommand(words []string, line string) error {
	id, known := r.legs[words[0]]
	if !known {
		return fmt.Errorf("neither a command nor a leg")
	}
	frm, err := r.frame(words, line)
	if err != nil {
		return err
	}
	r.sent[string(frm)] = true
	if id == Link {
		r.hub.FromLink(r.now, frm)
	} else {
		r.hub.FromLeg(r.now, id, frm)
	}
	return nil
}

// frame makes a frame as a peer writes it.
func (r *rig) frame(words []string, line string) ([]byte, error) {
	if words[1] == "xml" && !r.speech.isXML() {
		return nil, codec.ErrUnsupported
	}
	if words[1] == "xml" {
		_, text, _ := strings.Cut(line, " xml "+words[2]+" ")
		invoke, err := strconv.Atoi(words[2])
		frm := xmlFrame(csta.InvokeID(invoke), text)
		r.meant[r.speech.body(frm)] = csta.Message{}
		return frm, err
	}
	msg, err := parseMessage(words[1:])
	if err != nil {
		return nil, err
	}
	associate(msg)
	if asked := r.asked[msg.Service]; words[0] == "switch" && msg.Kind == csta.KindResponse {
		if !strings.Contains(line, "invoke=") && len(asked) > 0 {
			msg.Invoke = asked[0]
		}
		r.answered(msg.Service, msg.Invoke)
	}
	if words[0] == "switch" && msg.Kind == csta.KindError {
		for s := range r.asked {
			r.answered(s, msg.Invoke)
		}
	}
	c := r.peers[words[0]]
	if c == nil {
		c = r.codec
	}
	frm, err := c.Append(nil, msg)
	if err == nil {
		r.meant[r.speech.body(frm)] = inXML(msg)
	}
	return frm, err
}

// answered takes a request off the list of those the switch has not answered.
func (r *rig) answered(s csta.Service, id csta.InvokeID) {
	r.asked[s] = slices.DeleteFunc(r.asked[s], func(o csta.InvokeID) bool { return o == id })
}

// xmlFrame puts the header before a document.
func xmlFrame(invoke csta.InvokeID, text string) []byte {
	frm := append(make([]byte, frame.ECMA323HeaderLen), text...)
	frame.PutECMA323(frm, len(frm), invoke)
	return frm
}

// settle writes down the hub's outputs and notices, as their owner would carry them out.
func (r *rig) settle(out *strings.Builder) {
	at := ""
	if passed := r.now.Sub(r.since); passed > 0 {
		at = "+" + passed.String() + " "
	}
	var closed []LegID
	for _, o := range r.hub.Outputs() {
		if !r.open[o.Leg] {
			fmt.Fprintf(out, "%s%s OUTPUT FOR A CLOSED LEG\n", at, r.names[o.Leg])
		}
		for _, run := range o.Runs {
			for _, frm := range r.speech.frames(run) {
				fmt.Fprintf(out, "%s%s <- %s\n", at, r.names[o.Leg], r.describe(o.Leg, frm))
			}
		}
		if o.Close != CloseNone {
			fmt.Fprintf(out, "%s%s closed: %v\n", at, r.names[o.Leg], o.Close)
			closed = append(closed, o.Leg)
		}
	}
	for _, n := range r.hub.Notices() {
		fmt.Fprintf(out, "%s(%s %s: %s)\n", at, [...]string{"info", "warn", "error"}[n.Level],
			r.names[n.Leg], n.Text)
	}
	r.hub.Done()
	for _, id := range closed {
		delete(r.open, id)
		if id == Link {
			r.hub.LinkDown(r.now)
		} else {
			r.hub.LegDown(r.now, id)
		}
		r.settle(out)
	}
}

// describe draws a frame of the hub. One that a peer wrote is drawn as what the peer meant, which not
// every protocol can say in full.
func (r *rig) describe(to LegID, frm []byte) string {
	var msg csta.Message
	err := r.codec.Decode(&msg, frm)
	if to == Link && msg.Kind == csta.KindRequest {
		r.asked[msg.Service] = append(r.asked[msg.Service], msg.Invoke)
	}
	r.speech.complete(&msg)
	invoke := msg.Invoke
	meant, renumbered := r.meant[r.speech.body(frm)]
	if err == nil && renumbered && meant.Kind != csta.KindUnknown {
		msg, msg.Invoke = meant, invoke
	}
	text := fmt.Sprintf("undecodable invoke=%d", invoke)
	if err == nil {
		text = drawMessage(&msg)
	}
	switch {
	case r.sent[string(frm)]:
		return text + " verbatim"
	case renumbered:
		return text + " renumbered"
	default:
		return text
	}
}

// changed returns the counters that changed since the last call, a line each.
func (r *rig) changed() string {
	var out strings.Builder
	for _, m := range r.hub.AppendMetrics(nil) {
		name := m.Name
		if m.Label != "" {
			name += "{" + m.LabelValue + "}"
		}
		if !m.Gauge && m.Value != r.before[name] {
			fmt.Fprintf(&out, "%s %v\n", name, m.Value-r.before[name])
		}
		r.before[name] = m.Value
	}
	return out.String()
}

// tables draws the sizes of the hub's tables that are not empty.
func tables(h *Hub) string {
	var out strings.Builder
	for _, table := range []struct {
		name string
		size int
	}{
		{"legs", len(h.legs)},
		{"slots busy", h.slots.busy},
		{"slots resting", h.slots.rest.n},
		{"queue", h.queue.len()},
		{"monitors", len(h.monitors.all)},
		{"registrations", len(h.registrations.byKey)},
		{"held events", h.held.count},
		{"requests of the switch", len(h.asked.open)},
		{"routes", h.routes.live()},
		{"segmented answers", len(h.segments.open)},
		{"early segments", h.segments.held},
		{"marks", h.state.Stats().Marks},
		{"chains", h.state.Stats().Chains},
		{"journal", h.state.Stats().JournalEntries},
	} {
		if table.size > 0 {
			fmt.Fprintf(&out, "%s %d\n", table.name, table.size)
		}
	}
	return out.String()
}

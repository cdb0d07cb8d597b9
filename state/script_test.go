package state

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"haproxy/codec/csta"
)

var update = flag.Bool("update", false, "rewrite the expected output of testdata after reading it")

// TestScripts runs the scripts of testdata: blocks of commands, a line "----", and what they print.
// Line 1 of each says what it is about.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := runScript(t, string(src))
			if *update {
				if err = os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(src) {
				t.Errorf("%s differs; got:\n%s", file, got)
			}
		})
	}
}

// runScript returns the script with the output that it has now.
func runScript(t *testing.T, src string) string {
	t.Helper()
	var out strings.Builder
	p := newPlayer(Limits{})
	for n, block := range strings.Split(strings.TrimRight(src, "\n"), "\n\n") {
		if n > 0 {
			out.WriteString("\n")
		}
		commands, _, _ := strings.Cut(block+"\n", "----\n")
		out.WriteString(commands)
		var printed strings.Builder
		for _, line := range strings.Split(strings.TrimRight(commands, "\n"), "\n") {
			if line != "" && !strings.HasPrefix(line, "#") {
				printed.WriteString(p.run(t, line))
			}
		}
		checkState(t, p.s)
		if printed.Len() > 0 {
			out.WriteString("----\n" + printed.String())
		}
	}
	return out.String()
}

// player plays the commands of a script to a State.
type player struct {
	s        *State
	now      time.Time
	monitors map[string]MonitorID
	marks    map[string]Mark
	asked    map[string]csta.Service
}

func newPlayer(limits Limits) *player {
	return &player{
		s: New(limits), now: time.Unix(1000, 0),
		monitors: map[string]MonitorID{}, marks: map[string]Mark{},
		asked: map[string]csta.Service{},
	}
}

// run runs one command and returns what it prints.
func (p *player) run(t *testing.T, line string) string {
	t.Helper()
	words := strings.Fields(line)
	arg := words[1:]
	switch words[0] {
	case "limits":
		var l Limits
		for _, w := range arg {
			k, v, _ := strings.Cut(w, "=")
			var n int
			fmt.Sscan(v, &n)
			switch k {
			case "journal":
				l.JournalMax = int64(n)
			case "calls":
				l.Calls = n
			case "monitors":
				l.Monitors = n
			case "connections":
				l.Connections = n
			case "agents":
				l.Agents = n
			case "features":
				l.Features = n
			case "chains":
				l.Chains = n
			case "devices":
				l.Devices = n
			case "marks":
				l.Marks = n
			}
		}
		p.s = New(l)
	case "monitor":
		return p.monitor(t, arg)
	case "close":
		p.s.Close(p.monitors[arg[0]])
	case "filter":
		p.s.SetFilter(p.monitors[arg[0]], events(t, strings.Join(arg[1:], ",")))
	case "event":
		msg := message(t, arg[1:])
		p.s.Apply(p.monitors[arg[0]], msg, p.frame(arg[1:]), p.now)
	case "arrived":
		p.marks[arg[0]] = p.s.Arrived()
	case "late":
		p.s.ApplyLate(p.marks[arg[0]], p.monitors[arg[1]], message(t, arg[2:]), p.frame(arg[2:]), p.now)
	case "tick":
		d, err := time.ParseDuration(arg[0])
		if err != nil {
			t.Fatal(err)
		}
		p.now = p.now.Add(d)
	case "replay":
		return p.replay(t, arg)
	case "calls", "state":
		return p.s.String()
	case "stats":
		return p.stats(arg)
	case "ask":
		req := message(t, arg[1:])
		p.marks[arg[0]], p.asked[arg[0]] = p.s.Asked(req), req.Service
		if p.marks[arg[0]] == (Mark{}) {
			return "concerns nothing\n"
		}
	case "learn":
		resp := message(t, append([]string{p.asked[arg[0]].String()}, arg[1:]...))
		resp.Kind = csta.KindResponse
		p.s.Learn(p.marks[arg[0]], resp, p.now)
	case "differ":
		return p.differ(t, arg)
	case "settle":
		return cmp.Or(p.published(func(publish Publish) { p.s.Settle(p.now, publish) }), "  nothing to tell\n")
	case "gone":
		return p.published(func(publish Publish) { p.s.DifferGone(p.marks[arg[0]], p.now, publish) })
	case "reflects":
		return fmt.Sprintln(arg[1:], p.s.Reflects(p.monitors[arg[0]], message(t, arg[1:])))
	case "uncertain":
		return p.uncertain()
	case "segment":
		resp := message(t, append([]string{p.asked[arg[0]].String()}, arg[1:]...))
		p.s.Learn(p.marks[arg[0]], resp, p.now)
	case "forget":
		p.s.Forget(p.marks[arg[0]])
	case "answer":
		return p.answer(t, arg)
	case "linklost":
		p.s.LinkLost()
	case "audit":
		id, ok := p.s.Audit(p.now)
		view, _ := p.s.Monitor(id)
		return fmt.Sprintf("audit %s %v\n", view.Object.Device.Number, ok)
	default:
		t.Fatalf("unknown command %q", line)
	}
	return ""
}

// differ compares an answer, takes what is published into the state, and learns the answer. It prints
// what was published.
func (p *player) differ(t *testing.T, arg []string) string {
	t.Helper()
	resp := message(t, append([]string{p.asked[arg[0]].String()}, arg[1:]...))
	resp.Kind = csta.KindResponse
	out := p.published(func(publish Publish) { p.s.Differ(p.marks[arg[0]], resp, p.now, publish) })
	p.s.Learn(p.marks[arg[0]], resp, p.now)
	if out == "" {
		out = "  no difference\n"
	}
	return out
}

// published draws what a comparison publishes, and applies it.
func (p *player) published(compare func(Publish)) string {
	var out []byte
	compare(func(id MonitorID, msg *csta.Message) {
		name := ""
		for n, monitor := range p.monitors {
			if monitor == id {
				name = n
			}
		}
		frame := drawDifference([]byte("  "), msg)
		out = append(append(append(out, "  "...), name...), frame...)
		p.s.Apply(id, msg, frame, p.now)
	})
	return string(out)
}

func drawDifference(dst []byte, msg *csta.Message) []byte {
	if TellsCall(msg.Event) {
		return drawMade(dst, msg)
	}
	dst = fmt.Appendf(dst, "made %v device=%s", msg.Event, drawDevice(msg.Device))
	if len(msg.AgentID) > 0 || msg.Group.Known() {
		dst = fmt.Appendf(dst, " agent=%s group=%s", msg.AgentID, msg.Group.Number)
	}
	if msg.On != csta.SwitchNone {
		dst = fmt.Appendf(dst, " %s", drawSwitch(msg.On, "on", "off"))
	}
	if msg.Forwarding != csta.ForwardNone {
		dst = fmt.Appendf(dst, " %v to %s", msg.Forwarding, msg.ForwardTo.Number)
	}
	return append(dst, '\n')
}

func (p *player) uncertain() string {
	var lines []string
	for c := range p.s.Uncertain() {
		lines = append(lines, fmt.Sprintf("uncertain %s/%s\n", c.Call, drawDevice(c.Device)))
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// frame is the event's own line, padded to size=N.
func (p *player) frame(words []string) []byte {
	var size int
	var text []string
	for _, w := range words {
		if n, ok := strings.CutPrefix(w, "size="); ok {
			fmt.Sscan(n, &size)
			continue
		}
		text = append(text, w)
	}
	frame := []byte("  " + strings.Join(text, " "))
	for len(frame) < size-1 {
		frame = append(frame, '.')
	}
	return append(frame, '\n')
}

func (p *player) monitor(t *testing.T, arg []string) string {
	t.Helper()
	obj := Object{}
	switch arg[1] {
	case "device":
		obj.Device = device(arg[2])
	case "call":
		obj.CallObject = true
		obj.Call = connection(arg[2])
	}
	for _, w := range arg[3:] {
		switch k, v, _ := strings.Cut(w, "="); k {
		case "type":
			obj.Type = csta.MonitorTypeCall
		case "filter":
			obj.Filter = events(t, v)
		}
	}
	id, err := p.s.Open(obj)
	if err != nil {
		return err.Error() + "\n"
	}
	maps.DeleteFunc(p.monitors, func(_ string, other MonitorID) bool { return other == id }) // of one that has ended
	p.monitors[arg[0]] = id
	return ""
}

func (p *player) replay(t *testing.T, arg []string) string {
	t.Helper()
	var skip csta.EventSet
	for _, w := range arg[1:] {
		if v, ok := strings.CutPrefix(w, "skip="); ok {
			skip = events(t, v)
		}
	}
	out := p.s.Replay(nil, p.monitors[arg[0]], skip, drawMade)
	if n := p.s.ReplayLen(p.monitors[arg[0]]); !bytes.Contains(out, []byte("made ")) &&
		skip == (csta.EventSet{}) && n != len(out) {
		t.Errorf("ReplayLen is %d, Replay gave %d", n, len(out))
	}
	if len(out) == 0 {
		return "  nothing\n"
	}
	for bytes.Contains(out, []byte("..")) {
		out = bytes.ReplaceAll(out, []byte(".."), []byte("."))
	}
	return string(out)
}

// drawMade draws a made event as a line.
func drawMade(dst []byte, msg *csta.Message) []byte {
	dst = fmt.Appendf(dst, "  made %v call=%s conn=%s device=%s", msg.Event, msg.Subject.Call,
		drawDevice(msg.Subject.Device), drawDevice(msg.Device))
	if msg.Local != csta.ConnectionNone {
		dst = fmt.Appendf(dst, " local=%v", msg.Local)
	}
	if msg.Calling.Known() {
		dst = fmt.Appendf(dst, " calling=%s", msg.Calling.Number)
	}
	if msg.Called.Known() {
		dst = fmt.Appendf(dst, " called=%s", msg.Called.Number)
	}
	return append(dst, '\n')
}

func (p *player) stats(arg []string) string {
	text := fmt.Sprintf("%+v", p.s.Stats())
	if len(arg) == 0 {
		return text + "\n"
	}
	var out []string
	for _, field := range strings.Fields(strings.Trim(text, "{}")) {
		for _, w := range arg {
			if strings.HasPrefix(field, w+":") {
				out = append(out, field)
			}
		}
	}
	return strings.Join(out, " ") + "\n"
}

func (p *player) answer(t *testing.T, arg []string) string {
	t.Helper()
	req := message(t, arg)
	var resp csta.Message
	if !p.s.Answer(req, &resp) {
		return "not known\n"
	}
	out := resp.Service.String() + ":"
	for _, c := range resp.Connections {
		out += fmt.Sprintf(" [%s/%s %v", c.New.Call, drawDevice(c.New.Device), c.State)
		for _, far := range c.Far {
			out += "," + far.String()
		}
		if c.Endpoint.Known() {
			out += " to " + string(c.Endpoint.Number)
		}
		out += "]"
	}
	for _, a := range resp.Agents {
		out += fmt.Sprintf(" [%s %s %s %v]", a.AgentID, a.Group.Number,
			drawSwitch(a.LoggedOn, "on", "off"), a.State)
	}
	for _, f := range resp.Forwards {
		out += fmt.Sprintf(" [%v %s %s]", f.Type, drawSwitch(f.On, "on", "off"), f.To.Number)
	}
	if resp.On != csta.SwitchNone {
		out += " " + drawSwitch(resp.On, "on", "off")
	}
	return out + "\n"
}

package record

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"haproxy/codec/csta"
	"haproxy/fanout/pcapng"
	"haproxy/perf/capture"
	"haproxy/perf/protocols"
)

var began = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

func start(t *testing.T, cfg Config) *Recorder {
	t.Helper()
	cfg.TServers = []string{"primary", "backup"}
	r, err := Start(cfg, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// alone is a Recorder without its goroutine: nobody reads its spool, which is small.
func alone(cfg Config) *Recorder {
	r := &Recorder{cfg: cfg, log: zerolog.Nop(), spool: newSpool(1 << 20), talks: make(map[uint64]*talk)}
	r.files = newRing(&r.cfg)
	return r
}

// frames are events of one monitor.
func frames(t *testing.T, n int) [][]byte {
	t.Helper()
	p, err := protocols.Find(protocols.XML, "")
	if err != nil {
		t.Fatal(err)
	}
	codec := p.NewCodec()
	all := make([][]byte, n)
	for i := range all {
		device := csta.DeviceID{Form: csta.DeviceNumber, Number: []byte("2001")}
		call := csta.CallID([]byte{'c', byte('a' + i%26), byte('a' + i/26%26), byte('a' + i/676%26)})
		all[i], err = codec.Append(nil, &csta.Message{
			Kind: csta.KindEvent, Event: csta.EventDelivered, CrossRef: csta.CrossRefID("1"),
			Subject: csta.ConnectionID{Call: call, Device: device},
			Device:  device, Calling: device, Called: device, Invoke: 9999,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// recorded reads the files of a directory, the oldest first, and returns what each leg said.
func recorded(t *testing.T, dir string) (map[string][]byte, []string, uint64) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	said, gaps := make(map[string][]byte), uint64(0)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
		file, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		sum, err := capture.Read(bytes.NewReader(file), capture.Options{}, func(m *capture.Message) error {
			key := m.Leg.Name
			if m.FromSwitch {
				key += "<"
			}
			said[key] = append(said[key], m.Frame...)
			return m.Err
		})
		if err != nil && !strings.Contains(err.Error(), capture.ErrNoLegs.Error()) {
			t.Fatalf("%s: %v", e.Name(), err)
		}
		gaps += sum.Gaps
	}
	return said, names, gaps
}

// What the switch said in pieces and what a T-Server was told is in the files, each of about the size that was
// asked for, and every file can be read by itself.
func TestRecordsIntoRing(t *testing.T) {
	dir := t.TempDir()
	r := start(t, Config{Dir: dir, Link: "main", FileBytes: 64 << 10, Files: 1000})
	sw := r.Open(-1, true, netip.MustParseAddrPort("192.0.2.1:40000"), netip.MustParseAddrPort("192.0.2.2:1040"), began)
	ts := r.Open(0, false, netip.MustParseAddrPort("192.0.2.1:8001"), netip.MustParseAddrPort("192.0.2.3:50000"), began)
	all := frames(t, 2000)
	stream := bytes.Join(all, nil)
	rnd := rand.New(rand.NewPCG(1, 1))
	for at := 0; at < len(stream); {
		n := min(1+rnd.IntN(3000), len(stream)-at)
		sw.Heard(began, stream[at:at+n])
		at += n
		if at < len(stream) {
			sw.Amid()
		}
		if at%7 == 0 {
			r.settled(t)
		}
	}
	for i := 0; i < len(all); i += 2 {
		ts.Said(began, all[i:i+2])
	}
	sw.Close(began.Add(time.Second))
	ts.Close(began.Add(time.Second))
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	said, names, gaps := recorded(t, dir)
	if !bytes.Equal(said["primary<"], stream) || len(names) < 10 {
		t.Errorf("%d bytes to the primary, %d were said, in %d files", len(said["primary<"]), len(stream), len(names))
	}
	// The switch is amid a message nearly always here: a file has to end there, and the next one's readers have to
	// find where a message begins.
	if lost := len(stream) - len(said["switch<"]); lost < 0 || lost > len(names)*8*len(all[0]) {
		t.Errorf("%d of %d bytes of the switch, %d gaps", len(said["switch<"]), len(stream), gaps)
	}
	if s := r.Stats(); s.Lost != 0 || s.Failed != 0 || s.Written < uint64(len(stream)) {
		t.Errorf("%+v", s)
	}
	for _, name := range names {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() > 100<<10 || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info.Size(), info.Mode())
		}
	}
}

// settled waits until the spool is empty.
func (r *Recorder) settled(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); r.spool.tail.Load() != r.spool.head.Load(); {
		if time.Now().After(end) {
			t.Fatal("the spool is not read")
		}
		time.Sleep(time.Millisecond)
	}
}

// The oldest files make room, those of another link stay.
func TestKeepsSoManyFiles(t *testing.T) {
	dir := t.TempDir()
	others := []string{"main-2-00000001-20260301T080000Z.pcapng", "notes.txt", "main-notes.pcapng"}
	for _, name := range others {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := start(t, Config{Dir: dir, Link: "main", FileBytes: 32 << 10, Files: 3})
	ts := r.Open(1, false, netip.AddrPort{}, netip.AddrPort{}, began)
	all := frames(t, 1000)
	for i := range all {
		ts.Said(began.Add(time.Duration(i)*time.Millisecond), all[i:i+1])
	}
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var ours []string
	for _, e := range entries {
		if !slices.Contains(others, e.Name()) {
			ours = append(ours, e.Name())
		}
	}
	if len(ours) != 3 || len(entries) != 6 {
		t.Fatalf("%d files: %v", len(entries), ours)
	}
	last, err := os.ReadFile(filepath.Join(dir, ours[2]))
	if err != nil || !bytes.Contains(last, all[999]) {
		t.Errorf("the last file has not what was said last: %v", err)
	}
}

// A record that cannot be written costs the link nothing but the record: calls return at once, what found no
// room is counted to the byte, and shows as a gap.
func TestNeverBlocks(t *testing.T) {
	dir := t.TempDir()
	r := alone(Config{Dir: dir, Link: "main", TServers: []string{"primary"}, FileBytes: 64 << 20, Files: 3})
	ts := r.Open(0, false, netip.AddrPort{}, netip.AddrPort{}, began)
	all := frames(t, 4000)
	said := 0
	for i := range all { // nobody reads the spool
		ts.Said(began, all[i:i+1])
		said += len(all[i])
	}
	lost := r.Stats().Lost
	if lost == 0 || lost > uint64(said) {
		t.Fatalf("%d of %d bytes found no room", lost, said)
	}
	r.drain()
	ts.Said(began, all[:10])
	ts.Close(began)
	r.drain()
	if err := r.files.close(); err != nil {
		t.Fatal(err)
	}
	got, _, gaps := recorded(t, dir)
	tail := bytes.Join(all[:10], nil)
	if want := said - int(lost) + len(tail); len(got["primary<"]) != want || gaps != 1 ||
		!bytes.HasSuffix(got["primary<"], tail) {
		t.Errorf("%d bytes, want %d; %d gaps", len(got["primary<"]), want, gaps)
	}
}

// A directory that goes away is said, counted and survived; recording goes on when there is room again.
func TestSurvivesDirectory(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "record")
	r := start(t, Config{Dir: dir, Link: "main", FileBytes: 1, Files: 3})
	ts := r.Open(0, false, netip.AddrPort{}, netip.AddrPort{}, began)
	if err := errors.Join(os.RemoveAll(dir), os.WriteFile(dir, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	all := frames(t, 3)
	ts.Said(began, all)
	r.settled(t)
	ts.Said(began, all)
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	if s := r.Stats(); s.Failed == 0 || s.Lost == 0 {
		t.Errorf("%+v", s)
	}
	plain := filepath.Join(parent, "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(Config{Dir: filepath.Join(plain, "x"), Link: "main"}, zerolog.Nop()); err == nil {
		t.Error("it records below a plain file")
	}
}

// Nothing is allocated for what goes over a leg.
func TestTapAllocatesNothing(t *testing.T) {
	r := &Recorder{cfg: Config{TServers: []string{"primary"}}, spool: newSpool(1 << 20)}
	w := r.Open(0, false, netip.AddrPort{}, netip.AddrPort{}, began)
	b := make([]byte, 600)
	runs := [][]byte{b, b}
	room := make([]byte, 4096)
	if n := testing.AllocsPerRun(1000, func() {
		w.Heard(began, b)
		w.Amid()
		w.Said(began, runs)
		for range 4 {
			_, payload, _ := r.spool.take(room)
			room = payload[:0]
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// What goes in comes out, over the end of the ring, whole or not at all.
func TestSpool(t *testing.T) {
	s := newSpool(reserve + 4096)
	rnd := rand.New(rand.NewPCG(1, 2))
	var want [][]byte
	var room []byte
	for range 20_000 {
		if rnd.IntN(2) == 0 {
			a, b := make([]byte, rnd.IntN(700)), make([]byte, rnd.IntN(700))
			for i := range a {
				a[i] = byte(rnd.IntN(256))
			}
			h := header{kind: kindSaid, wire: rnd.Uint64(), at: rnd.Int64(), missing: rnd.Uint32()}
			if s.put(h, [][]byte{a, b}) {
				want = append(want, slices.Concat(a, b))
			} else if len(want) == 0 {
				t.Fatal("an empty spool has no room")
			}
			continue
		}
		h, payload, ok := s.take(room)
		room = payload[:0]
		if ok != (len(want) > 0) || ok && (!bytes.Equal(payload, want[0]) || h.kind != kindSaid) {
			t.Fatalf("%v, %d bytes", ok, len(payload))
		}
		if ok {
			want = want[1:]
		}
	}
}

// A file that is given up, or cannot be written to its end, has what was flushed, and counts the rest as lost: what is
// in the head of a file is neither.
func TestAbandon(t *testing.T) {
	for name, fails := range map[string]bool{"given up": false, "at its end": true} {
		dir := t.TempDir()
		r := newRing(&Config{Dir: dir, Link: "main", TServers: []string{"primary", "backup"}, FileBytes: 1 << 20, Files: 3})
		leg, all := &pcapng.Conversation{Name: LinkName}, frames(t, 3)
		must(t, r.next(began), r.writer.Open(leg, began), r.writer.Say(leg, true, began, all[0], ""), r.flush())
		kept := r.written()
		if lost := r.bytes() - r.kept; lost != 0 {
			t.Errorf("%s: %d bytes are lost of what was flushed", name, lost)
		}
		must(t, r.writer.Say(leg, true, began, all[1], ""))
		want := r.bytes() - kept
		if fails {
			if err := errors.Join(r.file.Close(), r.close()); err == nil {
				t.Fatal("a closed file was written to")
			}
		}
		if lost := r.abandon(); lost != want || lost < int64(len(all[1])) || r.written() != kept {
			t.Errorf("%s: %d bytes lost, want %d; %d written, want %d", name, lost, want, r.written(), kept)
		}
		if said, _, gaps := recorded(t, dir); gaps > 0 || !fails && !bytes.Equal(said["switch<"], all[0]) {
			t.Errorf("%s: %d bytes in the file, %d gaps", name, len(said["switch<"]), gaps)
		}
	}
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// Much that comes is written in portions, little now and then.
func TestPause(t *testing.T) {
	for _, c := range []struct {
		bytes      uint64
		came, want time.Duration
	}{
		{0, time.Hour, pollMost},
		{1000, pollMost, pollMost},
		{portion, 5 * time.Millisecond, 5 * time.Millisecond},
		{4 * portion, pollMost, pollMost / 4},
		{1 << 40, pollMost, pollLeast},
	} {
		if got := pause(c.bytes, c.came); got != c.want {
			t.Errorf("%d bytes in %v: %v, want %v", c.bytes, c.came, got, c.want)
		}
	}
}

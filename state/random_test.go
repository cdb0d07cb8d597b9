package state

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"haproxy/codec/csta"
)

// truth draws what every device's own connections are.
func (w *world) truth() string {
	var lines []string
	for call, conns := range w.calls {
		for d, state := range conns {
			if w.monitors[d] != 0 {
				lines = append(lines, fmt.Sprintf("%s %s %v", d, call, state))
			}
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// seen draws what a State has of every device's own connections.
func (w *world) seen(s *State) string {
	var lines []string
	for _, d := range w.devices[:w.monitored] {
		for k := s.monitors.at(uint32(w.monitors[d])).watches; k != 0; k = s.watches.at(k).monNext {
			wt := s.watches.at(k)
			lines = append(lines, fmt.Sprintf("%s %s %v", d,
				s.names.bytes(s.calls.at(wt.call).id), wt.own))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// replayed returns a fresh State to which the journals of all monitors were applied.
func (w *world) replayed() *State {
	fresh := New(Limits{})
	w.openAll(fresh)
	for _, d := range w.devices[:w.monitored] {
		id := w.monitors[d]
		buf := w.s.Replay(nil, id, csta.EventSet{}, func(dst []byte, msg *csta.Message) []byte {
			fresh.Apply(id, msg, nil, w.now)
			return dst
		})
		last := -1
		for len(buf) > 0 {
			n := int(binary.BigEndian.Uint32(buf))
			if n <= last || w.of[n] != id {
				w.t.Fatalf("frame %d of monitor %d replayed after %d on %d", n, w.of[n], last, id)
			}
			last = n
			size := binary.BigEndian.Uint32(buf[4:])
			fresh.Apply(id, &w.told[n], buf[:size], w.now)
			buf = buf[size:]
		}
	}
	return fresh
}

// model draws the calls and lasting states without the parties of calls, which an ended chain may
// have told.
func model(s *State) string {
	var lines []string
	for _, line := range strings.Split(s.String(), "\n") {
		if !strings.Contains(line, "logged off") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// partOf reports whether everything in one drawing is in another, but for the states of devices that
// are not monitored: what only the monitor of a device that has left told of them is not replayed.
func partOf(part, whole string) bool {
	want := strings.Split(whole, "\n")
	for i, line := range strings.Split(part, "\n") {
		head, conns, _ := strings.Cut(line, ": ")
		for _, conn := range strings.Split(conns, ", ") {
			if conn >= "2006" && conn < "2009" {
				conn = conn[:4]
			}
			if i >= len(want) || !strings.HasPrefix(want[i], head) ||
				!strings.Contains(want[i], conn) {
				return false
			}
		}
	}
	return true
}

// TestRandomFlows checks that a State comes to the truth of random call flows, and that what it
// replays brings a fresh one to the same.
func TestRandomFlows(t *testing.T) {
	rounds := 60
	if testing.Short() {
		rounds = 10
	}
	for seed := range uint64(rounds) {
		monitored := 8
		if seed%3 == 2 {
			monitored = 5
		}
		w := newWorld(t, seed, monitored, Limits{})
		w.silent = seed%4 == 3
		if seed%5 == 1 && monitored == 8 {
			w.follow()
		}
		w.learnAll()
		for step := range 600 {
			w.step()
			if step%50 != 49 {
				continue
			}
			checkState(t, w.s)
			w.checkFollowed()
			fresh := w.replayed()
			if got, want := w.seen(w.s), w.truth(); got != want {
				t.Fatalf("seed %d step %d: state\n%s\nwant\n%s", seed, step, got, want)
			}
			if got, want := w.seen(fresh), w.truth(); got != want {
				t.Fatalf("seed %d step %d: replayed\n%s\nwant\n%s", seed, step, got, want)
			}
			if monitored == 8 {
				w.checkAnswers()
			}
			got, want := model(fresh), model(w.s)
			if got != want && (monitored == 8 || !partOf(got, want)) {
				t.Fatalf("seed %d step %d: replayed\n%s\nwant\n%s", seed, step, got, want)
			}
		}
		w.hangUp()
	}
}

// learnAll has every device answered as idle, which they are at the start.
func (w *world) learnAll() {
	for _, d := range w.devices[:w.monitored] {
		req := csta.Message{Kind: csta.KindRequest, Service: csta.SnapshotDevice, Device: device(d)}
		w.s.Learn(w.s.Asked(&req), &csta.Message{Kind: csta.KindResponse}, time.Time{})
	}
}

// checkAnswers checks that SnapshotDevice of every device is answered, with the truth.
func (w *world) checkAnswers() {
	w.t.Helper()
	for _, d := range w.devices {
		req := csta.Message{Kind: csta.KindRequest, Service: csta.SnapshotDevice, Device: device(d)}
		var resp csta.Message
		if !w.s.Answer(&req, &resp) {
			w.t.Fatalf("%s is not answered", d)
		}
		found := 0
		for _, conns := range w.calls {
			if _, in := conns[d]; in {
				found++
			}
		}
		for _, item := range resp.Connections {
			conns := w.calls[string(item.New.Call)]
			want := slices.Sorted(maps.Values(conns))
			got := append([]csta.ConnectionState{item.State}, item.Far...)
			slices.Sort(got)
			if item.State != conns[d] || !slices.Equal(got, want) {
				w.t.Fatalf("%s in %s: answered %v, want %v", d, item.New.Call, got, want)
			}
		}
		if found != len(resp.Connections) {
			w.t.Fatalf("%s: answered %d calls of %d", d, len(resp.Connections), found)
		}
	}
}

// TestRandomGivenUp is TestRandomFlows with a journal that holds too little: what is made from the
// state brings a fresh one to the same own connections.
func TestRandomGivenUp(t *testing.T) {
	for seed := range uint64(20) {
		w := newWorld(t, seed, 8, Limits{JournalMax: 16 << 10})
		w.sizes = true
		for step := range 600 {
			w.step()
			if step%50 != 49 {
				continue
			}
			checkState(t, w.s)
			if got, want := w.seen(w.s), w.truth(); got != want {
				t.Fatalf("seed %d step %d: state\n%s\nwant\n%s", seed, step, got, want)
			}
			if got, want := w.seen(w.replayed()), w.truth(); got != want {
				t.Fatalf("seed %d step %d: replayed\n%s\nwant\n%s", seed, step, got, want)
			}
		}
		if w.s.Stats().GivenUp == 0 {
			t.Error("nothing was given up")
		}
		w.hangUp()
	}
}

// hangUp clears every connection and closes every monitor; nothing may be left.
func (w *world) hangUp() {
	for {
		call, dev := w.in(csta.ConnectionConnected, csta.ConnectionHold, csta.ConnectionAlerting,
			csta.ConnectionQueued, csta.ConnectionInitiated, csta.ConnectionFail)
		if call == "" {
			break
		}
		w.set(call, dev, csta.ConnectionNull, csta.EventConnectionCleared)
	}
	if n := w.s.Stats(); n.Calls+n.Chains+n.Connections != 0 {
		w.t.Fatalf("calls are left: %+v", n)
	}
	for _, d := range w.devices {
		w.s.Close(w.monitors[d])
		w.s.Close(w.followers[d])
	}
	checkEmpty(w.t, w.s)
}

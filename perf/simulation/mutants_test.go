package simulation_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"haproxy/perf/simulation"
)

var mutantsFlag = flag.Bool("mutants", false, "plant bugs one at a time and run the simulation on each")

// mutants are bugs to be planted: where, what is there, what takes its place, and what that breaks.
var mutants = []struct{ file, old, now, breaks string }{
	{
		"fanout/hub/event.go", "\t\tcase mem.filter.Has(event)", "\t\tcase i == 1 && len(frame)%16 == 3:\n\t\tcase mem.filter.Has(event)",
		"one T-Server misses an event now and then",
	},
	{
		"fanout/hub/event.go", "\th.spread(m, msg.Event, frame)", "\th.spread(m, msg.Event, frame)\n\tif len(frame)%64 == 9 {\n\t\th.spread(m, msg.Event, frame)\n\t}",
		"events are sent twice",
	},
	{
		"fanout/hub/join.go", "\tif h.cfg.Replay == ReplayEvents && !overtaken {", "\tif h.cfg.Replay == ReplayOff {",
		"nothing is replayed",
	},
	{
		"fanout/hub/answer.go", "\tif r.source != ownSource {\n\t\th.deliver(r, frame)\n\t}\n}\n\n// learn", "\tif r.source != ownSource {\n\t\th.deliver(r, frame)\n\t\th.deliver(r, frame)\n\t}\n}\n\n// learn",
		"answers to the last MonitorStop come twice",
	},
	{
		"fanout/hub/answer.go", "\th.answerUnder(l, frame, r.invoke, r.service)", "\th.answerUnder(l, frame, h.in.Invoke, r.service)",
		"answers have the invoke ID of the link",
	},
	{
		"fanout/hub/answer.go", " || h.in.Kind == csta.KindRequest {", " {",
		"an event that cannot be decoded is taken for an answer",
	},
	{
		"fanout/hub/request.go", "\tif h.slots.busy >= most ||", "\tif h.slots.busy > most ||",
		"one request too many is outstanding",
	},
	{
		"fanout/hub/rate.go", "now.Sub(oldest) >= time.Second", "now.Sub(oldest) >= time.Second/2",
		"the rate is twice what it may be",
	},
	{
		"fanout/hub/link.go", "\th.slots.clear(h.voided)\n", "\th.slots.clear(func(*request) {})\n",
		"what was asked when the link was lost is never answered",
	},
	{
		"fanout/hub/compare.go", "\th.state.Differ(r.mark, &h.in, h.now, h.publish)\n", "",
		"differences after a link loss are not published",
	},
	{
		"fanout/hub/compare.go", "\th.state.Apply(id, &h.told, frame, h.now) // as T-Servers read it\n", "",
		"differences are not in the state and the journal",
	},
	{
		"fanout/hub/status.go", "\treturn h.link.service\n", "\treturn csta.StatusDisabled\n",
		"T-Servers are never told that the link is normal",
	},
	{
		"fanout/hub/recovery.go", "\th.nameMonitor(m, ref)\n\tif m.asked", "\tm.switchRef = ref\n\tif m.asked",
		"restored monitors are not known by their new ID",
	},
	{
		"state/late.go", "\ts.late, s.seq = m.seq, m.seq-1 // Apply counts it\n", "",
		"an event that waited wins over what came since",
	},
	{
		"state/learn.go", "wt.snap != m.stamp && wt.seq <= m.seq", "wt.snap != m.stamp",
		"a snapshot ends calls that began since it was asked",
	},
	{
		"fanout/hub/answer.go", "\tcase (denied || about.Stale) &&", "\tcase (denied || about.Stale) && m != m &&",
		"what an answer tells of lost events is kept from the other T-Server",
	},
	{
		"fanout/hub/request.go", "\treturn has.requests >= h.queueShare() ||", "\treturn has.requests > 2*h.queueShare() ||",
		"a T-Server has more requests waiting than its share",
	},
	{
		"fanout/hub/hub.go", "BacklogMax+l.credit {", "BacklogMax*2+l.credit {",
		"a slow T-Server costs more than backlog_max",
	},
	{
		"fanout/hub/leg.go", "\t\th.dropLeg(old)\n\t\th.closeLeg(old, CloseReplaced)\n", "\t\th.dropLeg(old)\n",
		"the leg that a second process of a T-Server replaces stays",
	},
	{
		"fanout/hub/route.go", "\tcase !at.over.IsZero(), at.owner != Link && at.owner != l.id,\n", "\tcase ",
		"a route request is answered by both T-Servers",
	},
	{
		"fanout/hub/tserver.go", "\tif local && h.link.state == LinkNormal && h.answerLocally(l) {", "\tif local && h.answerLocally(l) {",
		"queries are answered from the state while the link is down",
	},
	{
		"fanout/hub/monitorstop.go", "\tcase m.hasOthers(l.tserver):\n", "\tcase false:\n",
		"the switch's monitor is stopped while another T-Server has it",
	},
	{
		"fanout/hub/monitorstop.go", "\t\tm.members[l.tserver] = member{}\n\t\th.sendDone(", "\t\th.sendDone(",
		"a T-Server that stopped a monitor gets its events",
	},
	{
		"fanout/hub/monitorstop.go", "\th.removeMonitor(m)\n}\n\n// stopFailed", "\th.stands(m)\n}\n\n// stopFailed",
		"a stopped monitor counts as one that stands",
	},
	{
		"fanout/hub/answer.go", "\t\th.lateAnswer(at, frame)\n", "\t\th.settle(&at.request, frame)\n",
		"a late answer is given to an asker that was told of its failure",
	},
}

// TestMutantsApply checks that every bug still has its place: exactly one.
func TestMutantsApply(t *testing.T) {
	for _, m := range mutants {
		text, err := os.ReadFile(filepath.Join("../..", m.file))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), m.old); n != 1 {
			t.Errorf("%s has %d places for the bug %q: adapt it", m.file, n, m.breaks)
		}
	}
}

// TestMutants plants each bug and lets the simulation look for it. A bug counts as found by a seed that
// passes without it.
func TestMutants(t *testing.T) {
	if !*mutantsFlag {
		t.Skip("make mutants runs it")
	}
	const most = 20 * time.Second
	table := []string{fmt.Sprintf("%-12s %8s %8s  %s", "seed", "seeds", "seconds", "bug")}
	caught := 0
	for _, m := range mutants {
		program, began := plant(t, m.file, m.old, m.now), time.Now()
		found, tried := hunt(t, program, most)
		took := time.Since(began).Seconds()
		if found == 0 {
			t.Errorf("SURVIVED %d seeds: %s (%s)", tried, m.breaks, m.file)
			table = append(table, fmt.Sprintf("%-12s %8d %8.1f  %s", "SURVIVED", tried, took, m.breaks))
			continue
		}
		caught++
		table = append(table, fmt.Sprintf("%-12d %8d %8.1f  %s", found, tried, took, m.breaks))
	}
	t.Logf("%d of %d caught\n%s", caught, len(mutants), strings.Join(table, "\n"))
}

var (
	failedSeed = regexp.MustCompile(`seed (\d+): `)
	ranSeeds   = regexp.MustCompile(`(\d+) seeds from`)
)

// hunt runs seeds on a program with a bug, from the first on and then those that found something once, until one
// fails that passes without it. It returns that seed, 0 where there was none, and how many were run.
func hunt(t *testing.T, program string, most time.Duration) (found uint64, tried int) {
	t.Helper()
	if found, tried = huntFrom(t, program, 1, most); found == 0 {
		out, _ := exec.Command(program, "-test.run", "^TestFoundSeeds$").CombinedOutput()
		found = firstFound(out)
	}
	return found, tried
}

// firstFound returns the first seed of a test's output that failed and passes without the bug, 0 where none does.
func firstFound(out []byte) uint64 {
	for _, failed := range failedSeed.FindAllSubmatch(out, -1) {
		seed, _ := strconv.ParseUint(string(failed[1]), 10, 64)
		if simulation.Run(seed).Err == nil {
			return seed
		}
	}
	return 0
}

// huntFrom runs seeds from one on for so long.
func huntFrom(t *testing.T, program string, first uint64, most time.Duration) (found uint64, tried int) {
	t.Helper()
	for began := time.Now(); time.Since(began) < most; {
		left := (most - time.Since(began)).Round(time.Second)
		out, err := exec.Command(program, "-test.run", "^TestSimulation$", "-test.v", "-simtime", left.String(),
			"-seed", strconv.FormatUint(first, 10)).CombinedOutput()
		ran := ranSeeds.FindSubmatch(out)
		if ran == nil { // it died of the bug
			return first, tried
		}
		n, _ := strconv.Atoi(string(ran[1]))
		tried += n
		first += uint64(n)
		if err == nil {
			return 0, tried
		}
		if found = firstFound(out); found != 0 {
			return found, tried
		}
	}
	return 0, tried
}

// plant builds the simulation with one bug and returns the program.
func plant(t *testing.T, file, old, now string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("../..", file))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	mutant, overlay, program := filepath.Join(dir, "mutant.go"), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "sim")
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {path: mutant}})
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{mutant: []byte(strings.Replace(string(text), old, now, 1)), overlay: replace} {
		if err = os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.Command("go", "test", "-c", "-overlay", overlay, "-o", program, ".")
	b, err := build.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: the bug does not compile: %v\n%s", file, err, b)
	}
	return program
}

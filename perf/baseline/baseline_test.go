package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"haproxy/perf/load"
	"haproxy/perf/protocols"
)

// What was measured is told as the median of the rounds and how far they are apart, beside ours; what is left out
// with its reason.
func TestTable(t *testing.T) {
	rounds := func(cpu ...float64) (all []*load.Result) {
		for _, c := range cpu {
			all = append(all, &load.Result{CPUPerMillion: c, Throughput: 1000, Resident: 3 << 20})
		}
		return all
	}
	cells := []*cell{
		{Subject: "ours", Rate: 1000, Rounds: rounds(3, 1, 2)},
		{Subject: "theirs", Rate: 1000, Rounds: rounds(4, 5, 3)},
		{Subject: "absent", Rate: 1000, Failed: "it is missing"},
	}
	var b bytes.Buffer
	writeTable(&b, "about", []float64{1000}, cells)
	for _, want := range []string{
		"about", "### 1000 events/s", "| ours | 1000 (1000–1000) |", "| 2.00 (1.00–3.00) | 3.0 | – |",
		"| 4.00 (3.00–5.00) | 3.0 | 0.50 |", "left out: it is missing",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
}

// A goal is judged by the medians of the same run, and left out where a subject was.
func TestGoals(t *testing.T) {
	at := func(name string, throughput float64) *cell {
		return &cell{Subject: name, Rounds: []*load.Result{{Throughput: throughput}}}
	}
	var b bytes.Buffer
	absent := &cell{Subject: nameRedis, Failed: "missing"}
	writeGoals(&b, []*cell{at(nameOurs, 60), at(nameEpoll, 100), at(nameNATS, 30), absent})
	for want, is := range map[string]bool{
		nameEpoll + " | at least 0.60 | 0.60 | reached": true, nameNATS + " | at least 2.50 | 2.00 | missed": true,
		nameRedis: false,
	} {
		if strings.Contains(b.String(), want) != is {
			t.Errorf("%q: not %t in\n%s", want, is, b.String())
		}
	}
}

// What may wait for a T-Server that stands still is added to what ours has without one.
func TestGoalOfStalledMemory(t *testing.T) {
	at := func(name string, mib int64) *cell {
		return &cell{Subject: name, Rate: 10_000, Rounds: []*load.Result{
			{Peak: mib << 20, TServers: make([]load.TServerResult, 2)},
		}}
	}
	for most, want := range map[int64]string{22: "1.00 | reached", 33: "1.50 | missed"} {
		var b bytes.Buffer
		writeGoals(&b, []*cell{at(nameOurs, 20), at(nameStill, most)})
		if !strings.Contains(b.String(), "and 2 more | at most 1.00 | "+want) {
			t.Errorf("%d MiB: no %q in\n%s", most, want, b.String())
		}
	}
}

// Time to sync is linear while a device costs no more among many.
func TestGrowth(t *testing.T) {
	returns := func(seconds ...float64) (all []inStep) {
		for i, s := range seconds {
			all = append(all, inStep{Devices: []int{1000, 10_000, 100_000}[i], Seconds: spread{median: s}})
		}
		return all
	}
	for want, all := range map[string][]inStep{
		"Growth: linear.": returns(0.04, 0.35, 5), "Growth: more than linear.": returns(0.04, 0.5, 8),
	} {
		var b bytes.Buffer
		writeSync(&b, "about", all)
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

// The plot has what was measured, and none of what was left out.
func TestPlot(t *testing.T) {
	result := func(cpu float64) *load.Result {
		return &load.Result{CPUPerMillion: cpu, Latency: load.Latency{P99: 10 * cpu}}
	}
	var cells []*cell
	for _, rate := range []float64{1000, 0} {
		cells = append(cells, &cell{Subject: "ours", Rate: rate, Rounds: []*load.Result{result(1), result(30), result(2)}},
			&cell{Subject: "absent", Rate: rate, Failed: "it is missing"})
	}
	for _, name := range []string{"compare.svg", "compare.png"} {
		path := filepath.Join(t.TempDir(), name)
		if err := writePlot(path, []float64{1000, 0}, cells); err != nil {
			t.Fatal(err)
		}
		if made, err := os.Stat(path); err != nil || made.Size() < 2000 {
			t.Errorf("%s: %v, %v", name, made, err)
		}
	}
	if err := writePlot(filepath.Join(t.TempDir(), "compare.txt"), []float64{1000, 0}, cells); err == nil {
		t.Error("a plot was written as text")
	}
}

// The fan-outs and what is installed of the others pass the load on, every byte; what is not is named.
func TestSubjects(t *testing.T) {
	dir := t.TempDir()
	build := func(name, pkg string) string {
		path := filepath.Join(dir, name)
		if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, pkg).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return path
	}
	p, err := protocols.Find(protocols.XML, "")
	if err != nil {
		t.Fatal(err)
	}
	nats, err := filepath.Abs("../../bin/" + natsName) // where make builds it
	if err == nil {
		err = os.Symlink(nats, filepath.Join(dir, natsName))
	}
	if err != nil {
		t.Fatal(err)
	}
	ber, err := protocols.Find(protocols.Phase3, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range subjects(build("haproxy", "haproxy/cmd/haproxy"), build("compare", "."), ber) {
		t.Run(s.name, func(t *testing.T) {
			if why := s.missing(); why != "" {
				t.Skip(why)
			}
			o := load.Options{
				Protocol: p, Rate: 2000, Duration: 200 * time.Millisecond, Size: 600, Devices: 10, TServers: s.tservers,
			}
			s.set(&o)
			result, err := load.Run(t.Context(), o)
			if err != nil {
				t.Fatalf("%v: %+v", err, result)
			}
			if result.Lost+result.Wrong > 0 || result.Events < 100 || len(result.TServers) != s.tservers {
				t.Errorf("%+v", result)
			}
		})
	}
}

// A backup that returns is in step again and costs the switch nothing.
func TestTimeToSync(t *testing.T) {
	ours := filepath.Join(t.TempDir(), "haproxy")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", ours, "haproxy/cmd/haproxy")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	p, err := protocols.Find(protocols.XML, "")
	if err != nil {
		t.Fatal(err)
	}
	opts := load.Options{Binary: ours, Protocol: p, Duration: 2 * time.Second, Size: 600}
	all, err := timeToSync(t.Context(), opts, []int{20, 200}, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.Asked != 0 || s.Seconds.least <= 0 || s.Bytes.least < 600*float64(s.Calls) || s.Calls != s.Devices/callShare {
			t.Errorf("%+v", s)
		}
	}
	var b bytes.Buffer
	if writeSync(&b, "about", all); !strings.Contains(b.String(), "| 200 | 40 | ") {
		t.Error(b.String())
	}
}

// A subject has started when it listens on all of its addresses; one that does not says why.
func TestSubjectStarts(t *testing.T) {
	var config net.ListenConfig
	var addresses []string
	var listeners []net.Listener
	for range 2 {
		listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listeners, addresses = append(listeners, listener), append(addresses, listener.Addr().String())
	}
	if !listening(addresses) {
		t.Errorf("nobody listens on %v", addresses)
	}
	for i, listener := range listeners {
		if err := listener.Close(); err != nil {
			t.Fatal(err)
		}
		if listening(addresses[i:]) {
			t.Errorf("somebody listens on %v, of which the first is closed", addresses[i:])
		}
	}
	_, err := start(context.Background(), addresses[:1], t.TempDir(), "/bin/sh", "-c", "echo the reason")
	if err == nil || !strings.Contains(err.Error(), "the reason") {
		t.Errorf("a program that does not listen: %v", err)
	}
}

package load

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/perf/protocols"
)

// An event is read back with its number and time, wherever it stands in the order and its mark in it, and one changed
// byte is seen.
func TestEventsAreChecked(t *testing.T) {
	for _, p := range protocols.Tested() {
		for _, size := range []int{1, 120, 200} {
			e, err := newEvents(p, 7, 0, size)
			if err != nil || e.size() < size {
				t.Fatalf("%v: %d bytes: %v", p, e.size(), err)
			}
			for _, number := range []uint64{0, 6, 7, 34, 35, 1 << 40} {
				checkEvent(t, fmt.Sprintf("%v, %d bytes", p, size), e, p.NewCodec(), number)
			}
		}
	}
}

func checkEvent(t *testing.T, name string, e *events, c codec.Codec, number uint64) {
	t.Helper()
	frame := e.append(nil, number, 12345)
	for _, due := range []uint64{number, number + 3, number + 9} {
		if n, at, ok := e.read(frame, due); n != number || at != 12345 || !ok {
			t.Errorf("%s: event %d read as %d, %v, where %d was due", name, number, n, ok, due)
		}
	}
	for i := range frame {
		frame[i] ^= 0x40
		if n, at, ok := e.read(frame, number); ok && n == number && at == 12345 {
			t.Errorf("%s: a change of byte %d is not seen", name, i)
		}
		frame[i] ^= 0x40
	}
	if err := c.Decode(new(csta.Message), frame); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// A threshold is of a figure, and its bound of a unit.
func TestThresholds(t *testing.T) {
	r := &Result{
		Latency: Latency{P50: 60, P99: 1500}, Throughput: 50_000, Peak: 64 << 20, CPUPerMillion: 0.5,
	}
	for text, want := range map[string]bool{
		"p99<2ms": true, "p99<1500us": false, "p99<=1500us": true, "p50 < 60": false, "p50>59": true, "lost==0": true,
		"throughput>=50000": true, "memory<64MiB": false, "memory<=64MiB": true, "cpu<0.4": false,
		"cpu<450ms": false, "cpu<1s": true,
	} {
		bound, err := ParseThreshold(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if _, kept := bound.Check(r); kept != want {
			t.Errorf("%s: %v", text, kept)
		}
	}
	for _, text := range []string{"", "p99", "p98<1ms", "p99<", "p99<fast", "<1", "p99=1", "p99<NaN", "p99<Inf", "p99<64MiB", "lost<1h", "memory<2ms"} {
		if _, err := ParseThreshold(text); err == nil {
			t.Errorf("%q is a threshold", text)
		}
	}
}

// build builds the program.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "haproxy")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "haproxy/cmd/haproxy").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// A T-Server that leaves, returns and stands still, and requests amid, cost no event; what is measured is told in
// every form.
func TestMeasures(t *testing.T) {
	binary := build(t)
	for _, p := range []protocols.Protocol{protocols.Tested()[0], protocols.Tested()[4]} {
		result, err := Run(t.Context(), Options{
			Binary: binary, Protocol: p, Rate: 3000, Duration: 1500 * time.Millisecond, WarmUp: 100 * time.Millisecond,
			Size: 300, Devices: 20, TServers: 3, JoinEvery: 600 * time.Millisecond, Stall: 100 * time.Millisecond,
			Requests: 50,
		})
		if err != nil {
			t.Fatalf("%v: %v, %+v", p, err, result)
		}
		last := result.TServers[2]
		if result.Lost+result.Wrong+result.Refused+result.Asked > 0 || len(last.Joins) == 0 || last.Legs == 0 ||
			result.Requests.N < 20 || result.Events < 3000 || result.CPUPerMillion <= 0 || result.Peak < 1<<20 {
			t.Errorf("%v: %+v", p, result)
		}
		checkForms(t, result)
	}
}

func checkForms(t *testing.T, result *Result) {
	t.Helper()
	var text, data, hgrm bytes.Buffer
	result.Text(&text)
	if err := result.HGRM(&hgrm); err != nil || !strings.Contains(hgrm.String(), "Total count") {
		t.Errorf("%v: %s", err, hgrm.String())
	}
	var again Result
	if err := result.JSON(&data); err != nil || json.Unmarshal(data.Bytes(), &again) != nil ||
		again.Latency != result.Latency {
		t.Errorf("%v: %s", err, data.String())
	}
	if against := result.Against(&again); !strings.Contains(against, "1.00") || !strings.Contains(text.String(), "p99.9") {
		t.Errorf("%s\n%s", text.String(), against)
	}
	for _, name := range []string{"latency.svg", "latency.png"} {
		path := filepath.Join(t.TempDir(), name)
		if err := result.Plot(path); err != nil {
			t.Error(err)
		} else if info, err := os.Stat(path); err != nil || info.Size() < 1000 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// As many events as go through are counted to the last one.
func TestSaturates(t *testing.T) {
	result, err := Run(t.Context(), Options{
		Binary: build(t), Protocol: protocols.Tested()[0], Duration: 300 * time.Millisecond, Size: 600, Devices: 10,
		TServers: 2, GOMAXPROCS: 1,
	})
	if err != nil {
		t.Fatalf("%v, %+v", err, result)
	}
	if result.Throughput < 1000 || result.Lost+result.Wrong > 0 {
		t.Errorf("%+v", result)
	}
}

// A proxy that does not start is said so, with its reason.
func TestProxyDoesNotStart(t *testing.T) {
	_, err := Run(t.Context(), Options{
		Binary: "/bin/false", Protocol: protocols.Tested()[0], Size: 100, Devices: 1, TServers: 1,
	})
	if err == nil {
		t.Error("a proxy that ends at once is measured")
	}
}

package faults

import (
	"os"
	"slices"
	"testing"
	"time"

	"haproxy/perf/ledger"
)

// TestSoak flaps for SOAKTIME: the backup is reset 100 times a minute, the link is lost every few
// seconds, calls and requests go on. What the proxy holds is printed over time and must not grow.
func TestSoak(t *testing.T) {
	text := os.Getenv("SOAKTIME")
	if text == "" {
		t.Skip("SOAKTIME is not set: make soak does")
	}
	span, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	const seed = 1
	t.Logf("seed %d", seed)
	r := newRig(t, setup{seed: seed, log: ledger.Chain})
	began := time.Now()
	nextFlap, nextCut, nextLook := began, began.Add(3*time.Second), began
	look := max(span/60, time.Second)
	var seen []usage
	flaps, cuts := 0, 0
	for now := began; now.Sub(began) < span; now = time.Now() {
		if !now.Before(nextFlap) {
			nextFlap = nextFlap.Add(600 * time.Millisecond)
			flaps++
			r.ts[onBackup].call("Reset", None{}, nil)
			r.connect(onBackup)
		}
		if !now.Before(nextCut) {
			nextCut = now.Add(r.chance(2*time.Second, 5*time.Second))
			cuts++
			if cuts%2 == 0 {
				r.relays[onLink].rst()
			} else {
				r.relays[onLink].fin()
			}
		}
		if !now.Before(nextLook) {
			nextLook = nextLook.Add(look)
			u := r.proxy.usage()
			seen = append(seen, u)
			t.Logf("%6v: %5d flaps, %4d link losses, %6d KiB resident, %3d goroutines, %3d descriptors",
				now.Sub(began).Round(time.Second), flaps, cuts, u.rss, u.goroutines, u.fds)
		}
		time.Sleep(10 * time.Millisecond)
	}
	r.eventually("the link is normal", r.proxy.ready)
	r.rejoin(onBackup)
	stats := r.tserver(onPrimary).Stats
	// Made events have no stamp, and events that waited for a comparison may come in another order.
	stats.Unstamped, stats.Disordered = 0, 0
	if stats.Legs != 1 || stats.Faults() > 0 {
		t.Errorf("primary: %+v", stats)
	}
	r.grown(seen)
}

// grown compares the second quarter of a run, by when it has warmed up, with the last one.
func (r *rig) grown(seen []usage) {
	r.t.Helper()
	quarter := len(seen) / 4
	if quarter < 2 {
		r.t.Fatalf("%d looks are too few to tell growth", len(seen))
	}
	early, late := seen[quarter:2*quarter], seen[len(seen)-quarter:]
	for _, row := range []struct {
		what  string
		of    func(u usage) int
		slack int // beyond a tenth
	}{
		{"KiB resident", func(u usage) int { return u.rss }, 4 << 10},
		{"goroutines", func(u usage) int { return u.goroutines }, 4},
		{"descriptors", func(u usage) int { return u.fds }, 4},
	} {
		from, to := median(early, row.of), median(late, row.of)
		r.t.Logf("%s: median %d early, %d late", row.what, from, to)
		if to > from+from/10+row.slack {
			r.t.Errorf("%s grew from %d to %d", row.what, from, to)
		}
	}
}

func median(seen []usage, of func(u usage) int) int {
	values := make([]int, len(seen))
	for i, u := range seen {
		values[i] = of(u)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

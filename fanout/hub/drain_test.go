package hub

import (
	"testing"
	"time"

	"haproxy/codec/csta"
)

// A drained leg is drawn second by second: the bytes that the T-Server's host takes, of what waits for it.
func TestDrainingIsLife(t *testing.T) {
	const beat, misses = time.Second, 3
	for _, c := range []struct {
		what   string
		waits  int  // bytes that wait at first
		kernel bool // in the kernel, not here
		takes  []int
		silent int // second in which it is closed; 0 is never
	}{
		{what: "nothing waits, and its kernel takes the heartbeats", takes: []int{9999, 9999, 9999, 9999}, silent: 3},
		{what: "nothing is taken", waits: 5000, takes: []int{0, 0, 0, 0}, silent: 3},
		{what: "it takes a little each second", waits: 5000, takes: []int{100, 100, 100, 100, 100, 100, 100, 100}},
		{what: "the kernel holds it all", waits: 5000, kernel: true, takes: []int{100, 100, 100, 100, 100, 100, 100}},
		{
			what: "it stops to take", waits: 5000,
			takes: []int{100, 100, 100, 0, 0, 0, 0}, silent: 6,
		},
		{
			what: "it has all, and does not answer the heartbeat", waits: 300, kernel: true,
			takes: []int{100, 100, 9999, 9999, 9999, 9999, 9999, 9999}, silent: 6,
		},
	} {
		cfg := testConfig()
		cfg.HeartbeatInterval, cfg.HeartbeatMisses = beat, misses
		b := newBed(t, &cfg)
		if got := drainedUntil(b, c.waits, c.kernel, c.takes); got != c.silent {
			t.Errorf("%s: closed in second %d, want %d", c.what, got, c.silent)
		}
	}
}

// drainedUntil returns the second in which the primary's leg is closed for silence.
func drainedUntil(b *bed, waits int, kernel bool, takes []int) int {
	b.monitor("100", "7")
	if waits > 0 {
		b.hub.FromLink(b.now, b.event(csta.EventOriginated, "7", "1", "100", csta.ConnectionConnected, waits))
	}
	owed := 0
	for second, taken := range takes {
		for _, out := range b.hub.Outputs() {
			for _, run := range out.Runs {
				if out.Leg == primaryLeg {
					owed += len(run)
				}
			}
			if out.Leg == primaryLeg && out.Close == CloseSilent {
				return second
			}
		}
		b.drain()
		owed -= min(taken, owed)
		b.now = b.now.Add(time.Second)
		if !kernel {
			b.hub.Backlog(primaryLeg, owed)
		}
		b.hub.Heard(b.now, Link)
		b.hub.Heard(b.now, backupLeg)
		b.hub.Undelivered(b.now, primaryLeg, owed)
		b.hub.Tick(b.now)
	}
	for _, out := range b.hub.Outputs() {
		if out.Leg == primaryLeg && out.Close == CloseSilent {
			return len(takes)
		}
	}
	return 0
}

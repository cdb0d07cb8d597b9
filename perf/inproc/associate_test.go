package inproc_test

import (
	"testing"
	"time"

	"haproxy/codec/csta"
	"haproxy/fanout/hub"
	"haproxy/perf/pipe"
	"haproxy/perf/protocols"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// associated runs a test over each protocol that is tested with an association.
func associated(t *testing.T, test func(t *testing.T, p protocols.Protocol)) {
	t.Helper()
	for _, p := range protocols.Tested() {
		if p.Association != nil {
			t.Run(p.String(), func(t *testing.T) {
				t.Parallel()
				test(t, p)
			})
		}
	}
}

// newBusy is a switch and two T-Servers of a few devices with calls; nothing is joined yet.
func newBusy(p protocols.Protocol, sw switchsim.Options) *trio {
	net := pipe.Net{Delay: time.Millisecond, Jitter: time.Millisecond, Pieces: true}
	sw.Load = switchsim.Load{Calls: 5, Features: 2, Pace: 200 * time.Millisecond}
	return newTrio(p, 1, switchsim.Plant{Stations: 10, Agents: 2, Groups: 1, Trunks: 4}, net, sw)
}

func (w *trio) join(t *testing.T) {
	t.Helper()
	w.link.Open()
	w.legs[0].Open()
	w.legs[1].Open()
	both := func() bool { return w.ts[0].InStep() && w.ts[1].InStep() }
	if !w.world.RunUntil(20*time.Second, both) {
		t.Fatalf("not in step: %v %v", w.ts[0].Phase(), w.ts[1].Phase())
	}
	w.world.Run(2 * time.Second)
}

// end stops the load and compares what the T-Servers have with the switch.
func (w *trio) end(t *testing.T) {
	t.Helper()
	w.world.Run(2 * time.Second)
	if !w.still() {
		t.Fatal("not quiet")
	}
	w.compare(t, 0)
}

// A T-Server aborts its association amid calls: the switch and the other T-Server notice nothing, and
// it returns to the same stream.
func TestTServerAborts(t *testing.T) {
	associated(t, func(t *testing.T, p protocols.Protocol) {
		t.Helper()
		w := newBusy(p, switchsim.Options{})
		w.join(t)
		before := w.sw.Stats()
		w.ts[1].Abort()
		if !w.world.RunUntil(time.Second, func() bool { return !w.legs[1].Up() }) {
			t.Fatal("its leg is still up")
		}
		w.world.Run(2 * time.Second)
		w.legs[1].Open()
		if !w.world.RunUntil(10*time.Second, w.ts[1].InStep) {
			t.Fatalf("not in step again: %+v", w.ts[1].Stats())
		}
		w.end(t)
		after := w.sw.Stats()
		if after.Associations != 1 || after.Aborted != 0 || after.Monitors != before.Monitors {
			t.Errorf("the switch saw it: %+v", after)
		}
	})
}

// The switch aborts the link's association amid calls: T-Servers keep theirs, hear that the link is
// down, and go on when it is associated anew.
func TestSwitchAborts(t *testing.T) {
	associated(t, func(t *testing.T, p protocols.Protocol) {
		t.Helper()
		w := newBusy(p, switchsim.Options{})
		w.join(t)
		w.sw.AbortLink()
		if !w.world.RunUntil(time.Second, func() bool { return !w.link.Up() }) {
			t.Fatal("the link is still up")
		}
		w.world.Run(time.Second)
		w.link.Open()
		normal := func() bool { return w.proxy.Hub.State() == hub.LinkNormal }
		if !w.world.RunUntil(20*time.Second, normal) {
			t.Fatalf("the link is %v", w.proxy.Hub.State())
		}
		w.world.Run(2 * time.Second)
		if !w.still() {
			t.Fatal("not quiet")
		}
		if n := w.sw.Stats().Associations; n != 2 {
			t.Errorf("%d associations at the switch", n)
		}
		for i, ts := range w.ts {
			stats := ts.Stats()
			if !ts.InStep() || stats.Legs != 1 || stats.Aborts != 0 || stats.Disabled == 0 || stats.Faults() > 0 {
				t.Errorf("T-Server %d: %v, %+v", i+1, ts.Phase(), stats)
			}
		}
	})
}

// The switch refuses the proxy twice: T-Servers that came meanwhile are refused for now, and all of it
// comes up with the third.
func TestSwitchRefuses(t *testing.T) {
	associated(t, func(t *testing.T, p protocols.Protocol) {
		t.Helper()
		w := newBusy(p, switchsim.Options{Link: switchsim.LinkOptions{Refuse: 2}})
		w.legs[0].Open()
		for range 2 {
			w.link.Open()
			w.world.Run(1500 * time.Millisecond)
			if w.link.Up() || w.proxy.Closed(hub.CloseStart) == 0 {
				t.Fatal("a refused link is up")
			}
		}
		if stats := w.ts[0].Stats(); stats.Refused != 1 || w.legs[0].Up() {
			t.Errorf("the T-Server was not refused: %+v", stats)
		}
		w.join(t)
		w.end(t)
		if stats := w.sw.Stats(); stats.Refused != 2 || stats.Associations != 1 {
			t.Errorf("%d refused, %d granted", stats.Refused, stats.Associations)
		}
	})
}

// A T-Server asks for a version that the link was not granted: it is refused, the other goes on.
func TestTServerRefused(t *testing.T) {
	associated(t, func(t *testing.T, p protocols.Protocol) {
		t.Helper()
		w := newBusy(p, switchsim.Options{})
		other := *p.Association
		other.Versions = csta.VersionECMA285Ed4
		stranger := p
		stranger.Association = &other
		own := w.speaks
		w.speaks = stranger
		w.replace(1, tserversim.Options{})
		w.speaks = own
		w.link.Open()
		w.legs[0].Open()
		if !w.world.RunUntil(20*time.Second, w.ts[0].InStep) {
			t.Fatal("not in step")
		}
		w.legs[1].Open()
		w.world.Run(time.Second)
		if stats := w.ts[1].Stats(); stats.Refused != 1 || w.legs[1].Up() {
			t.Errorf("it was not refused: %+v", stats)
		}
		if stats := w.ts[0].Stats(); !w.ts[0].InStep() || stats.Legs != 1 || stats.Faults() > 0 {
			t.Errorf("the other: %+v", stats)
		}
	})
}

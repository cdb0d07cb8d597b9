package check_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"haproxy/codec/csta"
	"haproxy/codec/cstaxml"
	"haproxy/perf/check"
	"haproxy/perf/ledger"
	"haproxy/perf/pipe"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// run lets a switch and a T-Server that sees everything from the start live for a while.
func run(seed uint64, d time.Duration) (*switchsim.Switch, *tserversim.TServer) {
	plant := switchsim.Plant{Stations: 20, Agents: 6, Groups: 2, Trunks: 5}
	sw := switchsim.New(switchsim.Options{
		Codec: cstaxml.New(), Seed: seed, Plant: plant, CallIDs: 32, Log: ledger.Full,
	})
	ts := tserversim.New(tserversim.Options{
		Codec: cstaxml.New(), Seed: seed, Devices: plant.Numbers(), Log: ledger.Full,
	})
	w := pipe.New(seed, epoch)
	w.Join(sw, ts, pipe.Net{}).Open()
	w.RunUntil(10*time.Second, ts.InStep)
	sw.SetLoad(switchsim.Load{Calls: 8, Features: 3, Pace: 200 * time.Millisecond})
	w.Run(d)
	sw.SetLoad(switchsim.Load{Still: true})
	w.RunUntil(time.Second, w.Quiet)
	return sw, ts
}

// feed makes a model of replayed streams.
func feed(t *testing.T, streams map[string][][]byte) *tserversim.Model {
	t.Helper()
	model := tserversim.NewModel()
	c := cstaxml.New()
	var msg csta.Message
	for device, frames := range streams {
		v := model.Watch(device)
		for _, frame := range frames {
			if err := c.Decode(&msg, frame); err != nil {
				t.Fatal(err)
			}
			v.Apply(&msg)
		}
	}
	return model
}

// A model made of the events still needed at a random moment and the live stream from there equals
// that of a T-Server that saw everything; and the checker finds nothing wrong with it.
func TestReplayGivesTheSameModel(t *testing.T) {
	for seed := range uint64(8) {
		sw, ts := run(seed, 30*time.Second)
		rnd := rand.New(rand.NewPCG(seed, 7))
		c := cstaxml.New()
		returned := ledger.New(ledger.Full, 0)
		streams := make(map[string][][]byte)
		refs := ts.CrossRefs()
		for ref, device := range refs {
			sent := sw.Ledger().Frames(ref)
			at := rnd.IntN(len(sent) + 1)
			streams[device] = slices.Concat(check.Needed(c, sent[:at]), sent[at:])
			for _, frame := range streams[device] {
				returned.Add(ref, frame)
			}
		}
		if d := feed(t, streams).Diff(ts.Model()); d != "" {
			t.Fatalf("seed %d:\n%s", seed, d)
		}
		sum, err := check.Returned(c, sw.Ledger(), returned, refs)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if seed == 0 {
			t.Logf("%+v of %d events", sum, sw.Ledger().Count())
		}
	}
}

// The checker finds every way in which a replay can be wrong.
func TestReturnedFindsFaults(t *testing.T) {
	sw, ts := run(3, 20*time.Second)
	c := cstaxml.New()
	refs := ts.CrossRefs()
	plant := func(hurt func(replay, tail, before [][]byte) [][]byte) error {
		l := ledger.New(ledger.Full, 0)
		hit := false
		for _, ref := range slices.Sorted(maps.Keys(refs)) {
			sent := sw.Ledger().Frames(ref)
			at := len(sent) * 9 / 10
			replay, tail := check.Needed(c, sent[:at]), sent[at:]
			if !hit && len(replay) >= 3 && len(tail) >= 3 && at > len(replay)+8 {
				hit = true
				for _, f := range hurt(slices.Clone(replay), slices.Clone(tail), sent[:at]) {
					l.Add(ref, f)
				}
				continue
			}
			for _, f := range slices.Concat(replay, tail) {
				l.Add(ref, f)
			}
		}
		if !hit {
			return fmt.Errorf("no monitor to plant a fault in")
		}
		_, err := check.Returned(c, sw.Ledger(), l, refs)
		return err
	}
	if err := plant(func(r, t, _ [][]byte) [][]byte { return slices.Concat(r, t) }); err != nil {
		t.Fatalf("faultless: %v", err)
	}
	faults := map[string]func(replay, tail, before [][]byte) [][]byte{
		"a replayed event lost": func(r, t, _ [][]byte) [][]byte {
			return slices.Concat(r[:1], r[2:], t)
		},
		"no replay": func(_, t, _ [][]byte) [][]byte { return t },
		"a live event lost": func(r, t, _ [][]byte) [][]byte {
			return slices.Concat(r, t[:1], t[2:])
		},
		"the first live event lost": func(r, t, _ [][]byte) [][]byte {
			return slices.Concat(r, t[1:])
		},
		"a live event twice": func(r, t, _ [][]byte) [][]byte { return slices.Concat(r, t[:1], t) },
		"the replay twice":   func(r, t, _ [][]byte) [][]byte { return slices.Concat(r, r, t) },
		"order": func(r, t, _ [][]byte) [][]byte {
			r[0], r[1] = r[1], r[0]
			return slices.Concat(r, t)
		},
		"everything": func(_, t, b [][]byte) [][]byte { return slices.Concat(b[1:], t) },
		"bytes": func(r, t, _ [][]byte) [][]byte {
			r[0] = slices.Concat(r[0][:20], []byte{' '}, r[0][20:])
			return slices.Concat(r, t)
		},
	}
	for name, hurt := range faults {
		if err := plant(hurt); err == nil {
			t.Errorf("%s: not found", name)
		}
	}
}

package load

import (
	"testing"

	"haproxy/codec/csta"
	"haproxy/perf/protocols"
)

// What a T-Server that joins is given has to begin with the call that is under way, go on without a gap, and be of a
// granted monitor. What of the proxy's own events came between is not known for certain.
func TestStreams(t *testing.T) {
	const devices, calls = 5, 3
	e, err := newEvents(protocols.Tested()[0], devices, calls, 100)
	if err != nil {
		t.Fatal(err)
	}
	last := uint64(calls * len(steps)) // the first of a call of device 0
	for name, c := range map[string]struct {
		told, offered uint64
		granted       csta.CrossRefID
		events        []uint64
		good          bool
	}{
		"a call and the next":       {0, 0, crossRefOf(1), []uint64{1, 4, 7, 10, 13, last + 1, last + 4}, true},
		"the call under way":        {8, 9, crossRefOf(1), []uint64{1, 4, 7}, true},
		"the next call":             {8, 9, crossRefOf(1), []uint64{last + 1, last + 4}, false},
		"a call that just began":    {8, last + 2, crossRefOf(1), []uint64{last + 1, last + 4}, true},
		"a call that is over":       {last, last, crossRefOf(1), []uint64{1, 4}, false},
		"from amid a call":          {5, 5, crossRefOf(1), []uint64{4, 7}, false},
		"without one":               {0, 0, crossRefOf(1), []uint64{1, 7}, false},
		"without some":              {0, 0, crossRefOf(1), []uint64{1, 4, last + 1}, false},
		"twice":                     {0, 0, crossRefOf(1), []uint64{1, 4, 4}, false},
		"of a monitor not granted":  {0, 0, crossRefOf(0), []uint64{1, 4}, false},
		"of a monitor that is none": {0, 0, csta.CrossRefID("x"), []uint64{1}, false},
	} {
		s := newStreams(e)
		s.ask(1, c.told)
		s.grant(c.granted, c.offered)
		good := true
		for _, number := range c.events {
			good = s.follow(number) && good
		}
		if good != c.good {
			t.Errorf("%s: %v", name, good)
		}
	}
}

func crossRefOf(device int) csta.CrossRefID { return csta.CrossRefID(crossRef(device)) }

// A T-Server that joins counts what is no event of its streams.
func TestJoiningIsChecked(t *testing.T) {
	e, err := newEvents(protocols.Tested()[0], 2, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		events []uint64
		wrong  uint64
	}{{[]uint64{0, 1, 2, 3}, 0}, {[]uint64{0, 1, 3}, 0}, {[]uint64{0, 1, 4}, 1}, {[]uint64{1, 1}, 1}} {
		taker := &taker{events: e, streams: newStreams(e)}
		for i := range 2 {
			taker.streams.ask(i, 0)
			taker.streams.grant(crossRefOf(i), 0)
		}
		due := uint64(0)
		for _, number := range c.events {
			due = taker.event(number, 1, 1, due)
		}
		if taker.wrong != c.wrong {
			t.Errorf("%v: %d are wrong, want %d", c.events, taker.wrong, c.wrong)
		}
	}
}

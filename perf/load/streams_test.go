package load

import (
	"testing"

	"haproxy/perf/protocols"
)

// What a T-Server that joins is given has to begin with a call, go on without a gap, and be of a granted monitor.
func TestStreams(t *testing.T) {
	const devices, calls = 5, 3
	e, err := newEvents(protocols.Tested()[0], devices, calls, 100)
	if err != nil {
		t.Fatal(err)
	}
	last := uint64(calls * len(steps)) // the first of a call of device 0
	for name, c := range map[string]struct {
		granted string
		events  []uint64
		good    bool
	}{
		"a call and the next":       {crossRef(0), []uint64{0, 3, 6, 9, 12, last, last + 3}, true},
		"without the next but two":  {crossRef(1), []uint64{1, 4, last + 1}, false},
		"one later than another":    {crossRef(1), []uint64{last + 1, last + 4}, true},
		"from amid a call":          {crossRef(1), []uint64{4, 7}, false},
		"without one":               {crossRef(1), []uint64{1, 7}, false},
		"twice":                     {crossRef(1), []uint64{1, 4, 4}, false},
		"of a monitor not granted":  {crossRef(0), []uint64{1, 4}, false},
		"of a monitor that is none": {"x", []uint64{0}, false},
	} {
		s := newStreams(e)
		s.begin([]byte(c.granted))
		good := true
		for _, number := range c.events {
			good = s.follow(number) && good
		}
		if good != c.good {
			t.Errorf("%s: %v", name, good)
		}
	}
}

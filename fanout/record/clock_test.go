package record

import (
	"testing"
	"time"
)

// The stamps of a record are the wall's, follow it forward, and pass on as time does where it is set back.
func TestClock(t *testing.T) {
	began := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var c clock
	for _, step := range []struct {
		name string
		wall time.Duration // since it began
		want time.Duration
	}{
		{"at first", 0, 0},
		{"a second later", time.Second, time.Second},
		{"set forward", time.Hour, time.Hour},
		{"set back", time.Minute, time.Hour},
		{"a message of before", time.Second, time.Hour},
		{"a second after that", 2 * time.Second, time.Hour + time.Second},
		{"forward again, to the hour before", time.Hour, 2*time.Hour - time.Second},
	} {
		if got := time.Duration(c.of(began.Add(step.wall)) - began.UnixNano()); got != step.want {
			t.Errorf("%s: %v, want %v", step.name, got, step.want)
		}
	}
}

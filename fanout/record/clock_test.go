package record

import (
	"testing"
	"time"
)

// The stamps of a record are the wall's, follow it forward, and pass on as time does where it is set back.
func TestClock(t *testing.T) {
	var c clock
	for _, step := range []struct {
		name               string
		passed, wall, want time.Duration
	}{
		{"at first", 0, time.Hour, time.Hour},
		{"a second later", time.Second, time.Hour + time.Second, time.Hour + time.Second},
		{"a message of before", 0, time.Hour, time.Hour + time.Second},
		{"the one behind it", time.Second, time.Hour + time.Second, time.Hour + time.Second},
		{"set forward", 2 * time.Second, 3 * time.Hour, 3 * time.Hour},
		{"set back", 3 * time.Second, time.Minute, 3*time.Hour + time.Second},
		{"a message of before that", 2 * time.Second, 3 * time.Hour, 3*time.Hour + time.Second},
		{"a second after it was set", 4 * time.Second, time.Minute + time.Second, 3*time.Hour + 2*time.Second},
		{"set right again", 5 * time.Second, 4 * time.Hour, 4 * time.Hour},
	} {
		if got := time.Duration(c.after(step.passed, int64(step.wall))); got != step.want {
			t.Errorf("%s: %v, want %v", step.name, got, step.want)
		}
	}
}

// Times that come in another order are not counted twice.
func TestClockStampsTimes(t *testing.T) {
	var c clock
	now := time.Now()
	for i := range 1000 {
		at := now.Add(time.Duration(i/2-i%2) * time.Millisecond)
		if got, most := c.of(at), now.Add(time.Duration(i/2)*time.Millisecond).UnixNano(); got > most {
			t.Fatalf("stamp %d is %v ahead", i, time.Duration(got-most))
		}
	}
}

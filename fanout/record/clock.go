package record

import "time"

// clock stamps what a record holds. It is the wall's, but goes on where that is set back: messages are in the order of
// their times, and are played at the pace at which they came. The zero value has stamped nothing.
type clock struct {
	began  time.Time     // when it stamped first
	passed time.Duration // from then to the latest time, by the clock that nobody sets
	stamp  int64         // the last, in nanoseconds of Unix time
}

// of returns the stamp of a time, which is never before an earlier stamp.
func (c *clock) of(at time.Time) int64 {
	if c.began.IsZero() {
		c.began = at
	}
	return c.after(at.Sub(c.began), at.UnixNano())
}

// after returns the stamp when so much has passed and the wall's clock shows a time.
func (c *clock) after(passed time.Duration, wall int64) int64 {
	c.stamp = max(c.stamp+max(passed-c.passed, 0).Nanoseconds(), wall)
	c.passed = max(c.passed, passed)
	return c.stamp
}

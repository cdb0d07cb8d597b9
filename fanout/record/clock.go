package record

import "time"

// clock stamps what a record holds. It is the wall's, but goes on where that is set back: messages are in the order of
// their times, and are played at the pace at which they came. The zero value has stamped nothing.
type clock struct {
	last  time.Time // that was stamped
	stamp int64     // of it, in nanoseconds of Unix time
}

// of returns the stamp of a time, which is never before an earlier stamp.
func (c *clock) of(at time.Time) int64 {
	passed := max(at.Sub(c.last), 0) // by the clock that nobody sets, where at has it
	if c.last.IsZero() {
		passed = 0
	}
	c.stamp = max(at.UnixNano(), c.stamp+passed.Nanoseconds())
	c.last = at
	return c.stamp
}

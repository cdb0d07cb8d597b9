// Package latency keeps a histogram of durations in constant memory: 32 steps to each doubling, so
// that a quantile is right within about three percent.
//
//	var h latency.Histogram
//	h.Add(took)
//	fmt.Fprintln(out, h.Quantile(0.99))
package latency

import (
	"math/bits"
	"time"
)

const (
	stepBits = 5
	steps    = 1 << stepBits
	rows     = 64 - stepBits
)

// Histogram counts durations. The zero Histogram is empty and usable.
type Histogram struct {
	counts [rows * steps]uint32
	n      int
	max    time.Duration
}

// Add counts one duration; a negative one counts as none.
func (h *Histogram) Add(d time.Duration) {
	d = max(d, 0)
	h.counts[slot(uint64(d))]++
	h.n++
	h.max = max(h.max, d)
}

// slot returns the place of a value: exact below 64, then 32 steps a doubling.
func slot(v uint64) int {
	row := max(bits.Len64(v)-stepBits-1, 0)
	return row*steps + int(v>>row)
}

// Count returns how many durations were added.
func (h *Histogram) Count() int { return h.n }

// Max returns the longest duration.
func (h *Histogram) Max() time.Duration { return h.max }

// Quantile returns a duration that the fraction q of all did not exceed; 0 where there are none.
func (h *Histogram) Quantile(q float64) time.Duration {
	if h.n == 0 {
		return 0
	}
	want := int(q*float64(h.n-1)) + 1
	seen := 0
	for i, count := range h.counts {
		seen += int(count)
		if seen >= want {
			return min(upper(i), h.max)
		}
	}
	return h.max
}

// upper returns the greatest value of a slot.
func upper(i int) time.Duration {
	row := max(i/steps-1, 0)
	return time.Duration((uint64(i-row*steps)+1)<<row - 1)
}

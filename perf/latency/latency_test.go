package latency

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// A quantile is within three percent of the exact one, from nanoseconds to hours.
func TestQuantile(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var h Histogram
	exact := make([]time.Duration, 20000)
	for i := range exact {
		exact[i] = time.Duration(1) << rnd.IntN(42)
		exact[i] += time.Duration(rnd.Int64N(int64(exact[i])))
		h.Add(exact[i])
	}
	slices.Sort(exact)
	for _, q := range []float64{0, 0.1, 0.5, 0.9, 0.99, 0.999, 1} {
		want := exact[int(q*float64(len(exact)-1))]
		got := h.Quantile(q)
		if got < want || float64(got) > float64(want)*1.04+1 {
			t.Errorf("quantile %v: got %v, want %v", q, got, want)
		}
	}
}

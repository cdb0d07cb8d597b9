package heap

import (
	"math/rand/v2"
	"slices"
	"testing"
)

type number int

func (n number) Before(other number) bool { return n < other }

func TestEarliestFirst(t *testing.T) {
	const seed = 1
	random := rand.New(rand.NewPCG(seed, 0))
	var h Heap[number]
	var want []number
	for step := range 2000 {
		if len(want) > 0 && random.IntN(3) == 0 {
			slices.Sort(want)
			if first := h.First(); first != want[0] {
				t.Fatalf("seed %d, step %d: %d is first, want %d", seed, step, first, want[0])
			}
			if got := h.Pop(); got != want[0] {
				t.Fatalf("seed %d, step %d: got %d, want %d", seed, step, got, want[0])
			}
			want = want[1:]
		} else {
			n := number(random.IntN(100))
			h.Push(n)
			want = append(want, n)
		}
		if h.Len() != len(want) {
			t.Fatalf("seed %d, step %d: %d are left, want %d", seed, step, h.Len(), len(want))
		}
	}
}

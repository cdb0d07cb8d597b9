package switchsim

import (
	"container/heap"
	"time"
)

// timer is one thing that is due at a time; seq keeps the order of equal times.
type timer struct {
	at  time.Time
	seq uint64
	run func()
}

// timers is a heap of what is due.
type timers struct {
	heap timerHeap
	seq  uint64
}

func (t *timers) add(at time.Time, run func()) {
	t.seq++
	heap.Push(&t.heap, timer{at, t.seq, run})
}

// next takes the first timer that is due at now.
func (t *timers) next(now time.Time) (timer, bool) {
	if len(t.heap) == 0 || t.heap[0].at.After(now) {
		return timer{}, false
	}
	return heap.Pop(&t.heap).(timer), true
}

type timerHeap []timer

func (h timerHeap) Len() int { return len(h) }

func (h timerHeap) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at) {
		return h[i].seq < h[j].seq
	}
	return h[i].at.Before(h[j].at)
}

func (h timerHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push is container/heap's.
func (h *timerHeap) Push(x any) { *h = append(*h, x.(timer)) }

// Pop is container/heap's.
func (h *timerHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = timer{}
	*h = old[:len(old)-1]
	return last
}

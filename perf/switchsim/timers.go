package switchsim

import (
	"time"

	"haproxy/perf/heap"
)

// timer is one thing that is due at a time; seq keeps the order of equal times.
type timer struct {
	at  time.Time
	seq uint64
	run func()
}

// Before tells which of two is due first.
func (t timer) Before(other timer) bool {
	if t.at.Equal(other.at) {
		return t.seq < other.seq
	}
	return t.at.Before(other.at)
}

// timers is what is due.
type timers struct {
	heap heap.Heap[timer]
	seq  uint64
}

func (t *timers) add(at time.Time, run func()) {
	t.seq++
	t.heap.Push(timer{at, t.seq, run})
}

// next takes the first timer that is due at now.
func (t *timers) next(now time.Time) (timer, bool) {
	if t.heap.Len() == 0 || t.heap.First().at.After(now) {
		return timer{}, false
	}
	return t.heap.Pop(), true
}

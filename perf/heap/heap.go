package heap

import "container/heap"

// Heap holds what tells itself which of two comes first. The zero value is empty and ready.
type Heap[T interface{ Before(other T) bool }] struct {
	list list[T]
}

// Len returns how many there are.
func (h *Heap[T]) Len() int { return len(h.list) }

// Push adds one.
func (h *Heap[T]) Push(x T) { heap.Push(&h.list, x) }

// First returns the first, which stays; there has to be one.
func (h *Heap[T]) First() T { return h.list[0] }

// Pop takes the first out; there has to be one.
func (h *Heap[T]) Pop() T { return heap.Pop(&h.list).(T) }

// list is the interface of container/heap.
type list[T interface{ Before(other T) bool }] []T

func (l list[T]) Len() int           { return len(l) }
func (l list[T]) Less(i, k int) bool { return l[i].Before(l[k]) }
func (l list[T]) Swap(i, k int)      { l[i], l[k] = l[k], l[i] }
func (l *list[T]) Push(x any)        { *l = append(*l, x.(T)) }

func (l *list[T]) Pop() any {
	old := *l
	last := old[len(old)-1]
	clear(old[len(old)-1:]) // it is not to be held
	*l = old[:len(old)-1]
	return last
}

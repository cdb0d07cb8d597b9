// Package heap has what comes in one order leave in another: the earliest first.
//
//	var waiting heap.Heap[*late] // func (l *late) Before(other *late) bool
//	waiting.Push(l)
//	for waiting.Len() > 0 {
//		waiting.Pop().decode()
//	}
package heap

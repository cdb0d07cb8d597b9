package wire

import "sync"

// queue hands frames from the core to the writer. It has no bound: a peer that reads nothing costs
// the simulator memory, never its pace.
type queue struct {
	mu     sync.Mutex
	ready  *sync.Cond
	frames [][]byte
	closed bool
}

func newQueue() *queue {
	q := new(queue)
	q.ready = sync.NewCond(&q.mu)
	return q
}

// put appends frames and wakes the writer.
func (q *queue) put(frames [][]byte) {
	if len(frames) == 0 {
		return
	}
	q.mu.Lock()
	q.frames = append(q.frames, frames...)
	q.mu.Unlock()
	q.ready.Signal()
}

// take waits for frames and returns all of them, or nil once the queue is closed.
func (q *queue) take() [][]byte {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.frames) == 0 && !q.closed {
		q.ready.Wait()
	}
	if q.closed {
		return nil
	}
	frames := q.frames
	q.frames = nil
	return frames
}

// close releases the writer; what is queued is dropped.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.ready.Broadcast()
}

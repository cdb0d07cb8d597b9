package fanout

// chunkSize is the size of a queue's pieces: one write each, and what is wasted at most.
const chunkSize = 256 << 10

// spareMax bounds the chunks a loop keeps for reuse.
const spareMax = 8

// spares are the emptied chunks of one loop's queues.
type spares [][]byte

func (s *spares) get() []byte {
	if n := len(*s); n > 0 {
		chunk := (*s)[n-1]
		*s = (*s)[:n-1]
		return chunk
	}
	return make([]byte, 0, chunkSize)
}

func (s *spares) put(chunk []byte) {
	if len(*s) < spareMax {
		*s = append(*s, chunk[:0])
	}
}

// queue holds the bytes that a leg's socket could not take yet, in order. It copies what it is
// given.
type queue struct {
	chunks [][]byte
	head   int // bytes of the first chunk that are gone
	size   int
}

// push appends a copy of b.
func (q *queue) push(s *spares, b []byte) {
	q.size += len(b)
	for len(b) > 0 {
		last := len(q.chunks) - 1
		if last < 0 || len(q.chunks[last]) == cap(q.chunks[last]) {
			q.chunks = append(q.chunks, s.get())
			last++
		}
		chunk := q.chunks[last]
		n := copy(chunk[len(chunk):cap(chunk)], b)
		q.chunks[last] = chunk[:len(chunk)+n]
		b = b[n:]
	}
}

// peek returns the first bytes, at most a chunk; they stay until pop.
func (q *queue) peek() []byte {
	if q.size == 0 {
		return nil
	}
	return q.chunks[0][q.head:]
}

// pop forgets the first n bytes, at most those of peek.
func (q *queue) pop(s *spares, n int) {
	q.head += n
	q.size -= n
	if q.head < len(q.chunks[0]) {
		return
	}
	s.put(q.chunks[0])
	q.head = 0
	q.chunks[0] = nil
	q.chunks = q.chunks[1:]
	if len(q.chunks) == 0 {
		q.chunks = nil
	}
}

// drop forgets everything.
func (q *queue) drop(s *spares) {
	for _, chunk := range q.chunks {
		s.put(chunk)
	}
	*q = queue{}
}

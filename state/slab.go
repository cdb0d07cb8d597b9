package state

// chunkBits sizes the chunks of a slab: 256 records, so that a small State stays small and growth
// never copies a record.
const (
	chunkBits = 8
	chunkSize = 1 << chunkBits
	chunkMask = chunkSize - 1
)

// slab is a bounded table of records in chunks that never move. Records are named by their index,
// from 1; 0 is none. Records hold no pointers, so the garbage collector does not scan them, and
// those released are used again before the slab grows.
type slab[T any] struct {
	chunks []*[chunkSize]slot[T]
	free   uint32 // first of the released slots, linked by next
	top    uint32 // highest index in use so far
	live   int
	limit  int
}

type slot[T any] struct {
	next uint32
	rec  T
}

// at returns the record of an index that alloc gave out. It stays where it is until released.
func (s *slab[T]) at(i uint32) *T {
	return &s.chunks[i>>chunkBits][i&chunkMask].rec
}

// alloc returns a zeroed record, or 0 and nil at the limit.
func (s *slab[T]) alloc() (uint32, *T) {
	if s.live >= s.limit {
		return 0, nil
	}
	s.live++
	if i := s.free; i != 0 {
		slot := &s.chunks[i>>chunkBits][i&chunkMask]
		s.free = slot.next
		var zero T
		slot.rec = zero
		return i, &slot.rec
	}
	s.top++
	if int(s.top>>chunkBits) >= len(s.chunks) {
		s.chunks = append(s.chunks, new([chunkSize]slot[T]))
	}
	return s.top, s.at(s.top)
}

// release gives a record back. Its content stays readable until the next alloc.
func (s *slab[T]) release(i uint32) {
	slot := &s.chunks[i>>chunkBits][i&chunkMask]
	slot.next = s.free
	s.free = i
	s.live--
	if s.live < 0 {
		panic("state: a record was released twice")
	}
}

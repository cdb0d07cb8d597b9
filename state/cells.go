package state

// A frame of 600 to 750 octets, the usual ones, takes three cells. cellChunk is the cells allocated
// at once, 1 MiB.
const (
	cellSize  = 256
	cellBits  = 12
	cellChunk = 1 << cellBits
)

// cells is the arena of the journal's frames: equal cells, a frame being a linked list of them, so
// that nothing fragments and the bound is exact. The links lie apart from the cells, close
// together: taking and freeing cells then touches no memory that left the cache long ago. Chunks
// are kept once allocated.
type cells struct {
	chunks [][][cellSize]byte
	links  [][]uint32 // of each cell: the next of its frame, or of the free ones
	free   uint32
	top    uint32 // cells ever used
	live   uint32
	limit  uint32
}

func (c *cells) setUp(limit int64) {
	c.limit = uint32(min(max(limit/cellSize, 1), 1<<31))
}

// need returns the cells a frame takes; an empty one takes one too, so that entries are bounded.
func (c *cells) need(size int) uint32 {
	return uint32(max((size+cellSize-1)/cellSize, 1))
}

// room reports whether n more cells are within the limit.
func (c *cells) room(n uint32) bool { return n <= c.limit-c.live }

func (c *cells) at(i uint32) []byte { return c.chunks[(i-1)>>cellBits][(i-1)&(cellChunk-1)][:] }

func (c *cells) next(i uint32) *uint32 { return &c.links[(i-1)>>cellBits][(i-1)&(cellChunk-1)] }

// put copies a frame into cells and returns the first. The caller made room.
func (c *cells) put(frame []byte) uint32 {
	first := c.take()
	last := first
	rest := frame[copy(c.at(first), frame):]
	for len(rest) > 0 {
		i := c.take()
		*c.next(last) = i
		last = i
		rest = rest[copy(c.at(i), rest):]
	}
	*c.next(last) = 0
	return first
}

func (c *cells) take() uint32 {
	if c.live >= c.limit {
		panic("state: the journal took a cell beyond its limit")
	}
	c.live++
	if i := c.free; i != 0 {
		c.free = *c.next(i)
		return i
	}
	if int(c.top>>cellBits) >= len(c.chunks) {
		n := min(cellChunk, c.limit-c.top)
		c.chunks = append(c.chunks, make([][cellSize]byte, n))
		c.links = append(c.links, make([]uint32, n))
	}
	c.top++
	return c.top
}

// get appends the frame of size octets that begins at cell first.
func (c *cells) get(dst []byte, first, size uint32) []byte {
	for i := first; size > 0; i = *c.next(i) {
		n := min(size, cellSize)
		dst = append(dst, c.at(i)[:n]...)
		size -= n
	}
	return dst
}

// drop frees the cells of a frame, in one piece.
func (c *cells) drop(first uint32) {
	last, n := first, uint32(1)
	for next := *c.next(last); next != 0; next = *c.next(last) {
		last = next
		n++
	}
	if n > c.live {
		panic("state: the journal gave back more cells than it took")
	}
	*c.next(last) = c.free
	c.free = first
	c.live -= n
}

package state

// cellData is what a cell of the journal carries: with its link it is 256 octets. Frames of 600 to
// 750 octets, the usual ones, take three cells. cellChunk is the cells allocated at once, 1 MiB.
const (
	cellSize  = 256
	cellData  = cellSize - 4
	cellBits  = 12
	cellChunk = 1 << cellBits
)

type cell struct {
	next uint32
	data [cellData]byte
}

// cells is the arena of the journal's frames: equal cells, a frame being a linked list of them, so
// that nothing fragments and the bound is exact. Chunks are kept once allocated.
type cells struct {
	chunks [][]cell
	free   uint32 // linked by next
	top    uint32 // cells ever used
	live   uint32
	limit  uint32
}

func (c *cells) setUp(limit int64) {
	c.limit = uint32(min(max(limit/cellSize, 1), 1<<31))
}

// need returns the cells a frame takes; an empty one takes one too, so that entries are bounded.
func (c *cells) need(size int) uint32 {
	return uint32(max((size+cellData-1)/cellData, 1))
}

// room reports whether n more cells are within the limit.
func (c *cells) room(n uint32) bool { return n <= c.limit-c.live }

func (c *cells) at(i uint32) *cell { return &c.chunks[(i-1)>>cellBits][(i-1)&(cellChunk-1)] }

// put copies a frame into cells and returns the first. The caller made room.
func (c *cells) put(frame []byte) uint32 {
	first := c.take()
	last := c.at(first)
	rest := frame[copy(last.data[:], frame):]
	for len(rest) > 0 {
		i := c.take()
		last.next = i
		last = c.at(i)
		rest = rest[copy(last.data[:], rest):]
	}
	last.next = 0
	return first
}

func (c *cells) take() uint32 {
	if c.live >= c.limit {
		panic("state: the journal took a cell beyond its limit")
	}
	c.live++
	if i := c.free; i != 0 {
		c.free = c.at(i).next
		return i
	}
	if int(c.top>>cellBits) >= len(c.chunks) {
		c.chunks = append(c.chunks, make([]cell, min(cellChunk, c.limit-c.top)))
	}
	c.top++
	return c.top
}

// get appends the frame of size octets that begins at cell first.
func (c *cells) get(dst []byte, first uint32, size uint32) []byte {
	for i := first; size > 0; {
		cell := c.at(i)
		n := min(size, cellData)
		dst = append(dst, cell.data[:n]...)
		size -= n
		i = cell.next
	}
	return dst
}

// drop frees the cells of a frame, in one piece.
func (c *cells) drop(first uint32) {
	last, n := first, uint32(1)
	for next := c.at(last).next; next != 0; next = c.at(last).next {
		last = next
		n++
	}
	c.at(last).next = c.free
	c.free = first
	if n > c.live {
		panic("state: the journal gave back more cells than it took")
	}
	c.live -= n
}

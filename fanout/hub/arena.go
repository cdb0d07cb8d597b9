package hub

// arena holds the frames that the hub makes between Done and Done, one after the other, so that
// those for one leg are adjacent and leave in one write.
type arena struct {
	chunk []byte   // being filled; its length is what was kept
	used  [][]byte // full chunks of this step
	free  [][]byte // chunks to fill again
}

const (
	arenaChunk = 64 << 10 // bytes; the longest frame fits
	arenaLow   = 4 << 10  // room below which the next frame opens a new chunk
	arenaSpare = 16       // chunks kept between steps
)

// tail returns the empty slice to append the next frame to.
func (a *arena) tail() []byte {
	if cap(a.chunk)-len(a.chunk) < arenaLow {
		a.next(arenaChunk)
	}
	return a.chunk[len(a.chunk):]
}

// room is tail with space for n bytes.
func (a *arena) room(n int) []byte {
	if cap(a.chunk)-len(a.chunk) < n {
		a.next(max(n, arenaChunk))
	}
	return a.chunk[len(a.chunk):]
}

func (a *arena) next(size int) {
	if a.chunk != nil {
		a.used = append(a.used, a.chunk)
	}
	if n := len(a.free); n > 0 && size == arenaChunk {
		a.chunk, a.free = a.free[n-1], a.free[:n-1]
		return
	}
	a.chunk = make([]byte, 0, size)
}

// keep takes what was appended to tail. A frame that outgrew the chunk lies elsewhere and keeps
// itself.
func (a *arena) keep(frame []byte) {
	end := len(a.chunk) + len(frame)
	if len(frame) == 0 || end > cap(a.chunk) {
		return
	}
	if whole := a.chunk[:end]; &whole[len(a.chunk)] == &frame[0] {
		a.chunk = whole
	}
}

// reset forgets all frames and keeps a bounded number of chunks.
func (a *arena) reset() {
	for _, chunk := range a.used {
		if cap(chunk) == arenaChunk && len(a.free) < arenaSpare {
			a.free = append(a.free, chunk[:0])
		}
	}
	clear(a.used)
	a.used = a.used[:0]
	if cap(a.chunk) > arenaChunk {
		a.chunk = nil
	}
	a.chunk = a.chunk[:0]
}

package record

import (
	"encoding/binary"
	"sync/atomic"
)

// spool is a queue of records in a ring of bytes, for one writer and one reader, without a lock.
type spool struct {
	ring []byte
	head atomic.Uint64 // bytes written so far
	tail atomic.Uint64 // bytes read so far
}

const (
	spoolSize = 8 << 20
	reserve   = 64 << 10 // for what has no payload
)

func newSpool(size int) *spool { return &spool{ring: make([]byte, size)} }

// recordKind is what a record tells.
type recordKind uint8

const (
	kindOpen  recordKind = iota + 1
	kindHeard            // bytes of the peer
	kindSaid             // bytes to the peer
	kindAmid             // what was heard so far ends amid a message
	kindClose
	kindRecount // what stands was told: a file may end here
)

// header stands before the payload of a record.
type header struct {
	kind    recordKind
	wire    uint64
	at      int64  // stamped
	missing uint32 // bytes before it that found no room
	size    uint32 // of the payload
}

const headerSize = 1 + 8 + 8 + 4 + 4

// free returns how many bytes there is room for.
func (s *spool) free() int { return len(s.ring) - int(s.head.Load()-s.tail.Load()) }

// put appends a record. It reports whether there was room; what has a payload leaves the reserve.
func (s *spool) put(h header, payload [][]byte) bool {
	for _, b := range payload {
		h.size += uint32(len(b))
	}
	head, room := s.head.Load(), s.free()
	if h.kind == kindHeard || h.kind == kindSaid {
		room -= reserve
	}
	if headerSize+int(h.size) > room {
		return false
	}
	var b [headerSize]byte
	b[0] = byte(h.kind)
	binary.LittleEndian.PutUint64(b[1:], h.wire)
	binary.LittleEndian.PutUint64(b[9:], uint64(h.at))
	binary.LittleEndian.PutUint32(b[17:], h.missing)
	binary.LittleEndian.PutUint32(b[21:], h.size)
	at := s.copyIn(head, b[:])
	for _, b := range payload {
		at = s.copyIn(at, b)
	}
	s.head.Store(at)
	return true
}

func (s *spool) copyIn(at uint64, b []byte) uint64 {
	n := copy(s.ring[at%uint64(len(s.ring)):], b)
	copy(s.ring, b[n:])
	return at + uint64(len(b))
}

// take returns the oldest record, its payload in room, which it grows; ok is false where there is none.
func (s *spool) take(room []byte) (h header, payload []byte, ok bool) {
	tail := s.tail.Load()
	if tail == s.head.Load() {
		return header{}, room[:0], false
	}
	var b [headerSize]byte
	s.copyOut(tail, b[:])
	h = header{
		kind: recordKind(b[0]), wire: binary.LittleEndian.Uint64(b[1:]),
		at:      int64(binary.LittleEndian.Uint64(b[9:])),
		missing: binary.LittleEndian.Uint32(b[17:]), size: binary.LittleEndian.Uint32(b[21:]),
	}
	if cap(room) < int(h.size) {
		room = make([]byte, h.size)
	}
	payload = room[:h.size]
	s.copyOut(tail+headerSize, payload)
	s.tail.Store(tail + headerSize + uint64(h.size))
	return h, payload, true
}

func (s *spool) copyOut(at uint64, b []byte) {
	n := copy(b, s.ring[at%uint64(len(s.ring)):])
	copy(b[n:], s.ring)
}

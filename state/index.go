package state

import (
	"encoding/binary"
	"math/bits"
)

// indexed is a record that lies in an index: it keeps its hash and the link to the next record of
// its bucket.
type indexed[T any] interface {
	*T
	link() (next *uint32, hash uint32)
}

// index finds records of a slab by their hash. It grows by linear hashing, one bucket an insertion,
// so no insertion pays for a rehash of the whole table.
type index[T any, P indexed[T]] struct {
	records *slab[T]
	chunks  []*[chunkSize]uint32 // buckets: the first record of each
	buckets uint32
	count   uint32
}

// first returns the link to the first record of the bucket of hash.
func (x *index[T, P]) first(hash uint32) *uint32 {
	if x.buckets == 0 {
		x.chunks = append(x.chunks, new([chunkSize]uint32))
		x.buckets = 1
	}
	b := bucketOf(hash, x.buckets)
	return &x.chunks[b>>chunkBits][b&chunkMask]
}

// bucketOf returns the bucket of hash among n: its low bits, with one bit less where that bucket
// was not split off yet.
func bucketOf(hash, n uint32) uint32 {
	width := bits.Len32(n - 1)
	b := hash & (1<<width - 1)
	if b >= n {
		b &= 1<<(width-1) - 1
	}
	return b
}

// insert puts record i, whose hash is set, in front of its bucket.
func (x *index[T, P]) insert(i uint32) {
	x.count++
	if x.count > x.buckets {
		x.split()
	}
	next, hash := P(x.records.at(i)).link()
	first := x.first(hash)
	*next, *first = *first, i
}

// remove takes record i out of its bucket.
func (x *index[T, P]) remove(i uint32) {
	next, hash := P(x.records.at(i)).link()
	at := x.first(hash)
	for *at != i {
		if *at == 0 {
			panic("state: a record is missing from its index")
		}
		at, _ = P(x.records.at(*at)).link()
	}
	*at = *next
	x.count--
}

// split adds one bucket and moves to it what belongs there from the one it is split off.
func (x *index[T, P]) split() {
	if x.buckets == 0 {
		x.first(0)
		return
	}
	added := x.buckets
	from := bucketOf(added, added)
	x.buckets++
	if int(added>>chunkBits) >= len(x.chunks) {
		x.chunks = append(x.chunks, new([chunkSize]uint32))
	}
	to := &x.chunks[added>>chunkBits][added&chunkMask]
	at := &x.chunks[from>>chunkBits][from&chunkMask]
	for *at != 0 {
		i := *at
		next, hash := P(x.records.at(i)).link()
		if bucketOf(hash, x.buckets) == added {
			*at, *next, *to = *next, *to, i
			continue
		}
		at = next
	}
}

// The multipliers of the hash, odd and without pattern (those of wyhash).
const (
	hashA = 0xa0761d6478bd642f
	hashB = 0xe7037ed1a0b428db
)

// hashBytes hashes b, starting from seed.
func hashBytes(seed uint64, b []byte) uint32 {
	h := seed ^ uint64(len(b))*hashB
	for len(b) > 8 {
		h = mix(h ^ binary.LittleEndian.Uint64(b))
		b = b[8:]
	}
	var last uint64 // all of the rest, some of it twice: the length tells what is
	switch n := len(b); {
	case n == 8:
		last = binary.LittleEndian.Uint64(b)
	case n >= 4:
		last = uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint32(b[n-4:]))<<32
	case n > 0:
		last = uint64(b[0]) | uint64(b[n/2])<<8 | uint64(b[n-1])<<16
	}
	return uint32(mix(mix(h ^ last)))
}

// mix stirs a word: both halves of its product with a multiplier.
func mix(h uint64) uint64 {
	hi, lo := bits.Mul64(h^hashB, hashA)
	return hi ^ lo
}

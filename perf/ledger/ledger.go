package ledger

import "hash/crc32"

// Mode is how much a Ledger keeps.
type Mode uint8

// The modes.
const (
	Chain Mode = iota // counts and hash chains
	Ring              // these, and the latest frames
	Full              // these, and every frame
)

// Entry is one event frame in a Ledger.
type Entry struct {
	CrossRef string
	Frame    []byte // as it was on the wire; do not change it
}

// Ledger records event frames in order. It belongs to one goroutine.
type Ledger struct {
	mode    Mode
	size    int
	entries []Entry
	first   int // of a full ring
	dropped int
	chain   uint64
	count   int
	bytes   int64
	byRef   map[string]*strand
	notes   []Note
}

// strand is what a Ledger holds of one monitor.
type strand struct {
	chain uint64
	count int
	at    []int // positions in entries, in mode Full
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// New returns an empty Ledger; size is the number of frames of a Ring.
func New(mode Mode, size int) *Ledger {
	return &Ledger{mode: mode, size: max(size, 1), byRef: make(map[string]*strand)}
}

// Add records a frame of the monitor and keeps the slice, except in mode Chain. Frames without a
// monitor have an empty crossRef.
func (l *Ledger) Add(crossRef string, frame []byte) {
	s := l.byRef[crossRef]
	if s == nil {
		s = new(strand)
		l.byRef[crossRef] = s
	}
	sum := uint64(crc32.Checksum(frame, castagnoli))<<24 ^ uint64(len(frame))
	l.chain = extend(l.chain, sum)
	s.chain = extend(s.chain, sum)
	s.count++
	l.count++
	l.bytes += int64(len(frame))
	switch {
	case l.mode == Chain:
	case l.mode == Ring && len(l.entries) == l.size:
		l.entries[l.first] = Entry{crossRef, frame}
		l.first = (l.first + 1) % l.size
		l.dropped++
	default:
		s.at = append(s.at, len(l.entries))
		l.entries = append(l.entries, Entry{crossRef, frame})
	}
}

// extend adds one frame's checksum to a hash chain; the multiplier is that of FNV-1a.
func extend(chain, sum uint64) uint64 { return (chain ^ sum) * 1099511628211 }

// Count returns how many frames were added.
func (l *Ledger) Count() int { return l.count }

// Bytes returns the bytes of all frames added.
func (l *Ledger) Bytes() int64 { return l.bytes }

// Chain returns the hash chain over all frames in order.
func (l *Ledger) Chain() uint64 { return l.chain }

// Dropped returns how many frames a Ring no longer has.
func (l *Ledger) Dropped() int { return l.dropped }

// ChainOf returns the number of frames of one monitor and the hash chain over them.
func (l *Ledger) ChainOf(crossRef string) (count int, chain uint64) {
	if s := l.byRef[crossRef]; s != nil {
		return s.count, s.chain
	}
	return 0, 0
}

// CrossRefs returns the monitors that had frames, in no certain order.
func (l *Ledger) CrossRefs() []string {
	refs := make([]string, 0, len(l.byRef))
	for ref := range l.byRef {
		refs = append(refs, ref)
	}
	return refs
}

// Entries returns the frames kept, oldest first.
func (l *Ledger) Entries() []Entry {
	if l.first == 0 {
		return l.entries
	}
	return append(append([]Entry(nil), l.entries[l.first:]...), l.entries[:l.first]...)
}

// Frames returns the frames of one monitor in order. It needs mode Full.
func (l *Ledger) Frames(crossRef string) [][]byte {
	s := l.byRef[crossRef]
	if s == nil {
		return nil
	}
	frames := make([][]byte, len(s.at))
	for i, at := range s.at {
		frames[i] = l.entries[at].Frame
	}
	return frames
}

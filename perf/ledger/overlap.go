package ledger

import (
	"bytes"
	"fmt"
)

// Since returns the frames added after the first n, as far as they are still kept.
func (l *Ledger) Since(n int) []Entry {
	entries := l.Entries()
	return entries[min(max(n-l.dropped, 0), len(entries)):]
}

// Overlap compares two records of one stream that begin and end at moments of their own: where the
// later one begins they are aligned, and from there on they are equal until one ends. It returns
// how many frames were compared. Frames have to differ from each other, as stamped ones do.
func Overlap(a, b []Entry) (int, error) {
	if len(a) == 0 || len(b) == 0 {
		return 0, nil
	}
	at, ok := find(a, b[0].Frame)
	if ok {
		a = a[at:]
	} else if at, ok = find(b, a[0].Frame); ok {
		b = b[at:]
	} else {
		return 0, fmt.Errorf("the streams have no event in common")
	}
	n := min(len(a), len(b))
	for i := range n {
		if !bytes.Equal(a[i].Frame, b[i].Frame) {
			return i, fmt.Errorf("event %d after the alignment differs", i)
		}
	}
	return n, nil
}

// find returns the place of the first frame with the same bytes.
func find(entries []Entry, frame []byte) (int, bool) {
	for i := range entries {
		if bytes.Equal(entries[i].Frame, frame) {
			return i, true
		}
	}
	return 0, false
}

package capture

import (
	"testing"
	"time"
)

// Datagrams that wait are bounded by what they hold, whether they begin or grow.
func TestFragmentsAreBounded(t *testing.T) {
	f := newFragments()
	for round, size := range []int{8, 60_000} {
		for id := range uint32(2000) {
			key, p := datagramKey{id: id%1500 + 500}, partOf(round*8, false, make([]byte, size))
			f.join(key, p, time.Unix(1000, 0))
		}
		held := 0
		for place := f.ages.Front(); place != nil; place = place.Next() {
			d := place.Value.(*datagram)
			for i := range d.parts {
				held += len(d.parts[i].data) + partOverhead
			}
		}
		if held != f.bytes || held > partsHeldMax || f.ages.Len() > datagramsMax || f.ages.Len() < 100 || len(f.byKey) != f.ages.Len() {
			t.Errorf("%d bytes of %d datagrams are held, %d counted", held, f.ages.Len(), f.bytes)
		}
	}
	if f.giveUp(); f.bytes != 0 || len(f.byKey) > 0 {
		t.Errorf("%d bytes are left", f.bytes)
	}
}

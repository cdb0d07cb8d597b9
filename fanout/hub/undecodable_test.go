package hub

import (
	"slices"
	"testing"

	"haproxy/codec/csta"
)

// In ASN.1 each side numbers what it asks for itself: an event that cannot be decoded goes to all and leaves the request
// alone whose ID it has. An answer that cannot be decoded is one all the same.
func TestBrokenEventIsNoAnswer(t *testing.T) {
	for i := range speeches[1:] {
		in := &speeches[i+1]
		t.Run(in.name, func(t *testing.T) {
			cfg := testConfig()
			b := newBedIn(t, &cfg, in)
			id := byte(b.ask(&csta.Message{
				Kind: csta.KindRequest, Service: csta.HoldCall, Invoke: 7,
				Subject: csta.ConnectionID{Call: []byte("c1"), Device: dialled("2001")},
			}))
			event := []byte{0, 10, 0xA1, 8, 2, 1, id, 2, 1, 21, 0x30, 0} // a report of nothing
			answer := []byte{0, 7, 0xA2, 5, 2, 1, id, 0x30, 0}           // a result of nothing
			for _, it := range []struct {
				frame   []byte
				legs    []LegID
				waiting int
			}{{event, []LegID{primaryLeg, backupLeg}, 1}, {answer, []LegID{primaryLeg}, 0}} {
				b.hub.FromLink(b.now, it.frame)
				var got []LegID
				for _, out := range b.hub.Outputs() {
					got = append(got, out.Leg)
				}
				if !slices.Equal(got, it.legs) || b.hub.slots.busy != it.waiting {
					t.Errorf("% x went to %v, %d requests wait", it.frame, got, b.hub.slots.busy)
				}
				b.drain()
			}
		})
	}
}

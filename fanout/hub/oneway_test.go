package hub

import (
	"strconv"
	"testing"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/codec/cstaber"
	"haproxy/codec/frame"
)

// A message that has no answer goes out under no ID of a request that is outstanding: what the switch says against it
// names but the ID. Scripts number such messages in ASN.1 as those in XML, and do not see it.
func TestOneWayUnderIDOfItsOwn(t *testing.T) {
	in := &speech{"csta3-ber", frame.Length16, func() codec.Codec { return cstaber.New(cstaber.Phase3, frame.Length16) }}
	cfg := testConfig()
	b := newBedIn(t, &cfg, in)
	outstanding := make(map[csta.InvokeID]bool)
	for i := range 4 {
		outstanding[b.ask(&csta.Message{
			Kind: csta.KindRequest, Service: csta.MakeCall, Invoke: csta.InvokeID(100 + i), Device: dialled("2001"),
			Calling: dialled("2001"), Called: dialled("2002"),
		})] = true
	}
	for i := range 10 {
		ref := []byte(strconv.Itoa(i))
		b.fromLink(&csta.Message{
			Kind: csta.KindRequest, Service: csta.RouteRequest, Invoke: 77, ServiceRef: ref, Called: dialled("4711"),
			Calling: dialled("2001"),
		})
		b.hub.FromLeg(b.now, backupLeg, b.make(&csta.Message{
			Kind: csta.KindRequest, Service: csta.RouteSelect, Invoke: 9, ServiceRef: ref, Destination: dialled("2005"),
		}))
		var sent csta.Message
		for _, out := range b.hub.Outputs() {
			if out.Leg != Link {
				continue
			}
			if err := b.codec.Decode(&sent, out.Runs[0]); err != nil {
				t.Fatal(err)
			}
		}
		b.drain()
		if sent.Service != csta.RouteSelect || outstanding[sent.Invoke] {
			t.Errorf("%v %d went out under invoke ID %d; outstanding are %v", sent.Service, i, sent.Invoke, outstanding)
		}
	}
}

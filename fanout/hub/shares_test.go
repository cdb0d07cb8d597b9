package hub

import (
	"testing"
	"time"

	"haproxy/codec/csta"
)

// Two busy T-Servers have all that may be outstanding, and more waiting; the switch answers a request every 10 ms. What
// the proxy asks for itself, here to stop a monitor that nobody has, has its turn all the same.
func TestOwnRequestHasItsTurn(t *testing.T) {
	cfg := testConfig()
	b := newBed(t, &cfg)
	var open []csta.Message
	began, stopped := b.now, time.Duration(-1)
	take := func() {
		for _, out := range b.hub.Outputs() {
			for _, run := range out.Runs {
				for _, frm := range b.in.frames(run) {
					var msg csta.Message
					if out.Leg != Link || b.codec.Decode(&msg, frm) != nil || msg.Kind != csta.KindRequest {
						continue
					}
					if msg.Service == csta.MonitorStop && stopped < 0 {
						stopped = b.now.Sub(began)
					}
					open = append(open, csta.Message{Kind: csta.KindResponse, Service: msg.Service, Invoke: msg.Invoke})
				}
			}
		}
		b.drain()
	}
	asked := csta.InvokeID(0)
	ask := func(leg LegID) {
		asked++
		b.hub.FromLeg(b.now, leg, b.make(&csta.Message{
			Kind: csta.KindRequest, Service: csta.Escape, Invoke: asked % 900,
		}))
		take()
	}
	for range 60 {
		ask(primaryLeg)
		ask(backupLeg)
	}
	b.hub.FromLink(b.now, b.event(csta.EventDelivered, "99", "c9", "2001", csta.ConnectionAlerting, 0))
	take()
	for i := range 200 {
		b.now = b.now.Add(10 * time.Millisecond)
		answer := open[0]
		open = open[1:]
		b.hub.FromLink(b.now, b.make(&answer))
		take()
		ask([]LegID{primaryLeg, backupLeg}[i%2])
		if i%10 == 0 {
			b.hub.Tick(b.now)
			take()
		}
	}
	if stopped < 0 || stopped > time.Second {
		t.Errorf("the MonitorStop went out after %v", stopped)
	}
}

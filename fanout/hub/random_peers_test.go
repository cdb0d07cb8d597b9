package hub

import (
	"bytes"
	"slices"

	"haproxy/codec/csta"
	"haproxy/codec/cstaxml"
	"haproxy/codec/frame"
)

// deliver takes one frame of the hub to its peer.
func (w *world) deliver(leg LegID, frm []byte) {
	var msg csta.Message
	if err := w.codec.Decode(&msg, frm); err != nil {
		w.t.Fatal(err)
	}
	if leg == Link {
		w.atSwitch(&msg, frm)
		return
	}
	for i := range w.peers {
		if w.peers[i].leg == leg {
			w.atPeer(i, &msg, frm)
			return
		}
	}
}

// atSwitch is a frame that reached the switch.
func (w *world) atSwitch(msg *csta.Message, frm []byte) {
	if msg.Kind != csta.KindRequest || !w.sw.up {
		return
	}
	for _, p := range w.sw.pending {
		if p.Invoke == msg.Invoke {
			w.t.Fatalf("invoke ID %d is used twice at once", msg.Invoke)
		}
	}
	own := new(csta.Message)
	if err := cstaxml.New().Decode(own, slices.Clone(frm)); err != nil {
		w.t.Fatal(err)
	}
	w.sw.pending = append(w.sw.pending, own)
}

// atPeer is a frame that reached a T-Server.
func (w *world) atPeer(i int, msg *csta.Message, frm []byte) {
	p := &w.peers[i]
	switch msg.Kind {
	case csta.KindRequest:
		w.hub.FromLeg(w.now, p.leg, w.make(&csta.Message{
			Kind: csta.KindResponse, Service: msg.Service, Invoke: msg.Invoke,
		}))
	case csta.KindResponse, csta.KindError:
		call, asked := p.asked[msg.Invoke]
		if !asked {
			w.t.Fatalf("T-Server %d got an answer under %d that it did not ask for: %s", i, msg.Invoke, frm)
		}
		if msg.Kind == csta.KindResponse && string(msg.Subject.Call) != call {
			w.t.Fatalf("T-Server %d got the answer %s for %s", i, msg.Subject.Call, call)
		}
		delete(p.asked, msg.Invoke)
		if d := p.starting[msg.Invoke]; d != "" {
			delete(p.starting, msg.Invoke)
			if msg.Kind == csta.KindResponse {
				w.joined(p, string(msg.CrossRef), d)
			}
		}
	case csta.KindEvent:
		w.heard(i, msg, frm)
	}
}

// joined notes what a T-Server has to hear first of a device.
func (w *world) joined(p *fakePeer, ref, device string) {
	p.monitors[ref] = device
	p.heard[device] = 0
	p.replay[device] = nil
	for _, e := range w.sw.history[device] {
		if !e.ended {
			p.replay[device] = append(p.replay[device], e.body)
		}
	}
}

// heard checks an event: first the open calls, then whatever the switch sent last.
func (w *world) heard(i int, msg *csta.Message, frm []byte) {
	p := &w.peers[i]
	d := string(msg.Device.Number)
	body := d + " " + msg.Event.String() + " " + string(msg.Subject.Call)
	if p.monitors[string(msg.CrossRef)] != d {
		w.t.Fatalf("T-Server %d got an event of %s under %s", i, d, msg.CrossRef)
	}
	if frame.ECMA323InvokeID(frm) != 9999 || !bytes.Contains(frm, msg.CrossRef) {
		w.t.Fatalf("a damaged event: %s", frm)
	}
	n := p.heard[d]
	p.heard[d]++
	if n < len(p.replay[d]) {
		if p.replay[d][n] != body {
			w.t.Fatalf("T-Server %d: replay of %s has %q, not %q", i, d, body, p.replay[d][n])
		}
		return
	}
	history := w.sw.history[d]
	if last := history[len(history)-1]; last.body != body {
		w.t.Fatalf("T-Server %d: %q came, and the switch sent %q last", i, body, last.body)
	}
	p.stream = append(p.stream, string(frm))
}

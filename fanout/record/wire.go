package record

import (
	"net/netip"
	"strings"
	"time"

	"haproxy/fanout"
)

// Open implements fanout.Tap.
func (r *Recorder) Open(tserver int, called bool, local, peer netip.AddrPort, at time.Time) fanout.Wire {
	r.wires++
	w := &wire{recorder: r, id: r.wires, name: LinkName}
	if tserver >= 0 {
		w.name = r.cfg.TServers[tserver]
	}
	w.peerCalled = !called
	w.local, w.peer, w.opened = local, peer, r.clock.of(at)
	return w
}

// wire is one socket, as the loop knows it.
type wire struct {
	recorder    *Recorder
	id          uint64
	name        string
	peerCalled  bool
	local, peer netip.AddrPort
	opened      int64 // stamped
	known       bool  // its beginning is on the spool
	missing     [2]uint32
}

// Heard implements fanout.Wire.
func (w *wire) Heard(at time.Time, b []byte) {
	w.recorder.one[0] = b
	w.put(kindHeard, at, w.recorder.one[:])
	w.recorder.one[0] = nil
}

// Said implements fanout.Wire.
func (w *wire) Said(at time.Time, runs [][]byte) { w.put(kindSaid, at, runs) }

// Amid implements fanout.Wire.
func (w *wire) Amid() {
	if w.known {
		w.recorder.spool.put(header{kind: kindAmid, wire: w.id}, nil)
	}
}

// Close implements fanout.Wire. A socket that said nothing is not told of.
func (w *wire) Close(at time.Time) {
	if w.known {
		w.recorder.spool.put(header{kind: kindClose, wire: w.id, at: w.recorder.clock.of(at)}, nil)
	}
}

// put brings what went over the wire to the spool, or counts it.
func (w *wire) put(kind recordKind, at time.Time, runs [][]byte) {
	by := kind - kindHeard
	n := 0
	for _, run := range runs {
		n += len(run)
	}
	h := header{kind: kind, wire: w.id, at: w.recorder.clock.of(at), missing: w.missing[by]}
	if (w.known || w.begin()) && w.recorder.spool.put(h, runs) {
		w.missing[by] = 0
		w.recorder.offered += inFile(n)
		return
	}
	w.missing[by] += uint32(n)
	w.recorder.lost.Add(uint64(n))
}

// begin tells of the socket, as soon as there is room.
func (w *wire) begin() bool {
	caller, called, who := w.local, w.peer, "we"
	if w.peerCalled {
		caller, called, who = called, caller, "peer"
	}
	of := strings.Join([]string{w.name, caller.String(), called.String(), who}, "\n")
	w.known = w.recorder.spool.put(header{kind: kindOpen, wire: w.id, at: w.opened}, [][]byte{[]byte(of)})
	return w.known
}

package hub

import "time"

// drain is how far a leg's output has come. A T-Server that takes long for what it is sent cannot answer
// a heartbeat that it has not got: while it takes what lies before, it is not silent.
type drain struct {
	put     int       // bytes put out over the leg's life
	reached int       // of them, those that its host had when the hub was last told
	waited  bool      // some did not reach it then
	beat    int       // where the first heartbeat ends that was sent since the leg was last heard
	moved   time.Time // when it was last seen to take bytes that had waited
}

// Undelivered tells the hub how many bytes put out on a T-Server's leg its host has not got: those of
// Backlog, and those that the kernel holds. What a host took while nothing waited, and no heartbeat,
// is no sign of life: its kernel takes that for a program that stands still.
func (h *Hub) Undelivered(now time.Time, id LegID, bytes int) {
	l := h.legs[id]
	if l == nil {
		return
	}
	d := &l.drain
	reached := d.put - bytes
	if d.waited && reached > d.reached && (l.backlog > 0 || d.reached < d.beat) {
		d.moved = now
	}
	d.reached, d.waited = reached, bytes > 0
}

package state

import "haproxy/codec/csta"

// told is what one monitor's own stream told of the connections of a call: four bits each, by their
// places. The model knows what all monitors together told; who listens to one of them knows this.
type told uint64

const (
	toldBits = 4
	toldMask = 1<<toldBits - 1
	places   = 64 / toldBits
)

// of returns the state that was told of a connection, none where it never was.
func (t told) of(c *conn) csta.ConnectionState {
	if c.place == 0 {
		return csta.ConnectionNone
	}
	return csta.ConnectionState(t >> ((c.place - 1) * toldBits) & toldMask)
}

// with returns t with the state of the connection at a place.
func (t told) with(place uint8, state csta.ConnectionState) told {
	shift := (place - 1) * toldBits
	return t&^(toldMask<<shift) | told(state)<<shift
}

// noteTold notes that a monitor's stream told the state of a connection.
func (s *State) noteTold(monitor uint32, c *conn, state csta.ConnectionState) {
	if w := s.findWatch(monitor, c.call); w != 0 && c.place != 0 {
		wt := s.watches.at(w)
		wt.told = wt.told.with(c.place, state)
	}
}

// freePlace returns a place for one more connection of a call, of which nothing was told yet; 0
// where all are taken.
func (s *State) freePlace(c *call) uint8 {
	taken := uint32(0)
	for _, first := range [...]uint32{c.conns, c.departed} {
		for i := first; i != 0; i = s.conns.at(i).next {
			taken |= 1 << s.conns.at(i).place
		}
	}
	for place := uint8(1); place <= places; place++ {
		if taken&(1<<place) != 0 {
			continue
		}
		for w := c.watches; w != 0; w = s.watches.at(w).callNext {
			wt := s.watches.at(w)
			wt.told = wt.told.with(place, csta.ConnectionNone)
		}
		return place
	}
	return 0
}

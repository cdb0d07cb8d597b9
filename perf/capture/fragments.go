package capture

import (
	"cmp"
	"container/list"
	"slices"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// fragments joins the IP datagrams that came in parts, as those of tunnels do. Those that wait for a part are bounded:
// the oldest is given up for a new one.
type fragments struct {
	byKey   map[datagramKey]*list.Element
	waiting *list.List // of *datagram, the oldest first
}

const (
	datagramsMax = 256
	partsMax     = 1 << 10          // of a datagram
	datagramMax  = 1<<16 - 1        // bytes of it
	datagramLife = 30 * time.Second // by the capture's clock: its identification is used again (RFC 8200, 4.5: 60 s)
)

// datagramKey tells the parts of one datagram from those of another.
type datagramKey struct {
	hosts    gopacket.Flow
	protocol layers.IPProtocol
	id       uint32
}

// datagram is what has come of one.
type datagram struct {
	key   datagramKey
	since time.Time
	parts []part // in their order, none over another
	bytes int    // of these
	size  int    // of all of it; unknown is 0
}

// part is one fragment: bytes of a datagram's payload, from an offset on.
type part struct {
	offset int
	last   bool
	data   []byte
}

func newFragments() fragments {
	return fragments{byKey: make(map[datagramKey]*list.Element), waiting: list.New()}
}

// fragmentOf returns the fragment that a packet ends with. It reports false where it ends with something else.
func fragmentOf(packet gopacket.Packet) (key datagramKey, of part, ok bool) {
	var hosts gopacket.Flow
	for _, layer := range packet.Layers() {
		switch l := layer.(type) {
		case *layers.IPv4:
			more := l.Flags&layers.IPv4MoreFragments != 0
			ok = more || l.FragOffset > 0
			key = datagramKey{l.NetworkFlow(), l.Protocol, uint32(l.Id)}
			of = part{int(l.FragOffset) * 8, !more, l.Payload}
		case *layers.IPv6:
			hosts = l.NetworkFlow()
		case *layers.IPv6Fragment:
			ok = true
			key = datagramKey{hosts, l.NextHeader, l.Identification}
			of = part{int(l.FragmentOffset) * 8, !l.MoreFragments, l.Payload}
		}
	}
	return key, of, ok
}

// join takes a fragment. It returns the payload of its datagram once it is whole, and how many others were given up.
func (f *fragments) join(key datagramKey, p part, at time.Time) (whole []byte, lost uint64) {
	place := f.byKey[key]
	if place != nil && at.Sub(place.Value.(*datagram).since).Abs() > datagramLife {
		lost += f.drop(place)
		place = nil
	}
	if place == nil {
		if f.waiting.Len() >= datagramsMax {
			lost += f.drop(f.waiting.Front())
		}
		place = f.waiting.PushBack(&datagram{key: key, since: at})
		f.byKey[key] = place
	}
	d := place.Value.(*datagram)
	if !d.add(p) {
		return nil, lost + f.drop(place)
	}
	if d.size == 0 || d.bytes < d.size {
		return nil, lost
	}
	f.drop(place)
	for _, p := range d.parts {
		whole = append(whole, p.data...)
	}
	return whole, lost
}

// drop forgets a datagram and returns how many fragments of it had come.
func (f *fragments) drop(place *list.Element) uint64 {
	d := f.waiting.Remove(place).(*datagram)
	delete(f.byKey, d.key)
	return uint64(len(d.parts))
}

// giveUp forgets all datagrams and returns how many fragments had come.
func (f *fragments) giveUp() (lost uint64) {
	for f.waiting.Len() > 0 {
		lost += f.drop(f.waiting.Front())
	}
	return lost
}

// add adds a part, unless it came before. It reports false where the parts are none of one datagram: they overlap, or
// reach beyond its end, as nobody's do who means well (RFC 5722).
func (d *datagram) add(p part) bool {
	at, known := slices.BinarySearchFunc(d.parts, p.offset, func(of part, offset int) int {
		return cmp.Compare(of.offset, offset)
	})
	switch {
	case known && d.parts[at].end() == p.end() && d.parts[at].last == p.last:
		return true // captured twice
	case known, len(p.data) == 0, len(d.parts) >= partsMax, p.end() > datagramMax, d.size > 0 && p.end() > d.size,
		at > 0 && d.parts[at-1].end() > p.offset, at < len(d.parts) && (p.last || p.end() > d.parts[at].offset):
		return false
	}
	if p.last {
		d.size = p.end()
	}
	p.data = slices.Clone(p.data)
	d.parts, d.bytes = slices.Insert(d.parts, at, p), d.bytes+len(p.data)
	return true
}

func (p *part) end() int { return p.offset + len(p.data) }

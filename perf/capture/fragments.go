package capture

import (
	"cmp"
	"container/list"
	"hash/crc32"
	"slices"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// fragments joins the IP datagrams that came in parts, as those of tunnels do. What is kept is bounded: the oldest
// datagram is given up for a new one.
type fragments struct {
	byKey map[datagramKey]*list.Element
	ages  *list.List // of *datagram, the oldest first
	bytes int        // that all of them hold
}

const (
	datagramsMax = 1 << 10
	partsMax     = 1 << 10   // of a datagram
	datagramMax  = 1<<16 - 1 // bytes of it
	partsHeldMax = 16 << 20  // bytes that all of them hold
	partOverhead = 64        // of these, for each part
	// By the capture's clock: for how long parts are waited for, and are taken for those that came once more. Later the
	// identification is used again, by RFC 8200 after 60 s, by who sends much sooner.
	datagramLife = 30 * time.Second
	twiceLife    = 100 * time.Millisecond
)

// datagramKey tells the parts of one datagram from those of another.
type datagramKey struct {
	hosts    gopacket.Flow
	protocol layers.IPProtocol
	id       uint32
}

// datagram is what has come of one. It is kept for a while when it is whole, without its bytes: its parts may have been
// captured twice.
type datagram struct {
	key   datagramKey
	since time.Time
	parts []part // in their order, none over another
	bytes int    // of these
	size  int    // of all of it; unknown is 0
	holds int    // bytes of memory
	done  bool   // since then
}

// part is one fragment: bytes of a datagram's payload, from an offset on.
type part struct {
	offset int
	size   int
	last   bool
	sum    uint32 // of its bytes
	data   []byte
}

func newFragments() fragments {
	return fragments{byKey: make(map[datagramKey]*list.Element), ages: list.New()}
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
			of = partOf(int(l.FragOffset)*8, !more, l.Payload)
		case *layers.IPv6:
			hosts = l.NetworkFlow()
		case *layers.IPv6Fragment:
			ok = true
			key = datagramKey{hosts, l.NextHeader, l.Identification}
			of = partOf(int(l.FragmentOffset)*8, !l.MoreFragments, l.Payload)
		}
	}
	return key, of, ok
}

// partOf returns a part whose bytes are borrowed.
func partOf(offset int, last bool, data []byte) part {
	return part{offset, len(data), last, 0, data}
}

func (p *part) end() int { return p.offset + p.size }

// join takes a fragment. It returns the payload of its datagram once it is whole, and how many others were given up.
func (f *fragments) join(key datagramKey, p part, at time.Time) (whole []byte, lost uint64) {
	p.sum = crc32.ChecksumIEEE(p.data)
	d, lost := f.datagram(key, &p, at)
	if d.has(&p) {
		return nil, lost
	}
	if !d.fits(&p) {
		return nil, lost + 1 + f.drop(f.byKey[key])
	}
	p.data = slices.Clone(p.data)
	d.add(p)
	d.holds += p.size + partOverhead
	f.bytes += p.size + partOverhead
	if d.bytes == d.size {
		f.bytes -= d.holds
		return d.whole(at), lost
	}
	return nil, lost + f.bound(d)
}

// datagram returns the one that a part is of. A new one is begun where none has its key, and where the one that has it
// is another: the identification is used again.
func (f *fragments) datagram(key datagramKey, p *part, at time.Time) (d *datagram, lost uint64) {
	if place := f.byKey[key]; place != nil {
		d = place.Value.(*datagram)
		if !d.isOver(at) && !d.isAnother(p) {
			return d, 0
		}
		lost += f.drop(place)
	}
	for f.ages.Len() >= datagramsMax {
		lost += f.drop(f.ages.Front())
	}
	d = &datagram{key: key, since: at}
	f.byKey[key] = f.ages.PushBack(d)
	return d, lost
}

// bound drops the oldest datagrams but one, until what they hold is within bounds.
func (f *fragments) bound(but *datagram) (lost uint64) {
	for place := f.ages.Front(); place != nil && f.bytes > partsHeldMax; {
		next := place.Next()
		if place.Value.(*datagram) != but {
			lost += f.drop(place)
		}
		place = next
	}
	return lost
}

// drop forgets a datagram and returns how many parts of it had come in vain.
func (f *fragments) drop(place *list.Element) uint64 {
	d := f.ages.Remove(place).(*datagram)
	delete(f.byKey, d.key)
	f.bytes -= d.holds
	if d.done {
		return 0
	}
	return uint64(len(d.parts))
}

// giveUp forgets all datagrams and returns how many parts had come in vain.
func (f *fragments) giveUp() (lost uint64) {
	for f.ages.Len() > 0 {
		lost += f.drop(f.ages.Front())
	}
	return lost
}

// find returns the place of the part that begins at an offset, or where it would be.
func (d *datagram) find(offset int) (int, bool) {
	return slices.BinarySearchFunc(d.parts, offset, func(of part, at int) int { return cmp.Compare(of.offset, at) })
}

// has reports whether a part came before.
func (d *datagram) has(p *part) bool {
	at, known := d.find(p.offset)
	return known && d.parts[at].size == p.size && d.parts[at].last == p.last && d.parts[at].sum == p.sum
}

// isAnother reports whether a part is of another datagram than what came under its key: one that is whole and does not
// have it, or that has other bytes in its place.
func (d *datagram) isAnother(p *part) bool {
	at, known := d.find(p.offset)
	return !d.has(p) && (d.done || known && d.parts[at].size == p.size)
}

// fits reports whether a part is one more of the datagram: it neither overlaps others nor reaches beyond the end, as
// that of nobody does who means well (RFC 5722).
func (d *datagram) fits(p *part) bool {
	at, known := d.find(p.offset)
	switch {
	case known, p.size == 0, len(d.parts) >= partsMax, p.end() > datagramMax, d.size > 0 && p.end() > d.size,
		at > 0 && d.parts[at-1].end() > p.offset, at < len(d.parts) && (p.last || p.end() > d.parts[at].offset):
		return false
	default:
		return true
	}
}

// add adds a part that fits.
func (d *datagram) add(p part) {
	at, _ := d.find(p.offset)
	if p.last {
		d.size = p.end()
	}
	d.parts, d.bytes = slices.Insert(d.parts, at, p), d.bytes+p.size
}

// isOver reports whether it is too late for more parts of a datagram.
func (d *datagram) isOver(at time.Time) bool {
	life := datagramLife
	if d.done {
		life = twiceLife
	}
	return at.Sub(d.since).Abs() > life
}

// whole returns the payload of a datagram that is whole, and gives up its bytes.
func (d *datagram) whole(at time.Time) (payload []byte) {
	for i := range d.parts {
		payload = append(payload, d.parts[i].data...)
		d.parts[i].data = nil
	}
	d.done, d.since, d.holds = true, at, 0
	return payload
}

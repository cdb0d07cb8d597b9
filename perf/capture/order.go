package capture

import (
	"slices"
	"time"

	"haproxy/perf/heap"
)

// order keeps messages back while a stream may have older ones: see awaits.
type order struct {
	waiting heap.Heap[*late]
	bytes   int
	number  uint64
}

// late is what waits: a message, or the end of a leg, which has no frame.
type late struct {
	flow   *flow
	side   int
	frame  []byte // owned
	at     time.Time
	key    time.Time // never before that of an earlier one of the flow
	packet uint64    // that it came in
	number uint64
}

const (
	waitingMost  = time.Second // by the capture's clock: streams that tell nothing for longer are not waited for
	waitingMax   = 1 << 14     // messages
	waitingBytes = 8 << 20
)

// message gives a message of a leg away, or the leg's end where it has no frame, in the order of their times.
func (r *Reader) message(f *flow, side int, frame []byte, at time.Time) {
	o := &r.order
	if o.waiting.Len() == 0 && !r.awaits() && !r.flushing {
		f.decode(side, frame, at)
		return
	}
	if at.After(f.latest) {
		f.latest = at
	}
	o.number++
	o.bytes += len(frame)
	o.waiting.Push(&late{f, side, slices.Clone(frame), at, f.latest, f.packet, o.number})
}

// release gives away what has waited long enough, or all where nothing is waited for any more.
func (r *Reader) release() {
	o := &r.order
	for o.waiting.Len() > 0 && r.stopped == nil {
		next := o.waiting.First()
		if r.awaits() && o.waiting.Len() <= waitingMax && o.bytes <= waitingBytes && r.at.Sub(next.key) < waitingMost {
			return
		}
		o.waiting.Pop()
		o.bytes -= len(next.frame)
		next.flow.decode(next.side, next.frame, next.at)
	}
}

// flush gives streams up, which happens in no order: what comes of it is put into one.
func (r *Reader) flush(streams func()) {
	before := r.flushing
	r.flushing = true
	streams()
	r.flushing = before
}

// awaits reports whether there is a stream that may turn out to have messages from before: its protocol is not known,
// or segments of it wait for one that is missing.
func (r *Reader) awaits() bool {
	return !r.ended && (r.undecided > 0 && r.at.Sub(r.unknown) < waitingMost || len(r.connections.lacking) > 0)
}

// Before tells which of two is to be given away first.
func (l *late) Before(other *late) bool {
	switch {
	case !l.key.Equal(other.key):
		return l.key.Before(other.key)
	case l.packet != other.packet:
		return l.packet < other.packet
	case l.flow != other.flow:
		return l.flow.number < other.flow.number
	default:
		return l.number < other.number
	}
}

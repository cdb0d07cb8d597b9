package capture

import (
	"container/heap"
	"slices"
	"time"
)

// order keeps messages back while a stream whose protocol is not known yet may have older ones.
type order struct {
	waiting waiting
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
	if len(o.waiting) == 0 && !r.awaits() && !r.flushing {
		f.decode(side, frame, at)
		return
	}
	if at.After(f.latest) {
		f.latest = at
	}
	o.number++
	o.bytes += len(frame)
	heap.Push(&o.waiting, &late{f, side, slices.Clone(frame), at, f.latest, f.packet, o.number})
}

// release gives away what has waited long enough, or all where nothing is waited for any more.
func (r *Reader) release() {
	o := &r.order
	for len(o.waiting) > 0 && r.stopped == nil {
		next := o.waiting[0]
		if r.awaits() && len(o.waiting) <= waitingMax && o.bytes <= waitingBytes && r.at.Sub(next.key) < waitingMost {
			return
		}
		heap.Pop(&o.waiting)
		o.bytes -= len(next.frame)
		next.flow.decode(next.side, next.frame, next.at)
	}
}

// flush gives streams up, which happens in no order: what comes of it is put into one.
func (r *Reader) flush(streams func()) {
	r.flushing = true
	streams()
	r.flushing = false
}

// awaits reports whether there is a stream that may turn out to have messages from before.
func (r *Reader) awaits() bool {
	return r.undecided > 0 && !r.ended && r.at.Sub(r.unknown) < waitingMost
}

// waiting is a heap, the earliest first.
type waiting []*late

func (w waiting) Len() int { return len(w) }
func (w waiting) Less(i, k int) bool {
	if !w[i].key.Equal(w[k].key) {
		return w[i].key.Before(w[k].key)
	}
	if w[i].packet != w[k].packet {
		return w[i].packet < w[k].packet
	}
	if w[i].flow != w[k].flow {
		return w[i].flow.number < w[k].flow.number
	}
	return w[i].number < w[k].number
}
func (w waiting) Swap(i, k int) { w[i], w[k] = w[k], w[i] }
func (w *waiting) Push(x any)   { *w = append(*w, x.(*late)) }
func (w *waiting) Pop() any {
	old := *w
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*w = old[:len(old)-1]
	return last
}

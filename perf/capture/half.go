package capture

import (
	"slices"
	"time"
)

// half is what one side of a connection sends: segments, put in the order of their sequence numbers (RFC 9293,
// 3.4). All comparisons are modulo 2³², as these are.
type half struct {
	synced  bool   // the following are known
	start   uint32 // of the first byte
	next    uint32 // of the byte that is due
	acked   uint32 // what the other side has had, if it said so
	isAcked bool
	ended   bool   // the side has said its last
	end     uint32 // behind it
	stray   uint32 // what comes behind a segment that was far out of place
	waiting []piece
	bytes   int       // that wait
	since   time.Time // when the first of them came
	latest  time.Time // of the bytes that were given away
}

// piece is a segment that came before one that is due, owned.
type piece struct {
	seq  uint32
	data []byte
	at   time.Time
}

const (
	waitingOfHalf = 256 << 10   // bytes that wait for a lost segment, of one side
	waitingOfAll  = 8 << 20     // and of all
	lostAfter     = time.Second // by the capture's clock: what the other side has had by then is not in it
	lostAnyway    = 10 * time.Second
	pieceCost     = 128      // bytes that a piece takes besides its own
	stale         = 16 << 20 // bytes: what lies further back was not sent again, but belongs to something else
)

// sync begins a side at a sequence number.
func (h *half) sync(seq uint32) { h.synced, h.start, h.next = true, seq, seq }

// ack notes what the other side has had.
func (h *half) ack(seq uint32) {
	if !h.isAcked || int32(seq-h.acked) > 0 {
		h.acked, h.isAcked = seq, true
	}
}

// finish notes that a side has nothing to say behind a sequence number.
func (h *half) finish(seq uint32) {
	if ahead := int32(seq - h.next); !h.ended && ahead >= 0 && ahead < stale {
		h.ended, h.end = true, seq
	}
}

// isDone reports whether everything that a side said was given away.
func (h *half) isDone() bool { return h.ended && h.next == h.end }

// known returns what of a segment was not given away yet, and how many bytes are missing before it.
func (h *half) known(seq uint32, data []byte) (fresh []byte, missing int) {
	ahead := int(int32(seq - h.next))
	if ahead >= 0 {
		return data, ahead
	}
	return data[min(-ahead, len(data)):], 0
}

// wait keeps a segment until what is missing before it has come.
func (h *half) wait(seq uint32, data []byte, at time.Time) (kept int) {
	i := len(h.waiting)
	for i > 0 && int32(seq-h.waiting[i-1].seq) < 0 {
		i--
	}
	if i > 0 && h.waiting[i-1].seq == seq && len(h.waiting[i-1].data) >= len(data) {
		return 0 // once more
	}
	if len(h.waiting) == 0 {
		h.since = at
	}
	h.waiting = slices.Insert(h.waiting, i, piece{seq, slices.Clone(data), at})
	kept = len(data) + pieceCost
	h.bytes += kept
	return kept
}

// due takes the first segment that waits, if nothing is missing before it.
func (h *half) due() (p piece, ok bool) {
	if len(h.waiting) == 0 || int32(h.waiting[0].seq-h.next) > 0 {
		return piece{}, false
	}
	p = h.waiting[0]
	h.waiting = slices.Delete(h.waiting, 0, 1)
	h.bytes -= len(p.data) + pieceCost
	h.since = p.at
	return p, true
}

// isLost reports whether what is missing before the segments that wait is not to be waited for.
func (h *half) isLost(now time.Time) bool {
	if len(h.waiting) == 0 {
		return false
	}
	waited := now.Sub(h.since)
	had := h.isAcked && int32(h.acked-h.waiting[0].seq) >= 0
	return had && waited >= lostAfter || waited >= lostAnyway || h.bytes > waitingOfHalf
}

// lacking returns how many bytes at the end of what a side said are not in the capture: those that the other side
// says it had, or that came before the end. One that it says it had may be an end that the capture lacks, and is not
// counted.
func (h *half) lacking() int {
	last, least := h.next, 1
	switch {
	case !h.synced:
	case h.ended:
		last = h.end
	case h.isAcked:
		last, least = h.acked, 2
	}
	if n := int(int32(last - h.next)); n >= least && n < stale {
		return n
	}
	return 0
}

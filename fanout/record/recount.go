package record

import (
	"encoding/binary"
	"net/netip"
	"sync/atomic"
	"time"

	"haproxy/fanout"
	"haproxy/fanout/pcapng"
)

// recount is what stands on the link, by which a file begins: without it, nobody could tell what the messages in the
// file go on from once the files before are gone. It is the goroutine's while idle or short, and the loop's while due;
// what the loop took is told by a record of the spool, behind all that went before.
type recount struct {
	phase   atomic.Uint32
	need    atomic.Int64 // bytes, while short
	told    []byte       // entries: whose leg, whether the switch said it, its length, the frame
	tooMuch int64        // the length, as it was told ahead, of what had no room at all; the loop's
	later   time.Time    // when it is asked again, since it was not certain; the loop's
}

// The phases of a recount.
const (
	recountIdle  uint32 = iota // nobody wants one
	recountDue                 // the loop is to tell
	recountShort               // it found no room for it
	recountTaken               // it told, and the goroutine has not come to that
)

const (
	recountMax   = 16 << 20 // bytes in a file, so that the loop is held up by some 20 ms at most
	recountLeast = 64 << 10 // bytes that there is room for from the beginning
	entryHeader  = 2 + 1 + 4
	recountPause = 50 * time.Millisecond // to find out that it is not certain takes time where monitors are many
)

// recountLimit returns how many bytes a file begins by at most.
func (c *Config) recountLimit() int64 { return min(recountMax, c.FileBytes/2) }

// makeRoom makes the room that the loop did not find. The loop then touches no memory that it would have to wait for.
// It is kept for the next file.
func (r *recount) makeRoom(limit int64) {
	if r.phase.Load() != recountShort {
		return
	}
	need := r.need.Load()
	if need > limit {
		return // the next file begins without it
	}
	r.told = make([]byte, need)
	for i := 0; i < len(r.told); i += 4096 {
		r.told[i] = 1 // a page that is touched is there
	}
	r.told = r.told[:0]
	r.phase.Store(recountDue)
}

// Due implements fanout.Tap. What stands is due when a file is nearly full.
func (r *Recorder) Due() bool {
	if r.offered-r.began.Load() >= r.cfg.FileBytes-r.cfg.FileBytes/spare {
		r.recount.phase.CompareAndSwap(recountIdle, recountDue)
	}
	return r.recount.phase.Load() == recountDue
}

// Recount implements fanout.Tap.
func (r *Recorder) Recount(at time.Time, from fanout.Recounter) {
	of, room := &r.recount, int64(cap(r.recount.told))
	tight := r.spool.free() < len(r.spool.ring)/2 // what follows might find no room, and nothing may be missing behind it
	if tight || at.Before(of.later) {
		return
	}
	ahead, size := from.RecountLen(), int64(0)
	if of.tooMuch > 0 && ahead >= of.tooMuch {
		of.short(r.cfg.recountLimit() + 1)
		return
	}
	if room == 0 || ahead > room {
		of.short(max(ahead, min(ahead+ahead/2+recountLeast, r.cfg.recountLimit())))
		return
	}
	of.told = of.told[:0]
	certain := from.Recount(func(tserver int, fromSwitch bool, frame []byte) bool {
		if size += inFile(len(frame)); size <= room { // which is more than its entry
			of.take(tserver, fromSwitch, frame)
		}
		return size <= room
	})
	switch limit := r.cfg.recountLimit(); {
	case !certain:
		of.later = at.Add(recountPause)
	case size <= room:
		of.phase.Store(recountTaken) // before the goroutine can come to it
		r.spool.put(header{kind: kindRecount, at: r.clock.of(at)}, nil)
	case room < limit:
		of.short(min(2*room, limit))
	default:
		of.tooMuch = ahead - ahead/16 // a little less may do again
		of.short(limit + 1)
	}
}

// short says how much room is needed.
func (r *recount) short(need int64) {
	r.need.Store(need)
	r.phase.Store(recountShort)
}

// passed takes that a file began without what stands.
func (r *recount) passed() {
	r.phase.CompareAndSwap(recountShort, recountIdle)
	r.phase.CompareAndSwap(recountDue, recountIdle)
}

// take keeps one message. There is room for it.
func (r *recount) take(tserver int, fromSwitch bool, frame []byte) {
	by := byte(0)
	if fromSwitch {
		by = 1
	}
	r.told = binary.LittleEndian.AppendUint16(r.told, uint16(tserver+1))
	r.told = append(r.told, by)
	r.told = binary.LittleEndian.AppendUint32(r.told, uint32(len(frame)))
	r.told = append(r.told, frame...)
}

// each gives the messages that were told, in their order.
func (r *recount) each(give func(tserver int, fromSwitch bool, frame []byte) error) error {
	for b := r.told; len(b) > 0; {
		n := entryHeader + int(binary.LittleEndian.Uint32(b[3:]))
		if err := give(int(binary.LittleEndian.Uint16(b))-1, b[2] == 1, b[entryHeader:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// beginFile begins a file by what stands.
func (r *Recorder) beginFile(at time.Time) error {
	defer r.recount.phase.Store(recountIdle)
	if r.files.writer == nil {
		r.fileBegan() // of a disk that failed: not before another 3/4 of a file
		return nil
	}
	err := r.next(at)
	if err == nil {
		err = r.tellStanding(at)
	}
	r.fileBegan()
	return err
}

// tellStanding writes what stands, on conversations of its own that are made up.
func (r *Recorder) tellStanding(at time.Time) error {
	var of *pcapng.Conversation
	last := -2
	w := r.files.writer
	err := r.recount.each(func(tserver int, fromSwitch bool, frame []byte) error {
		if tserver != last {
			if err := closeConversation(w, of, at); err != nil {
				return err
			}
			last, of = tserver, r.standing(tserver)
			if err := w.Open(of, at); err != nil {
				return err
			}
		}
		return w.Say(of, !fromSwitch, at, frame, "")
	})
	if err != nil {
		return err
	}
	return closeConversation(w, of, at)
}

func closeConversation(w *pcapng.Writer, c *pcapng.Conversation, at time.Time) error {
	if c == nil {
		return nil
	}
	return w.Close(c, at)
}

// standing is the conversation on which is told what stands on a leg.
func (r *Recorder) standing(tserver int) *pcapng.Conversation {
	name := LinkName
	if tserver >= 0 {
		name = r.cfg.TServers[tserver]
	}
	return &pcapng.Conversation{
		Name:   pcapng.StandingOf(name),
		Caller: netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, 1}), uint16(40001+tserver+1)), // RFC 5737
		Called: netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, 2}), 1040),
	}
}

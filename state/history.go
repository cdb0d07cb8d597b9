package state

import (
	"cmp"
	"slices"

	"haproxy/codec/csta"
)

// History gives the journals of all open monitors as one: each frame, byte for byte, in the order in which the switch
// told them over all monitors. Calls whose history was given up or never seen are made from the state, and come first,
// as in Replay: made gets such an event, whose CrossRef and Invoke it sets itself. It ends when each returns false.
// Frame and message are valid during the call only, in which the state must not change.
func (s *State) History(made func(id MonitorID, msg *csta.Message), each func(id MonitorID, frame []byte) bool) {
	type kept struct {
		seq     uint64
		monitor uint32
		entry   uint32
	}
	all := make([]kept, 0, s.stats.JournalEntries)
	for i := uint32(1); i <= s.monitors.top; i++ {
		if !s.isOpen(i) {
			continue
		}
		s.replayMade(nil, i, csta.EventSet{}, func(dst []byte, msg *csta.Message) []byte {
			made(MonitorID(i), msg)
			return dst
		})
		for e := s.monitors.at(i).first; e != 0; e = s.entries.at(e).next {
			all = append(all, kept{s.entries.at(e).seq, i, e})
		}
	}
	slices.SortFunc(all, func(a, b kept) int { return cmp.Compare(a.seq, b.seq) })
	var frame []byte
	for _, k := range all {
		e := s.entries.at(k.entry)
		frame = s.cells.get(frame[:0], e.cell, e.size)
		if !each(MonitorID(k.monitor), frame) {
			return
		}
	}
}

// HistoryLen returns the bytes that History gives, made events apart.
func (s *State) HistoryLen() int64 { return s.stats.JournalBytes }

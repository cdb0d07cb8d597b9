package hub

import (
	"time"

	"haproxy/codec/csta"
)

// slots are the invoke IDs of the proxy's requests to the switch: a bounded pool, used again first
// in, first out. An ID whose request was never answered rests, so that a late answer finds no
// other.
type slots struct {
	first csta.InvokeID
	table []*slot // nil for an ID that is free
	spare []*slot // to be used again
	free  idQueue
	rest  idQueue // in the order of their time-outs
	busy  int
	of    []int           // busy, by sourceLine
	used  []csta.InvokeID // busy, or were when last looked at; for the sweep
}

// slot is an invoke ID that is not free. Few of the pool are at a time, so that the others take no more than a
// pointer each.
type slot struct {
	phase   slotPhase
	request request
	since   time.Time // since it is in the phase
}

type slotPhase uint8

const (
	slotBusy slotPhase = iota
	slotResting
)

// restTime is how long the ID of an unanswered request rests, where the pool allows.
const restTime = 5 * time.Minute

func (s *slots) init(first, last csta.InvokeID, sources int) {
	s.of = make([]int, sources)
	n := int(last-first) + 1
	s.first = first
	s.table = make([]*slot, n)
	s.free.init(n)
	s.rest.init(n)
	for i := range n {
		s.free.push(uint32(i))
	}
}

// available reports whether an ID can be had.
func (s *slots) available() bool { return s.free.n > 0 || s.rest.n > 0 }

// take gives the request an ID. One has to be available.
func (s *slots) take(r request, now time.Time) csta.InvokeID {
	var i uint32
	if s.rest.n > 0 && (s.free.n == 0 || now.Sub(s.table[s.rest.first()].since) >= restTime) {
		i = s.rest.pop()
	} else {
		i = s.free.pop()
	}
	r.frame, r.sent = nil, true
	if s.table[i] == nil {
		s.table[i] = s.unused()
	}
	*s.table[i] = slot{phase: slotBusy, request: r, since: now}
	s.occupy(&r, 1)
	id := s.first + csta.InvokeID(i)
	s.used = append(s.used, id)
	return id
}

// lend returns an ID for a message that has no answer: what a peer says against it names nothing but the ID. It is
// no request's, if there is such a one, and becomes none's before all others.
func (s *slots) lend() csta.InvokeID {
	if s.free.n == 0 {
		return s.first
	}
	i := s.free.pop()
	s.free.push(i)
	return s.first + csta.InvokeID(i)
}

// occupy counts a request, or takes it off the count.
func (s *slots) occupy(r *request, n int) {
	s.busy += n
	s.of[sourceLine(r.source)] += n
}

// unused returns a slot for an ID that was free.
func (s *slots) unused() *slot {
	if n := len(s.spare); n > 0 {
		at := s.spare[n-1]
		s.spare = s.spare[:n-1]
		return at
	}
	return new(slot)
}

// at returns the slot of an ID, nil for one that is free or outside the pool.
func (s *slots) at(id csta.InvokeID) *slot {
	i := int(id - s.first)
	if i < 0 || i >= len(s.table) {
		return nil
	}
	return s.table[i]
}

// release returns the ID of an answered request to the pool.
func (s *slots) release(id csta.InvokeID) {
	s.occupy(&s.at(id).request, -1)
	s.vacate(uint32(id - s.first))
}

// vacate makes an ID free.
func (s *slots) vacate(i uint32) {
	at := s.table[i]
	*at = slot{}
	s.spare = append(s.spare, at)
	s.table[i] = nil
	s.free.push(i)
}

// overdue calls fail for every request whose time is over; its ID rests.
func (s *slots) overdue(now time.Time, fail func(*request)) {
	used := s.used
	s.used = s.used[:0:0]
	keep := used[:0]
	for _, id := range used {
		at := s.at(id)
		switch {
		case at == nil || at.phase != slotBusy:
		case now.After(at.request.expires):
			s.lay(id, now, fail)
		default:
			keep = append(keep, id)
		}
	}
	s.used = append(keep, s.used...)
}

// lay calls fail for an outstanding request; its ID rests.
func (s *slots) lay(id csta.InvokeID, now time.Time, fail func(*request)) {
	at := s.at(id)
	r := at.request
	s.occupy(&r, -1)
	at.phase, at.since = slotResting, now
	s.rest.push(uint32(id - s.first))
	fail(&r)
}

// lapse calls fail for every outstanding request, as when the switch began anew on the same link; what
// it still answers is late.
func (s *slots) lapse(now time.Time, fail func(*request)) {
	used := s.used
	s.used = nil
	for _, id := range used {
		if at := s.at(id); at != nil && at.phase == slotBusy {
			s.lay(id, now, fail)
		}
	}
}

// clear forgets every request, as after a link loss, and calls fail for those outstanding.
func (s *slots) clear(fail func(*request)) {
	used := s.used
	s.used = nil
	for _, id := range used {
		if at := s.at(id); at != nil && at.phase == slotBusy {
			r := at.request
			s.release(id)
			fail(&r)
		}
	}
	for s.rest.n > 0 {
		s.vacate(s.rest.pop())
	}
}

// idQueue is a ring of indices that never holds more than it was made for.
type idQueue struct {
	ring []uint32
	head int
	n    int
}

func (q *idQueue) init(n int) { q.ring = make([]uint32, n) }

func (q *idQueue) first() uint32 { return q.ring[q.head] }

func (q *idQueue) push(v uint32) {
	q.ring[(q.head+q.n)%len(q.ring)] = v
	q.n++
}

func (q *idQueue) pop() uint32 {
	v := q.ring[q.head]
	q.head = (q.head + 1) % len(q.ring)
	q.n--
	return v
}

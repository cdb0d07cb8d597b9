package state

import (
	"time"

	"haproxy/codec/csta"
)

// Settle ends a comparison: in every call that an answer was compared with, it publishes on each monitor
// the events that lead from what its own stream told of a connection to the state that the model has by
// then. A device's answer brings its own streams up to date; those of the other parties may have missed the
// same events, and their own devices' answers do not tell. What any event told since the last answer was asked
// for is left alone: the other streams hear of it themselves.
func (s *State) Settle(now time.Time, publish Publish) {
	s.now = now.UnixNano()
	d := differing{State: s, mark: mark{seq: s.comparedAt}, publish: publish, kept: s.kept, hearers: s.hearers}
	for _, call := range s.unsettled {
		if c := s.calls.at(call); c.unsettled {
			c.unsettled = false
			d.settleCall(call)
		}
		d.kept, d.hearers = d.kept[:0], d.hearers[:0]
	}
	s.unsettled = s.unsettled[:0]
	s.kept, s.hearers = d.kept[:0], d.hearers[:0]
}

// noteUnsettled has Settle look at a call.
func (d *differing) noteUnsettled(id csta.CallID) {
	d.comparedAt = max(d.comparedAt, d.mark.seq)
	if i := d.findCall(id); i != 0 && d.publish != nil && !d.calls.at(i).unsettled {
		d.calls.at(i).unsettled = true
		d.unsettled = append(d.unsettled, i)
	}
}

// settleOwn tells a device's own connection to the streams that never did, since only an answer to one asker
// told of it.
func (d *differing) settleOwn(call uint32) {
	id := d.calls.at(call).id
	for _, monitor := range d.monitorsOf(call, func(w *watch) bool {
		return w.answered && w.own > csta.ConnectionNull && w.seq <= d.mark.seq
	}) {
		w := d.findWatch(monitor, call)
		if w == 0 {
			continue
		}
		wt := d.watches.at(w)
		p, to := d.ownPartyOf(wt), wt.own
		wt.own, wt.untold = csta.ConnectionNone, false // what leads to it does not begin another call
		d.lead(monitor, &p, csta.ConnectionNone, to, true)
		if d.names.records.at(id).head != call {
			return
		}
	}
}

// settleCall leads every stream that tells of a call to the states of its connections.
func (d *differing) settleCall(call uint32) {
	id := d.calls.at(call).id
	if d.settleOwn(call); d.names.records.at(id).head != call {
		return
	}
	for i := d.calls.at(call).conns; i != 0; {
		c := d.conns.at(i)
		next := c.next
		if p := d.partyOf(call, c); c.state > csta.ConnectionNull && c.place != 0 && c.heard <= d.mark.seq {
			state := c.state
			d.tellOthers(&p, csta.ConnectionNone, state, func(w *watch) bool {
				return w.told.of(c) > csta.ConnectionNull && d.ownOf(w) != i
			})
		}
		if d.names.records.at(id).head != call {
			return
		}
		i = next
	}
	d.settleDeparted(call)
}

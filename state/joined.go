package state

import "haproxy/codec/csta"

// hearsay says which old calls of a join no stream told of from their beginning, so that a party of which
// nothing is known may be in any state.
type hearsay struct {
	primary, secondary bool
	either             bool // for a party of which the list does not tell where it comes from
}

// judgeHearsay works out what of a join's old calls is hearsay, before the join changes them. What the
// monitor of the controller knew of them, which heard of the join before, counts.
func (s *State) judgeHearsay(j *joining) {
	j.hearsay = hearsay{primary: s.isLost(j.primary), secondary: s.isLost(j.secondary)}
	j.hearsay.either = j.hearsay.primary || len(j.msg.Secondary.Call) > 0 && j.hearsay.secondary
	controller := s.monitorOf(j.msg.Device, csta.EventSet{}, func(uint32, *monitor) bool { return true })
	switch {
	case controller == 0:
		j.hearsay.either = true
	case s.joined.key == joinKey(j.msg) && !s.isControllers(j):
		j.hearsay.either = s.joined.hearsay
	}
}

// isHearsay reports whether the old call of a party is hearsay.
func (j *joining) isHearsay(from uint32) bool {
	switch {
	case from != 0 && from == j.primary:
		return j.hearsay.primary
	case from != 0 && from == j.secondary:
		return j.hearsay.secondary
	default:
		return j.hearsay.either
	}
}

// isControllers reports whether a join is heard on the monitor of the device that joins the calls.
func (s *State) isControllers(j *joining) bool {
	return j.m != nil && j.m.ofDevice() && s.isOwn(j.m, j.msg.Device)
}

// joined is the last join that the monitor of its controller heard of.
type joined struct {
	key     uint32
	hearsay bool
	parties [joinedParties]joinedParty
}

// joinedParty is a party of a join and its state in the old call.
type joinedParty struct {
	device uint32 // a hash of its number
	state  csta.ConnectionState
}

const joinedParties = 4

// noteJoin remembers what is known of the old calls of a join when the monitor of its controller hears of it,
// which may end them: the other monitors hear of it next.
func (s *State) noteJoin(j *joining) {
	if !s.isControllers(j) {
		return
	}
	s.joined = joined{key: joinKey(j.msg), hearsay: j.hearsay.either}
	for i := range min(len(j.msg.Connections), joinedParties) {
		item := &j.msg.Connections[i]
		if old := s.oldConn(j, s.findCall(item.Old.Call), item); old != 0 {
			s.joined.parties[i] = joinedParty{partyHash(item), s.conns.at(old).state}
		}
	}
}

// of returns the state that a party of a join had in the old call, none where that is not remembered.
func (r *joined) of(msg *csta.Message, item *csta.ConnectionItem) csta.ConnectionState {
	if r.key == joinKey(msg) {
		for _, p := range &r.parties {
			if p.state != csta.ConnectionNone && p.device == partyHash(item) {
				return p.state
			}
		}
	}
	return csta.ConnectionNone
}

func partyHash(item *csta.ConnectionItem) uint32 {
	number := item.New.Device.Number
	if len(number) == 0 {
		number = item.Endpoint.Number
	}
	return hashBytes(0, number)
}

// joinKey is a number of a join's old calls.
func joinKey(msg *csta.Message) uint32 {
	return hashBytes(uint64(hashBytes(0, msg.Subject.Call)), msg.Secondary.Call)
}

// isLost reports whether no stream has a call from its beginning.
func (s *State) isLost(call uint32) bool {
	if call == 0 {
		return true
	}
	for w := s.calls.at(call).watches; w != 0; w = s.watches.at(w).callNext {
		if c := s.chains.at(s.watches.at(w).chain); !c.lost && !s.isMidway(c) {
			return false
		}
	}
	return true
}

// isMidway reports whether a chain begins amid its call: who holds or retrieves it was in it before.
func (s *State) isMidway(c *chain) bool {
	if c.first == 0 {
		return false
	}
	event := s.entries.at(c.first).event
	return event == csta.EventHeld || event == csta.EventRetrieved
}

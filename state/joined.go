package state

import "haproxy/codec/csta"

// isHearsay reports whether no stream told of the old call of a party from its beginning; of all old calls
// where the list does not tell which it is. Calls that the model lacks ended there when the controller's
// own monitor heard of the join, or were never in its stream.
func (s *State) isHearsay(j *joining, from uint32) bool {
	if from != 0 {
		return s.isLost(from)
	}
	controller := s.monitorOf(j.msg.Device, csta.EventSet{}, func(uint32, *monitor) bool { return true })
	if controller == 0 {
		return true
	}
	if s.joined.key == joinKey(j.msg) {
		return s.joined.hearsay
	}
	seen := s.findWatch(controller, j.primary) != 0 || s.findWatch(controller, j.secondary) != 0
	return seen && s.lacksHistory(j)
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
	if j.m == nil || !j.m.ofDevice() || !s.isOwn(j.m, j.msg.Device) {
		return
	}
	s.joined = joined{key: joinKey(j.msg), hearsay: s.lacksHistory(j)}
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

// lacksHistory reports whether no stream told of one of a join's old calls from its beginning.
func (s *State) lacksHistory(j *joining) bool {
	return s.isLost(j.primary) || len(j.msg.Secondary.Call) > 0 && s.isLost(j.secondary)
}

// isLost reports whether no stream has a call from its beginning.
func (s *State) isLost(call uint32) bool {
	if call == 0 {
		return true
	}
	for w := s.calls.at(call).watches; w != 0; w = s.watches.at(w).callNext {
		if !s.chains.at(s.watches.at(w).chain).lost {
			return false
		}
	}
	return true
}

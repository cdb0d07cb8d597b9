package state

import "haproxy/codec/csta"

// itemsPerDevice bounds the agents and features of one device, which are searched one by one.
const itemsPerDevice = 4096

// hash returns the hash of a key. Names are unique, so their indexes stand for them.
func (k *itemKey) hash() uint32 {
	h := mix(uint64(k.monitor)<<32 | uint64(k.device))
	h = mix(h ^ (uint64(k.who)<<32 | uint64(k.group)))
	return uint32(mix(h ^ (uint64(k.kind)<<16 | uint64(k.event)<<8 | uint64(k.forwarding))))
}

// findItem returns the item of a key, or 0.
func (s *State) findItem(key itemKey) uint32 {
	hash := key.hash()
	for i := *s.keyed.first(hash); i != 0; {
		it := s.items.at(i)
		if it.hash == hash && it.itemKey == key {
			return i
		}
		i = it.next
	}
	return 0
}

// takeItem returns the item of a key, made where it is new, which refers to the key's names once
// more; 0 at a limit.
func (s *State) takeItem(key itemKey) uint32 {
	if i := s.findItem(key); i != 0 {
		return i
	}
	count, limit := s.modelCount(key)
	if count != nil && *count >= limit {
		return 0
	}
	listed := key.kind != itemEnded
	if listed && key.device != 0 && s.names.records.at(key.device).itemCount >= itemsPerDevice {
		return 0
	}
	i, it := s.items.alloc()
	if it == nil {
		return 0
	}
	if count != nil {
		*count++
	}
	it.itemKey, it.hash = key, key.hash()
	s.names.again(key.device)
	s.names.again(key.who)
	s.names.again(key.group)
	s.keyed.insert(i)
	if listed {
		s.linkItem(i, it)
	}
	return i
}

// modelCount returns the number and the limit of the lasting states that a key counts among.
func (s *State) modelCount(key itemKey) (count *int, limit int) {
	switch {
	case key.kind != itemModel:
		return nil, 0
	case key.event == csta.EventAgentLoggedOn:
		return &s.stats.Agents, s.limits.Agents
	default:
		return &s.stats.Features, s.limits.Features
	}
}

// linkItem puts an item into the list of its monitor and that of its device.
func (s *State) linkItem(i uint32, it *item) {
	if it.monitor != 0 {
		m := s.monitors.at(it.monitor)
		it.listNext = m.items
		if m.items != 0 {
			s.items.at(m.items).listPrev = i
		}
		m.items = i
	}
	if it.device != 0 {
		n := s.names.records.at(it.device)
		n.itemCount++
		it.devNext = n.items
		if n.items != 0 {
			s.items.at(n.items).devPrev = i
		}
		n.items = i
	}
}

func (s *State) unlinkItem(it *item) {
	if it.monitor != 0 {
		if it.listPrev == 0 {
			s.monitors.at(it.monitor).items = it.listNext
		} else {
			s.items.at(it.listPrev).listNext = it.listNext
		}
		if it.listNext != 0 {
			s.items.at(it.listNext).listPrev = it.listPrev
		}
	}
	if it.device == 0 {
		return
	}
	n := s.names.records.at(it.device)
	n.itemCount--
	if it.devPrev == 0 {
		n.items = it.devNext
	} else {
		s.items.at(it.devPrev).devNext = it.devNext
	}
	if it.devNext != 0 {
		s.items.at(it.devNext).devPrev = it.devPrev
	}
}

// dropItem forgets an item with its frames.
func (s *State) dropItem(i uint32) {
	it := s.items.at(i)
	switch it.kind {
	case itemJournal:
		s.dropFrames(i)
	case itemEnded:
		s.ended.remove(i)
	default:
	}
	if it.kind != itemEnded {
		s.unlinkItem(it)
	}
	if count, _ := s.modelCount(it.itemKey); count != nil {
		*count--
	}
	s.keyed.remove(i)
	s.names.drop(it.device)
	s.names.drop(it.who)
	s.names.drop(it.group)
	s.names.drop(it.to)
	it.kind = 0 // so that readers of the table pass it over
	s.items.release(i)
}

// dropFrames drops the frames of an item from its monitor's journal.
func (s *State) dropFrames(i uint32) {
	it := s.items.at(i)
	if it.logOn == 0 && it.latest == 0 {
		return
	}
	if it.logOn != 0 {
		s.dropEntry(it.monitor, it.logOn)
	}
	if it.latest != 0 {
		s.dropEntry(it.monitor, it.latest)
	}
	it.logOn, it.latest = 0, 0
	s.itemAges.remove(i)
}

// giveUpItem drops an item of a journal for room.
func (s *State) giveUpItem(i uint32) {
	s.dropItem(i)
	s.stats.ItemsGivenUp++
}

// keepInItem puts a frame into the journal as the latest of an item, or as its log-on. It reports
// whether it is there.
func (s *State) keepInItem(key itemKey, logOn bool, event csta.Event, frame []byte) bool {
	key.kind = itemJournal
	if i := s.findItem(key); i != 0 {
		if it := s.items.at(i); logOn {
			s.dropFrames(i) // a new log-on makes the state before it void
		} else if it.latest != 0 {
			s.dropLatest(i)
		}
	}
	if !s.makeRoom(len(frame)) {
		if i := s.findItem(key); i != 0 {
			s.dropItem(i)
		}
		s.stats.ItemsGivenUp++
		return false
	}
	i := s.takeItem(key)
	if i == 0 {
		s.stats.Refused++
		return false
	}
	it := s.items.at(i)
	e := s.newEntry(key.monitor, event, frame)
	if it.logOn != 0 || it.latest != 0 {
		s.itemAges.remove(i)
	}
	s.itemAges.push(i)
	if logOn {
		it.logOn = e
	} else {
		it.latest = e
	}
	return true
}

// dropLatest drops the latest frame of an item and leaves its log-on.
func (s *State) dropLatest(i uint32) {
	it := s.items.at(i)
	s.dropEntry(it.monitor, it.latest)
	it.latest = 0
	if it.logOn == 0 {
		s.itemAges.remove(i)
	}
}

// rememberEnded notes, while requests are under way, that a call ended on a monitor (dev 0), or a
// connection of it on the whole link (monitor 0): an answer that still has it is older.
func (s *State) rememberEnded(monitor, callName, dev uint32) {
	if s.marks.live == 0 {
		return
	}
	key := itemKey{kind: itemEnded, monitor: monitor, device: callName, who: dev}
	i := s.findItem(key)
	if i == 0 {
		if i = s.takeItem(key); i == 0 {
			s.tainted = s.seq
			return
		}
	} else {
		s.ended.remove(i)
	}
	s.ended.push(i)
	it := s.items.at(i)
	it.seq = max(it.seq, s.seq)
}

// missParty notes, while requests are under way, that a connection ended which the model did not have.
func (s *State) missParty(callIndex uint32, dev csta.DeviceID) {
	if s.marks.live == 0 || !dev.Known() {
		return
	}
	name := s.names.takeDevice(dev)
	if name == 0 {
		s.tainted = s.seq
		return
	}
	s.rememberEnded(0, s.calls.at(callIndex).id, name)
	s.names.drop(name)
}

// missEnd notes, while requests are under way, that a call ended of which its monitor had not
// heard.
func (s *State) missEnd(monitor uint32, id csta.CallID) {
	if s.marks.live == 0 || monitor == 0 || len(id) == 0 {
		return
	}
	name := s.names.take(nameCall, csta.DeviceID{Number: id})
	if name == 0 {
		s.tainted = s.seq
		return
	}
	s.rememberEnded(monitor, name, 0)
	s.names.drop(name)
}

// endedSince reports whether a call ended on a monitor, or a connection of it, after an event.
func (s *State) endedSince(seq uint64, monitor uint32, id csta.CallID, dev csta.DeviceID) bool {
	callName := s.names.findCall(id)
	if callName == 0 {
		return false
	}
	key := itemKey{kind: itemEnded, monitor: monitor, device: callName}
	if dev.Known() {
		if key.who = s.names.find(nameDevice, dev); key.who == 0 {
			return false
		}
	}
	i := s.findItem(key)
	if i == 0 {
		return false
	}
	ended := s.items.at(i).seq // maybe on a monitor that had the place before
	return ended > seq && (monitor == 0 || ended >= s.monitors.at(monitor).opened)
}

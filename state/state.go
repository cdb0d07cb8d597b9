package state

import (
	"time"

	"haproxy/codec/csta"
)

// State is the model and the journal of one link. The zero State is not usable: see New.
type State struct {
	limits Limits
	stats  Stats
	seq    uint64 // events applied: the order of everything
	late   uint64 // seq of the late event being applied; 0 for one that came just now
	now    int64  // UnixNano of the last event
	epoch  uint32 // of the link: what was proved in an earlier one is not certain any more
	stamps uint32 // the last one given out

	names    names
	monitors slab[monitor]
	calls    slab[call]
	conns    slab[conn]
	watches  slab[watch]
	chains   slab[chain]
	items    slab[item]
	marks    slab[mark]
	entries  slab[entry]
	cells    cells

	keyed     index[item, *item]
	chainAges ages[chain, *chain]
	itemAges  ages[item, *item] // items with frames in a journal
	ended     ages[item, *item] // itemEnded
	markAges  ages[mark, *mark]
	richest   uint32 // the oldest chain that may have a history to give up
	unaudited uint32 // the oldest chain that Audit has not returned
	joined    joined
	tainted   uint64 // marks asked up to this event learn nothing: what ended since was not kept

	unsettled  []uint32 // calls that Settle is to look at
	comparedAt uint64   // when the last answer that was compared was asked

	kept    []byte                 // identifiers that a comparison holds
	hearers []uint32               // monitors that it goes through
	made    csta.Message           // the event being made
	far     []csta.ConnectionState // of an answer
}

// New returns an empty State that stays within limits.
func New(limits Limits) *State {
	limits = limits.withDefaults()
	s := &State{limits: limits, epoch: 1}
	s.names.setUp(limits.Devices + limits.Calls)
	s.cells.setUp(limits.JournalMax)
	s.monitors.limit = limits.Monitors
	s.calls.limit = limits.Calls
	s.conns.limit = limits.Connections
	s.watches.limit = limits.Chains
	s.chains.limit = limits.Chains
	s.items.limit = 2*(limits.Agents+limits.Features) + 4*limits.Monitors + limits.Marks
	s.marks.limit = limits.Marks
	s.entries.limit = int(s.cells.limit)
	s.keyed.records = &s.items
	s.chainAges.records = &s.chains
	s.itemAges.records, s.ended.records = &s.items, &s.items
	s.markAges.records = &s.marks
	return s
}

// Apply takes an event of the switch into the model, and its frame, exactly as T-Servers got it,
// into the journal of the monitor. id 0 is an event without a monitor: the model learns, the
// journal does not.
func (s *State) Apply(id MonitorID, msg *csta.Message, frame []byte, now time.Time) {
	s.seq++
	s.stats.Applied++
	s.now = now.UnixNano()
	monitor := uint32(id)
	if !s.isOpen(monitor) {
		monitor = 0
	}
	event := msg.Event
	if event >= csta.EventCount {
		event = csta.EventUnknown
	}
	var kept bool
	switch rules[event].keep {
	case keepCall:
		kept = s.applyCall(monitor, msg, frame)
	case keepJoin:
		kept = s.applyJoin(monitor, msg, frame)
	case keepDetail:
		kept = s.applyDetail(monitor, msg, frame)
	case keepAgent:
		kept = s.applyAgent(monitor, msg, frame)
	case keepFeature:
		kept = s.applyFeature(monitor, msg, frame)
	default:
	}
	if !kept && monitor != 0 {
		s.stats.Unjournaled++
	}
}

// Replay appends the journal of a monitor to dst in the switch's order, byte for byte, without the
// events in skip. Calls whose history was given up or never seen are made from the state, and come
// first: made appends the frame of one event, whose CrossRef and Invoke it sets itself; the message
// is valid during that call only. made may be nil, which leaves those calls out.
func (s *State) Replay(dst []byte, id MonitorID, skip csta.EventSet,
	made func(dst []byte, msg *csta.Message) []byte,
) []byte {
	if !s.isOpen(uint32(id)) {
		return dst
	}
	m := s.monitors.at(uint32(id))
	if made != nil {
		dst = s.replayMade(dst, uint32(id), skip, made)
	}
	for i := m.first; i != 0; {
		e := s.entries.at(i)
		if !skip.Has(e.event) {
			dst = s.cells.get(dst, e.cell, e.size)
		}
		i = e.next
	}
	return dst
}

// ReplayLen returns the bytes that Replay appends at most from the journal of a monitor, made
// events apart.
func (s *State) ReplayLen(id MonitorID) int {
	if !s.isOpen(uint32(id)) {
		return 0
	}
	return int(s.monitors.at(uint32(id)).bytes)
}

// Audit returns a device monitor that has a chain older than since and was not returned for that
// chain before; ok is false when there is none. Monitors that follow calls are passed over: a
// snapshot of a device cannot check them. It goes on where it stopped, so it is cheap when called
// every tick.
func (s *State) Audit(since time.Time) (id MonitorID, ok bool) {
	limit := since.UnixNano()
	for s.unaudited != 0 {
		c := s.chains.at(s.unaudited)
		if c.born >= limit {
			break
		}
		s.unaudited = c.ageNext
		if m := s.monitors.at(c.monitor); m.ofDevice() {
			return MonitorID(c.monitor), true
		}
	}
	return 0, false
}

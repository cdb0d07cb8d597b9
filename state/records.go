package state

import "haproxy/codec/csta"

// The records of the model. They refer to each other, to names and to journal entries by index, 0
// being none; lists run through the records themselves.

// monitor is one monitor of the switch.
type monitor struct {
	filter csta.EventSet
	bytes  int64 // of its journal's frames

	device, call uint32 // names of the object; device in canonical form
	alias        uint32 // another name the switch has for the device, as seen in its connections
	form         csta.DeviceForm
	callObject   bool
	open         bool
	opened       uint64           // when; what is older and has this handle is of a monitor that had the place before
	kind         csta.MonitorType // call or device
	asked        csta.MonitorType // as the object said

	devNext, devPrev uint32 // further monitors of the same device
	watches          uint32 // first of the calls it sees
	items            uint32 // first of the items of its journal
	chains           int32
	first, last      uint32 // its journal
	entries          int32

	// proved is, for each subject, the link epoch in which the switch last answered about the
	// device, 0 for none. What was asked before sound proves nothing: an event was missed since.
	proved [subjects]uint32
	sound  [subjects]uint64
	// learned is, for each subject, when the newest answer that the model took was asked for.
	learned [subjects]uint64
	// answered says that the switch has answered about a subject to anybody, even if the model could take
	// nothing from it: who asked goes by the streams since.
	answered [subjects]bool
	// suspected says that an asker knows a subject otherwise than the streams tell: see Suspect.
	suspected [subjects]bool
}

// ofDevice reports whether localConnectionInfo and the device's own connection mean something.
func (m *monitor) ofDevice() bool { return m.kind == csta.MonitorTypeDevice }

// call is a call that at least one monitor sees.
type call struct {
	id              uint32 // name
	conns           uint32 // first of its connections, oldest first
	departed        uint32 // first of those that the model has no more, and a stream still tells of
	connCount       uint32
	watches         uint32 // first of the monitors that see it
	calling, called uint32 // names of devices
	partial         bool   // a connection was left out for a limit
	unsettled       bool   // Settle is to look at it
	proofEpoch      uint32 // the link epoch of the last SnapshotCall, 0 for none
	proofWatch      uint32 // the watch that has kept it up to date since
	proofSeq        uint64 // when it was asked
}

// conn is one connection of a call; it leaves when it becomes null.
type conn struct {
	seq      uint64 // when an event last told of it
	heard    uint64 // the same, though another monitor has the last word
	call     uint32
	next     uint32 // further connections of the call
	dev      uint32 // name: the device part of the connection ID; 0 if only the party is known
	party    uint32 // name: the static device, where told
	owner    uint32 // the watch of the device's own monitor, which has the last word
	told     uint32 // the monitor that told the state
	snap     uint32 // the stamp of the last snapshot that had it
	state    csta.ConnectionState
	answered bool  // an answer told the state, and no event since
	caller   bool  // it originated the call, or one that was joined to it: see isCaller
	place    uint8 // of its state in watch.told, from 1; 0 where the call has too many
}

// watch is a call as one monitor sees it.
type watch struct {
	seq                uint64 // when an event last told of it
	began              uint64 // when its first event came; 0 for one that only an answer told of
	monitor            uint32
	call               uint32
	chain              uint32
	callNext, callPrev uint32 // further watches of the call
	monNext, monPrev   uint32 // further watches of the monitor
	chainNext          uint32 // further calls of the chain
	ownConn            uint32 // the device's own connection, where known
	snap               uint32 // the stamp of the last snapshot that had it
	own                csta.ConnectionState
	suspect            bool // an asker knows its own connection otherwise than the stream tells
	untold             bool // no stream tells of the call, but an asker knows it
	answered           bool // an answer alone told of its own connection, and no event of its stream
	told               told
}

// chain is the calls of one monitor that transfer and conference joined, and their history.
type chain struct {
	born             int64 // UnixNano of its first event
	monitor          uint32
	watches          uint32
	first, last      uint32 // entries of the journal
	ageNext, agePrev uint32 // all chains by age
	lost             bool   // its history was given up or never seen: replay is made from the model
}

// entry is one frame of a monitor's journal.
type entry struct {
	seq        uint64 // of its event
	cell, size uint32
	next, prev uint32 // the monitor's journal, in the switch's order
	chainNext  uint32 // further entries of the chain
	event      csta.Event
}

// itemKind tells what an item is for; it is part of its key.
type itemKind uint8

const (
	// itemJournal is the latest frame, or two, of a lasting state, in one monitor's journal.
	itemJournal itemKind = iota + 1
	// itemModel is a lasting state itself, of the whole link.
	itemModel
	// itemDoubt is a lasting state that a Set… changed, its event still to come.
	itemDoubt
	// itemProof says in which link epoch the switch answered about the agents of one group.
	itemProof
	// itemEnded remembers, while requests are under way, what ended since they were asked.
	itemEnded
)

// itemKey is what an item is found by.
type itemKey struct {
	monitor            uint32 // 0 for what is of the whole link
	device, who, group uint32 // names
	kind               itemKind
	event              csta.Event // the key of the rules
	forwarding         csta.ForwardingType
}

// item is one keyed thing: see itemKind.
type item struct {
	itemKey
	hash, next       uint32 // of the index
	seq              uint64
	listNext         uint32 // further items of the monitor
	listPrev         uint32
	devNext, devPrev uint32 // further items of the device
	ageNext, agePrev uint32 // journal items by age; ended ones by age
	logOn, latest    uint32 // entries: an agent's log-on; the latest event
	epoch            uint32 // of a proof
	to               uint32 // name: forwardTo
	on               csta.Switch
	agent, pending   csta.AgentState
}

func (it *item) link() (next *uint32, hash uint32) { return &it.next, it.hash }

// mark is a request asked and not yet answered.
type mark struct {
	seq                      uint64 // the last event before it was asked
	stamp                    uint32 // tells it from every other mark
	monitor                  uint32
	device, call, who, group uint32 // names
	ageNext, agePrev         uint32
	service                  csta.Service
	forwarding               csta.ForwardingType
	stale                    bool // the switch lost events since: the answer teaches nothing
	blind                    bool // its monitor lacks some call events: the answer only ends calls
}

package state

import (
	"errors"
	"time"

	"haproxy/codec/csta"
)

// ErrLimit is a monitor that would be one more than Limits.Monitors, or whose object has an
// identifier longer than the model keeps.
var ErrLimit = errors.New("state: a limit is reached")

// MonitorID is this package's handle of a monitor; 0 is none. It is used again after Close.
type MonitorID uint32

// Object is what a monitor watches and what it lets pass. Open copies what it keeps.
type Object struct {
	// Device is the monitored device of a device object.
	Device csta.DeviceID
	// Call is the monitored call of a call object.
	Call csta.ConnectionID
	// CallObject says that the object is Call, not Device.
	CallObject bool
	// Type is what the monitor follows; MonitorTypeNone means device for a device object and call
	// for a call object.
	Type csta.MonitorType
	// Filter is the filter granted: the events that are NOT sent.
	Filter csta.EventSet
}

// State is the model and the journal of one link. The zero State is not usable: see New.
type State struct {
	limits Limits
}

// New returns an empty State that stays within limits.
func New(limits Limits) *State { return &State{limits: limits.withDefaults()} }

// Open takes a monitor into the state and returns its handle. It fails with ErrLimit.
func (s *State) Open(obj Object) (MonitorID, error) { return 0, ErrLimit }

// Close ends a monitor: its journal and its chains leave, and with them the calls that no other
// monitor sees. A handle that is not open is passed over.
func (s *State) Close(id MonitorID) {}

// SetFilter tells the filter that the switch now grants a monitor.
func (s *State) SetFilter(id MonitorID, granted csta.EventSet) {}

// Apply takes an event of the switch into the model, and its frame, exactly as T-Servers got it, into
// the journal of the monitor. id 0 is an event without a monitor: the model learns, the journal does
// not.
func (s *State) Apply(id MonitorID, msg *csta.Message, frame []byte, now time.Time) {}

// Replay appends the journal of a monitor to dst in the switch's order, byte for byte, without the
// events in skip. Calls whose history was given up or never seen are made from the state: made
// appends the frame of one event, whose CrossRef and Invoke it sets itself; the message is valid
// during that call only. made may be nil, which leaves those calls out.
func (s *State) Replay(dst []byte, id MonitorID, skip csta.EventSet,
	made func(dst []byte, msg *csta.Message) []byte,
) []byte {
	return dst
}

// ReplayLen returns the bytes that Replay appends at most from the journal of a monitor, made events
// apart.
func (s *State) ReplayLen(id MonitorID) int { return 0 }

// Answer fills resp with the positive response to req and reports true if the state of what req asks
// for is complete; else it leaves resp alone. Invoke is left to the caller. What resp refers to is
// valid until the next change of the state.
func (s *State) Answer(req, resp *csta.Message) bool { return false }

// Mark remembers when a request went to the switch. The zero Mark is one that concerns nothing. It
// is comparable and holds no pointer.
type Mark struct {
	slot uint32
	gen  uint32
}

// Asked notes that req goes to the switch now: a snapshot, a query (Get…) or a change (Set…) that the
// model follows. For every other request it returns the zero Mark.
func (s *State) Asked(req *csta.Message) Mark { return Mark{} }

// Learn takes the positive answer of the switch to what mark stands for, or a segment of it
// (SnapshotDeviceData, SnapshotCallData). The mark is spent by an answer with its data or by the
// last segment; an answer that only announces segments (ServiceRef) keeps it.
func (s *State) Learn(mark Mark, resp *csta.Message) {}

// Forget drops a mark whose request failed, was refused or timed out.
func (s *State) Forget(mark Mark) {}

// LinkLost makes everything incomplete and spends every mark. Monitors, calls and the journal stay.
func (s *State) LinkLost() {}

// Audit returns the device of a device monitor that has a chain older than since and was not
// returned for that chain before; ok is false when there is none. The device is borrowed until the
// next change. It looks at the oldest chain only, so it is cheap when called every tick.
func (s *State) Audit(since time.Time) (device csta.DeviceID, ok bool) {
	return csta.DeviceID{}, false
}

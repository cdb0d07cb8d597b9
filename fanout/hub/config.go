package hub

import (
	"time"

	"haproxy/codec"
	"haproxy/codec/csta"
)

// Config is what a hub is made from. Every bound has to be set; DESIGN's defaults are the
// configuration's business.
type Config struct {
	// NewCodec makes the codec of one leg. The namespace or version is the peer's, once it spoke.
	NewCodec func() codec.Codec
	// TServers are the T-Servers that the link serves, by index.
	TServers []TServer

	ConnectTimeout     time.Duration // from LinkUp until the switch has answered
	RequestRate        int           // requests a second towards the switch; 0 is no limit
	RequestOutstanding int           // requests unanswered by the switch at once
	RequestQueue       int           // requests that wait for the switch, all classes together
	RequestTimeout     time.Duration // from a request's arrival to its answer
	HeartbeatInterval  time.Duration // idle time before a SystemStatus is sent; 0 is none
	HeartbeatMisses    int           // intervals without a byte after which a leg is dead
	MonitorLinger      time.Duration // how long a device monitor outlives its last member
	RouteTimeout       time.Duration // how long a switch's request waits for a T-Server
	CallAudit          time.Duration // the age at which an open chain is checked; 0 is never
	JournalMax         int64         // bytes
	MonitorsMax        int           // monitors and registrations of the link; 0 is DefaultMonitorsMax
	MonitorMemory      int64         // bytes of what was asked and answered; 0 is DefaultMonitorMemory
	Replay             ReplayMode
	Answer             AnswerSet
	Seed               bool // ask for snapshots after a first MonitorStart
	CloseOnLinkLoss    bool // close the T-Servers' legs instead of telling them
	Session            Session
}

// The bounds of what monitors and registrations cost, where none are set.
const (
	DefaultMonitorsMax   = 262_144
	DefaultMonitorMemory = 512 << 20
)

// TServer is one T-Server of the link.
type TServer struct {
	Name string
	// BacklogMax is the output backlog, in bytes, past which the T-Server is slow and cut.
	BacklogMax int
}

// ReplayMode says what a joining T-Server is given.
type ReplayMode uint8

// The replay modes.
const (
	ReplayEvents   ReplayMode = iota // the journal, as events
	ReplaySnapshot                   // nothing: the T-Server asks for snapshots
	ReplayOff                        // nothing
)

// AnswerSet says which services are answered from the state.
type AnswerSet struct {
	Monitor  bool // repeated MonitorStarts
	Snapshot bool // SnapshotDevice and SnapshotCall
	Features bool // agent state, do-not-disturb, forwarding, message waiting
}

// Session is how the link's session with the switch is opened.
type Session struct {
	Kind        SessionKind
	Application string        // applicationID
	Info        []byte        // content of applicationSpecificInfo: a login, as the vendor has it; never logged
	Versions    []string      // protocol versions to ask for, best first
	Duration    time.Duration // of ECMA-354, requested
	// Association is what is asked of the switch, where Kind is SessionACSE.
	Association csta.Association
}

// SessionKind is the kind of session on a link.
type SessionKind uint8

// The session kinds.
const (
	SessionNone    SessionKind = iota // none: the switch greets, or answers a SystemRegister
	SessionECMA354                    // an application session
	SessionACSE                       // an association
)

// LinkState is where the link is on its way to normal.
type LinkState uint8

// The states of a link, in the order of a start.
const (
	LinkDown       LinkState = iota // no socket
	LinkStarting                    // session and registration under way
	LinkRecovering                  // monitors and registrations are being restored
	LinkNormal                      // requests pass
)

var linkStateNames = [...]string{"down", "starting", "recovering", "normal"}

// String returns the state's name.
func (s LinkState) String() string { return linkStateNames[s] }

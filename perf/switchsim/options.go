package switchsim

import (
	"time"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/perf/ledger"
	"haproxy/perf/stamp"
)

// Options is what a Switch is made from. Only Codec is required.
type Options struct {
	Codec codec.Codec
	Seed  uint64
	Plant Plant
	Link  LinkOptions
	Load  Load
	Fault Faults

	// Log is how much of the events sent is kept, LogSize the frames of a ring.
	Log     ledger.Mode
	LogSize int
	// Process is in the stamps: a switch that is started anew counts from one, and has a greater one.
	Process uint64
	// Trace keeps every request.
	Trace bool
	// MonitorLimit bounds the monitors of one device or call; 0 is no limit. With 1 a proxy has to
	// share.
	MonitorLimit int
	// SegmentSize splits snapshots of more entries into segments; 0 never does.
	SegmentSize int
	// CallIDs is how many call IDs there are before they are used again; 0 is no bound.
	CallIDs int
	// Private appends the private data of an event. The default is stamp.XML.
	Private func(dst []byte, mark stamp.Stamp, pad int) []byte
	// Reread reads an event back, so that it is stamped with what its frame says. It is for encodings
	// that cannot say all that a message does; with none, the stamp is of the message.
	Reread codec.Codec
	// Odd returns a frame that no codec would make: an event that nobody knows, or one that cannot be
	// decoded. The default is OddXML.
	Odd func(invoke csta.InvokeID, ref string, garbage bool) []byte
}

// Plant is the size of the switch.
type Plant struct {
	Stations    int // telephones; default 20
	Agents      int // stations with an agent; default a fifth of the stations
	Groups      int // ACD groups, each with a queue device; default 2 where there are agents
	Trunks      int // lines to the outside; default a quarter of the stations
	RoutePoints int // devices whose calls are routed by the computing function; default 0
}

// LinkOptions is how the switch treats the link.
type LinkOptions struct {
	Silent    bool          // send no SystemStatus when the link comes up
	Session   bool          // an ECMA-354 application session is required before anything else
	Associate bool          // an association of ACSE is required before anything else
	Refuse    int           // associations that are refused for now before one is granted
	Heartbeat time.Duration // interval of the switch's own SystemStatus requests; 0 is none
	Misses    int           // heartbeats unanswered before the link is dropped; default 3
	// LatencyMin and LatencyMax bound the time to an answer.
	LatencyMin, LatencyMax time.Duration
	// RouteTimeout is how long a route request waits; default 3 s.
	RouteTimeout time.Duration
}

// Load is how busy the switch is. The zero Load makes no calls.
type Load struct {
	Calls    int           // calls to be kept alive at once
	Rate     float64       // new calls a second; 0 starts them as fast as Calls needs
	Pace     time.Duration // mean time between two happenings of a call; default 300 ms
	Features float64       // feature and agent changes a second over the whole switch
	EventLen int           // bytes that every event frame has at least
	Simple   bool          // calls are made, answered and cleared only
	Still    bool          // nothing happens by chance for now
	Events   int           // so many more, and it is still; 0 is no end
}

// Faults are the ways the switch misbehaves. Each number is a chance from 0 to 1.
type Faults struct {
	Never      float64       // a request is never answered
	Late       float64       // an answer comes LateBy later
	LateBy     time.Duration // default 2 s
	Twice      float64       // an answer comes twice
	WrongID    float64       // an answer has another request's invoke ID, or none's
	Unknown    float64       // an event is followed by one of an unknown name
	Garbage    float64       // an event is followed by a frame that cannot be decoded
	Drop       float64       // the link is dropped, per second
	EventFirst float64       // the events of a request come before its answer
}

// withDefaults fills what was left out.
func (o Options) withDefaults() Options {
	if o.Plant.Stations == 0 {
		o.Plant.Stations = 20
	}
	if o.Plant.Agents == 0 {
		o.Plant.Agents = o.Plant.Stations / 5
	}
	if o.Plant.Groups == 0 && o.Plant.Agents > 0 {
		o.Plant.Groups = 2
	}
	if o.Plant.Trunks == 0 {
		o.Plant.Trunks = max(o.Plant.Stations/4, 1)
	}
	if o.Load.Pace == 0 {
		o.Load.Pace = 300 * time.Millisecond
	}
	if o.Link.Misses == 0 {
		o.Link.Misses = 3
	}
	if o.Link.RouteTimeout == 0 {
		o.Link.RouteTimeout = 3 * time.Second
	}
	if o.Fault.LateBy == 0 {
		o.Fault.LateBy = 2 * time.Second
	}
	if o.Private == nil {
		o.Private = stamp.XML
	}
	if o.Odd == nil {
		o.Odd = OddXML
	}
	return o
}

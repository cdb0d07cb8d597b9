package tserversim

import (
	"time"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/perf/ledger"
	"haproxy/perf/stamp"
)

// Options is what a TServer is made from. Only Codec is required.
type Options struct {
	Codec codec.Codec
	Seed  uint64
	Name  string

	Devices []string // to be monitored
	Type    csta.MonitorType
	Filter  csta.EventSet // events not wanted; HasFilter is set where it is not empty
	Window  int           // requests of the start outstanding at once; default 32
	Ask     Ask           // what is asked of every device after its monitor started
	Routes  []string      // route points to register for

	Association *csta.Association // open an association of ACSE first; nil is none
	Session     bool              // open an ECMA-354 application session first
	Application string            // its applicationID; default "tserversim"
	NoRegister  bool              // send no SystemRegister
	GreetWait   time.Duration     // how long to wait for the switch's SystemStatus; default 1 s
	Heartbeat   time.Duration     // interval of own SystemStatus requests; 0 is none
	Mute        bool              // answer no heartbeats
	Rejoin      bool              // start a monitor anew that the switch stopped

	// Unstamped are the events in which the protocol has no room for a stamp.
	Unstamped csta.EventSet

	Requests Requests
	Timeout  time.Duration // after which a request counts as unanswered; default 40 s
	Log      ledger.Mode
	LogSize  int

	// Trace marks requests and keeps what became of each; Mark appends the private data that does so.
	Trace bool
	Mark  func(dst []byte, mark stamp.Ask) []byte
}

// Ask says what is asked of every device.
type Ask struct {
	Snapshot, Agent, DoNotDisturb, Forwarding, MessageWaiting bool
}

// AskAll asks everything.
var AskAll = Ask{true, true, true, true, true}

// services lists the services in the order they are asked.
func (a Ask) services() []csta.Service {
	var list []csta.Service
	for _, row := range []struct {
		on      bool
		service csta.Service
	}{
		{a.Snapshot, csta.SnapshotDevice},
		{a.Agent, csta.GetAgentState},
		{a.DoNotDisturb, csta.GetDoNotDisturb},
		{a.Forwarding, csta.GetForwarding},
		{a.MessageWaiting, csta.GetMessageWaitingIndicator},
	} {
		if row.on {
			list = append(list, row.service)
		}
	}
	return list
}

// Requests is how many requests the T-Server sends once it is in step.
type Requests struct {
	Rate    float64 // a second; 0 is none
	Control bool    // control calls and change features too, instead of queries only
	Wrong   float64 // chance of a request that must fail
	Stops   float64 // of monitors, a second, each started again soon; 0 is none
	Max     int     // outstanding at once; default 1000
}

// withDefaults fills what was left out.
func (o Options) withDefaults() Options {
	if o.Window == 0 {
		o.Window = 32
	}
	if o.GreetWait == 0 {
		o.GreetWait = time.Second
	}
	if o.Timeout == 0 {
		o.Timeout = 40 * time.Second
	}
	if o.Application == "" {
		o.Application = "tserversim"
	}
	if o.Requests.Max == 0 {
		o.Requests.Max = 1000
	}
	return o
}

package state

// The limits that hold where Limits has zeros. They leave headroom over one link of 100,000
// devices, 20,000 calls and 10,000 agents.
const (
	DefaultJournalMax  = 1 << 30
	DefaultMonitors    = 1 << 18
	DefaultCalls       = 1 << 17
	DefaultConnections = 1 << 19
	DefaultChains      = 1 << 18
	DefaultAgents      = 1 << 16
	DefaultFeatures    = 1 << 20
	DefaultDevices     = 1 << 19
	DefaultMarks       = 1 << 17
)

// Limits bounds every table of a State; a zero or negative field takes its default. What does not
// fit is counted in Stats and makes the state concerned incomplete, never wrong. Tables grow as
// they are needed; memory once used is kept for the next peak.
type Limits struct {
	JournalMax  int64 // bytes of frames in the journal, rounded down to whole cells
	Monitors    int   // monitors open at once; Open fails past it
	Calls       int   // calls in the model
	Connections int   // connections of all calls
	Chains      int   // call chains of all monitors, and calls as all monitors see them
	Agents      int   // agents in the model, one for each device, agent ID and group
	Features    int   // device features in the model: forwardings, message waiting…
	Devices     int   // device identifiers in the model
	Marks       int   // requests asked and not yet answered
}

// orDefault returns limit, or fallback where it is not positive.
func orDefault[T int | int64](limit, fallback T) T {
	if limit <= 0 {
		return fallback
	}
	return limit
}

// withDefaults returns the limits with every zero replaced.
func (l Limits) withDefaults() Limits {
	return Limits{
		JournalMax:  orDefault(l.JournalMax, DefaultJournalMax),
		Monitors:    orDefault(l.Monitors, DefaultMonitors),
		Calls:       orDefault(l.Calls, DefaultCalls),
		Connections: orDefault(l.Connections, DefaultConnections),
		Chains:      orDefault(l.Chains, DefaultChains),
		Agents:      orDefault(l.Agents, DefaultAgents),
		Features:    orDefault(l.Features, DefaultFeatures),
		Devices:     orDefault(l.Devices, DefaultDevices),
		Marks:       orDefault(l.Marks, DefaultMarks),
	}
}

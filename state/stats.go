package state

// Stats are plain numbers about a State. Those that count what happened never fall.
type Stats struct {
	Monitors       int    // monitors open
	Calls          int    // calls in the model
	Connections    int    // connections of those calls that are not null
	Agents         int    // agents, one for each device, agent ID and group
	Features       int    // device features known
	Devices        int    // device identifiers in use, each form of one counted
	Chains         int    // call chains open on all monitors
	Marks          int    // requests asked and not yet answered
	JournalEntries int    // frames in the journal
	JournalBytes   int64  // bytes of those frames
	JournalUsed    int64  // bytes of the cells they occupy, which JournalMax bounds
	Applied        uint64 // events applied
	GivenUp        uint64 // chains whose history was, for room or as the switch denied it
	ItemsGivenUp   uint64 // agent and feature messages given up for room
	Unjournaled    uint64 // events of a monitor that its journal does not keep
	Refused        uint64 // left out of the model for a limit or an over-long identifier
}

// Stats returns the present numbers.
func (s *State) Stats() Stats {
	n := s.stats
	n.Monitors = s.monitors.live
	n.Calls = s.calls.live
	n.Connections = s.conns.live
	n.Devices = s.names.devices
	n.Chains = s.chains.live
	n.Marks = s.marks.live
	n.JournalEntries = s.entries.live
	n.JournalUsed = int64(s.cells.live) * cellSize
	return n
}

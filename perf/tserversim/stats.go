package tserversim

import (
	"fmt"
	"maps"

	"haproxy/perf/latency"
)

// Stats are plain numbers about a TServer, over all its legs.
type Stats struct {
	Legs   int // times a leg came up
	Frames uint64
	Bytes  int64
	Events uint64

	Requests   int
	Answers    int
	ErrorsAll  int
	Errors     map[string]int // by the name of the error
	Retries    int            // of requests refused for a state that passes
	Throttled  int            // random requests not sent, since too many were outstanding
	Abandoned  int            // requests open when a leg ended
	Restarts   int            // for SystemStatus enabled
	Statuses   int            // SystemStatus requests answered
	Disabled   int            // of them, those that told the link was down
	Routed     int            // RouteSelects sent
	Segments   int
	SharedRefs int // monitors that were given a cross reference ID twice

	Aborts          int // associations that the other side aborted
	Refused         int // associations that it refused
	Unsupported     int // own messages that the protocol does not have
	SwitchRequests  int
	MonitorsRefused int
	Stops           int // MonitorStops sent
	MonitorsLost    int // stopped by the switch
	UnknownEvents   int
	Made            int // events that the proxy made: differences, and of a replay
	Undecodable     int
	Held            int // events that came before the answer to their MonitorStart

	// What should not be: Faults adds them up.
	Unanswered  int // requests without an answer
	Strays      int // answers to no request
	Mismatched  int // answers of another service than the request's
	Foreign     int // events of monitors that are not this T-Server's
	Corrupt     int // events whose content is not what the switch sent
	Disordered  int // events that came again, or after a later one of their monitor
	Unstamped   int // events that nobody may have sent as they are
	Disagreed   int // answers to queries that contradict the events
	Unencodable int
	LastError   error
}

// Faults returns how often something happened that a faultless link and proxy never cause.
func (s *Stats) Faults() int {
	return s.Unanswered + s.Strays + s.Mismatched + s.Foreign + s.Corrupt + s.Disordered +
		s.Unstamped + s.Disagreed + s.Unencodable
}

// faults describes them, one a line.
func (s *Stats) faults() []string {
	var lines []string
	for _, row := range []struct {
		n    int
		what string
	}{
		{s.Unanswered, "requests never answered"},
		{s.Strays, "answers to no request"},
		{s.Mismatched, "answers of another service"},
		{s.Foreign, "events of others' monitors"},
		{s.Corrupt, "events changed on the way"},
		{s.Disordered, "events doubled or out of order"},
		{s.Unstamped, "events that the switch never sent so"},
		{s.Disagreed, "answers that contradict the events"},
		{s.Unencodable, "own messages that the codec refused"},
	} {
		if row.n > 0 {
			lines = append(lines, fmt.Sprintf("%d %s", row.n, row.what))
		}
	}
	return lines
}

// Stats returns a copy of the present numbers.
func (t *TServer) Stats() Stats {
	stats := t.stats
	stats.Errors = maps.Clone(stats.Errors)
	return stats
}

// Latency returns a copy of the times from requests to their answers.
func (t *TServer) Latency() latency.Histogram { return t.latency }

// TakeLatency returns the times since it was last called.
func (t *TServer) TakeLatency() latency.Histogram {
	recent := t.recent
	t.recent = latency.Histogram{}
	return recent
}

// Outstanding returns how many requests wait for their answers.
func (t *TServer) Outstanding() int { return len(t.requests) }

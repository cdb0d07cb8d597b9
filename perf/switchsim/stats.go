package switchsim

import (
	"maps"
	"time"

	"haproxy/codec/csta"
)

// Stats are plain numbers about a Switch.
type Stats struct {
	Links      int // times the link came up
	Second     int // attempts at a second link, refused; counted by the Server
	Calls      int // calls begun
	MaxCalls   int // calls alive at once
	Monitors   int // MonitorStarts that were granted
	Events     uint64
	EventBytes int64
	Oddities   int // unknown events and undecodable frames sent on purpose

	Requests         map[csta.Service]int // received, by service
	RequestsAll      int
	MaxPerSecond     int // requests in the busiest second
	MaxOutstanding   int // requests unanswered at once
	DuplicateInvokes int // requests under an invoke ID that was still unanswered
	AnswersSent      int // copies included
	ErrorsSent       int
	NeverAnswered    int
	LateAnswers      int
	DoubleAnswers    int
	WrongAnswers     int

	Unasked         int // answers to no request of the switch
	Refusals        int // negative answers to requests of the switch
	HeartbeatsHeard int
	Silences        int // links dropped for unanswered heartbeats
	RouteRequests   int
	RouteSelects    int
	StaleSelects    int // RouteSelect for a dialogue that is over
	RouteTimeouts   int

	Associations int // granted
	Refused      int // associations refused
	Aborted      int // associations that the computing function aborted
	Releases     int // of associations
	Unassociated int // messages that came before their association: the link was aborted

	Undecodable int // frames received that could not be decoded
	Unencodable int // messages the codec refused: a fault of ours
	LastError   error

	second   time.Time // of inSecond
	inSecond int
}

// request counts one request.
func (s *Stats) request(now time.Time, service csta.Service) {
	s.Requests[service]++
	s.RequestsAll++
	if now.Sub(s.second) >= time.Second {
		s.second, s.inSecond = now, 0
	}
	s.inSecond++
	s.MaxPerSecond = max(s.MaxPerSecond, s.inSecond)
}

// Stats returns a copy of the present numbers.
func (s *Switch) Stats() Stats {
	stats := s.stats
	stats.Requests = maps.Clone(stats.Requests)
	return stats
}

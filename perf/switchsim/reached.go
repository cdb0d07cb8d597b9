package switchsim

import (
	"haproxy/codec/csta"
	"haproxy/perf/stamp"
)

// Reached is one request that the switch got, for the judge of a run.
type Reached struct {
	Key     string // the frame, under the first invoke ID there is
	Marked  bool   // by the T-Server that asked
	Service csta.Service
}

// trace notes a request.
func (s *Switch) trace(service csta.Service, frame []byte) {
	if !s.opts.Trace {
		return
	}
	first, _ := s.opts.Codec.InvokeIDs()
	key, err := s.opts.Codec.SetInvokeID(nil, frame, first)
	if err != nil {
		s.stats.Undecodable++
		s.stats.LastError = err
		return
	}
	s.reached = append(s.reached, Reached{string(key), stamp.IsAsk(key), service})
}

// Open returns how many requests of the present link are not answered yet.
func (s *Switch) Open() int { return len(s.link.open) }

// Reached returns every request that came on any link, if Options.Trace says so.
func (s *Switch) Reached() []Reached { return s.reached }

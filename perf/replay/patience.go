package replay

import (
	"time"

	"haproxy/codec/csta"
)

const (
	givingUp = 3  // that did not come in time, one after the other, after which no more is waited for
	looks    = 10 // while patience lasts, at whether the far side waits itself
)

// passedOver counts the requests in a row that did not come in time: of each service, as one far side never asks for
// what another did, and of all since the far side was heard, as one may ask for nothing at all. What it passes over is
// to cost the pace no more than a few times patience.
type passedOver struct {
	of    map[csta.Service]int
	quiet int
}

func newPassedOver() passedOver { return passedOver{of: make(map[csta.Service]int)} }

// expects reports whether a request is still to be waited for.
func (p *passedOver) expects(s csta.Service) bool { return p.of[s] < givingUp && p.quiet < givingUp }

// note notes whether a request came in time.
func (p *passedOver) note(s csta.Service, came bool) {
	if came {
		delete(p.of, s)
		return
	}
	p.of[s]++
	p.quiet++
}

// waitFor waits for a request that the capture answers now, for as long as patience lasts. Who has waited for a while
// for an answer whose turn comes later is given that: it may ask for nothing else before it has it.
func (s *switchSide) waitFor(q question) error {
	has := func() bool { return len(s.pending[q.key]) > 0 }
	came := has()
	if !came && (s.again || !s.over.expects(q.service)) {
		return nil
	}
	s.flush()
	look := s.opts.Patience / looks
	for i := 0; i < looks && !came; i++ {
		if _, err := s.until(func() bool { return has() || s.peer == nil }, look); err != nil || s.peer == nil {
			return err
		}
		if came = has(); !came {
			s.overdue(time.Now(), look)
		}
	}
	s.over.note(q.service, came)
	return nil
}

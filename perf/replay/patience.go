package replay

import (
	"time"

	"haproxy/codec/csta"
)

const (
	givingUp = 3  // requests of a service that did not come in time, after which none is waited for
	looks    = 10 // while patience lasts, at whether the far side waits itself
)

// passedOver counts, for each service, the requests in a row that did not come in time. One far side never asks for
// what another did, which is to cost the pace no more than a few times patience.
type passedOver map[csta.Service]int

// expects reports whether a request is still to be waited for.
func (p passedOver) expects(s csta.Service) bool { return p[s] < givingUp }

// note notes whether a request came in time.
func (p passedOver) note(s csta.Service, came bool) {
	if came {
		delete(p, s)
		return
	}
	p[s]++
}

// waitFor waits for a request that the capture answers now, for as long as patience lasts, and not while the far side
// waits itself for an answer whose turn comes later: it has then passed this one over. If it has not, it is owed the
// answer.
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
		if came = has(); s.isHeldUp(time.Now().Add(-look)) {
			break
		}
	}
	s.over.note(q.service, came)
	return nil
}

// isHeldUp reports whether the far side has waited for an answer since a time.
func (s *switchSide) isHeldUp(since time.Time) bool {
	for key, all := range s.pending {
		if len(all) > 0 && all[0].since.Before(since) && s.next[key] < len(s.script.index.answers[key]) {
			return true
		}
	}
	return false
}

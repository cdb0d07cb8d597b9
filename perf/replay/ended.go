package replay

import (
	"fmt"
	"time"
)

// ended takes the end of a link, which is the far side's doing unless it was left, or the fault of what it said.
func (s *switchSide) ended(p *peer, fault error) {
	p.close()
	s.peer = nil
	if !p.left {
		s.result.Ended++
	}
	if fault != nil {
		s.garbled = fault
	}
	switch {
	case p.left, p.heard:
		s.silent, s.garbled = 0, nil
	case s.silent == 0:
		s.quiet = time.Now()
		fallthrough
	default:
		s.silent++
	}
}

// settleOn waits for a link to play on. Where the last one was ended without a word, as by a port that is there before
// what it leads to, or after, the next is given patience to speak or to end, and others are waited for as for the
// first.
func (s *switchSide) settleOn(l *line) error {
	for {
		most := s.opts.Wait
		if s.silent > 0 {
			if most -= time.Since(s.quiet); most <= 0 {
				return s.unheard()
			}
		}
		err := s.arrive(l.leg.Number, l.number, most)
		switch {
		case err != nil && s.silent > 0 && s.ctx.Err() == nil:
			return s.unheard()
		case err != nil, s.silent == 0:
			return err
		}
		if err = s.listenTo(); err != nil {
			return err
		}
		if s.peer != nil { // it stays, whether it speaks or not
			s.silent = 0
			return nil
		}
		if err = s.waiting(func() error { return s.rest(meetEvery) }); err != nil {
			return err
		}
	}
}

// listenTo waits for the far side's first word, or the link's end. The time is none of the replay's.
func (s *switchSide) listenTo() error {
	return s.waiting(func() error {
		_, err := s.await(func() bool { return s.peer == nil || s.peer.heard })
		return err
	})
}

// judgeSilence says, at the end, that nobody was there: the far side never spoke and ended its links. It may be about
// to end the last.
func (s *switchSide) judgeSilence() error {
	if s.heard {
		return nil
	}
	if err := s.listenTo(); err != nil {
		return err
	}
	if s.peer == nil && s.silent > 0 {
		return s.unheard()
	}
	return nil
}

// unheard says that the far side only ever ended its links.
func (s *switchSide) unheard() error {
	if s.garbled != nil {
		return fmt.Errorf("%w that speaks %v: %w", ErrNobody, s.script.speaks, s.garbled)
	}
	return fmt.Errorf("%w that speaks: the far side ended its link without a word, %d times", ErrNobody, s.silent)
}

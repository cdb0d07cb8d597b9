package replay

import "fmt"

// silentMax is how many links in a row the far side may end without a word, until it is taken for none.
const silentMax = 3

// ended takes the end of a link, which is the far side's doing unless it was left.
func (s *switchSide) ended(p *peer) {
	p.close()
	s.peer = nil
	if p.left {
		return
	}
	s.result.Ended++
	if s.silent++; p.heard {
		s.silent = 0
	}
}

// unheard says that the far side only ever ended its links.
func (s *switchSide) unheard() error {
	return fmt.Errorf("%w that speaks: the far side ended its link without a word, %d times", ErrNobody, s.silent)
}

// heeded waits, at the end, for a far side that has said nothing yet: it may be about to end its link.
func (s *switchSide) heeded() error {
	_, err := s.await(func() bool { return s.peer == nil || s.peer.heard })
	if err == nil && s.peer == nil && s.silent > 0 {
		return s.unheard()
	}
	return err
}

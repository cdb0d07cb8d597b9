package hub

import "time"

// rate allows so many requests in any second, whichever way the second is cut: it remembers when
// the last ones were sent.
type rate struct {
	sent []time.Time // a ring as long as the rate; nil is no limit
	next int
}

func (r *rate) init(perSecond int) {
	if perSecond > 0 {
		r.sent = make([]time.Time, perSecond)
	}
}

// allow reports whether one more may be sent now, of the rate's part that an overloaded switch is
// left with: the whole is 1, the half 2.
func (r *rate) allow(now time.Time, part int) bool {
	n := len(r.sent)
	if n == 0 {
		return true
	}
	oldest := r.sent[(r.next+n-max(n/part, 1))%n]
	return oldest.IsZero() || now.Sub(oldest) >= time.Second
}

// spend notes that one was sent.
func (r *rate) spend(now time.Time) {
	if r.sent != nil {
		r.sent[r.next] = now
		r.next = (r.next + 1) % len(r.sent)
	}
}

package replay

import (
	"bytes"
	"slices"

	"haproxy/codec/csta"
)

// failures are answers of the proxy's own to requests that it gave up. When it does is by its clock, so that they have
// their place among the others only by chance: they are compared without it.
type failures struct {
	due   []*line
	came  [][]byte
	asked map[csta.InvokeID]bool // what the capture has no answer to yet: that was given up after it, if at all
}

// isFailure reports whether a message says that a request was given up.
func isFailure(msg *csta.Message) bool {
	return msg.Kind == csta.KindError && msg.Error == csta.ErrSystemResource
}

// match takes what is due and came off, and returns how many that were.
func (f *failures) match() int {
	due := len(f.due)
	f.due = slices.DeleteFunc(f.due, func(l *line) bool {
		at := slices.IndexFunc(f.came, func(came []byte) bool { return bytes.Equal(l.frame, came) })
		if at >= 0 {
			f.came = slices.Delete(f.came, at, at+1)
		}
		return at >= 0
	})
	return due - len(f.due)
}

// endsLeg reports whether a T-Server gets nothing any more after a message of its own.
func endsLeg(s csta.Service) bool {
	return s == csta.Release || s == csta.Abort || s == csta.StopApplicationSession
}

// settle waits for the failures that are due before a leg's end, or that of the replay.
func (t *tserverSide) settle() {
	settled := func() bool {
		t.compared.Identical += t.failures.match()
		return len(t.failures.due) == 0 || t.peer == nil
	}
	if _, err := t.await(settled); err != nil {
		return // it was ended, and what is due is missing
	}
}

// endFailures counts what has nothing that it is equal to.
func (t *tserverSide) endFailures() {
	t.compared.Identical += t.failures.match()
	for _, l := range t.failures.due {
		t.compared.Missing++
		t.note(l, nil)
	}
	for _, f := range t.failures.came {
		if t.codec.Decode(&t.msg, f) == nil && !t.failures.asked[t.msg.Invoke] {
			t.compared.Further++
		}
	}
	t.failures = failures{asked: make(map[csta.InvokeID]bool)}
}

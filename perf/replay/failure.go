package replay

import (
	"bytes"
	"time"

	"haproxy/codec/csta"
)

// failures are answers of the proxy's own to requests that it gave up. When it does is by its clock, so that they have
// their place among the others only by chance: each is compared with the one that its request had in the capture,
// without that place. Failures that the switch told, or that came at once, are compared like all else.
type failures struct {
	asked map[csta.InvokeID]asked // what the T-Server asked and the capture's proxy gave up, or left unanswered
	given map[csta.InvokeID]asked // of these, those that it gave up and whose failure is not due yet
	due   map[int]dueFailure      // that did not come yet, by request
	came  map[int][]byte          // that are not due yet
}

const failuresMax = 1 << 14 // that are kept; more are compared in their place

// dueFailure is a failure of the capture, and how long it is waited for.
type dueFailure struct {
	line  *line
	until time.Time
}

// asked is a request that was played.
type asked struct {
	number int
	at     time.Time
}

// isFailure reports whether a message says that a request was given up.
func isFailure(msg *csta.Message) bool {
	return msg.Kind == csta.KindError && msg.Error == csta.ErrSystemResource
}

func newFailures() failures {
	return failures{
		asked: make(map[csta.InvokeID]asked), given: make(map[csta.InvokeID]asked),
		due: make(map[int]dueFailure), came: make(map[int][]byte),
	}
}

// askedFor notes a request that is played.
func (t *tserverSide) askedFor(l *line, invoke csta.InvokeID) {
	f := &t.failures
	delete(f.asked, invoke)
	delete(f.given, invoke)
	if len(f.due)+len(f.came)+len(f.given) >= failuresMax {
		return
	}
	of := asked{l.number, time.Now()}
	_, given := t.script.index.givenUp[l.number]
	if given {
		f.given[invoke] = of
	}
	if given || t.script.index.unanswered[l.number] {
		f.asked[invoke] = of
	}
}

// failed takes a failure that came. It reports whether it is the proxy's clock that told it: of a request that was
// given up in the capture too, or that had no answer when that ended.
func (t *tserverSide) failed(f []byte, invoke csta.InvokeID) bool {
	of, known := t.failures.asked[invoke]
	if !known || time.Since(of.at) < clockPatience {
		return false
	}
	delete(t.failures.asked, invoke)
	awaited, due := t.failures.due[of.number]
	switch {
	case t.script.index.unanswered[of.number]:
		t.compared.Late++
	case due:
		delete(t.failures.due, of.number)
		t.compareFailure(awaited.line, f)
	default:
		t.failures.came[of.number] = f
	}
	return true
}

// failure takes an answer that is due. It reports whether it is a failure that has no place.
func (t *tserverSide) failure(l *line, invoke csta.InvokeID) bool {
	of, known := t.failures.given[invoke]
	if !known {
		return false
	}
	delete(t.failures.given, invoke)
	if f, came := t.failures.came[of.number]; came {
		delete(t.failures.came, of.number)
		t.compareFailure(l, f)
	} else {
		until := of.at.Add(t.script.index.givenUp[of.number] + t.opts.Patience)
		t.failures.due[of.number] = dueFailure{l, until}
	}
	return true
}

func (t *tserverSide) compareFailure(l *line, f []byte) {
	if bytes.Equal(l.frame, f) {
		t.compared.Identical++
		return
	}
	t.compared.Different++
	t.note(l, f)
}

// endsLeg reports whether a T-Server gets nothing any more after a message of its own.
func endsLeg(s csta.Service) bool {
	return s == csta.Release || s == csta.Abort || s == csta.StopApplicationSession
}

// settle waits for the failures that are due before a leg's end, or that of the replay, for as long as they took in the
// capture, and for what is late.
func (t *tserverSide) settle() {
	var until time.Time
	for _, due := range t.failures.due {
		if due.until.After(until) {
			until = due.until
		}
	}
	if len(t.late) > 0 {
		if patient := time.Now().Add(t.opts.Patience); patient.After(until) {
			until = patient
		}
	}
	settled := func() bool {
		t.matchLate()
		return len(t.failures.due)+len(t.late) == 0 || t.peer == nil
	}
	if _, err := t.until(settled, time.Until(until)); err != nil {
		return // it was ended, and what is due is missing
	}
}

// endFailures counts what has nothing that it is equal to.
func (t *tserverSide) endFailures() {
	for _, due := range t.failures.due {
		if t.ctx.Err() == nil { // else nobody waited for it
			t.compared.Missing++
			t.note(due.line, nil)
		}
	}
	if !t.cut {
		t.compared.Further += len(t.failures.came)
	}
	t.failures = newFailures()
}

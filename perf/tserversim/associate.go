package tserversim

import (
	"time"

	"haproxy/codec/csta"
)

// releaseWait is how long the answer to a release is waited for.
const releaseWait = time.Second

// associate opens the association.
func (t *TServer) associate() {
	t.phase = PhaseSession
	t.send(&csta.Message{
		Kind: csta.KindRequest, Service: csta.Associate, Association: *t.opts.Association,
	})
}

// release asks for the association's end; the leg is closed with the answer, or without one.
func (t *TServer) release() {
	t.leaveBy = t.now.Add(releaseWait)
	t.send(&csta.Message{
		Kind: csta.KindRequest, Service: csta.Release,
		Association: csta.Association{Reason: csta.ReasonNormal},
	})
}

// Abort ends the association by an ABRT, and the leg.
func (t *TServer) Abort() {
	t.send(&csta.Message{
		Kind: csta.KindRequest, Service: csta.Abort, Association: csta.Association{Source: csta.SourceUser},
	})
	t.associated, t.hangup = false, true
}

// association takes what is said of the association. It reports whether the message was that.
func (t *TServer) association(msg *csta.Message) bool {
	switch msg.Service {
	case csta.Associate:
		t.granted(msg)
	case csta.Release:
		if msg.Kind == csta.KindRequest {
			t.send(&csta.Message{Kind: csta.KindResponse, Service: csta.Release})
		}
		t.associated, t.hangup = false, true
	case csta.Abort:
		t.stats.Aborts++
		t.associated, t.hangup = false, true
	default:
		return false
	}
	return true
}

// granted takes the answer to the association that was asked for.
func (t *TServer) granted(msg *csta.Message) {
	if msg.Kind != csta.KindResponse || t.phase != PhaseSession {
		if msg.Kind == csta.KindError {
			t.stats.Refused++
		}
		t.hangup = true
		return
	}
	t.associated = true
	t.phase = PhaseGreeting
	t.greetUntil = t.now.Add(t.opts.GreetWait)
}

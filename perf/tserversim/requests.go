package tserversim

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"time"

	"haproxy/codec"
	"haproxy/codec/csta"
)

// request is one request that waits for its answer.
type request struct {
	service csta.Service
	device  string
	sent    time.Time
	ref     string // the monitor that it is about, if it names one
	start   *job   // of the start, else nil
	view    *View  // the device's when it was sent
	since   uint64 // where the view's stream stood
	settled bool   // the view was certain of what is asked
	stale   bool   // its answer is of no use any more
	traced  *Asked // with Options.Trace
}

// segments are the pieces of an answer that comes in several messages.
type segments struct {
	request *request // once its answer told the reference
	msg     csta.Message
	last    bool
}

// ask sends a request and remembers it; start is the job it does, or nil. What the protocol does not
// have is not asked.
func (t *TServer) ask(msg *csta.Message, start *job) {
	msg.Kind = csta.KindRequest
	if !msg.Service.HasResponse() {
		msg.Invoke = t.eventInvoke()
		t.send(msg)
		return
	}
	msg.Invoke = t.nextInvoke()
	t.mark(msg)
	if !t.send(msg) {
		if start != nil {
			t.open--
		}
		return
	}
	r := &request{
		service: msg.Service, device: string(msg.Device.Number), ref: string(msg.CrossRef), sent: t.now,
		start:   start,
		settled: t.phase == PhaseInStep && slices.Contains(t.opts.Ask.services(), msg.Service),
	}
	if v := t.model.views[r.device]; v != nil {
		r.view = v
		r.since = v.asked(r.service)
	}
	t.requests[msg.Invoke] = r
	t.stats.Requests++
	t.trace(r)
}

// nextInvoke returns an invoke ID that no outstanding request has.
func (t *TServer) nextInvoke() csta.InvokeID {
	first, last := t.opts.Codec.InvokeIDs()
	for range last - first + 1 {
		t.invoke++
		if t.invoke > last {
			t.invoke = first
		}
		if t.requests[t.invoke] == nil {
			break
		}
	}
	return t.invoke
}

func (t *TServer) eventInvoke() csta.InvokeID {
	if id, fixed := t.opts.Codec.EventInvokeID(); fixed {
		return id
	}
	return t.nextInvoke()
}

// send encodes a message and queues it. It reports whether the protocol has it.
func (t *TServer) send(msg *csta.Message) bool {
	frame, err := t.opts.Codec.Append(nil, msg)
	switch {
	case errors.Is(err, codec.ErrUnsupported):
		t.stats.Unsupported++
	case err != nil:
		t.stats.Unencodable++
		t.stats.LastError = err
	default:
		t.out = append(t.out, frame)
	}
	return err == nil
}

// answered matches an answer with its request: exactly one, and of the right service.
func (t *TServer) answered(msg *csta.Message) {
	r := t.requests[msg.Invoke]
	if r == nil {
		t.stats.Strays++
		return
	}
	delete(t.requests, msg.Invoke)
	t.stats.Answers++
	if r.traced != nil {
		r.traced.Answers++
		r.traced.Granted = msg.Kind == csta.KindResponse
	}
	t.latency.Add(t.now.Sub(r.sent))
	t.recent.Add(t.now.Sub(r.sent))
	if msg.Kind == csta.KindResponse && msg.Service != csta.ServiceUnknown &&
		msg.Service != r.service {
		t.stats.Mismatched++
	}
	if msg.Kind != csta.KindResponse {
		t.stats.ErrorsAll++
		t.stats.Errors[msg.Error.Name()]++
	}
	switch {
	case r.stale:
	case r.service == csta.MonitorStop:
		t.stopped(r, msg)
	case r.service == csta.StartApplicationSession:
		t.opened(msg)
	case r.service == csta.ResetApplicationSessionTimer:
		t.extend(msg.DurationSec)
	case msg.Kind == csta.KindResponse && len(msg.ServiceRef) > 0 && len(msg.Connections) == 0:
		t.awaitSegments(r, string(msg.ServiceRef))
	default:
		t.finish(r, msg)
	}
}

// finish uses an answer that is complete.
func (t *TServer) finish(r *request, msg *csta.Message) {
	if r.start != nil {
		t.started(r, msg)
		return
	}
	if msg.Kind == csta.KindResponse {
		t.learn(r, msg)
		return
	}
	if v := t.viewOf(r); v != nil {
		v.forget(r.service)
	}
}

// viewOf returns the view that a request was sent for, nil where its monitor is another one by now.
func (t *TServer) viewOf(r *request) *View {
	if v := t.model.views[r.device]; v == r.view {
		return v
	}
	return nil
}

// learn gives the answer of a query to the view it is about.
func (t *TServer) learn(r *request, msg *csta.Message) {
	if v := t.viewOf(r); v != nil && !v.learn(r.service, msg, r.since, r.settled) {
		t.stats.Disagreed++
	}
}

// opened takes the answer to StartApplicationSession.
func (t *TServer) opened(msg *csta.Message) {
	if msg.Kind != csta.KindResponse {
		t.hangup = true
		return
	}
	t.session = string(msg.Session)
	t.extend(msg.DurationSec)
	t.phase = PhaseGreeting
	t.greetUntil = t.now.Add(t.opts.GreetWait)
}

// extend notes when the session's timer has to be reset: at two thirds of what was granted.
func (t *TServer) extend(seconds uint32) {
	t.resetAt = t.now.Add(time.Duration(seconds) * time.Second * 2 / 3)
}

// awaitSegments ties a request to the segments of its answer, which may have come already.
func (t *TServer) awaitSegments(r *request, ref string) {
	s := t.segments[ref]
	if s == nil {
		s = new(segments)
		t.segments[ref] = s
	}
	s.request = r
	t.assemble(ref, s)
}

// segment takes one piece of a segmented answer.
func (t *TServer) segment(msg *csta.Message) {
	t.stats.Segments++
	ref := string(msg.ServiceRef)
	s := t.segments[ref]
	if s == nil {
		s = new(segments)
		t.segments[ref] = s
	}
	for _, item := range msg.Connections {
		s.msg.Connections = append(s.msg.Connections, csta.ConnectionItem{
			New: csta.ConnectionID{
				Call: bytes.Clone(item.New.Call), Device: dialing(string(item.New.Device.Number)),
			},
			State: item.State,
		})
	}
	s.last = s.last || msg.LastSegment
	t.assemble(ref, s)
}

// assemble uses a segmented answer once it is complete.
func (t *TServer) assemble(ref string, s *segments) {
	if s.request == nil || !s.last {
		return
	}
	delete(t.segments, ref)
	s.msg.Kind = csta.KindResponse
	t.finish(s.request, &s.msg)
}

// beat sends an own heartbeat, and keeps the session alive.
func (t *TServer) beat() {
	if t.session != "" && !t.resetAt.After(t.now) {
		t.resetAt = t.now.Add(time.Minute) // unless the answer says better
		t.ask(&csta.Message{
			Service: csta.ResetApplicationSessionTimer, Session: csta.SessionID(t.session),
			DurationSec: 600,
		}, nil)
	}
	if t.opts.Heartbeat == 0 || t.nextBeat.After(t.now) || t.phase < PhaseGreeting {
		return
	}
	t.nextBeat = t.now.Add(t.opts.Heartbeat)
	t.ask(&csta.Message{Service: csta.SystemStatus, Status: csta.StatusNormal}, nil)
}

// sweep looks for requests that were never answered, wholly.
func (t *TServer) sweep() {
	if t.nextSweep.After(t.now) {
		return
	}
	t.nextSweep = t.now.Add(time.Second)
	for _, id := range slices.Sorted(maps.Keys(t.requests)) {
		if r := t.requests[id]; t.isOverdue(r) {
			delete(t.requests, id)
			t.unanswered(r)
		}
	}
	for _, ref := range slices.Sorted(maps.Keys(t.segments)) {
		if r := t.segments[ref].request; r != nil && t.isOverdue(r) {
			delete(t.segments, ref)
			t.unanswered(r)
		}
	}
}

func (t *TServer) isOverdue(r *request) bool { return t.now.Sub(r.sent) >= t.opts.Timeout }

// unanswered lets go of a request that no answer came to, or not all segments of it; what the start needs
// is asked again.
func (t *TServer) unanswered(r *request) {
	t.stats.Unanswered++
	if r.start != nil && !r.stale {
		t.open--
		t.jobs = append(t.jobs, *r.start)
	}
	if r.service == csta.MonitorStop && !r.stale {
		t.stopped(r, nil)
	}
	if v := t.viewOf(r); v != nil {
		v.forget(r.service)
	}
}

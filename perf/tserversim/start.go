package tserversim

import (
	"time"

	"haproxy/codec/csta"
	"haproxy/perf/ledger"
)

// job is one request of the start that waits for the window.
type job struct {
	service csta.Service
	device  string
}

// retryAfter is how long a refused monitor waits for its next attempt.
const retryAfter = 500 * time.Millisecond

// begin queues everything that a start asks for.
func (t *TServer) begin() {
	t.phase = PhaseRegistering
	t.jobs = t.jobs[:0]
	if !t.opts.NoRegister {
		t.jobs = append(t.jobs, job{service: csta.SystemRegister})
	}
	for _, device := range t.opts.Devices {
		t.jobs = append(t.jobs, job{csta.MonitorStart, device})
	}
	for _, device := range t.opts.Routes {
		t.jobs = append(t.jobs, job{csta.RouteRegister, device})
	}
}

// restart begins again after the switch lost its monitors.
func (t *TServer) restart() {
	t.stats.Restarts++
	for _, r := range t.requests {
		r.stale = true
	}
	t.model = NewModel()
	clear(t.refs)
	clear(t.held)
	t.holding = 0
	t.forgetStops()
	t.open = 0
	t.inStepAt = time.Time{}
	t.upAt = t.now
	t.begin()
}

// work sends what the window allows and notes when all is answered.
func (t *TServer) work() {
	if t.phase != PhaseRegistering || t.retryAt.After(t.now) {
		return
	}
	for len(t.jobs) > 0 && t.open < t.opts.Window {
		next := t.jobs[0]
		t.jobs = t.jobs[1:]
		t.open++
		t.do(next)
	}
	if len(t.jobs) == 0 && t.open == 0 {
		t.phase = PhaseInStep
		t.inStepAt = t.now
		t.nextRequest = t.now
		t.log.Note(ledger.InStep)
	}
}

// do sends one request of the start.
func (t *TServer) do(j job) {
	msg := csta.Message{Service: j.service}
	if j.device != "" {
		msg.Device = dialing(j.device)
	}
	if j.service == csta.MonitorStart {
		msg.MonitorType = t.opts.Type
		msg.Filter, msg.HasFilter = t.opts.Filter, t.opts.Filter != csta.EventSet{}
	}
	t.ask(&msg, &j)
}

// rejoin starts a monitor anew that was stopped, after a while.
func (t *TServer) rejoin(device string) {
	if !t.opts.Rejoin {
		return
	}
	t.jobs = append(t.jobs, job{csta.MonitorStart, device})
	t.retryAt = t.now.Add(retryAfter)
	if t.phase == PhaseInStep {
		t.phase = PhaseRegistering
	}
}

// started takes the answer to a request of the start.
func (t *TServer) started(r *request, msg *csta.Message) {
	t.open--
	if msg.Kind != csta.KindResponse {
		t.refused(r, msg)
		return
	}
	switch r.service {
	case csta.MonitorStart:
		t.watch(string(msg.CrossRef), r.device)
		for _, service := range t.opts.Ask.services() {
			t.jobs = append(t.jobs, job{service, r.device})
		}
	case csta.SystemRegister, csta.RouteRegister:
	default:
		t.learn(r, msg)
	}
}

// refused gives up a request of the start, or tries again later what the link's state forbade.
func (t *TServer) refused(r *request, msg *csta.Message) {
	if v := t.viewOf(r); v != nil {
		v.forget(r.service)
	}
	if msg.Kind == csta.KindError && (transient(msg.Error) || t.opts.Rejoin && r.service == csta.MonitorStart) {
		t.stats.Retries++
		t.retryAt = t.now.Add(retryAfter)
		t.jobs = append(t.jobs, *r.start)
		return
	}
	if r.service == csta.MonitorStart {
		t.stats.MonitorsRefused++
	}
}

// transient reports whether an error says that the same request may succeed later.
func transient(code csta.ErrorCode) bool {
	switch code.Category {
	case csta.ErrorSystemResource, csta.ErrorPerformance:
		return true
	case csta.ErrorSubscribedResource:
		return code == csta.ErrOutstandingRequestLimit
	default:
		return false
	}
}

// watch makes the view of a new monitor and applies the events that came before the answer did.
func (t *TServer) watch(ref, device string) {
	v := newView(device, t.opts.Type == csta.MonitorTypeCall)
	t.model.views[device] = v
	if t.refs[ref] != nil && !t.regained(ref, v) {
		t.stats.SharedRefs++
	}
	t.refs[ref] = v
	early := t.held[ref]
	delete(t.held, ref)
	t.holding -= len(early)
	for _, frame := range early {
		if t.opts.Codec.Decode(&t.msg, frame) == nil {
			v.Apply(&t.msg)
		}
	}
}

// dialing returns the device identifier of a number.
func dialing(number string) csta.DeviceID {
	return csta.DeviceID{Form: csta.DeviceDialingNumber, Number: []byte(number)}
}

package tserversim

import (
	"time"

	"haproxy/codec/csta"
)

// stop is a MonitorStop that was not confirmed yet.
type stop struct {
	view  *View
	again time.Time // when it is asked once more; zero while it is under way
}

// absence is a device that is to be monitored again.
type absence struct {
	device string
	until  time.Time
	hasty  bool // is asked for before the MonitorStop has its answer
}

// absentMax is how long a device stays without its monitor, at most.
const absentMax = 3 * time.Second

// stopSome stops a monitor now and then, and starts again those that were stopped.
func (t *TServer) stopSome() {
	if rate := t.opts.Requests.Stops; rate > 0 && !t.nextStop.After(t.now) {
		t.nextStop = t.now.Add(time.Duration(t.whim.ExpFloat64() / rate * float64(time.Second)))
		if len(t.opts.Devices) > 0 && t.phase >= PhaseRegistering {
			t.stop(t.opts.Devices[t.whim.IntN(len(t.opts.Devices))])
		}
	}
	for _, ref := range t.stopRefs {
		if s := t.stopping[ref]; s != nil && !s.again.IsZero() && !s.again.After(t.now) {
			t.askStop(ref, s)
		}
	}
	t.startAgain()
}

// stop gives up the monitor of a device, if it has one.
func (t *TServer) stop(device string) {
	v := t.model.views[device]
	if v == nil || t.isAbsent(device) {
		return
	}
	for ref, of := range t.refs {
		if of != v {
			continue
		}
		f := t.whim.Float64()
		t.absent = append(t.absent, absence{
			device: device, until: t.now.Add(time.Duration(f * f * float64(absentMax))),
			hasty: t.whim.IntN(4) == 0,
		})
		s := &stop{view: v}
		t.stopping[ref] = s
		t.stopRefs = append(t.stopRefs, ref)
		t.askStop(ref, s)
		return
	}
}

func (t *TServer) askStop(ref string, s *stop) {
	s.again = time.Time{}
	t.stats.Stops++
	t.ask(&csta.Message{Service: csta.MonitorStop, CrossRef: csta.CrossRefID(ref)}, nil)
}

// stopped takes the answer to a MonitorStop, nil where there was none. An error of operation says that
// the monitor is not there any more; after any other the T-Server tries again.
func (t *TServer) stopped(r *request, msg *csta.Message) {
	s := t.stopping[r.ref]
	switch {
	case s == nil:
	case msg == nil || msg.Kind != csta.KindResponse && msg.Error.Category != csta.ErrorOperation:
		s.again = t.now.Add(retryAfter)
	default:
		t.forgetStop(r.ref)
		delete(t.refs, r.ref)
		delete(t.last, r.ref)
		if t.model.views[s.view.Device] == s.view {
			delete(t.model.views, s.view.Device)
		}
	}
}

// regained takes the grant of a monitor whose MonitorStop failed before. It reports whether there was
// one. Where it is asked once more already, the monitor is to be started again after all.
func (t *TServer) regained(ref string, v *View) bool {
	s := t.stopping[ref]
	switch {
	case s == nil:
		return false
	case s.again.IsZero():
		s.view = v
		t.absent = append(t.absent, absence{device: v.Device, until: t.now})
	default:
		t.forgetStop(ref)
	}
	return true
}

// forgetStop ends a MonitorStop. It reports whether there was one.
func (t *TServer) forgetStop(ref string) bool {
	if t.stopping[ref] == nil {
		return false
	}
	delete(t.stopping, ref)
	for i, known := range t.stopRefs {
		if known == ref {
			t.stopRefs = append(t.stopRefs[:i:i], t.stopRefs[i+1:]...)
			break
		}
	}
	return true
}

// startAgain starts the monitors whose absence is over.
func (t *TServer) startAgain() {
	kept := t.absent[:0]
	for _, a := range t.absent {
		over := !a.until.After(t.now) || t.opts.Requests.Stops == 0
		if !a.hasty && (!over || t.isStopping(a.device)) {
			kept = append(kept, a)
			continue
		}
		t.jobs = append(t.jobs, job{csta.MonitorStart, a.device})
		if t.phase == PhaseInStep {
			t.phase = PhaseRegistering
		}
	}
	t.absent = kept
}

func (t *TServer) isStopping(device string) bool {
	for _, s := range t.stopping {
		if s.view.Device == device {
			return true
		}
	}
	return false
}

func (t *TServer) isAbsent(device string) bool {
	for _, a := range t.absent {
		if a.device == device {
			return true
		}
	}
	return t.isStopping(device)
}

// forgetStops forgets what was stopped: every monitor is asked for anew.
func (t *TServer) forgetStops() {
	t.stopping, t.stopRefs, t.absent = make(map[string]*stop), nil, nil
}

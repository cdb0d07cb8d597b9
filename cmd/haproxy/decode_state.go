package main

import (
	"fmt"
	"io"
	"time"

	"haproxy/codec/csta"
	"haproxy/perf/capture"
	"haproxy/state"
)

// stateReader builds the state of each leg from its messages, as the proxy would: from the events of the monitors
// whose start was captured, and from the answers to queries.
type stateReader struct {
	until time.Time // what came later does not count; zero is the end
	legs  []*legState
}

// legState is the state that one leg told of.
type legState struct {
	leg      *capture.Leg
	state    *state.State
	monitors map[string]state.MonitorID
	asked    map[csta.InvokeID]asked
	unknown  map[string]struct{} // monitors that began before the capture
	at       time.Time
}

// asked is a request whose answer tells something.
type asked struct {
	mark state.Mark
	obj  *state.Object // of a MonitorStart
}

// read takes one message.
func (r *stateReader) read(m *capture.Message) {
	if m.Err != nil || !r.until.IsZero() && m.Time.After(r.until) {
		return
	}
	l := r.of(m.Leg)
	l.at = m.Time
	switch {
	case m.Body.Kind == csta.KindEvent && m.FromSwitch:
		l.event(m)
	case m.Body.Kind == csta.KindRequest && !m.FromSwitch:
		l.request(m.Body)
	case m.Body.Kind == csta.KindResponse && m.FromSwitch:
		l.response(m)
	case m.Body.Kind == csta.KindError && m.FromSwitch:
		l.state.Forget(l.asked[m.Body.Invoke].mark)
		delete(l.asked, m.Body.Invoke)
	}
}

func (r *stateReader) of(leg *capture.Leg) *legState {
	for _, l := range r.legs {
		if l.leg == leg {
			return l
		}
	}
	l := &legState{
		leg: leg, state: state.New(state.Limits{}), monitors: make(map[string]state.MonitorID),
		asked: make(map[csta.InvokeID]asked), unknown: make(map[string]struct{}),
	}
	r.legs = append(r.legs, l)
	return l
}

// event applies an event. One without a monitor of ours tells of a monitor that began before the capture.
func (l *legState) event(m *capture.Message) {
	id, known := l.monitors[string(m.Body.CrossRef)]
	if !known && len(m.Body.CrossRef) > 0 {
		l.unknown[string(m.Body.CrossRef)] = struct{}{}
		return
	}
	l.state.Apply(id, m.Body, m.Frame, m.Time)
}

// request notes what an answer will be about.
func (l *legState) request(msg *csta.Message) {
	if len(l.asked) >= questionsMax {
		return
	}
	switch msg.Service {
	case csta.MonitorStart:
		obj := state.Object{
			Device: msg.Device, Call: msg.Subject, CallObject: msg.CallObject, Type: msg.MonitorType, Filter: msg.Filter,
		}
		obj.Device.Number = append([]byte(nil), msg.Device.Number...)
		obj.Call.Call = append(csta.CallID(nil), msg.Subject.Call...)
		obj.Call.Device.Number = append([]byte(nil), msg.Subject.Device.Number...)
		l.asked[msg.Invoke] = asked{obj: &obj}
	case csta.MonitorStop:
		if id, ok := l.monitors[string(msg.CrossRef)]; ok {
			l.state.Close(id)
			delete(l.monitors, string(msg.CrossRef))
		}
	default:
		if mark := l.state.Asked(msg); mark != (state.Mark{}) {
			l.asked[msg.Invoke] = asked{mark: mark}
		}
	}
}

// response takes what an answer teaches.
func (l *legState) response(m *capture.Message) {
	of, ok := l.asked[m.Body.Invoke]
	delete(l.asked, m.Body.Invoke)
	switch {
	case !ok:
	case of.obj == nil:
		l.state.Learn(of.mark, m.Body, m.Time)
	default:
		if id, err := l.state.Open(*of.obj); err == nil {
			l.monitors[string(m.Body.CrossRef)] = id
			delete(l.unknown, string(m.Body.CrossRef))
		}
	}
}

// write writes the state of every leg.
func (r *stateReader) write(out io.Writer) error {
	for _, l := range r.legs {
		at := ""
		if !l.at.IsZero() {
			at = " at " + l.at.UTC().Format("2006-01-02T15:04:05.000000Z")
		}
		fmt.Fprintf(out, "# state of %s%s: %d monitors", l.leg.Name, at, len(l.monitors))
		if len(l.unknown) > 0 {
			fmt.Fprintf(out, ", and %d that began before the capture, whose events do not count", len(l.unknown))
		}
		if _, err := fmt.Fprintf(out, "\n%s", l.state); err != nil {
			return err
		}
	}
	return nil
}

// timeFlag is the --at of decode, a time in UTC.
type timeFlag struct{ time.Time }

// Set implements pflag.Value.
func (f *timeFlag) Set(text string) error {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return fmt.Errorf("%q is no time: write it as decode prints it, 2026-03-01T08:00:00.5Z", text)
	}
	f.Time = at
	return nil
}

// String implements pflag.Value.
func (f *timeFlag) String() string {
	if f.IsZero() {
		return ""
	}
	return f.UTC().Format(time.RFC3339Nano)
}

// Type implements pflag.Value.
func (f *timeFlag) Type() string { return "TIME" }

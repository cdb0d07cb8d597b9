package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	"haproxy/codec/csta"
	"haproxy/perf/capture"
	"haproxy/state"
)

// stateReader builds the state of each leg from its messages, as the proxy would: from the events of its monitors and
// from the answers to queries. The device of a monitor that began before the capture is guessed.
type stateReader struct {
	until time.Time                    // what came later does not count; zero is the end
	older map[string]map[string]string // devices by leg and monitor, as guessed
	legs  []*legState
}

// legState is the state that one leg told of.
type legState struct {
	leg      *capture.Leg
	state    *state.State
	monitors map[string]state.MonitorID
	asked    map[csta.InvokeID]asked
	older    map[string]string   // devices of monitors that began before the capture, until those have events
	guessed  map[string]struct{} // of the monitors, those of such
	unknown  map[string]struct{} // monitors whose device is not known
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
	for i, l := range r.legs {
		switch {
		case l.leg == leg:
			return l
		case l.leg.Standing != leg.Name:
		case leg.Midway: // what stood on it was told
			l.leg, l.older = leg, maps.Clone(r.older[leg.Name])
			return l
		default: // and ended with it
			r.legs = slices.Delete(r.legs, i, i+1)
			return r.of(leg)
		}
	}
	l := &legState{
		leg: leg, state: state.New(state.Limits{}), monitors: make(map[string]state.MonitorID),
		asked: make(map[csta.InvokeID]asked), unknown: make(map[string]struct{}),
		guessed: make(map[string]struct{}),
	}
	if leg.Midway {
		l.older = maps.Clone(r.older[leg.Name])
	}
	r.legs = append(r.legs, l)
	return l
}

// event applies an event. One without a monitor of ours tells of a monitor that began before the capture.
func (l *legState) event(m *capture.Message) {
	id, known := l.monitors[string(m.Body.CrossRef)]
	if device := l.older[string(m.Body.CrossRef)]; !known && device != "" {
		var obj state.Object
		obj.Device.Number = []byte(device)
		l.open(m.Body.CrossRef, &obj)
		if id, known = l.monitors[string(m.Body.CrossRef)]; known {
			l.guessed[string(m.Body.CrossRef)] = struct{}{}
		}
	}
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
		l.end(string(msg.CrossRef))
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
		l.open(m.Body.CrossRef, of.obj)
	}
}

// open has a monitor begin, in place of one that had its ID.
func (l *legState) open(ref csta.CrossRefID, obj *state.Object) {
	l.end(string(ref))
	if id, err := l.state.Open(*obj); err == nil {
		l.monitors[string(ref)] = id
		delete(l.unknown, string(ref))
	}
}

// end has a monitor end.
func (l *legState) end(ref string) {
	if id, ok := l.monitors[ref]; ok {
		l.state.Close(id)
	}
	delete(l.monitors, ref)
	delete(l.guessed, ref)
	delete(l.older, ref)
}

// findOlder reads captures for the devices of monitors that began before them. What cannot be read twice, or at all,
// has none; what is wrong with it is said when it is read for its state.
func (d *decoding) findOlder(all []capture.Series) map[string]map[string]string {
	found := make(map[string]*capture.Older)
	reader, err := capture.NewReader(d.opts.Options, func(m *capture.Message) error {
		if m.Err != nil || !m.FromSwitch || !m.Leg.Midway {
			return nil
		}
		if found[m.Leg.Name] == nil {
			found[m.Leg.Name] = new(capture.Older)
		}
		found[m.Leg.Name].Note(m.Body)
		return nil
	})
	once := func(s capture.Series) bool { return slices.ContainsFunc(s.Paths, isNoFile) }
	if err != nil || slices.ContainsFunc(all, once) {
		return nil
	}
	passOver := func(string, error) error { return nil }
	_ = reader.ReadSeries(all, capture.Files{Open: d.open, Done: passOver})
	_, _ = reader.Close()
	devices := make(map[string]map[string]string)
	for leg, older := range found {
		devices[leg] = make(map[string]string)
		for device, ref := range older.Monitors() {
			devices[leg][string(ref)] = device
		}
	}
	return devices
}

func isNoFile(path string) bool {
	info, err := os.Stat(path)
	return err != nil || !info.Mode().IsRegular()
}

// write writes the state of every leg.
func (r *stateReader) write(out io.Writer) error {
	for _, l := range r.legs {
		at := ""
		if !l.at.IsZero() {
			at = " at " + l.at.UTC().Format("2006-01-02T15:04:05.000000Z")
		}
		fmt.Fprintf(out, "# state of %s%s: %d monitors", l.leg.Name, at, len(l.monitors))
		if len(l.guessed) > 0 {
			fmt.Fprintf(out, ", %d of which began before the capture, their devices are guessed", len(l.guessed))
		}
		if len(l.unknown) > 0 {
			fmt.Fprintf(out, ", and %d whose devices are not known and whose events do not count", len(l.unknown))
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

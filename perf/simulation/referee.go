package simulation

import (
	"hash/fnv"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
	"haproxy/fanout/hub"
	"haproxy/perf/inproc"
)

// referee sees every step of the hub and judges it by rules of its own.
type referee struct {
	*world

	err       error // the first thing that was wrong
	codec     codec.Codec
	msg       csta.Message
	splitter  *frame.Splitter
	views     []*view // the legs of T-Servers, in the order they came
	link      linkView
	before    hub.LinkState
	unstopped []string        // monitors that lost their last member in the step under way
	lost      bool            // events were lost, and it has not been quiet since: answers may show it
	unwatched map[string]bool // devices whose monitor was stopped at the switch: what happened nobody was told
	closing   map[hub.LegID]bool
	sent      frameCounts // requests of T-Servers that may still reach the switch
	occupied  []hub.Occupancy
	messages  int // frames that the hub was given or gave
	digest    uint64
	trace     func(format string, args ...any) // of every frame; may be nil
}

// view is what the referee knows of one leg.
type view struct {
	id      hub.LegID
	tserver int
	members map[string]*membership // by T-Servers' cross reference ID
	asked   map[csta.InvokeID]asked
	told    csta.Status
	heard   []heard // events of the step under way
	down    bool
}

// asked is a request that has no answer yet.
type asked struct {
	service csta.Service
	device  string
	ref     string // the monitor that it is about, if it names one
}

// membership is one monitor of one leg.
type membership struct {
	device string
	fresh  bool // joined in the step under way: what follows is a replay
	unsure bool // its MonitorStop failed: the hub may have given it up
}

// heard is an event that a leg got in one step.
type heard struct {
	ref    string
	frame  []byte
	replay bool
}

func newReferee(w *world) *referee {
	r := &referee{
		world: w, codec: w.Protocol.NewCodec(),
		splitter: frame.NewSplitter(w.Protocol.Framing, w.Protocol.FrameMax()),
		sent:     make(frameCounts), closing: make(map[hub.LegID]bool), unwatched: make(map[string]bool),
	}
	r.link.reset()
	return r
}

// watch judges one step.
func (r *referee) watch(step inproc.Step) {
	if r.err != nil {
		return
	}
	r.link.event = nil
	switch step.Input {
	case inproc.InputUp:
		r.opened(step)
	case inproc.InputDown:
		r.closed(step)
	case inproc.InputFrame:
		r.messages++
		r.input(step)
	default:
	}
	if len(step.Outputs) > 0 {
		r.outputs(step)
		r.kept()
	}
	r.bounds()
	r.before = r.proxy.Hub.State()
}

// bounds judges that no table or queue of the hub is over its limit.
func (r *referee) bounds() {
	r.occupied = r.proxy.Hub.AppendOccupancy(r.occupied[:0])
	for i := range r.occupied {
		if o := &r.occupied[i]; o.Held > o.Limit {
			r.fail("%s: %d, %d may be", o.Name, o.Held, o.Limit)
		}
	}
}

func (r *referee) opened(step inproc.Step) {
	if step.Leg == hub.Link {
		r.link.reset()
		return
	}
	r.views = append(r.views, &view{
		id: step.Leg, tserver: step.TServer, members: make(map[string]*membership),
		asked: make(map[csta.InvokeID]asked),
	})
}

func (r *referee) closed(step inproc.Step) {
	if step.Leg == hub.Link {
		r.link.reset()
		r.lost = true
		return
	}
	for i, v := range r.views {
		if v.id == step.Leg {
			v.down = true
			r.views = append(r.views[:i:i], r.views[i+1:]...)
			return
		}
	}
}

// leg returns the view of a leg, nil for one that is gone.
func (r *referee) leg(id hub.LegID) *view {
	for _, v := range r.views {
		if v.id == id {
			return v
		}
	}
	return nil
}

// input notes what came in.
func (r *referee) input(step inproc.Step) {
	if r.trace != nil {
		r.trace("%v %d -> %q", step.Now.Sub(epoch), step.Leg, step.Frame)
	}
	if r.codec.Decode(&r.msg, step.Frame) != nil {
		return
	}
	if step.Leg == hub.Link {
		r.fromSwitch(step)
		return
	}
	v := r.leg(step.Leg)
	if v == nil || r.msg.Kind != csta.KindRequest || isAssociation(r.msg.Service) {
		return
	}
	if r.msg.Service.HasResponse() {
		if was, busy := v.asked[r.msg.Invoke]; busy {
			r.fail("T-Server %d asks %v under %d, which has %v", v.tserver, r.msg.Service, r.msg.Invoke, was.service)
		}
		v.asked[r.msg.Invoke] = asked{r.msg.Service, string(r.msg.Device.Number), string(r.msg.CrossRef)}
	}
	if passedOn(r.msg.Service) {
		r.sent.add(r.nameless(step.Frame), 1)
	}
}

// outputs judges what the hub gives in one step.
func (r *referee) outputs(step inproc.Step) {
	for _, out := range step.Outputs {
		if out.Close != hub.CloseNone {
			r.closing[out.Leg] = true
		}
		v := r.leg(out.Leg)
		for _, run := range out.Runs {
			r.splitter.Feed(run)
			for {
				f, err := r.splitter.Next()
				if err != nil {
					r.fail("what the hub gives leg %d cannot be framed: %v", out.Leg, err)
				}
				if f == nil {
					break
				}
				r.messages++
				r.output(step, out.Leg, v, f)
			}
		}
	}
	r.compareLegs(step)
	for _, v := range r.views {
		if len(v.heard) > 0 {
			v.heard = v.heard[:0]
			for _, m := range v.members {
				m.fresh = false
			}
		}
	}
}

// output judges one frame.
func (r *referee) output(step inproc.Step, leg hub.LegID, v *view, f []byte) {
	if r.trace != nil {
		r.trace("%v %d <- %q", step.Now.Sub(epoch), leg, f)
	}
	sum := fnv.New64a()
	_, _ = sum.Write(f)
	r.digest = (r.digest^sum.Sum64())*1099511628211 + uint64(leg)
	err := r.codec.Decode(&r.msg, f)
	switch {
	case leg == hub.Link:
		r.toSwitch(step, f)
	case v == nil:
	case err != nil || r.msg.Kind == csta.KindUnknown:
		r.passed(v, step, f)
	case isAssociation(r.msg.Service):
	case r.msg.Kind == csta.KindEvent:
		r.event(v, step, f)
	case r.msg.Kind == csta.KindRequest:
		r.asks(v)
	default:
		r.answers(v)
	}
}

// asks takes a request that a T-Server gets.
func (r *referee) asks(v *view) {
	switch r.msg.Service {
	case csta.SystemStatus:
		v.told = r.msg.Status
	case csta.MonitorStop:
		delete(v.members, string(r.msg.CrossRef))
	default:
	}
}

// answers judges an answer that a T-Server gets: it is the one answer to a request of its own.
func (r *referee) answers(v *view) {
	a, open := v.asked[r.msg.Invoke]
	delete(v.asked, r.msg.Invoke)
	switch {
	case !open:
		r.fail("T-Server %d gets an answer under %d, where it asked nothing or had its answer: %v %v",
			v.tserver, r.msg.Invoke, r.msg.Kind, r.msg.Service)
	case r.msg.Kind == csta.KindResponse && r.msg.Service != csta.ServiceUnknown && r.msg.Service != a.service:
		r.fail("T-Server %d asked %v and gets an answer to %v", v.tserver, a.service, r.msg.Service)
	case a.service == csta.MakeCall && r.msg.Kind == csta.KindResponse && r.msg.Subject.Device.Known() &&
		string(r.msg.Subject.Device.Number) != a.device:
		r.fail("T-Server %d asked for a call of %s and gets the answer for one of %s", v.tserver, a.device,
			r.msg.Subject.Device.Number)
	case r.msg.Kind == csta.KindResponse && a.service.IsQuery() && r.before != hub.LinkNormal &&
		r.proxy.Hub.State() != hub.LinkNormal:
		r.fail("T-Server %d gets an answer to %v while the link is not normal", v.tserver, a.service)
	case a.service == csta.MonitorStop:
		r.stopped(v, a)
	case a.service == csta.MonitorStart && r.msg.Kind == csta.KindResponse:
		ref := string(r.msg.CrossRef)
		if m := v.members[ref]; m != nil && m.device != a.device {
			r.fail("T-Server %d has %s for %s and gets it for %s", v.tserver, ref, m.device, a.device)
		}
		v.members[ref] = &membership{device: a.device, fresh: true}
		v.heard = append(v.heard, heard{}) // so that the step's end is noticed
	}
}

// isAssociation reports whether a service is one of ACSE.
func isAssociation(s csta.Service) bool {
	return s == csta.Associate || s == csta.Release || s == csta.Abort
}

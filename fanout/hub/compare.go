package hub

import (
	"slices"

	"haproxy/codec/csta"
	"haproxy/state"
)

// comparison asks the switch what became of the devices and calls of the state, once every monitor is
// there again, and publishes the differences.
type comparison struct {
	step      comparisonStep
	questions []question
	fruitless [csta.ServiceCount]fruitless // by service
	again     bool                         // the switch lost messages meanwhile
	spot      bool                         // only what answers denied is compared
	bereft    bool                         // a monitor ended that may not have been compared
	waiting   int                          // events that wait for their device's comparison
	bytes     int
	published int
	doubts    int // questions that answers to others added
}

// comparisonStep is how far a comparison has come.
type comparisonStep uint8

const (
	compareNothing comparisonStep = iota
	compareDevices                // snapshots and features of the monitored devices
	compareCalls                  // snapshots of the calls that those leave uncertain
)

// question is one thing to ask the switch: about the device of a monitor, or about a call.
type question struct {
	mon     *monitor
	call    csta.ConnectionID // owned
	service csta.Service
	tries   int
}

const (
	awaitingMax      = 1 << 16  // events that wait for comparisons
	awaitingBytesMax = 32 << 20 // and their bytes
	doubtsMax        = 1 << 12  // questions that answers to others may add to a comparison
	fruitlessMax     = 3        // questions after which a service is taken for one that the switch lacks
)

// fruitless is what came of the questions by one service in place of what was asked for.
type fruitless struct {
	refused    int  // in a row: the switch says that it has no such service
	unanswered int  // in all
	answered   bool // one was, in whatever way
}

// compareAnew compares the state with the switch on a link that stands: it lost messages.
func (h *Hub) compareAnew() {
	r := &h.recovery
	switch {
	case h.link.state < LinkRecovering:
	case r.active:
		r.comparison.again, r.comparison.spot = true, false
	default:
		*r = recovery{active: true}
		h.recover()
	}
}

// doubt has one device or call compared with the switch, of which an answer denied what the streams told.
// It reports whether it is.
func (h *Hub) doubt(about *state.Doubt, service csta.Service) bool {
	q := question{service: service}
	if service == csta.SnapshotCall {
		q.call = about.Call
		q.call.Call, q.call.Device.Number = slices.Clone(q.call.Call), slices.Clone(q.call.Device.Number)
	} else if q.mon = h.monitors.byState[about.Monitor]; q.mon == nil {
		return false
	}
	r := &h.recovery
	if !r.active {
		*r = recovery{active: true, comparison: comparison{step: compareCalls, spot: true}}
	}
	switch c := &r.comparison; {
	case c.step == compareNothing: // everything is asked
	case c.doubts >= doubtsMax:
		return false
	default:
		c.doubts++
		c.questions = append(c.questions, q)
	}
	h.recover()
	return true
}

// doubtDevice has all that is known of one device compared with the switch.
func (h *Hub) doubtDevice(m *monitor) {
	for _, service := range deviceServices {
		if h.isCompared(m, service) {
			h.doubt(&state.Doubt{Monitor: m.id}, service)
		}
	}
}

// compare moves the comparison on as far as the budget allows. It reports whether it is finished.
func (h *Hub) compare() bool {
	c := &h.recovery.comparison
	for {
		for len(c.questions) > 0 && h.clearToSend(ownSource) && h.queue.waiting[classRecovery] == 0 {
			q := c.questions[0]
			c.questions = c.questions[1:]
			h.askForComparison(&q)
		}
		if len(c.questions) > 0 || h.recovery.outstanding > 0 {
			return false
		}
		switch c.step {
		case compareNothing:
			c.step = compareDevices
			h.questionDevices()
		case compareDevices:
			c.step = compareCalls
			h.questionCalls()
		default:
			switch {
			case c.again:
				c.again, c.step = false, compareNothing
			case c.bereft:
				c.bereft = false
				h.questionCalls()
			default:
				h.state.Settle(h.now, h.publish)
				return true
			}
		}
	}
}

// questionDevices makes the questions about every monitored device: those with live calls first. What
// the state never knew of a feature is not compared; whether an agent logged on is always asked.
func (h *Hub) questionDevices() {
	c := &h.recovery.comparison
	for _, withCalls := range [...]bool{true, false} {
		for _, m := range h.monitors.all {
			if m.phase != monitorActive || !m.isDevice() || h.hasCalls(m) != withCalls {
				continue
			}
			for _, service := range deviceServices {
				if h.isCompared(m, service) {
					c.questions = append(c.questions, question{mon: m, service: service})
				}
			}
		}
	}
}

// isCompared reports whether the switch is asked a service about the device of a monitor that is compared.
func (h *Hub) isCompared(m *monitor, service csta.Service) bool {
	return service == csta.SnapshotDevice || service == csta.GetAgentState || h.state.Knows(m.id, service)
}

func (h *Hub) hasCalls(m *monitor) bool {
	view, _ := h.state.Monitor(m.id)
	return view.Chains > 0
}

// compareRestored lets the events of a restored monitor wait for its comparison.
func (h *Hub) compareRestored(m *monitor) {
	m.comparing = true
	if c := &h.recovery.comparison; c.step != compareNothing {
		c.questions = append(c.questions, question{mon: m, service: csta.SnapshotDevice})
	}
}

// questionCalls makes the questions about the calls that the snapshots of devices leave uncertain.
func (h *Hub) questionCalls() {
	c := &h.recovery.comparison
	for id := range h.state.Uncertain() {
		id.Call, id.Device.Number = slices.Clone(id.Call), slices.Clone(id.Device.Number)
		c.questions = append(c.questions, question{call: id, service: csta.SnapshotCall})
	}
}

// askForComparison asks the switch one question. A monitor's events wait from here on, if they do not
// already, until its device was compared.
func (h *Hub) askForComparison(q *question) {
	m := q.mon
	if m != nil && m.phase != monitorActive || h.isFruitless(q) {
		h.unanswerable(q)
		return
	}
	h.made.Reset()
	h.made.Kind, h.made.Service, h.made.Subject = csta.KindRequest, q.service, q.call
	if m != nil {
		h.made.Device = m.object.Device
	}
	r := request{
		purpose: forComparison, class: classRecovery, source: ownSource, leg: Link, service: q.service,
		expires: h.now.Add(h.cfg.RequestTimeout), mark: h.state.Asked(&h.made), question: q,
	}
	if r.mark == (state.Mark{}) {
		h.unanswerable(q)
		return
	}
	if !h.askAs(r, &h.made) {
		h.recovery.comparison.fruitless[q.service].refused++ // the phase has no such service
		h.state.Forget(r.mark)
		h.unanswerable(q)
		return
	}
	h.recovery.outstanding++
	if m != nil && q.service == csta.SnapshotDevice {
		m.comparing = true
	}
}

// compared takes the switch's answer to a question, or the one that announces its segments. h.in is
// the answer.
func (h *Hub) compared(r *request, positive bool) {
	so := &h.recovery.comparison.fruitless[r.service]
	so.answered = true
	switch {
	case !positive:
		if r.service == csta.SnapshotCall && isGone(h.in.Error) {
			h.state.DifferGone(r.mark, h.now, h.publish)
		} else if h.in.Kind == csta.KindReject || h.in.Error == csta.ErrServiceNotSupported {
			so.refused++
		}
		h.state.Learn(r.mark, &h.in, h.now)
		h.answered(r.question, false)
	case len(h.in.ServiceRef) > 0 && segmented(r.service):
		so.refused = 0
		ref := string(h.in.ServiceRef)
		h.segments.follow(h, r)
		h.passEarly(ref)
	default:
		so.refused = 0
		h.compareSegment(r, true)
	}
}

// isGone reports whether an error says that there is no such call.
func isGone(code csta.ErrorCode) bool {
	return code == csta.ErrInvalidCallID || code == csta.ErrInvalidConnectionID ||
		code == csta.ErrNoActiveCall
}

// compareSegment compares an answer or a segment of one. h.in is the message.
func (h *Hub) compareSegment(r *request, last bool) {
	if h.state.IsOvertaken(r.mark) {
		h.state.Forget(r.mark)
		h.askAgain(r.question)
		h.answered(r.question, false)
		return
	}
	current := h.state.IsCurrent(r.mark)
	if m := r.question.mon; m != nil && current && r.service == csta.SnapshotDevice {
		h.passBegun(m)
	}
	h.state.Differ(r.mark, &h.in, h.now, h.publish)
	h.state.Learn(r.mark, &h.in, h.now)
	if last {
		h.answered(r.question, current)
	}
}

// askAgain puts a question once more that has no answer, or one that a newer overtook: a few times.
func (h *Hub) askAgain(q *question) {
	if q.tries >= restoreRetries {
		h.counters[countNotCompared]++
		return
	}
	q.tries++
	h.recovery.comparison.questions = append(h.recovery.comparison.questions, *q)
}

// answered takes a question off the books.
func (h *Hub) answered(q *question, compared bool) {
	h.recovery.settled()
	if q.service == csta.SnapshotDevice {
		h.endAwaiting(q.mon, compared)
	}
	h.recover()
}

// unanswerable takes a question that gets no answer: the switch's events have to do.
func (h *Hub) unanswerable(q *question) {
	if q.service == csta.SnapshotDevice {
		h.endAwaiting(q.mon, false)
	}
}

// comparisonFailed takes the time-out of a question: it is asked again, a few times.
func (h *Hub) comparisonFailed(r *request) {
	if !h.recovery.active {
		return // the next recovery asks
	}
	h.recovery.settled()
	h.recovery.comparison.fruitless[r.service].unanswered++
	h.unanswerable(r.question)
	h.askAgain(r.question)
}

// isFruitless reports whether a question is not worth asking: the switch does not answer such, or it has no such
// service for devices of which nothing was ever told either, as for those without an agent.
func (h *Hub) isFruitless(q *question) bool {
	so := &h.recovery.comparison.fruitless[q.service]
	known := q.mon != nil && (h.state.Knows(q.mon.id, q.service) || q.service == csta.SnapshotDevice && h.hasCalls(q.mon))
	return so.unanswered >= fruitlessMax && !so.answered || so.refused >= fruitlessMax && !known
}

// publish sends a difference to the members of its monitor, by way of the state and the journal.
func (h *Hub) publish(id state.MonitorID, msg *csta.Message) {
	m := h.monitors.byState[id]
	if m == nil {
		return
	}
	msg.CrossRef = csta.CrossRefID(m.ref)
	frame, err := h.append(h.link.codec, msg)
	if err == nil {
		err = h.link.codec.Decode(&h.told, frame)
	}
	if err != nil { // the phase has no such event: the state takes it all the same
		h.counters[countUnexpressible]++
		h.state.Apply(id, msg, nil, h.now)
		return
	}
	h.counters[countDifferences]++
	h.recovery.comparison.published++
	if m.comparing && state.ClearsConnection(h.told.Event) {
		m.cleared = append(m.cleared, connectionKey(&h.told.Subject))
	}
	h.state.Apply(id, &h.told, frame, h.now) // as T-Servers read it
	if m.phase != monitorStopping {          // its members want no more of it
		h.spread(m, h.told.Event, frame)
	}
}

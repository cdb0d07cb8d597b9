package replay

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"haproxy/codec/csta"
	"haproxy/perf/capture"
)

// answer is what the switch said to one request, the segments with it.
type answer [][]byte

const (
	requestsMax   = 1 << 20 // that are kept, on all legs
	keptBytesMax  = 256 << 20
	clockPatience = 100 * time.Millisecond // no proxy gives a request up sooner
	lossNear      = 50 * time.Millisecond  // of a link's end is what that has led to
)

// link is what was asked on one leg towards the switch.
type link struct {
	requests map[string][]int // by key, in their order
	answers  map[int]answer   // by request
}

// index is what the first reading finds of requests and their answers. Requests have the numbers of their messages.
type index struct {
	links   []*link             // by the legs' numbers; nil for a T-Server's
	answers map[string][]answer // by key, in the order of the answers
	spoke   []bool              // by the legs' numbers: the computing function said something
	// Of the T-Servers' legs: requests that the proxy gave up by its clock, and those that were not answered.
	givenUp    map[int]time.Time // and when
	unanswered map[int]bool
	left       int // answers that were too many to be kept, or that nobody asked for

	dialogues []*dialogue
	open      map[string]int // requests that the switch has not answered, by key
	ends      []time.Time    // of the legs towards the switch
	requests  int
	bytes     int
}

// dialogue is what was asked on a leg and not answered yet.
type dialogue struct {
	asked    map[csta.InvokeID]question
	segments map[string]place // by what their answer named them
}

// question is a request: what it asks, which one it is, and when it was asked.
type question struct {
	key    string
	number int
	at     time.Time
}

// place is where an answer is kept.
type place struct {
	request question
	n       int // of its key
}

func newIndex() index {
	return index{
		answers: make(map[string][]answer), open: make(map[string]int), givenUp: make(map[int]time.Time),
		unanswered: make(map[int]bool),
	}
}

// grow makes room for a leg.
func (x *index) grow(leg int, isSwitch bool) {
	for len(x.links) <= leg {
		x.links, x.spoke, x.dialogues = append(x.links, nil), append(x.spoke, false), append(x.dialogues, nil)
	}
	if x.dialogues[leg] != nil {
		return
	}
	x.dialogues[leg] = &dialogue{asked: make(map[csta.InvokeID]question), segments: make(map[string]place)}
	if isSwitch {
		x.links[leg] = &link{requests: make(map[string][]int), answers: make(map[int]answer)}
	}
}

// note takes a message of a leg.
func (x *index) note(m *capture.Message, number, leg int, isSwitch bool) {
	x.grow(leg, isSwitch)
	x.spoke[leg] = x.spoke[leg] || !m.FromSwitch
	d := x.dialogues[leg]
	switch ref := string(m.Body.ServiceRef); {
	case m.Body.Service == csta.SystemStatus:
	case !m.FromSwitch && m.Body.Kind == csta.KindRequest && m.Body.Service.HasResponse():
		x.ask(m, d, question{keyOf(m.Body), number, m.Time}, x.links[leg])
	case m.FromSwitch && isAnswer(m.Body.Kind) && isSwitch:
		x.answer(m, d, x.links[leg])
	case m.FromSwitch && isAnswer(m.Body.Kind):
		x.told(m, d)
	case m.FromSwitch && ref != "" && isSwitch:
		if at, known := d.segments[ref]; known && x.room(0, len(m.Frame)) {
			whole := append(x.answers[at.request.key][at.n], slices.Clone(m.Frame))
			x.answers[at.request.key][at.n], x.links[leg].answers[at.request.number] = whole, whole
		}
	}
}

// room reports whether so much more can be kept.
func (x *index) room(requests, bytes int) bool {
	x.requests, x.bytes = x.requests+requests, x.bytes+bytes
	return x.requests <= requestsMax && x.bytes <= keptBytesMax
}

// ask keeps a request. One before under its ID will not be answered any more.
func (x *index) ask(m *capture.Message, d *dialogue, q question, on *link) {
	if old, known := d.asked[m.Body.Invoke]; known {
		delete(d.asked, m.Body.Invoke)
		x.unheard(old, on)
	}
	if !x.room(1, len(q.key)) {
		return
	}
	if d.asked[m.Body.Invoke] = q; on != nil {
		x.open[q.key]++
		on.requests[q.key] = append(on.requests[q.key], q.number)
	}
}

// unheard keeps that a request was not answered.
func (x *index) unheard(q question, on *link) {
	if on != nil {
		x.close(q.key)
	} else {
		x.unanswered[q.number] = true
	}
}

// answer keeps an answer of the switch.
func (x *index) answer(m *capture.Message, d *dialogue, on *link) {
	q, known := d.asked[m.Body.Invoke]
	if !known || !x.room(0, len(m.Frame)) {
		x.left++
		return
	}
	delete(d.asked, m.Body.Invoke)
	x.close(q.key)
	a := answer{slices.Clone(m.Frame)}
	on.answers[q.number] = a
	x.answers[q.key] = append(x.answers[q.key], a)
	if ref := string(m.Body.ServiceRef); ref != "" {
		d.segments[ref] = place{q, len(x.answers[q.key]) - 1}
	}
}

// close notes that a request to the switch is not open any more.
func (x *index) close(key string) {
	if x.open[key]--; x.open[key] <= 0 {
		delete(x.open, key)
	}
}

// told takes an answer that a T-Server got. Where the switch still has the request open, the proxy gave it up.
func (x *index) told(m *capture.Message, d *dialogue) {
	q, known := d.asked[m.Body.Invoke]
	delete(d.asked, m.Body.Invoke)
	if known && isFailure(m.Body) && x.open[q.key] > 0 && m.Time.Sub(q.at) >= clockPatience {
		x.givenUp[q.number] = m.Time
	}
}

// ended takes the end of a leg.
func (x *index) ended(leg int, at time.Time) {
	if leg >= len(x.dialogues) || x.dialogues[leg] == nil {
		return
	}
	d := x.dialogues[leg]
	for _, q := range d.asked {
		x.unheard(q, x.links[leg])
	}
	clear(d.asked)
	clear(d.segments)
	if x.links[leg] != nil && !at.IsZero() {
		x.ends = append(x.ends, at)
	}
}

// end takes the end of the reading. What failed as a link was lost did not by the clock.
func (x *index) end() {
	for leg := range x.dialogues {
		x.ended(leg, time.Time{})
	}
	slices.SortFunc(x.ends, time.Time.Compare)
	for number, at := range x.givenUp {
		next, _ := slices.BinarySearchFunc(x.ends, at.Add(-lossNear), time.Time.Compare)
		if next < len(x.ends) && x.ends[next].Sub(at) < lossNear {
			delete(x.givenUp, number)
		}
	}
	x.dialogues, x.open = nil, nil
}

// isAnswer reports whether a message answers a request.
func isAnswer(k csta.Kind) bool {
	return k == csta.KindResponse || k == csta.KindError || k == csta.KindReject
}

// keyOf names what a request asks: the service and its objects.
func keyOf(msg *csta.Message) string {
	return fmt.Sprint(uint16(msg.Service), msg.CallObject, msg.On, msg.Forwarding, msg.RequestAgent, "\x00",
		strings.Join([]string{
			string(msg.Device.Number), string(msg.Subject.Call), string(msg.Subject.Device.Number),
			string(msg.Secondary.Call), string(msg.Secondary.Device.Number), string(msg.Calling.Number),
			string(msg.Called.Number), string(msg.Destination.Number), string(msg.AgentID), string(msg.Group.Number),
			string(msg.CrossRef), string(msg.Register),
		}, "\x00"))
}

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
type answer struct{ frames [][]byte }

const (
	requestsMax  = 1 << 20 // that are kept, on all legs
	keptBytesMax = 256 << 20
	openMax      = 64 // equal ones that are looked through
)

// clockPatience is how long a proxy has a request at least before it gives it up.
var clockPatience = 100 * time.Millisecond

// link is what was asked on one leg towards the switch.
type link struct {
	requests map[string][]int // by key, in their order
	answers  map[int]*answer  // by request
}

// index is what the first reading finds of requests and their answers, by the numbers of legs and messages.
type index struct {
	links   map[int]*link        // legs towards the switch
	answers map[string][]*answer // by key, in the order of the answers
	spoke   map[int]bool         // legs on which more was said than a greeting
	// Of the T-Servers' legs: requests that the proxy gave up by its clock and after how long, and those that were not
	// answered.
	givenUp    map[int]time.Duration
	unanswered map[int]bool
	replies    map[int][]byte       // and what the proxy answered itself to queries, where the capture tells what stood
	asked      map[string]time.Time // by key: when the switch was asked last
	stood      bool                 // the capture tells what stood
	left       int                  // requests and answers that were too many to be kept, or answers that nobody asked for

	dialogues map[int]*dialogue
	open      map[string]map[int]time.Time // by key: requests that the switch has not answered, and when they were asked
	requests  int
	bytes     int
}

// dialogue is what was asked on a leg and not answered yet.
type dialogue struct {
	asked    map[csta.InvokeID]question
	segments map[string]*answer // by what it named them
}

// question is a request: what it asks, which one it is, and when it was asked.
type question struct {
	key     string
	service csta.Service
	number  int
	at      time.Time
}

func newIndex() index {
	return index{
		links: make(map[int]*link), answers: make(map[string][]*answer), spoke: make(map[int]bool),
		givenUp: make(map[int]time.Duration), unanswered: make(map[int]bool), replies: make(map[int][]byte),
		asked:     make(map[string]time.Time),
		dialogues: make(map[int]*dialogue), open: make(map[string]map[int]time.Time),
	}
}

// link returns what was asked on a leg towards the switch.
func (x *index) link(leg int) *link {
	if of := x.links[leg]; of != nil {
		return of
	}
	return &link{} // the file has grown since it was read first
}

// note takes a message of a leg.
func (x *index) note(m *capture.Message, number int, isSwitch bool) {
	leg := m.Leg.Number
	d := x.dialogues[leg]
	if d == nil {
		d = &dialogue{asked: make(map[csta.InvokeID]question), segments: make(map[string]*answer)}
		x.dialogues[leg] = d
	}
	if isSwitch && x.links[leg] == nil {
		x.links[leg] = &link{requests: make(map[string][]int), answers: make(map[int]*answer)}
	}
	switch ref := string(m.Body.ServiceRef); {
	case m.Body.Service == csta.SystemStatus:
	case !m.FromSwitch && m.Body.Kind == csta.KindRequest && m.Body.Service.HasResponse():
		x.ask(m, d, question{keyOf(m.Body), m.Body.Service, number, m.Time}, x.links[leg])
	case m.FromSwitch && isAnswer(m.Body.Kind) && isSwitch:
		x.answer(m, d, x.links[leg])
	case m.FromSwitch && isAnswer(m.Body.Kind):
		x.tell(m, d)
	case m.FromSwitch && ref != "" && isSwitch:
		if of := d.segments[ref]; of != nil && x.room(0, len(m.Frame)) {
			of.frames = append(of.frames, slices.Clone(m.Frame))
		}
	}
}

// room reports whether so much more can be kept, and takes the room for it. Any costs some beyond its bytes.
func (x *index) room(requests, bytes int) bool {
	const overhead = 100
	if x.requests+requests > requestsMax || x.bytes+bytes+overhead > keptBytesMax {
		return false
	}
	x.requests, x.bytes = x.requests+requests, x.bytes+bytes+overhead
	return true
}

// ask keeps a request. One before under its ID will not be answered any more.
func (x *index) ask(m *capture.Message, d *dialogue, q question, on *link) {
	if old, known := d.asked[m.Body.Invoke]; known {
		delete(d.asked, m.Body.Invoke)
		x.unheard(old, on)
	}
	if !x.room(1, len(q.key)) {
		x.left++
		return
	}
	if d.asked[m.Body.Invoke] = q; on != nil {
		x.asked[q.key] = q.at
		if x.open[q.key] == nil {
			x.open[q.key] = make(map[int]time.Time)
		}
		x.open[q.key][q.number] = q.at
		on.requests[q.key] = append(on.requests[q.key], q.number)
	}
}

// unheard keeps that a request was not answered.
func (x *index) unheard(q question, on *link) {
	if on == nil {
		x.unanswered[q.number] = true
		return
	}
	x.close(q)
}

// close notes that a request to the switch is not open any more.
func (x *index) close(q question) {
	of := x.open[q.key]
	if delete(of, q.number); len(of) == 0 {
		delete(x.open, q.key)
	}
}

// answer keeps an answer of the switch.
func (x *index) answer(m *capture.Message, d *dialogue, on *link) {
	q, known := d.asked[m.Body.Invoke]
	if !known {
		x.left++
		return
	}
	delete(d.asked, m.Body.Invoke)
	x.close(q)
	if !x.room(0, len(m.Frame)) {
		x.left++
		return
	}
	a := &answer{[][]byte{slices.Clone(m.Frame)}}
	on.answers[q.number] = a
	x.answers[q.key] = append(x.answers[q.key], a)
	if ref := string(m.Body.ServiceRef); ref != "" {
		d.segments[ref] = a
	}
}

// tell takes an answer that a T-Server got. A failure where the switch has the request open is the proxy's.
func (x *index) tell(m *capture.Message, d *dialogue) {
	q, known := d.asked[m.Body.Invoke]
	delete(d.asked, m.Body.Invoke)
	own := known && x.asked[q.key].Before(q.at)
	if own && x.stood && m.Body.Kind == csta.KindResponse && m.Body.Service.IsQuery() && x.room(0, len(m.Frame)) {
		x.replies[q.number] = slices.Clone(m.Frame)
	}
	if known && isFailure(m.Body) && m.Time.Sub(q.at) >= clockPatience && x.isOpen(q, m.Body.Service) {
		x.givenUp[q.number] = m.Time.Sub(q.at)
	}
}

// isOpen reports whether the switch has a T-Server's request open: it was asked since that was, or, of monitors, which
// are shared, at all.
func (x *index) isOpen(q question, service csta.Service) bool {
	if len(x.open[q.key]) > openMax {
		return false
	}
	for _, at := range x.open[q.key] {
		if !at.Before(q.at) || service == csta.MonitorStart {
			return true
		}
	}
	return false
}

// ended takes the end of a leg. What fails from then on since the link was lost did not by the clock.
func (x *index) ended(leg int) {
	if d := x.dialogues[leg]; d != nil {
		for _, q := range d.asked {
			x.unheard(q, x.links[leg])
		}
		delete(x.dialogues, leg)
	}
}

// end takes the end of the reading.
func (x *index) end() {
	for leg := range x.dialogues {
		x.ended(leg)
	}
	x.open = nil
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

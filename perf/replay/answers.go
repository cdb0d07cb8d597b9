package replay

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"haproxy/codec/csta"
	"haproxy/perf/capture"
)

// answer is what the switch said to one request, the segments with it. Requests that ask the same need not be answered
// in their order, and the answers may differ: each start of a monitor has a cross reference ID of its own.
type answer struct {
	frames [][]byte
	nth    int // of the capture's requests it answers
	ahead  int // how many before that one asked the same and were not answered yet
}

const (
	answersMax     = 1 << 20 // segments, and requests without an answer, among them
	answerBytesMax = 256 << 20
)

// index keeps how the switch answered.
func (s *script) index() error {
	found := answers{script: s, segments: make(map[string]place)}
	var older capture.Older
	var first *capture.Leg
	err := s.read(func(m *capture.Message) {
		if !m.Time.IsZero() && (s.first.IsZero() || m.Time.Before(s.first)) {
			s.first = m.Time
		}
		if m.Time.After(s.last) {
			s.last = m.Time
		}
		if !s.isSwitch(m.Leg) || m.Err != nil {
			return
		}
		found.note(m)
		if first == nil {
			first = m.Leg
		}
		if m.FromSwitch && m.Leg == first { // IDs of a later link are others
			older.Note(m.Body)
		}
	})
	found.lost()
	s.guessed = older.Monitors()
	return err
}

// answers finds what belongs to which request.
type answers struct {
	*script
	leg      *capture.Leg
	asked    map[csta.InvokeID]question
	open     map[string][]int // by key: requests of this link that were not answered yet, the oldest first
	segments map[string]place // by what their answer named them
	requests int
	kept     int
	bytes    int
}

// question is a request: what it asks, and which one it is.
type question struct {
	key string
	nth int
}

// place is where an answer is kept.
type place struct {
	key string
	n   int
}

// note takes a message of the switch's leg.
func (a *answers) note(m *capture.Message) {
	if m.Leg != a.leg {
		a.lost()
		a.leg = m.Leg
	}
	switch ref := string(m.Body.ServiceRef); {
	case !m.FromSwitch && m.Body.Kind == csta.KindRequest:
		if old, known := a.asked[m.Body.Invoke]; known { // its ID means this one now
			a.close(old)
			a.unanswered(old.key)
		}
		q := question{keyOf(m.Body), a.requests}
		a.requests++
		a.asked[m.Body.Invoke] = q
		a.open[q.key] = append(a.open[q.key], q.nth)
	case m.FromSwitch && isAnswer(m.Body.Kind) && m.Body.Service != csta.SystemStatus:
		a.answered(m, ref)
	case m.FromSwitch && ref != "":
		if at, known := a.segments[ref]; known && a.room(len(m.Frame)) {
			whole := &a.answers[at.key][at.n]
			whole.frames = append(whole.frames, slices.Clone(m.Frame))
		}
	}
}

// lost ends a link: what was not answered on it will not be.
func (a *answers) lost() {
	for key := range a.open {
		a.unanswered(key)
	}
	a.asked, a.open = make(map[csta.InvokeID]question), make(map[string][]int)
}

// unanswered keeps that there was no answer.
func (a *answers) unanswered(key string) {
	if !a.silent[key] && a.room(len(key)) {
		a.silent[key] = true
	}
}

// room reports whether so many bytes more can be kept.
func (a *answers) room(bytes int) bool {
	a.kept, a.bytes = a.kept+1, a.bytes+bytes
	return a.kept <= answersMax && a.bytes <= answerBytesMax
}

// answered keeps an answer.
func (a *answers) answered(m *capture.Message, ref string) {
	q, known := a.asked[m.Body.Invoke]
	if !known {
		a.left++
		return
	}
	delete(a.asked, m.Body.Invoke)
	ahead := a.close(q)
	if !a.room(len(q.key) + len(m.Frame)) {
		a.left++
		return
	}
	all := append(a.answers[q.key], answer{[][]byte{slices.Clone(m.Frame)}, q.nth, ahead})
	if a.answers[q.key] = all; ref != "" {
		a.segments[ref] = place{q.key, len(all) - 1}
	}
}

// close ends the wait of a request. It returns how many older ones with its key still wait.
func (a *answers) close(q question) (ahead int) {
	waiting := a.open[q.key]
	ahead = slices.Index(waiting, q.nth)
	if a.open[q.key] = slices.Delete(waiting, ahead, ahead+1); len(waiting) == 1 {
		delete(a.open, q.key)
	}
	return ahead
}

// owe puts an answer among those whose turn came before their requests, which come in their order.
func owe(owed []answer, a answer) []answer {
	at, _ := slices.BinarySearchFunc(owed, a, func(x, y answer) int { return cmp.Compare(x.nth, y.nth) })
	return slices.Insert(owed, at, a)
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

package hub

import "time"

// class is the weight of a request toward the switch; the lower comes first.
type class uint8

const (
	classControl      class = iota // live call control
	classQuery                     // queries
	classRegistration              // monitors and registrations
	classRecovery                  // what the proxy asks for itself
	classCount
)

// share is how often, in dispatches, a class that has something waiting is served at the least:
// each lower class keeps a tenth.
const share = 10

// queue holds the requests that wait for the link's budget: by class, within a class round-robin
// between the T-Servers, within a T-Server in order. A request never overtakes an earlier one of
// the same T-Server about the same device, not even as one of a better class. Messages that have no
// answer have lines of their own, since they wait for no slot.
type queue struct {
	lines   [classCount][]line // by lineOf
	waiting [classCount]int
	turn    [classCount]int // the line served next
	starved [classCount]int // dispatches since the class was served
	total   int
	held    []held // by source
	oneWay  int    // those that have no answer
	objects map[object]*standing
}

// held is what one source has waiting, in all classes.
type held struct {
	requests int
	bytes    int // of their frames
}

// line is the requests of one source in one class, in order.
type line struct {
	requests []request
	head     int
}

// object is a device that one source has requests waiting for.
type object struct {
	source int
	device string
}

// standing says how many requests for an object wait in each class.
type standing [classCount]int

// worst is the last class that something waits in.
func (s *standing) worst() class {
	for c := classCount - 1; c > 0; c-- {
		if s[c] > 0 {
			return c
		}
	}
	return 0
}

// before reports whether something waits in a better class than c: it came before what waits in c.
func (s *standing) before(c class) bool {
	for better := range c {
		if s[better] > 0 {
			return true
		}
	}
	return false
}

// init makes the queue for that many sources, the proxy itself counted.
func (q *queue) init(sources int) {
	for c := range q.lines {
		q.lines[c] = make([]line, 2*sources)
	}
	q.held = make([]held, sources)
	q.objects = make(map[object]*standing)
}

func (q *queue) empty() bool { return q.total == 0 }

func (q *queue) len() int { return q.total }

// sourceLine is the index of a source in lines: the proxy's own is the first.
func sourceLine(source int) int { return source + 1 }

// lineOf is the index of a request's line.
func lineOf(r *request) int {
	if r.purpose == forNobody {
		return 2 * sourceLine(r.source)
	}
	return 2*sourceLine(r.source) + 1
}

// isOneWay reports whether a line is one of messages without an answer.
func isOneWay(line int) bool { return line%2 == 0 }

// push lets a request wait. Its frame has to be the queue's own.
func (q *queue) push(r *request) {
	if r.object != "" {
		key := object{r.source, r.object}
		at := q.objects[key]
		if at == nil {
			at = new(standing)
			q.objects[key] = at
		}
		r.class = max(r.class, at.worst())
		at[r.class]++
	}
	l := &q.lines[r.class][lineOf(r)]
	l.requests = append(l.requests, *r)
	q.waiting[r.class]++
	q.total++
	of := &q.held[sourceLine(r.source)]
	of.requests++
	of.bytes += len(r.frame)
	if r.purpose == forNobody {
		q.oneWay++
	}
}

// pop returns the request whose turn it is: of the best class with something waiting, unless a
// lower one has waited for its share. Of a source that has no slot now it is one that needs none.
func (q *queue) pop(slotFree func(source int) bool) (request, bool) {
	for c := range classCount {
		if q.waiting[c] > 0 && q.starved[c] >= share-1 {
			if r, ok := q.popFrom(c, slotFree); ok {
				return r, true
			}
		}
	}
	for c := range classCount {
		if r, ok := q.popFrom(c, slotFree); ok {
			return r, true
		}
	}
	return request{}, false
}

// popFrom returns the next request of a class whose turn it is, passing over those that would
// overtake an earlier one about the same device.
func (q *queue) popFrom(c class, slotFree func(source int) bool) (request, bool) {
	lines := q.lines[c]
	for i := range lines {
		at := (q.turn[c] + i) % len(lines)
		head := lines[at].first()
		if head == nil || !isOneWay(at) && !slotFree(head.source) || q.overtakes(head, c) {
			continue
		}
		r := lines[at].pop()
		q.turn[c] = (at + 1) % len(lines)
		q.left(&r, c)
		for other := range q.starved {
			if q.waiting[other] > 0 {
				q.starved[other]++
			}
		}
		q.starved[c] = 0
		return r, true
	}
	return request{}, false
}

// overtakes reports whether a request has an earlier one about its device in a better class.
func (q *queue) overtakes(r *request, c class) bool {
	return r.object != "" && q.objects[object{r.source, r.object}].before(c)
}

// left takes a request out of the counts.
func (q *queue) left(r *request, c class) {
	q.total--
	of := &q.held[sourceLine(r.source)]
	of.requests--
	of.bytes -= len(r.frame)
	if q.waiting[c]--; q.waiting[c] == 0 {
		q.starved[c] = 0
	}
	if r.purpose == forNobody {
		q.oneWay--
	}
	if r.object == "" {
		return
	}
	key := object{r.source, r.object}
	at := q.objects[key]
	if at[c]--; *at == (standing{}) {
		delete(q.objects, key)
	}
}

// dropLeg takes out the requests of a leg.
func (q *queue) dropLeg(leg LegID, dropped func(*request)) {
	q.remove(func(r *request) bool { return r.leg == leg && r.source != ownSource }, dropped)
}

// expire takes out the requests whose time is over.
func (q *queue) expire(now time.Time, expired func(*request)) {
	q.remove(func(r *request) bool { return now.After(r.expires) }, expired)
}

// clear takes everything out.
func (q *queue) clear(dropped func(*request)) {
	q.remove(func(*request) bool { return true }, dropped)
}

// remove takes out the requests that match; gone is called when the queue is whole again.
func (q *queue) remove(match func(*request) bool, gone func(*request)) {
	if q.total == 0 {
		return
	}
	var out []request
	for c := range q.lines {
		for s := range q.lines[c] {
			out = q.removeFrom(&q.lines[c][s], class(c), match, out)
		}
	}
	for i := range out {
		gone(&out[i])
	}
}

// removeFrom takes the requests that match out of one line and appends them to out.
func (q *queue) removeFrom(l *line, c class, match func(*request) bool, out []request) []request {
	kept := l.head
	for i := l.head; i < len(l.requests); i++ {
		r := &l.requests[i]
		if match(r) {
			q.left(r, c)
			out = append(out, *r)
			continue
		}
		if kept != i {
			l.requests[kept] = *r
		}
		kept++
	}
	clear(l.requests[kept:])
	l.requests = l.requests[:kept]
	return out
}

// first returns the line's oldest request, nil where it has none.
func (l *line) first() *request {
	if l.head == len(l.requests) {
		return nil
	}
	return &l.requests[l.head]
}

// pop takes out the line's oldest request.
func (l *line) pop() request {
	r := l.requests[l.head]
	l.requests[l.head] = request{}
	l.head++
	if l.head == len(l.requests) {
		l.requests, l.head = l.requests[:0], 0
	} else if l.head > 1024 && l.head*2 > len(l.requests) {
		rest := copy(l.requests, l.requests[l.head:])
		clear(l.requests[rest:])
		l.requests, l.head = l.requests[:rest], 0
	}
	return r
}

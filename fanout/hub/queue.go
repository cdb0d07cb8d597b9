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

// share is how often, in dispatches, a class that has something waiting is served at the least: each
// lower class keeps a tenth.
const share = 10

// queue holds the requests that wait for the link's budget: by class, within a class round-robin
// between the T-Servers, within a T-Server in order. A request never overtakes an earlier one of the
// same T-Server about the same device, not even as one of a better class.
type queue struct {
	lines   [classCount][]line // by source
	waiting [classCount]int
	turn    [classCount]int // the source served next
	starved [classCount]int // dispatches since the class was served
	total   int
	objects map[object]*standing
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

// standing says in which class the requests for an object wait, and how many.
type standing struct {
	class class
	count int
}

// init makes the queue for that many sources, the proxy itself counted.
func (q *queue) init(sources int) {
	for c := range q.lines {
		q.lines[c] = make([]line, sources)
	}
	q.objects = make(map[object]*standing)
}

func (q *queue) empty() bool { return q.total == 0 }

func (q *queue) len() int { return q.total }

// sourceLine is the index of a source in lines: the proxy's own is the first.
func sourceLine(source int) int { return source + 1 }

// push lets a request wait. Its frame has to be the queue's own.
func (q *queue) push(r request) {
	if r.object != "" {
		key := object{r.source, r.object}
		at := q.objects[key]
		if at == nil {
			at = &standing{class: r.class}
			q.objects[key] = at
		}
		at.class = max(at.class, r.class)
		r.class = at.class
		at.count++
	}
	l := &q.lines[r.class][sourceLine(r.source)]
	l.requests = append(l.requests, r)
	q.waiting[r.class]++
	q.total++
}

// pop returns the request whose turn it is.
func (q *queue) pop() (request, bool) {
	c, ok := q.nextClass()
	if !ok {
		return request{}, false
	}
	for lower := range q.starved {
		if q.waiting[lower] > 0 {
			q.starved[lower]++
		}
	}
	q.starved[c] = 0
	lines := q.lines[c]
	for i := range lines {
		source := (q.turn[c] + i) % len(lines)
		if r, ok := lines[source].pop(); ok {
			q.turn[c] = (source + 1) % len(lines)
			q.left(&r, c)
			return r, true
		}
	}
	return request{}, false
}

// nextClass is the best class with something waiting, unless a lower one has waited for its share.
func (q *queue) nextClass() (class, bool) {
	best, found := class(0), false
	for c := range classCount {
		if q.waiting[c] == 0 {
			continue
		}
		if q.starved[c] >= share-1 {
			return c, true
		}
		if !found {
			best, found = c, true
		}
	}
	return best, found
}

// left takes a request out of the counts.
func (q *queue) left(r *request, c class) {
	q.waiting[c]--
	q.total--
	if r.object == "" {
		return
	}
	key := object{r.source, r.object}
	at := q.objects[key]
	if at.count--; at.count == 0 {
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
			l := &q.lines[c][s]
			kept := l.requests[:l.head]
			for _, r := range l.requests[l.head:] {
				if match(&r) {
					q.left(&r, class(c))
					out = append(out, r)
				} else {
					kept = append(kept, r)
				}
			}
			clear(l.requests[len(kept):])
			l.requests = kept
		}
	}
	for i := range out {
		gone(&out[i])
	}
}

// pop returns the line's oldest request.
func (l *line) pop() (request, bool) {
	if l.head == len(l.requests) {
		return request{}, false
	}
	r := l.requests[l.head]
	l.requests[l.head] = request{}
	l.head++
	if l.head == len(l.requests) {
		l.requests, l.head = l.requests[:0], 0
	} else if l.head > 1024 && l.head*2 > len(l.requests) {
		l.requests, l.head = append(l.requests[:0], l.requests[l.head:]...), 0
	}
	return r, true
}

package replay

import (
	"slices"

	"haproxy/codec/csta"
)

// exact matches what the far side asks with what it asked in the capture, one by one: where streams are compared, of
// requests that ask the same each has to get its own answer, whatever the order that the switch answered them in, and
// what it did not answer has to get none.
type exact struct {
	due     map[string][]int      // requests of the leg that did not come yet, by key
	came    map[int]csta.InvokeID // those that wait for their answer's turn
	answers map[int]*answer       // of the leg
	turned  map[int]bool          // requests whose answer's turn was before they came
}

// newExact matches what is asked on a leg of the capture from a message on.
func newExact(of *link, from int) exact {
	x := exact{
		due: make(map[string][]int), came: make(map[int]csta.InvokeID), answers: of.answers, turned: make(map[int]bool),
	}
	for key, all := range of.requests {
		first, _ := slices.BinarySearch(all, from)
		x.due[key] = all[first:]
	}
	return x
}

// has reports whether a request has come.
func (x *exact) has(q question) bool {
	due := x.due[q.key]
	return len(due) == 0 || due[0] > q.number
}

// takeExactly takes a request of the far side. It reports whether the capture has it.
func (s *switchSide) takeExactly(key string, invoke csta.InvokeID) bool {
	x := &s.exact
	due := x.due[key]
	if len(due) == 0 {
		return false
	}
	number := due[0]
	x.due[key] = due[1:]
	s.over.note(s.peer.msg.Service, true)
	if !x.turned[number] {
		x.came[number] = invoke
		return true
	}
	delete(x.turned, number)
	s.result.Unasked--
	s.give(invoke, x.answers[number])
	return true
}

// answerExactly gives the answer of a request, whose turn has come: at once, or when it comes.
func (s *switchSide) answerExactly(q question) {
	x := &s.exact
	a, kept := x.answers[q.number]
	if !kept {
		return // the index had no room for it
	}
	invoke, came := x.came[q.number]
	delete(x.came, q.number)
	switch {
	case s.peer == nil:
		s.result.Unasked++
	case came:
		s.give(invoke, a)
	default:
		x.turned[q.number] = true
		s.result.Unasked++
	}
}

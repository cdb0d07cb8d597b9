package check

import (
	"fmt"

	"haproxy/codec/csta"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// Requests counts what became of requests.
type Requests struct {
	Asked   int // by the T-Servers
	Passed  int // of them, those that reached the switch
	Gone    int // their leg ended before an answer came
	Unknown int // reached the switch, from T-Servers that are not there to be asked
}

// Once checks that each request of the T-Servers had one answer, or its leg ended before, and that it
// reached the switch once at most; one that only the switch can grant, and that was granted, once. With
// complete, asked holds all that was ever asked: then nothing else reached the switch. Requests whose
// protocol has no room for a mark are told by their bytes, and counted.
func Once(reached []switchsim.Reached, asked []tserversim.Asked, complete bool) (Requests, error) {
	var sum Requests
	most, least := make(map[string]int), make(map[string]int)
	for i := range asked {
		a := &asked[i]
		sum.Asked++
		switch {
		case a.Gone && a.Answers == 0:
			sum.Gone++
		case a.Gone || a.Answers != 1:
			return sum, fmt.Errorf("%v had %d answers, and its leg's end is %v:\n%s", a.Service, a.Answers, a.Gone,
				text([]byte(a.Key)))
		}
		most[a.Key]++
		if a.Granted && isPassed(a.Service) {
			least[a.Key]++
		}
	}
	came := make(map[string]int)
	for i := range reached {
		r := &reached[i]
		if !r.Marked && !isPassed(r.Service) {
			continue // the proxy asks for these itself
		}
		came[r.Key]++
		times := came[r.Key]
		_, known := most[r.Key]
		switch {
		case known:
			sum.Passed++
		case complete:
			return sum, fmt.Errorf("%v reached the switch, and nobody asked:\n%s", r.Service, text([]byte(r.Key)))
		default:
			sum.Unknown++
		}
		if r.Marked && times > 1 || complete && times > most[r.Key] {
			return sum, fmt.Errorf("%v reached the switch for the %d. time, asked %d times:\n%s", r.Service, times,
				most[r.Key], text([]byte(r.Key)))
		}
	}
	for key, n := range least {
		if came[key] < n {
			return sum, fmt.Errorf("granted %d times, and reached the switch %d times:\n%s", n, came[key],
				text([]byte(key)))
		}
	}
	return sum, nil
}

// isPassed reports whether requests for a service come from T-Servers alone, and are the switch's to grant.
func isPassed(s csta.Service) bool {
	switch s {
	case csta.SetAgentState, csta.SetDoNotDisturb, csta.SetForwarding, csta.SetMessageWaitingIndicator:
		return true
	default:
		return s.Group() == csta.GroupCallControl
	}
}

// Package hub is the routing core of one CTI link: a state machine that is stepped with what
// happened (a socket came up, a frame arrived, time passed) and yields what must now be done (bytes
// for legs, legs to close, sentences for the log). It is a function of its inputs: it reads no
// clock, no socket and no chance, starts no goroutine, and can be run from a seed.
//
// The owner steps it from one goroutine, then takes the effects:
//
//	h.FromLink(now, frame)             // for every frame of one read
//	for _, out := range h.Outputs() {  // at most one entry a leg
//		write(out.Leg, out.Runs)   // then close it, if out.Close
//	}
//	h.Done()
//
// Frames passed to the hub must stay valid until Done. Runs are valid until Done.
package hub

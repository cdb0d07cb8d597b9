// Package fanout is the proxy's contact with the world: sockets, clock, limits and log. For every
// configured link it runs one event loop that owns the CTI link, the legs of its T-Servers and the
// routing core of the link (package hub), so that nothing on the way of a frame takes a lock. What
// the hub decides is carried out here: one write a leg for the frames of one read.
//
//	p, err := fanout.Start(ctx, fanout.Config{Links: links, Log: log})
//	if err != nil {
//		return err // an operator's error: the address and what to do
//	}
//	<-ctx.Done()
//	return p.Shutdown(deadline) // drains
//
// # Who owns what
//
// Goroutines beside the loop only make sockets (one dials the switch, one a listener accepts) or
// keep time. They hand both over as tasks; a reader such as Snapshot asks the loop for a copy. A
// loop that is stuck therefore stops accepting and ticking, and piles nothing up.
//
// # What a leg may cost
//
// A socket takes what it can. What it cannot take at once is kept here, in order, up to the
// T-Server's backlog_max, at which the hub cuts it; at most handMax bytes of it are in the hands of
// the event library. A socket that never finishes a frame, floods, or speaks another protocol costs
// itself only.
//
// # Faults
//
// A panic of the hub ends the legs of its link, is logged with its sentence, and a fresh hub takes
// over; other links go on.
package fanout

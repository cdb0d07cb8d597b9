// Package pipe runs simulator cores against each other, or against a proxy's core, in one goroutine
// with a virtual clock: bytes take time, arrive in pieces of any size and can be lost with their
// leg, all from one seed. A run can be repeated exactly.
//
//	w := pipe.New(1, start)
//	leg := w.Join(sw, ts, pipe.Net{Delay: time.Millisecond})
//	leg.Open()
//	w.Run(10 * time.Second)
//	leg.Cut()
package pipe

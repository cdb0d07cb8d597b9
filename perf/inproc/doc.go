// Package inproc puts the proxy's routing core between simulators in one goroutine: no socket, no
// clock but a virtual one, and a seed from which a run can be repeated.
//
//	p := inproc.New(hub.New(cfg))
//	link := world.Join(sw, p.Link(), pipe.Net{})
//	leg := world.Join(ts, p.TServer(0), pipe.Net{})
package inproc

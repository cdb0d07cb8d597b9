// Package wire joins a simulator's core to a TCP socket: it cuts what arrives into frames, steps
// the core with them and with the time, and writes what the core has to say. The core is only ever
// called from one goroutine at a time.
//
//	var mu sync.Mutex
//	err := wire.Serve(ctx, socket, core, &mu, wire.Options{Framing: frame.ECMA323, FrameMax: 65535})
package wire

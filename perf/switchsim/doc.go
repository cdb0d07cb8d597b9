// Package switchsim is a simulated switching function: devices, agents, groups, trunks and calls
// that live their own random lives from a seed, and a CTI link on which they can be monitored,
// asked about and controlled. It speaks csta.Message through whatever codec it is given.
//
// The core is a [Switch]: it is stepped with the time and with frames and yields frames; it has no
// clock, no socket and no chance but its seed. [Server] puts it on a TCP port. What is true in the
// switch can be read as a [Truth], and every event it sent from its ledger.
//
//	sw := switchsim.New(switchsim.Options{Codec: cstaxml.New(), Seed: 1,
//		Load: switchsim.Load{Calls: 50}})
//	sw.Up(now)
//	sw.Step(now, frame)
//	for _, f := range sw.Out() {
//		send(f)
//	}
package switchsim

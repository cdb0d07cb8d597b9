// Package protocols is the table of what the simulators speak: a protocol over a framing, and all
// that differs between them for a switch, a T-Server and a test.
//
//	p, err := protocols.Find("csta2-ber", "oxe")
//	sw := switchsim.New(p.Switch(switchsim.Options{Seed: 1}))
//	ts := tserversim.New(p.TServer(tserversim.Options{Ask: tserversim.AskAll}))
package protocols

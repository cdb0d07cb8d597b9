// Package tserversim is a simulated T-Server: a computing function that registers, starts monitors,
// asks for snapshots and features, follows events, answers heartbeats, routes calls and sends
// requests of its own, and checks everything it gets.
//
// It has a call model of its own, the [Model], made only of what it received and sharing no code
// with the proxy's. Two T-Servers are in step when their models are equal.
//
// The core is a [TServer], stepped like the simulated switch; a [Client] puts it on a TCP socket
// and knows how to die.
//
//	ts := tserversim.New(tserversim.Options{Codec: cstaxml.New(), Devices: []string{"2001"}})
//	ts.Up(now)
//	ts.Step(now, frame)
//	if ts.InStep() && !ts.Model().Equal(other.Model()) {
//		return errors.New(ts.Model().Diff(other.Model()))
//	}
package tserversim

// Package simulation runs the hub with a simulated switch, T-Servers, network and clock in one
// goroutine, everything that happens drawn from one seed, and judges every step. A seed that fails
// can be run again, exactly.
//
//	r := simulation.Run(seed)
//	if r.Err != nil {
//		return r.Err
//	}
package simulation

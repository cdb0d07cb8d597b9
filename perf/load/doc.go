// Package load measures a proxy under load: it is the switch that tells events at an even rate, and the T-Servers
// that take them, byte by byte the same.
//
// The load is an open one: every event has a time at which it was to be sent, whether or not it could be, and its
// latency is counted from there, so that a proxy that stands still is charged with all that had to wait. The proxy
// is a process of its own, whose processor time and memory are read from the system.
//
//	result, err := load.Run(ctx, load.Options{Rate: 10_000, Duration: 10 * time.Second}, os.Stdout)
package load

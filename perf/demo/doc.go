// Package demo shows the main job with nothing else installed: a simulated switch, the proxy and
// two T-Servers over real sockets. Calls run, the backup is killed and returns, and what each side
// got is compared, event for event. The report says so only if it is so.
//
//	err := demo.Run(ctx, demo.Options{StartProxy: start, Protocol: protocol}, os.Stdout)
package demo

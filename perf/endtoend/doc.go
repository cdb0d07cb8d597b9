// Package endtoend holds the scenarios that run the whole proxy between simulators over real sockets.
// It has tests and benchmarks only: everything finer is tested where it lives, without a socket.
//
//	go test ./perf/endtoend -run TestBackup -v
package endtoend

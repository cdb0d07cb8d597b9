// Package faults has no code, only the fault matrix: the real binary between a simulated switch and
// two simulated T-Servers, each a process of its own over real sockets, with what a network does to
// them in between. `make faults` runs it, `make soak` the long one.
package faults

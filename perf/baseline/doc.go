// Baseline puts our proxy and what a user might pick instead under the same load, on the same machine, in the same
// run: the subjects take turns, round by round, and the medians of the rounds are compared.
//
//	make compare
//
// The others neither decode, nor keep state, nor fan out, if they are HAProxy or nginx, which pass a stream from one
// to one; the fan-outs written here pass what the switch sends to two T-Servers and do nothing else. Subjects that are
// not installed are left out, with the reason.
package main

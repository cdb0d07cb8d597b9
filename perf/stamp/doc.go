// Package stamp marks simulated events, so that whoever receives one can tell which of the switch's
// events it is, whether one is missing or came twice, and whether its meaning was changed on the
// way.
//
// A stamp travels in an event's private data as plain text: process of the switch, generation of the
// link, count of the event over the process's whole life, and a checksum of what the event says. It is found again
// by searching the frame, in any encoding.
//
//	mark, ok := stamp.Find(frame)
//	if ok && mark.Sum == stamp.Sum(&msg) {
//		seen[mark.Count]++
//	}
package stamp

// Package record writes down what goes over the legs of a link, in a ring of capture files, so that an incident
// can be decoded and replayed afterwards. It never holds up the link: the link's loop copies what it reads and
// writes into a bounded buffer, a goroutine brings it to the files, and what finds no room is counted and left
// out, as a gap that readers of the capture see.
//
//	r, err := record.Start(record.Config{Dir: "/var/lib/haproxy", Link: "main", TServers: names}, log)
//	if err != nil {
//		return err // the operator's: the directory cannot be written
//	}
//	link.Tap = r
//	defer r.Stop()
//
// Every further file begins by what stands on the link, so that each can be read by itself: see Recorder.Recount. The
// loop tells it at one point between two messages, for some 4 µs a device and 20 ms at most.
//
// The records hold the numbers of callers, and secrets where a session is opened with them: the files can be
// read by their owner alone.
package record

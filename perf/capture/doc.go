// Package capture reads packet captures (pcap and pcapng, IPv4 and IPv6, VLANs, cooked captures) and plain
// streams of frames, finds the CTI legs in them, reassembles their TCP streams, and decodes their messages.
// Protocol and framing are found by trying, unless they are named; which side is the switch, by who opened the
// leg and by who tells events.
//
//	sum, err := capture.Read(file, capture.Options{}, func(m *capture.Message) error {
//		fmt.Println(m.Time, m.Leg.Name, m.Body.Event)
//		return nil
//	})
//
// ReadSeries reads several as one, merged by the times of their packets. Each is read once, as a stream, in memory
// that does not grow with its length: what waits for a lost segment, for the protocol of a leg to be found, and the
// number of TCP connections followed at a time are bounded; those that are no leg make room for new ones. A port that
// is used again begins another leg. What a capture lacks is noticed by what comes behind it, or by what the other side
// says it has had.
// Nothing in a capture makes Read panic; what it cannot make sense of is counted, or ends it with an error.
package capture

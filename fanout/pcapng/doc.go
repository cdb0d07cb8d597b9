// Package pcapng writes captures of legs that Wireshark, tshark and perf/capture read. The Ethernet, IP and TCP
// headers are made up, and valid; each leg is an interface with its name.
//
//	w, err := pcapng.NewWriter(file, "what this is", "switch", "primary")
//	...
//	leg := &pcapng.Conversation{Name: "primary", Caller: peer, Called: local}
//	err = w.Open(leg, now)
//	err = w.Say(leg, true, now, frame, "")
//	err = w.Flush()
package pcapng

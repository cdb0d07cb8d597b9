// Package state is what the proxy knows of the switch: calls and their connections, agents, devices
// and their features, monitors, and the journal of the switch's own event messages that are still
// needed to know the present.
//
// It is a function of what it is given: events with their frames ([State.Apply]), answers of the
// switch ([State.Learn]) and the time. It gives back the journal of a monitor ([State.Replay]), so
// that a T-Server that joins knows what one that was there all along knows, and answers to queries
// ([State.Answer]) where it is certain of them. It keeps no slice it was given and hands out
// none that outlives the call, save the borrowed views, which are valid until the next change.
//
// Memory is bounded by [Limits] and lies in slabs without pointers: what begins and ends on the
// steady path costs the garbage collector nothing. A State belongs to one goroutine.
//
//	s := state.New(state.Limits{JournalMax: 64 << 20})
//	id, err := s.Open(state.Object{Device: csta.DeviceID{
//		Form: csta.DeviceDialingNumber, Number: []byte("2001")}})
//	if err != nil {
//		return err
//	}
//	s.Apply(id, &event, frame, now)
//	joined = s.Replay(joined, id, csta.EventSet{}, nil)
package state

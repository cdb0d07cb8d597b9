// Package cstaber is the Codec of CSTA in ASN.1: ECMA-180 (phase I), ECMA-218 (phase II) and
// ECMA-285 (phase III), in BER over ROSE. Its tables, one file a group of the standard, draw each
// argument, result and event element by element as it stands on the wire; where the phases differ
// they have tables of their own, and the code that reads and writes them is one.
//
//	c := cstaber.New(cstaber.Phase3, frame.Length16)
//	if err := c.Decode(&msg, frm); err == nil && msg.Event == csta.EventDelivered {
//		…
//	}
//
// Of a message, everything a csta.Message has a field for is read; all else is passed over and
// stands in the frame. Marks in the tables follow the sources: what is said to be from memory was
// seen neither in a module nor in a trace.
package cstaber

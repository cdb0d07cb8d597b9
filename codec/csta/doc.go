// Package csta is the vocabulary of ECMA-269: services, events, identifiers, states, causes and
// errors, and one flat [Message] that every encoding decodes into and encodes from. It knows no
// bytes of any encoding.
//
// A decoded Message borrows the frame it was decoded from: every byte slice in it points into the
// frame or into the message's own Scratch, and is valid until either is reused. Who keeps a value
// copies it.
//
//	var msg csta.Message
//	if err := c.Decode(&msg, frame); err == nil && msg.Event == csta.EventDelivered {
//		ring(string(msg.Subject.Device.Number))
//	}
package csta

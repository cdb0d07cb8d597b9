// Package codec is the contract between the routing core and the encodings of CSTA: how a frame
// becomes a [csta.Message] and back, what can go wrong, and the limits that hold for every
// encoding.
//
// A frame is one message with its framing header. Decode borrows, Append appends; neither keeps a
// byte of what it was given, and neither reads a clock, a socket or chance.
//
//	frame, err := c.Append(nil, &csta.Message{Kind: csta.KindRequest, Service: csta.SystemStatus,
//		Invoke: 1, Status: csta.StatusNormal})
package codec

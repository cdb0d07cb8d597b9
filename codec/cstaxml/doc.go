// Package cstaxml translates the frames of CSTA phase III XML: the messages of ECMA-323, editions 1
// to 6, and the application session of ECMA-354, over the eight-byte framing of ECMA-323.
//
// It reads with one forward scan of its own, which accepts what encoding/xml accepts but for
// document type definitions and our limits, and allocates nothing on the steady path. Elements are
// known by their local names, whatever namespace or prefix the peer gives them; what is not known
// is passed over. It writes the elements in the order of the schema of edition 6, under the
// namespace and prefix that the peer was seen to use.
//
//	c := cstaxml.New()
//	frame, err := c.Append(nil, &csta.Message{Kind: csta.KindRequest, Invoke: 1,
//		Service: csta.MonitorStart, Device: csta.DeviceID{Number: []byte("2001")}})
package cstaxml

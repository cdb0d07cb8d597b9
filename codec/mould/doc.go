// Package mould decodes an event that differs from one decoded before only in its texts: numbers, call IDs, cross
// references. Most events of a switch do, since what it tells of a call has few forms, and the numbers of a site have
// few lengths. Whether one does is found by one comparison of the whole frame, and decoding it is copying the message
// of the other and pointing its texts into the new frame.
//
// It knows no encoding. A codec says which octets of a frame may differ without another element beginning, ending or
// meaning something else; all others have to be equal, those of enumerations too.
//
//	var s mould.Shelf[spans] // of a leg
//	known := s.Decode(&msg, frm)
//	if known == nil {
//		decode(&msg, frm)
//		if m, of := s.Offer(&msg, frm); m != nil && m.Cast(frm, 0, &msg, false) {
//			m.Free(callID)
//			s.Keep()
//		}
//	}
package mould

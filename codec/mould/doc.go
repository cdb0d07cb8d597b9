// Package mould decodes an event that differs from one decoded before only in its texts: numbers, call IDs, cross
// references. Most events of a switch do, since what it tells of a call has few forms, and the numbers of a site have
// few lengths. Whether one does is found by one comparison of the whole frame, and decoding it is copying the message
// of the other and pointing its texts into the new frame.
//
// It knows no encoding. A codec says which octets of a frame may differ without another element beginning, ending or
// meaning something else; all others have to be equal, those of enumerations too.
//
//	var m mould.Mould
//	if m.Cast(frm, 0, &msg) { // msg was decoded from frm
//		m.Free(callID)
//	}
//	known := m.Decode(&msg, other, true) // if other is the same but for its call ID
package mould

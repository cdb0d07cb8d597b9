package switchsim

import (
	"haproxy/codec/csta"
	"haproxy/codec/frame"
)

// oddities follows an event with what a real link sometimes carries: an event that nobody knows, or
// a frame that cannot be decoded. Both belong to the stream that T-Servers must get.
func (s *Switch) oddities(m *monitor) {
	if s.chance(s.opts.Fault.Unknown) {
		s.odd(m.ref, s.opts.Odd(s.eventInvoke(), m.ref, false))
	}
	if s.chance(s.opts.Fault.Garbage) {
		s.odd("", s.opts.Odd(s.eventInvoke(), m.ref, true))
	}
}

// odd sends a frame that no codec made.
func (s *Switch) odd(ref string, frame []byte) {
	s.stats.Oddities++
	s.out = append(s.out, frame)
	s.log.Add(ref, frame)
}

// Inject sends a frame that no codec made; it belongs to the stream that every T-Server must get.
func (s *Switch) Inject(frame []byte) { s.odd("", frame) }

// Garble sends bytes that are no frame.
func (s *Switch) Garble(b []byte) { s.out = append(s.out, b) }

// OddXML is an event of a vendor's own, or one whose XML breaks off.
func OddXML(invoke csta.InvokeID, ref string, garbage bool) []byte {
	body := "<VendorPeculiarityEvent><monitorCrossRefID>" + ref +
		"</monitorCrossRefID><peculiarity>7</peculiarity></VendorPeculiarityEvent>"
	if garbage {
		body = "<DeliveredEvent><monitorCrossRefID>" + ref + "</monitorCrossRefI"
	}
	b := make([]byte, frame.ECMA323HeaderLen, frame.ECMA323HeaderLen+len(body))
	b = append(b, body...)
	frame.PutECMA323(b, len(b), invoke)
	return b
}

package switchsim

import (
	"haproxy/codec/csta"
	"haproxy/perf/stamp"
)

// tell sends an event of a call to every monitor of a device that is part of it or just left it,
// each with its own local connection info, and to the monitors that follow the call.
func (s *Switch) tell(c *call, msg *csta.Message, left ...*conn) {
	for _, conn := range left {
		msg.Local = csta.ConnectionNull
		s.tellDevice(conn.dev, msg)
	}
	for _, conn := range c.conns {
		msg.Local = conn.state
		s.tellDevice(conn.dev, msg)
	}
	msg.Local = csta.ConnectionNone
	for _, m := range c.follow {
		s.notify(m, msg)
	}
}

// tellDevice sends an event to the device-type monitors of a device.
func (s *Switch) tellDevice(d *device, msg *csta.Message) {
	for _, m := range d.monitors {
		if !m.follows {
			s.notify(m, msg)
		}
	}
}

// about returns the event of a connection with the device elements of its call.
func about(event csta.Event, subject *conn, cause csta.Cause) *csta.Message {
	c := subject.call
	return &csta.Message{
		Event: event, Subject: subject.id(), Device: subject.dev.id, Cause: cause,
		Calling: c.calling, Called: c.called, LastRedirection: c.last,
	}
}

// notify sends an event to one monitor, stamped, unless its filter holds it back.
func (s *Switch) notify(m *monitor, msg *csta.Message) {
	if !s.link.up || s.link.disabled || m.filter.Has(msg.Event) {
		return
	}
	s.count++
	s.link.events++
	msg.Kind = csta.KindEvent
	msg.CrossRef = csta.CrossRefID(m.ref)
	msg.Invoke = s.eventInvoke()
	mark := stamp.Stamp{Link: s.link.gen, Count: s.count, Sum: stamp.Sum(msg)}
	s.pad = s.opts.Private(s.pad[:0], mark, 0)
	msg.Private = s.pad
	frame := s.encode(msg)
	if short := s.opts.Load.EventLen - len(frame); short > 0 && frame != nil {
		s.arena = s.arena[:len(s.arena)-len(frame)]
		s.pad = s.opts.Private(s.pad[:0], mark, short)
		msg.Private = s.pad
		frame = s.encode(msg)
	}
	if frame == nil {
		return
	}
	s.stats.Events++
	s.stats.EventBytes += int64(len(frame))
	s.out = append(s.out, frame)
	s.log.Add(m.ref, frame)
	s.oddities(m)
}

// oddities follows an event with what a real link sometimes carries: an event that nobody knows, or
// a frame that cannot be decoded. Both belong to the stream that T-Servers must get.
func (s *Switch) oddities(m *monitor) {
	if s.chance(s.opts.Fault.Unknown) {
		s.odd(m.ref, "<VendorPeculiarityEvent><monitorCrossRefID>"+m.ref+
			"</monitorCrossRefID><peculiarity>7</peculiarity></VendorPeculiarityEvent>")
	}
	if s.chance(s.opts.Fault.Garbage) {
		s.odd("", "<DeliveredEvent><monitorCrossRefID>"+m.ref+"</monitorCrossRefI")
	}
}

// encode appends a message to the arena and returns its frame, or nil where the codec refused it.
func (s *Switch) encode(msg *csta.Message) []byte {
	const chunk = 256 << 10
	if cap(s.arena)-len(s.arena) < 4096 {
		s.arena = make([]byte, 0, chunk)
	}
	start := len(s.arena)
	arena, err := s.opts.Codec.Append(s.arena, msg)
	if err != nil {
		s.stats.Unencodable++
		s.stats.LastError = err
		return nil
	}
	s.arena = arena
	return arena[start:len(arena):len(arena)]
}

// send encodes a message and queues it for the link.
func (s *Switch) send(msg *csta.Message) {
	if frame := s.encode(msg); frame != nil {
		s.out = append(s.out, frame)
	}
}

package switchsim

import (
	"errors"

	"haproxy/codec"
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

// notify sends an event to one monitor, stamped, unless its filter holds it back or the protocol does
// not have it.
func (s *Switch) notify(m *monitor, msg *csta.Message) {
	if !s.link.up || s.link.disabled || s.muted || m.filter.Has(msg.Event) {
		return
	}
	msg.Kind = csta.KindEvent
	msg.CrossRef = csta.CrossRefID(m.ref)
	msg.Invoke = s.eventInvoke()
	mark := stamp.Stamp{Process: s.opts.Process, Link: s.link.gen, Count: s.count + 1}
	if s.opts.Reread == nil {
		mark.Sum = stamp.Sum(msg)
	}
	frame := s.stamped(msg, mark, 0)
	if short := s.opts.Load.EventLen - len(frame); short > 0 && frame != nil {
		s.arena = s.arena[:len(s.arena)-len(frame)]
		frame = s.stamped(msg, mark, short)
	}
	if frame == nil {
		return
	}
	s.seal(frame)
	s.count++
	s.link.events++
	s.stats.Events++
	if left := &s.opts.Load.Events; *left > 0 {
		*left--
		s.opts.Load.Still = *left == 0
	}
	s.stats.EventBytes += int64(len(frame))
	s.out = append(s.out, frame)
	s.log.Add(m.ref, frame)
	s.oddities(m)
}

// stamped encodes an event with its stamp.
func (s *Switch) stamped(msg *csta.Message, mark stamp.Stamp, pad int) []byte {
	s.pad = s.opts.Private(s.pad[:0], mark, pad)
	msg.Private = s.pad
	return s.encode(msg)
}

// seal stamps an event with what its frame says.
func (s *Switch) seal(frame []byte) {
	if s.opts.Reread == nil {
		return
	}
	if err := s.opts.Reread.Decode(&s.said, frame); err != nil {
		s.stats.Unencodable++
		s.stats.LastError = err
		return
	}
	stamp.Seal(frame, stamp.Sum(&s.said))
}

// tells reports whether the protocol has an event.
func (s *Switch) tells(event csta.Event) bool {
	return s.expresses(&csta.Message{
		Kind: csta.KindEvent, Event: event, CrossRef: csta.CrossRefID("1"), AgentID: []byte("1"),
	})
}

// asks reports whether the protocol has a service.
func (s *Switch) asks(service csta.Service) bool {
	return s.expresses(&csta.Message{Kind: csta.KindRequest, Service: service})
}

// expresses reports whether the protocol has a form for a message.
func (s *Switch) expresses(msg *csta.Message) bool {
	_, err := s.opts.Codec.Append(nil, msg)
	return !errors.Is(err, codec.ErrUnsupported)
}

// encode appends a message to the arena and returns its frame, or nil where the codec refused it.
func (s *Switch) encode(msg *csta.Message) []byte {
	const chunk = 256 << 10
	if cap(s.arena)-len(s.arena) < 4096 {
		s.arena = make([]byte, 0, chunk)
	}
	start := len(s.arena)
	arena, err := s.opts.Codec.Append(s.arena, msg)
	if errors.Is(err, codec.ErrUnsupported) {
		return nil
	}
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

package switchsim

import (
	"fmt"
	"slices"

	"haproxy/codec/csta"
)

// call is one call of the switch.
type call struct {
	id        string
	conns     []*conn // those that are not null
	calling   csta.DeviceID
	called    csta.DeviceID
	last      csta.DeviceID // the device that redirected it
	follow    []*monitor    // monitors that follow the call
	at        int           // in the switch's order
	acts      int           // what happened to it by chance
	ended     bool
	routeing  bool
	automatic bool // lives its own life; others wait for requests
}

// conn is a connection: a call at a device.
type conn struct {
	call  *call
	dev   *device
	state csta.ConnectionState
}

// id returns the connection's identifier.
func (c *conn) id() csta.ConnectionID {
	return csta.ConnectionID{Call: csta.CallID(c.call.id), Device: c.dev.id}
}

// newCall makes a call without connections.
func (s *Switch) newCall(automatic bool) *call {
	c := &call{
		id: s.callID(), calling: notKnown, called: notKnown, at: len(s.order), automatic: automatic,
		last: csta.DeviceID{Form: csta.DeviceNotSpecified},
	}
	s.calls[c.id] = c
	s.order = append(s.order, c)
	s.stats.Calls++
	s.stats.MaxCalls = max(s.stats.MaxCalls, len(s.order))
	return c
}

// callID returns an ID that no living call has: a fresh one, or one used long ago.
func (s *Switch) callID() string {
	if s.opts.CallIDs > 0 && int(s.nextCall) >= s.opts.CallIDs && len(s.freeIDs) > 0 {
		id := s.freeIDs[0]
		s.freeIDs = s.freeIDs[1:]
		return id
	}
	s.nextCall++
	return fmt.Sprintf("%08X", 0x00A00000+s.nextCall)
}

// join adds a device to a call.
func (s *Switch) join(c *call, d *device, state csta.ConnectionState) *conn {
	conn := &conn{call: c, dev: d, state: state}
	c.conns = append(c.conns, conn)
	d.conns = append(d.conns, conn)
	for _, m := range d.monitors {
		if m.follows {
			c.followed(m)
		}
	}
	return conn
}

// followed has the monitor see everything of the call from now on.
func (c *call) followed(m *monitor) {
	if !slices.Contains(c.follow, m) {
		c.follow = append(c.follow, m)
	}
}

// part takes a connection out of its call and its device, without an event.
func (s *Switch) part(c *conn) {
	c.state = csta.ConnectionNull
	c.call.conns = slices.DeleteFunc(c.call.conns, func(o *conn) bool { return o == c })
	c.dev.conns = slices.DeleteFunc(c.dev.conns, func(o *conn) bool { return o == c })
	if c.dev.kind == trunk && len(c.dev.conns) == 0 {
		c.dev.outside = ""
	}
}

// finish forgets a call that has no connection any more.
func (s *Switch) finish(c *call) {
	if c.ended {
		return
	}
	c.ended = true
	if len(c.follow) > 0 {
		msg := csta.Message{Event: csta.EventCallCleared, Cause: csta.CauseNormalClearing}
		msg.Subject.Call = csta.CallID(c.id)
		for _, m := range c.follow {
			s.notify(m, &msg)
		}
		s.endCallMonitors(c)
	}
	delete(s.calls, c.id)
	last := s.order[len(s.order)-1]
	s.order[c.at] = last
	last.at = c.at
	s.order[len(s.order)-1] = nil
	s.order = s.order[:len(s.order)-1]
	if s.opts.CallIDs > 0 {
		s.freeIDs = append(s.freeIDs, c.id)
	}
}

// connAt returns the call's connection at a device, or nil.
func (c *call) connAt(d *device) *conn {
	for _, conn := range c.conns {
		if conn.dev == d {
			return conn
		}
	}
	return nil
}

// in returns the first connection in the state, or nil.
func (c *call) in(state csta.ConnectionState) *conn {
	for _, conn := range c.conns {
		if conn.state == state {
			return conn
		}
	}
	return nil
}

// find returns the connection that a request names, or the error it deserves.
func (s *Switch) find(id csta.ConnectionID) (*conn, csta.ErrorCode) {
	c := s.calls[string(id.Call)]
	if c == nil {
		return nil, errInvalidCall
	}
	d := s.plant.byNumber[string(id.Device.Number)]
	if d == nil {
		return nil, errInvalidConnection
	}
	conn := c.connAt(d)
	if conn == nil {
		return nil, errInvalidConnection
	}
	return conn, csta.ErrorCode{}
}

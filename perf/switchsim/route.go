package switchsim

import (
	"maps"
	"slices"

	"haproxy/codec/csta"
)

// dialogue is one routeing dialogue: a call at a route point waits to be told where to go.
type dialogue struct {
	id       string
	register string
	conn     *conn
	gen      uint32
}

// routeRegister makes the computing function the router of a device, or of all.
func (s *Switch) routeRegister(req, resp *csta.Message) csta.ErrorCode {
	number := string(req.Device.Number)
	if number != "" && s.plant.byNumber[number] == nil {
		return errInvalidDevice
	}
	id := s.nextID()
	s.link.routes[id] = number
	resp.Register = csta.RegisterID(id)
	return csta.ErrorCode{}
}

func (s *Switch) routeRegisterCancel(req, _ *csta.Message) csta.ErrorCode {
	if _, ok := s.link.routes[string(req.Register)]; !ok {
		return csta.ErrInvalidCrossRef
	}
	delete(s.link.routes, string(req.Register))
	return csta.ErrorCode{}
}

// router returns the registration for a route point, empty where there is none.
func (s *Switch) router(d *device) string {
	all := ""
	for _, id := range slices.Sorted(maps.Keys(s.link.routes)) {
		switch s.link.routes[id] {
		case d.number:
			return id
		case "":
			all = id
		}
	}
	return all
}

// startRoute asks the computing function where a call goes, or decides itself. Where the protocol has
// nothing to register by, every route point is the computing function's.
func (s *Switch) startRoute(c *conn) {
	if c == nil || c.call.ended {
		return
	}
	d := &dialogue{conn: c, gen: s.link.gen, register: s.router(c.dev)}
	c.call.routeing = true
	if !s.link.up || !s.hasRouteing || d.register == "" && s.hasRoutes {
		s.after(s.opts.Load.Pace/10, func() { s.routeDefault(d) })
		return
	}
	d.id = s.nextID()
	s.routes[d.id] = d
	s.stats.RouteRequests++
	s.ask(&csta.Message{
		Service: csta.RouteRequest, ServiceRef: csta.ServiceCrossRefID(d.id),
		Register: csta.RegisterID(d.register), Subject: c.id(), Device: c.dev.id,
		Calling: c.call.calling, Called: c.dev.id,
	})
	s.after(s.opts.Link.RouteTimeout, func() {
		if s.routes[d.id] == d {
			s.stats.RouteTimeouts++
			s.endRoute(d)
			s.routeDefault(d)
		}
	})
}

// routeingMessage takes a message of a routeing dialogue.
func (s *Switch) routeingMessage(req *csta.Message) {
	d := s.routes[string(req.ServiceRef)]
	if d == nil {
		if req.Service == csta.RouteSelect {
			s.stats.StaleSelects++
		}
		return
	}
	switch req.Service {
	case csta.RouteSelect:
		s.stats.RouteSelects++
		to := destination(req)
		s.ask(&csta.Message{
			Service: csta.RouteUsed, ServiceRef: csta.ServiceCrossRefID(d.id),
			Register: csta.RegisterID(d.register), Destination: dialing(to), Called: dialing(to),
		})
		s.endRoute(d)
		s.routeTo(d, to)
	case csta.RouteEnd, csta.RouteReject:
		delete(s.routes, d.id)
		s.routeDefault(d)
	default:
	}
}

// endRoute closes the dialogue.
func (s *Switch) endRoute(d *dialogue) {
	delete(s.routes, d.id)
	s.ask(&csta.Message{
		Service: csta.RouteEnd, ServiceRef: csta.ServiceCrossRefID(d.id),
		Register: csta.RegisterID(d.register),
	})
}

// routeDefault sends the call to a queue or to any station.
func (s *Switch) routeDefault(d *dialogue) {
	delete(s.routes, d.id)
	if len(s.plant.queues) > 0 {
		s.routeTo(d, s.plant.queues[s.rnd.IntN(len(s.plant.queues))].number)
		return
	}
	s.routeTo(d, s.plant.stations[s.rnd.IntN(len(s.plant.stations))].number)
}

// routeTo diverts the call from its route point.
func (s *Switch) routeTo(d *dialogue, number string) {
	c := d.conn.call
	c.routeing = false
	if c.ended || d.conn.state != csta.ConnectionAlerting {
		return
	}
	to := s.plant.byNumber[number]
	if to == nil || to == d.conn.dev || c.connAt(to) != nil {
		s.drop(d.conn, csta.CauseDestNotObtainable)
		return
	}
	s.divert(d.conn, number, csta.CauseRedirected)
}

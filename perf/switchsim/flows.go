package switchsim

import (
	"time"

	"haproxy/codec/csta"
)

// generate starts calls and feature changes as the load asks.
func (s *Switch) generate() {
	load := &s.opts.Load
	if load.Still {
		s.due.call, s.due.feature = s.now, s.now
		return
	}
	if load.Calls > 0 && load.Rate == 0 {
		for tries := load.Calls; tries > 0 && len(s.order) < load.Calls; tries-- {
			s.startCall()
		}
	}
	for load.Rate > 0 && !s.due.call.After(s.now) {
		s.due.call = s.due.call.Add(s.gap(load.Rate))
		if load.Calls == 0 || len(s.order) < load.Calls {
			s.startCall()
		}
	}
	for load.Features > 0 && !s.due.feature.After(s.now) {
		s.due.feature = s.due.feature.Add(s.gap(load.Features))
		s.randomFeature()
	}
}

// gap returns the random time to the next of so many things a second.
func (s *Switch) gap(perSecond float64) time.Duration {
	return time.Duration(s.rnd.ExpFloat64() / perSecond * float64(time.Second))
}

// Load returns the present load.
func (s *Switch) Load() Load { return s.opts.Load }

// SetLoad changes the load; a zero Load lets the living calls end by themselves.
func (s *Switch) SetLoad(load Load) {
	if load.Pace == 0 {
		load.Pace = s.opts.Load.Pace
	}
	s.opts.Load = load
	s.due.call, s.due.feature = s.now, s.now
}

// startCall begins a call of a random kind: from the outside, to the outside, or inside.
func (s *Switch) startCall() {
	if !s.opts.Load.Simple && s.chance(0.4) {
		s.incoming()
		return
	}
	d := s.idle()
	if d == nil {
		return
	}
	s.schedule(s.initiate(d, true, csta.CauseNewCall).call)
}

// incoming begins a call that arrives on a trunk.
func (s *Switch) incoming() {
	t := s.freeTrunk()
	if t == nil {
		return
	}
	c := s.newCall(true)
	t.outside = s.outsideNumber()
	c.calling = dialing(t.outside)
	conn := s.join(c, t, csta.ConnectionConnected)
	to := s.target(c)
	c.called = dialing(to)
	s.place(conn, to, csta.CauseNewCall)
	if !c.ended {
		s.schedule(c)
	}
}

// target chooses where a call goes.
func (s *Switch) target(c *call) string {
	p := &s.plant
	dice := s.rnd.Float64()
	switch {
	case s.opts.Load.Simple:
	case dice < 0.06: // anybody, perhaps busy
		return p.stations[s.rnd.IntN(len(p.stations))].number
	case dice < 0.08:
		return "1999"
	case dice < 0.28 && len(p.queues) > 0:
		return p.queues[s.rnd.IntN(len(p.queues))].number
	case dice < 0.36 && len(p.routePoints) > 0:
		return p.routePoints[s.rnd.IntN(len(p.routePoints))].number
	case dice < 0.46 && !c.calling.Equal(csta.DeviceID{}) && c.in(csta.ConnectionInitiated) != nil:
		return s.outsideNumber()
	}
	if d := s.idle(); d != nil && c.connAt(d) == nil {
		return d.number
	}
	return p.stations[s.rnd.IntN(len(p.stations))].number
}

// schedule has something happen to the call before long, again and again.
func (s *Switch) schedule(c *call) {
	s.after(s.pace(), func() {
		if c.ended {
			return
		}
		if !s.opts.Load.Still {
			s.act(c)
		}
		if !c.ended {
			s.schedule(c)
		}
	})
}

// tired is how many happenings a call has before it only ends.
const tired = 9

// act has one legal thing happen to a call.
func (s *Switch) act(c *call) {
	c.acts++
	switch {
	case !c.automatic || c.routeing:
	case c.in(csta.ConnectionFail) != nil:
		s.drop(c.in(csta.ConnectionFail), csta.CauseNormalClearing)
	case c.in(csta.ConnectionInitiated) != nil:
		s.originate(c.in(csta.ConnectionInitiated), s.target(c), csta.CauseNewCall)
	case c.in(csta.ConnectionQueued) != nil:
		s.waiting(c)
	case c.in(csta.ConnectionAlerting) != nil:
		s.ringing(c)
	case len(c.conns) == 1 || c.acts > tired:
		s.drop(c.conns[s.rnd.IntN(len(c.conns))], csta.CauseNormalClearing)
	case c.in(csta.ConnectionHold) != nil:
		s.held(c.in(csta.ConnectionHold))
	default:
		s.talking(c)
	}
}

// waiting is a call in a queue.
func (s *Switch) waiting(c *call) {
	if s.distribute(c.in(csta.ConnectionQueued)) {
		return
	}
	if c.acts > tired {
		s.drop(c.conns[0], csta.CauseCallCancelled)
	}
}

// ringing is a call that alerts somebody.
func (s *Switch) ringing(c *call) {
	alerting := c.in(csta.ConnectionAlerting)
	dice := s.rnd.Float64()
	if s.opts.Load.Simple && dice > 0.9 {
		dice = 0
	}
	noAnswer := s.plant.byNumber[alerting.dev.forwards[csta.ForwardNoAns]]
	switch {
	case noAnswer != nil && noAnswer != alerting.dev && c.connAt(noAnswer) == nil && c.acts < tired:
		s.divert(alerting, noAnswer.number, csta.CauseCallForwardNoAnswer)
	case dice < 0.75:
		s.answerConn(alerting)
	case dice < 0.85 && c.acts < tired:
		if to := s.idle(); to != nil && c.connAt(to) == nil {
			s.divert(alerting, to.number, csta.CauseRedirected)
		}
	default:
		s.drop(c.conns[s.rnd.IntN(len(c.conns))], csta.CauseCallCancelled)
	}
}

// talking is a call whose parties are connected.
func (s *Switch) talking(c *call) {
	someone := c.conns[s.rnd.IntN(len(c.conns))]
	if held := heldBy(someone); held != nil && !s.opts.Load.Simple {
		s.resolve(held, someone)
		return
	}
	free := someone.dev.kind == station && len(someone.dev.conns) == 1
	dice := s.rnd.Float64()
	switch {
	case s.opts.Load.Simple || dice < 0.3:
		s.drop(someone, csta.CauseNormalClearing)
	case !free:
	case dice < 0.5:
		s.hold(someone, csta.CauseNormal)
	case dice < 0.75:
		s.consult(someone, s.target(c))
		if n := len(someone.dev.conns); n > 1 {
			s.schedule(someone.dev.conns[n-1].call)
		}
	case dice < 0.85:
		if to := s.idle(); to != nil && c.connAt(to) == nil {
			s.singleStep(someone, to)
		}
	default: // they talk on
	}
}

// heldBy returns the connection that the same device holds meanwhile, or nil.
func heldBy(active *conn) *conn {
	for _, other := range active.dev.conns {
		if other.call != active.call && other.state == csta.ConnectionHold {
			return other
		}
	}
	return nil
}

// held is a call that somebody holds.
func (s *Switch) held(held *conn) {
	for _, other := range held.dev.conns {
		if other == held {
			continue
		}
		if other.state == csta.ConnectionConnected && s.chance(0.5) {
			s.resolve(held, other)
		}
		return
	}
	if s.chance(0.8) {
		s.retrieve(held, csta.CauseNormal)
		return
	}
	s.drop(held, csta.CauseNormalClearing)
}

// resolve ends a consultation, or turns to the other party for a while.
func (s *Switch) resolve(held, active *conn) {
	dice := s.rnd.Float64()
	ready := active.call.in(csta.ConnectionQueued) == nil && len(active.call.conns) > 1 &&
		!overlap(held, active) && !active.call.routeing && !held.call.routeing
	switch {
	case active.call.routeing:
	case ready && dice < 0.45:
		s.transfer(held, active)
	case ready && dice < 0.65 && active.call.in(csta.ConnectionAlerting) == nil:
		s.conference(held, active)
	case dice < 0.8 && active.call.in(csta.ConnectionAlerting) == nil:
		s.hold(active, csta.CauseAlternate)
		s.retrieve(held, csta.CauseAlternate)
	default:
		s.drop(active, csta.CauseNormalClearing)
		if held.state == csta.ConnectionHold {
			s.retrieve(held, csta.CauseNormal)
		}
	}
}

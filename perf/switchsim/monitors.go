package switchsim

import (
	"fmt"
	"slices"

	"haproxy/codec/csta"
)

// monitor is one monitor that the computing function started.
type monitor struct {
	ref     string
	dev     *device // of a device object
	call    *call   // of a call object
	follows bool    // sees calls to their end, without local connection info
	filter  csta.EventSet
}

// monitorStart begins a monitor on a device or a call.
func (s *Switch) monitorStart(req, resp *csta.Message) csta.ErrorCode {
	m := &monitor{filter: req.Filter}
	watch := s.watchDevice
	if req.CallObject {
		watch = s.watchCall
	}
	if code := watch(m, req); code != (csta.ErrorCode{}) {
		return code
	}
	s.refs++
	m.ref = fmt.Sprintf("%08d", s.link.gen*1_000_000+uint32(s.refs%1_000_000))
	s.link.monitors[m.ref] = m
	s.stats.Monitors++
	resp.CrossRef = csta.CrossRefID(m.ref)
	resp.Filter, resp.HasFilter, resp.Media = req.Filter, req.HasFilter, req.Media
	return csta.ErrorCode{}
}

// watchCall puts a monitor on the call that a request names.
func (s *Switch) watchCall(m *monitor, req *csta.Message) csta.ErrorCode {
	m.call, m.follows = s.calls[string(req.Subject.Call)], true
	if m.call == nil {
		return errInvalidCall
	}
	if s.full(m.call.follow, func(o *monitor) bool { return o.call == m.call }) {
		return errMonitorLimit
	}
	m.call.follow = append(m.call.follow, m)
	return csta.ErrorCode{}
}

// watchDevice puts a monitor on the device that a request names.
func (s *Switch) watchDevice(m *monitor, req *csta.Message) csta.ErrorCode {
	m.dev = s.plant.byNumber[string(req.Device.Number)]
	m.follows = req.MonitorType == csta.MonitorTypeCall
	if m.dev == nil {
		return errInvalidDevice
	}
	if s.full(m.dev.monitors, func(*monitor) bool { return true }) {
		return errMonitorLimit
	}
	m.dev.monitors = append(m.dev.monitors, m)
	if m.follows {
		for _, conn := range m.dev.conns {
			conn.call.followed(m)
		}
	}
	return csta.ErrorCode{}
}

// full reports whether as many of the monitors match as one object may have.
func (s *Switch) full(monitors []*monitor, match func(*monitor) bool) bool {
	n := 0
	for _, m := range monitors {
		if match(m) {
			n++
		}
	}
	return s.opts.MonitorLimit > 0 && n >= s.opts.MonitorLimit
}

// monitorStop ends a monitor; no event follows the answer.
func (s *Switch) monitorStop(req, _ *csta.Message) csta.ErrorCode {
	m := s.link.monitors[string(req.CrossRef)]
	if m == nil {
		return csta.ErrInvalidMonitorCrossRef
	}
	s.endMonitor(m)
	return csta.ErrorCode{}
}

// changeMonitorFilter replaces what a monitor holds back.
func (s *Switch) changeMonitorFilter(req, resp *csta.Message) csta.ErrorCode {
	m := s.link.monitors[string(req.CrossRef)]
	if m == nil {
		return csta.ErrInvalidMonitorCrossRef
	}
	m.filter = req.Filter
	resp.Filter, resp.HasFilter = req.Filter, true
	return csta.ErrorCode{}
}

// endMonitor takes a monitor from everything it watched.
func (s *Switch) endMonitor(m *monitor) {
	delete(s.link.monitors, m.ref)
	same := func(o *monitor) bool { return o == m }
	if m.dev != nil {
		m.dev.monitors = slices.DeleteFunc(m.dev.monitors, same)
	}
	if m.follows {
		for _, c := range s.order {
			c.follow = slices.DeleteFunc(c.follow, same)
		}
	}
}

// endCallMonitors ends the monitors whose object was the call.
func (s *Switch) endCallMonitors(c *call) {
	for _, m := range c.follow {
		if m.call == c {
			delete(s.link.monitors, m.ref)
		}
	}
	c.follow = nil
}

// dropMonitors ends all monitors, as a lost link does.
func (s *Switch) dropMonitors() {
	for _, d := range s.plant.all {
		d.monitors = nil
	}
	for _, c := range s.order {
		c.follow = nil
	}
	s.link.monitors = make(map[string]*monitor)
}

// StopMonitor ends a monitor from the switch's side and tells the computing function.
func (s *Switch) StopMonitor(crossRef string) bool {
	m := s.link.monitors[crossRef]
	if m == nil {
		return false
	}
	s.endMonitor(m)
	s.ask(&csta.Message{Service: csta.MonitorStop, CrossRef: csta.CrossRefID(crossRef)})
	return true
}

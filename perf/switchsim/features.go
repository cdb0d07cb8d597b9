package switchsim

import "haproxy/codec/csta"

// feature returns the device of a feature request.
func (s *Switch) feature(req *csta.Message) (*device, csta.ErrorCode) {
	d := s.plant.byNumber[string(req.Device.Number)]
	if d == nil {
		return nil, errInvalidDevice
	}
	return d, csta.ErrorCode{}
}

func (s *Switch) getDoNotDisturb(req, resp *csta.Message) csta.ErrorCode {
	d, code := s.feature(req)
	if d != nil {
		resp.On = csta.SwitchOf(d.dnd)
	}
	return code
}

func (s *Switch) setDoNotDisturb(req, _ *csta.Message) csta.ErrorCode {
	d, code := s.feature(req)
	if d != nil {
		s.changeDND(d, req.On == csta.SwitchOn)
	}
	return code
}

// changeDND sets do-not-disturb and tells who watches.
func (s *Switch) changeDND(d *device, on bool) {
	d.dnd = on
	s.tellDevice(d, &csta.Message{
		Event: csta.EventDoNotDisturb, Device: d.id, On: csta.SwitchOf(on),
	})
}

func (s *Switch) getMessageWaiting(req, resp *csta.Message) csta.ErrorCode {
	d, code := s.feature(req)
	if d != nil {
		resp.On = csta.SwitchOf(d.mwi)
	}
	return code
}

func (s *Switch) setMessageWaiting(req, _ *csta.Message) csta.ErrorCode {
	d, code := s.feature(req)
	if d != nil {
		s.changeMWI(d, req.On == csta.SwitchOn)
	}
	return code
}

// changeMWI sets the message waiting indicator and tells who watches.
func (s *Switch) changeMWI(d *device, on bool) {
	d.mwi = on
	s.tellDevice(d, &csta.Message{
		Event: csta.EventMessageWaiting, Device: d.id, On: csta.SwitchOf(on),
	})
}

func (s *Switch) getForwarding(req, resp *csta.Message) csta.ErrorCode {
	d, code := s.feature(req)
	if d == nil {
		return code
	}
	for kind, to := range d.forwards {
		if to != "" {
			resp.Forwards = append(resp.Forwards, csta.ForwardItem{
				Type: csta.ForwardingType(kind), On: csta.SwitchOn, To: dialing(to),
			})
		}
	}
	return code
}

func (s *Switch) setForwarding(req, _ *csta.Message) csta.ErrorCode {
	d, code := s.feature(req)
	if d == nil {
		return code
	}
	kind := req.Forwarding
	if kind == csta.ForwardNone {
		kind = csta.ForwardImmediate
	}
	to := string(req.ForwardTo.Number)
	if req.On == csta.SwitchOn && s.plant.byNumber[to] == nil {
		return errInvalidDestination
	}
	if req.On != csta.SwitchOn {
		to = ""
	}
	s.changeForward(d, kind, to)
	return code
}

// changeForward sets or, with an empty number, ends a forwarding and tells who watches.
func (s *Switch) changeForward(d *device, kind csta.ForwardingType, to string) {
	msg := csta.Message{
		Event: csta.EventForwarding, Device: d.id, Forwarding: kind, On: csta.SwitchOf(to != ""),
	}
	if to != "" {
		msg.ForwardTo = dialing(to)
	}
	d.forwards[kind] = to
	s.tellDevice(d, &msg)
}

// changeService takes a device out of service or back.
func (s *Switch) changeService(d *device, out bool) {
	d.outOfServ = out
	event := csta.EventBackInService
	if out {
		event = csta.EventOutOfService
	}
	s.tellDevice(d, &csta.Message{Event: event, Device: d.id, Cause: csta.CauseMaintenance})
}

// randomFeature changes something at a random station or agent.
func (s *Switch) randomFeature() {
	d := s.plant.stations[s.rnd.IntN(len(s.plant.stations))]
	switch s.rnd.IntN(6) {
	case 0:
		s.changeDND(d, !d.dnd && s.chance(0.4))
	case 1:
		s.changeMWI(d, !d.mwi)
	case 2:
		kind := []csta.ForwardingType{
			csta.ForwardImmediate, csta.ForwardBusy, csta.ForwardNoAns,
		}[s.rnd.IntN(3)]
		to := ""
		if d.forwards[kind] == "" && s.chance(0.5) {
			to = s.plant.stations[s.rnd.IntN(len(s.plant.stations))].number
		}
		if to != d.number {
			s.changeForward(d, kind, to)
		}
	case 3:
		if d.outOfServ || len(d.conns) == 0 && s.chance(0.2) {
			s.changeService(d, !d.outOfServ)
		}
	default:
		s.randomAgent()
	}
}

package switchsim

import "haproxy/codec/csta"

// snapshotDevice answers the calls at a device: for each its own connection, who is at the far end,
// and the states of all, its own first.
func (s *Switch) snapshotDevice(req, resp *csta.Message) csta.ErrorCode {
	d := s.plant.byNumber[string(req.Device.Number)]
	if d == nil {
		return errInvalidDevice
	}
	for _, own := range d.conns {
		item := csta.ConnectionItem{New: own.id(), Endpoint: notKnown, State: own.state}
		for _, far := range own.call.conns {
			if far == own {
				continue
			}
			if !item.Endpoint.Known() {
				item.Endpoint = far.dev.id
			}
			item.Far = append(item.Far, far.state)
		}
		resp.Connections = append(resp.Connections, item)
	}
	s.segment(resp, csta.SnapshotDeviceData)
	return csta.ErrorCode{}
}

// snapshotCall answers the connections of a call.
func (s *Switch) snapshotCall(req, resp *csta.Message) csta.ErrorCode {
	c := s.calls[string(req.Subject.Call)]
	if c == nil {
		return errInvalidCall
	}
	for _, conn := range c.conns {
		resp.Connections = append(resp.Connections, csta.ConnectionItem{
			New: conn.id(), Endpoint: conn.dev.id, State: conn.state,
		})
	}
	s.segment(resp, csta.SnapshotCallData)
	return csta.ErrorCode{}
}

// names reports whether the protocol's segments of a service say which answer they belong to. Those of
// a SnapshotCall do not in XML.
func (s *Switch) names(service csta.Service) bool {
	frame, err := s.opts.Codec.Append(nil, &csta.Message{
		Kind: csta.KindRequest, Service: service, ServiceRef: csta.ServiceCrossRefID("1"),
		Connections: []csta.ConnectionItem{{State: csta.ConnectionConnected}},
	})
	var msg csta.Message
	return err == nil && s.opts.Codec.Decode(&msg, frame) == nil && len(msg.ServiceRef) > 0
}

// segment turns a long answer into a reference, and sends the entries in messages of their own.
func (s *Switch) segment(resp *csta.Message, service csta.Service) {
	size := s.opts.SegmentSize
	items := resp.Connections
	if size <= 0 || len(items) <= size || !s.names(service) {
		return
	}
	ref := s.nextID()
	resp.Connections = nil
	resp.ServiceRef = csta.ServiceCrossRefID(ref)
	for len(items) > 0 {
		n := min(size, len(items))
		s.ask(&csta.Message{
			Service: service, ServiceRef: csta.ServiceCrossRefID(ref), Connections: items[:n],
			LastSegment: n == len(items),
		})
		items = items[n:]
	}
}

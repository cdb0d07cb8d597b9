package cstaxml

import "haproxy/codec/csta"

// deviceIn returns a device identifier of the message, or the device of a connection; nil where the
// list it would be in is empty.
func deviceIn(m *csta.Message, f field) *csta.DeviceID {
	switch f {
	case theDevice:
		return &m.Device
	case calling:
		return &m.Calling
	case called:
		return &m.Called
	case lastRedirection:
		return &m.LastRedirection
	case destination:
		return &m.Destination
	case group:
		return &m.Group
	case forwardTo:
		return &m.ForwardTo
	case subject, secondary, itemNew, itemOld:
		if conn := connectionIn(m, f); conn != nil {
			return &conn.Device
		}
	case itemEndpoint:
		if n := len(m.Connections); n > 0 {
			return &m.Connections[n-1].Endpoint
		}
	case agentGroup:
		if n := len(m.Agents); n > 0 {
			return &m.Agents[n-1].Group
		}
	case itemForwardTo:
		if n := len(m.Forwards); n > 0 {
			return &m.Forwards[n-1].To
		}
	default:
	}
	return nil
}

// connectionIn returns a connection of the message, nil where the list it would be in is empty.
func connectionIn(m *csta.Message, f field) *csta.ConnectionID {
	switch f {
	case subject:
		return &m.Subject
	case secondary:
		return &m.Secondary
	case itemNew:
		if n := len(m.Connections); n > 0 {
			return &m.Connections[n-1].New
		}
	case itemOld:
		if n := len(m.Connections); n > 0 {
			return &m.Connections[n-1].Old
		}
	default:
	}
	return nil
}

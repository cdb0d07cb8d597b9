package mould

import "haproxy/codec/csta"

// field names a text of a message.
type field uint8

const fieldCount field = 21

// in returns the text of a message.
func (f field) in(m *csta.Message) *[]byte {
	switch f {
	case 0:
		return &m.Name
	case 1:
		return (*[]byte)(&m.CrossRef)
	case 2:
		return (*[]byte)(&m.Subject.Call)
	case 3:
		return &m.Subject.Device.Number
	case 4:
		return (*[]byte)(&m.Secondary.Call)
	case 5:
		return &m.Secondary.Device.Number
	case 6:
		return &m.Device.Number
	case 7:
		return &m.Calling.Number
	case 8:
		return &m.Called.Number
	case 9:
		return &m.LastRedirection.Number
	case 10:
		return &m.Destination.Number
	case 11:
		return &m.AgentID
	case 12:
		return &m.Group.Number
	case 13:
		return &m.ForwardTo.Number
	case 14:
		return &m.Item
	case 15:
		return &m.Private
	case 16:
		return (*[]byte)(&m.Register)
	case 17:
		return (*[]byte)(&m.ServiceRef)
	case 18:
		return (*[]byte)(&m.Session)
	case 19:
		return &m.Application
	default:
		return &m.SessionInfo
	}
}

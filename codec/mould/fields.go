package mould

import "haproxy/codec/csta"

// fields are the texts that the message of an event may have.
var fields = [...]func(m *csta.Message) *[]byte{
	func(m *csta.Message) *[]byte { return &m.Name },
	func(m *csta.Message) *[]byte { return (*[]byte)(&m.CrossRef) },
	func(m *csta.Message) *[]byte { return (*[]byte)(&m.Subject.Call) },
	func(m *csta.Message) *[]byte { return &m.Subject.Device.Number },
	func(m *csta.Message) *[]byte { return (*[]byte)(&m.Secondary.Call) },
	func(m *csta.Message) *[]byte { return &m.Secondary.Device.Number },
	func(m *csta.Message) *[]byte { return &m.Device.Number },
	func(m *csta.Message) *[]byte { return &m.Calling.Number },
	func(m *csta.Message) *[]byte { return &m.Called.Number },
	func(m *csta.Message) *[]byte { return &m.LastRedirection.Number },
	func(m *csta.Message) *[]byte { return &m.Destination.Number },
	func(m *csta.Message) *[]byte { return &m.AgentID },
	func(m *csta.Message) *[]byte { return &m.Group.Number },
	func(m *csta.Message) *[]byte { return &m.ForwardTo.Number },
	func(m *csta.Message) *[]byte { return &m.Item },
	func(m *csta.Message) *[]byte { return &m.Private },
	func(m *csta.Message) *[]byte { return (*[]byte)(&m.Register) },
	func(m *csta.Message) *[]byte { return (*[]byte)(&m.ServiceRef) },
	func(m *csta.Message) *[]byte { return (*[]byte)(&m.Session) },
	func(m *csta.Message) *[]byte { return &m.Application },
	func(m *csta.Message) *[]byte { return &m.SessionInfo },
}

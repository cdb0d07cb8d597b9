package csta

// ActsOnCalling reports whether callingDevice is the device that the message is about.
func (m *Message) ActsOnCalling() bool {
	switch m.Kind {
	case KindEvent:
		return m.Event == EventOriginated
	case KindRequest:
		return m.Service == MakeCall || m.Service == MakePredictiveCall
	default:
		return false
	}
}

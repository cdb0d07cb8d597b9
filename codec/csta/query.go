package csta

// IsQuery reports whether a service asks how calls, agents or features are, and changes nothing: what a state that has
// followed the events may answer in the switch's place.
func (s Service) IsQuery() bool {
	switch s {
	case SnapshotDevice, SnapshotCall, GetAgentState, GetDoNotDisturb, GetForwarding, GetMessageWaitingIndicator:
		return true
	default:
		return false
	}
}

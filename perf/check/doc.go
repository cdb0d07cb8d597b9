// Package check compares what T-Servers got with what the simulated switch sent: their streams,
// their models, and the replay that one which returned was given. It judges by its own reading of
// the rules and shares no code with the proxy.
//
//	if err := check.Joined(switchLedger, primary, backup); err != nil {
//		return err
//	}
package check

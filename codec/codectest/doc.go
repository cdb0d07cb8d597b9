// Package codectest holds one table of messages that every codec is run through, and the comparison
// of what comes back; and what tests do where something outside of the repository is missing. It is
// imported by tests only.
//
//	for _, c := range codectest.Messages() {
//		frame, err := codec.Append(nil, &c.Message)
//		…
//		if diff := codectest.Diff(&got, &c.Message); diff != "" {
//			t.Errorf("%s: %s", c.Name, diff)
//		}
//	}
package codectest

// Package codectest holds one table of messages that every codec is run through, and the comparison
// of what comes back. It is imported by tests only.
//
//	for _, c := range codectest.Messages() {
//		frame, err := codec.Append(nil, &c.Message)
//		…
//		if diff := codectest.Diff(&got, &c.Message); diff != "" {
//			t.Errorf("%s: %s", c.Name, diff)
//		}
//	}
package codectest

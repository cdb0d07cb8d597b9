package codectest

import (
	"os"
	"testing"
)

// Missing skips a test for something outside of the repository that it needs, and says what. Where
// HAPROXY_REQUIRE is 1 it fails the test instead: that is how CI knows that nothing was skipped.
func Missing(tb testing.TB, what ...any) {
	tb.Helper()
	if os.Getenv("HAPROXY_REQUIRE") == "1" {
		tb.Fatal(append([]any{"HAPROXY_REQUIRE is 1, and missing is:"}, what...)...)
	}
	tb.Skip(append([]any{"missing:"}, what...)...)
}

// Samples returns the folder of the real messages of switches, which are others' data and stay where
// they are. Once HAPROXY_SAMPLES names it, whatever it lacks fails a test.
func Samples(tb testing.TB) string {
	tb.Helper()
	folder := os.Getenv("HAPROXY_SAMPLES")
	if folder == "" {
		Missing(tb, "the folder of real messages: HAPROXY_SAMPLES does not name it")
	}
	return folder
}

package csta

import (
	"slices"
	"testing"
)

// Every state of a list keeps its place, one that is not known too, and lists do not grow into one another.
func TestAppendFar(t *testing.T) {
	for _, want := range [][]ConnectionState{
		{ConnectionHold},
		{ConnectionNone, ConnectionHold},
		{ConnectionAlerting, ConnectionNone, ConnectionHold},
		{ConnectionNone, ConnectionNone, ConnectionNone, ConnectionQueued},
		{ConnectionHold},
	} {
		var far []ConnectionState
		for _, s := range want {
			far = AppendFar(far, s)
		}
		if !slices.Equal(far, want) {
			t.Errorf("%v, not %v", far, want)
		}
	}
}

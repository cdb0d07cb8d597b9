package cstaber_test

import (
	"testing"

	"haproxy/codec/csta"
	"haproxy/codec/cstaber"
	"haproxy/codec/frame"
)

// TestWorkStatesInFilters: phases I and II have a bit for either work state, which are one event of the vocabulary: a
// filter that names one of them lets that event pass.
func TestWorkStatesInFilters(t *testing.T) {
	for bits, want := range map[string]bool{
		"02 08": false, // workNotReady
		"02 04": false, // workReady
		"02 0c": true,
		"02 fc": true,
	} {
		for _, phase := range []cstaber.Phase{cstaber.Phase1, cstaber.Phase2} {
			var m csta.Message
			pdu := octets("a1 14 02 01 09 02 01 47 30 0c 80 04 32 30 30 31 30 04 82 02" + bits)
			if err := cstaber.New(phase, frame.BER).Decode(&m, pdu); err != nil {
				t.Fatal(err)
			}
			if got := m.Filter.Has(csta.EventAgentWorkingAfterCall); !m.HasFilter || got != want {
				t.Errorf("phase %d, bits %s: filtered is %t, the filter %x", phase, bits, got, m.Filter)
			}
		}
	}
}

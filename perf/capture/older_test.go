package capture_test

import (
	"maps"
	"testing"

	"haproxy/codec/csta"
	"haproxy/perf/capture"
)

// A monitor whose start the capture lacks is for the device that most of its events are about; one that began in the
// capture is no guess.
func TestOlder(t *testing.T) {
	device := func(n string) csta.DeviceID { return csta.DeviceID{Form: csta.DeviceNumber, Number: []byte(n)} }
	event := func(ref, calling, called string) *csta.Message {
		return &csta.Message{
			Kind: csta.KindEvent, CrossRef: csta.CrossRefID(ref), Calling: device(calling), Called: device(called),
			Subject: csta.ConnectionID{Device: device(called)},
		}
	}
	var older capture.Older
	for _, msg := range []*csta.Message{
		event("1", "2001", "2002"), event("1", "2003", "2001"), event("1", "2001", "2004"),
		{Kind: csta.KindResponse, Service: csta.MonitorStart, CrossRef: csta.CrossRefID("2")},
		event("2", "2005", "2006"),
		event("3", "2007", ""),
		{Kind: csta.KindResponse, Service: csta.MonitorStart, CrossRef: csta.CrossRefID("3")}, // used again
		event("3", "2008", ""), event("3", "2008", ""),
	} {
		older.Note(msg)
	}
	got := make(map[string]string)
	for number, ref := range older.Monitors() {
		got[number] = string(ref)
	}
	if !maps.Equal(got, map[string]string{"2001": "1", "2007": "3"}) {
		t.Error(got)
	}
}

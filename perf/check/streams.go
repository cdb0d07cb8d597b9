package check

import (
	"bytes"
	"fmt"

	"haproxy/perf/ledger"
)

// Same compares two T-Servers that were joined to the same monitors for the whole time of both
// ledgers: every event, byte for byte, in the same order over all monitors.
func Same(a, b *ledger.Ledger) error {
	if a.Chain() == b.Chain() && a.Count() == b.Count() {
		return nil
	}
	mine, theirs := a.Entries(), b.Entries()
	for i := range min(len(mine), len(theirs)) {
		if !bytes.Equal(mine[i].Frame, theirs[i].Frame) {
			return differ(i, mine[i].Frame, theirs[i].Frame)
		}
	}
	return fmt.Errorf("%d events here, %d there, the shorter equal to the beginning of the longer",
		a.Count(), b.Count())
}

// Began compares a T-Server whose leg ended early with one that stayed: what it got is the
// beginning of what the other got.
func Began(short, whole *ledger.Ledger) error {
	mine, theirs := short.Entries(), whole.Entries()
	if len(mine) > len(theirs) {
		return fmt.Errorf("%d events, more than the %d of the one that stayed",
			len(mine), len(theirs))
	}
	for i := range mine {
		if !bytes.Equal(mine[i].Frame, theirs[i].Frame) {
			return differ(i, mine[i].Frame, theirs[i].Frame)
		}
	}
	return nil
}

// Sent compares a T-Server that was there all along with the switch, monitor by monitor: the same
// frames in the same order. refs are the cross reference IDs the T-Server shares in.
func Sent(sw, ts *ledger.Ledger, refs map[string]string) error {
	for ref, device := range refs {
		sent, got := sw.Frames(ref), ts.Frames(ref)
		for i := range min(len(sent), len(got)) {
			if !bytes.Equal(sent[i], got[i]) {
				return fmt.Errorf("device %s, event %d: sent and received differ:\n%s\n%s",
					device, i, text(sent[i]), text(got[i]))
			}
		}
		if len(sent) != len(got) {
			return fmt.Errorf("device %s: %d events sent, %d received", device, len(sent), len(got))
		}
	}
	return nil
}

// differ is the error of two frames that should be one.
func differ(i int, mine, theirs []byte) error {
	return fmt.Errorf("event %d differs:\n%s\n%s", i, text(mine), text(theirs))
}

// text cuts a frame to what fits a report.
func text(frame []byte) string {
	const most = 300
	if len(frame) > most {
		return fmt.Sprintf("%q…", frame[:most])
	}
	return fmt.Sprintf("%q", frame)
}

package endtoend

import (
	"testing"
	"time"

	"haproxy/codec/frame"
	"haproxy/perf/ledger"
	"haproxy/perf/protocols"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// The bound of the framing itself passes: a frame of 65,535 bytes in XML. Where each length around the
// padding takes more octets with it, the frame is a few bytes short of the bound.
func TestLargestFrame(t *testing.T) { each(t, protocols.Phases(), largestFrame) }

func largestFrame(t *testing.T, p protocols.Protocol) {
	t.Helper()
	r := newRig(t, setup{speaks: p, sw: switchsim.Options{Seed: 5, Plant: plant, Log: ledger.Full}})
	opts := tserversim.Options{Devices: plant.Numbers(), Ask: tserversim.AskAll}
	primary, backup := r.tserver("primary", 1, opts), r.tserver("backup", 2, opts)
	r.join(primary, 0)
	r.join(backup, 1)
	largest := frame.ECMA323Max
	if !p.IsXML() {
		const lengths = 24
		largest = p.FrameMax() - lengths
	}
	r.sw.With(func(core *switchsim.Switch) {
		core.SetLoad(switchsim.Load{Calls: 5, EventLen: largest, Pace: 30 * time.Millisecond})
	})
	r.sleepEvents(200)
	r.quiet(primary, backup)
	r.equal(primary, backup)
}

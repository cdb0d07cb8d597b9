package faults

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"haproxy/codec/csta"
	"haproxy/perf/check"
	"haproxy/perf/ledger"
	"haproxy/perf/stamp"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// leaked compares what the proxy holds with what it held before the fault. Sockets and goroutines end
// a moment after their peers.
func (r *rig) leaked(before usage) {
	r.t.Helper()
	var now usage
	deadline := time.Now().Add(patience)
	for now = r.proxy.usage(); now.fds > before.fds || now.goroutines > before.goroutines; now = r.proxy.usage() {
		if time.Now().After(deadline) {
			r.t.Errorf("the proxy held %+v and holds %+v after %v: %v", before, now, patience, r.proxy.open())
			break
		}
		r.pause(10 * time.Millisecond)
	}
	const growth = 96 << 10 // a backlog of each T-Server, and the collector's slack
	if now.rss > before.rss+growth {
		r.t.Errorf("resident memory: %d KiB before, %d KiB after", before.rss, now.rss)
	}
}

// judge compares both T-Servers with the switch. lost says that the link was lost meanwhile.
func (r *rig) judge(lost bool) {
	r.t.Helper()
	var sw SwitchReport
	r.sw.call("Report", None{}, &sw)
	sent := sw.Sent.ledger()
	if stats := r.switchState().Stats; stats.Undecodable+stats.DuplicateInvokes+stats.Unencodable > 0 {
		r.t.Errorf("switch: %+v", stats)
	}
	var reports [2]TServerReport
	var models [2]*tserversim.Model
	for i, ts := range r.ts {
		ts.call("Report", None{}, &reports[i])
		r.stream(place(i), sent, &reports[i], lost)
		stats := r.tserver(place(i)).Stats
		if lost {
			stats.Unstamped = 0 // made events: where they may be was checked
			// Events of calls that began while their device waits to be compared come before others that
			// wait: told between disabled and normal alone, as the stream showed.
			stats.Disordered = 0
		}
		if stats.Faults()+stats.MonitorsLost+stats.MonitorsRefused > 0 {
			r.t.Errorf("%v: %+v", place(i), stats)
		}
		models[i] = reports[i].model()
		if lost {
			r.grantBusy(sw.Truth, models[i])
			grantService(sw.Truth, models[i])
		}
		if d := check.Truth(models[i], sw.Truth); d != "" {
			r.t.Errorf("%v's model and the truth:\n%s\n%s", place(i), d, r.history(d, sent, &reports[i]))
		}
	}
	if d := models[0].Diff(models[1]); d != "" {
		r.t.Errorf("primary's model and the backup's:\n%s", d)
	}
	living := r.born == [2]int{1, 1} // what a process that was killed asked is not known
	requests, err := check.Once(sw.Reached, slices.Concat(reports[0].Asked, reports[1].Asked), living)
	if err != nil {
		r.t.Errorf("requests: %v", err)
	}
	r.t.Logf("requests: %+v", requests)
}

// grantBusy takes a T-Server's word for agents that are busy, where the protocol's answers cannot say
// so: who became busy while there was no link is not known before the next event.
func (r *rig) grantBusy(truth switchsim.Truth, model *tserversim.Model) {
	if _, err := r.speaks.NewCodec().Append(nil, &csta.Message{
		Kind: csta.KindResponse, Service: csta.GetAgentState, Agents: []csta.AgentItem{{State: csta.AgentBusy}},
	}); err == nil {
		return
	}
	for i := range truth.Devices {
		device := &truth.Devices[i]
		if view := model.View(device.Number); view != nil && device.Agent == csta.AgentBusy {
			for _, state := range view.Agents {
				device.Agent = state
			}
		}
	}
}

// grantService passes over whether devices are in service: a T-Server that was told before the link was lost does not
// hear what changed meanwhile, since no query tells it.
func grantService(truth switchsim.Truth, model *tserversim.Model) {
	for i := range truth.Devices {
		if view := model.View(truth.Devices[i].Number); view != nil {
			view.OutOfService, view.ServiceTold = false, false
		}
	}
}

// history draws what the switch sent and what a T-Server got of the devices that differences name.
func (r *rig) history(differences string, sent *ledger.Ledger, report *TServerReport) string {
	var b strings.Builder
	codec := r.speaks.NewCodec()
	device := strings.TrimSuffix(strings.Fields(differences)[1], ",")
	draw := func(entry ledger.Entry, of func(msg *csta.Message) bool) {
		var msg csta.Message
		if codec.Decode(&msg, entry.Frame) != nil || !of(&msg) {
			return
		}
		mark, made := stamp.Find(entry.Frame)
		fmt.Fprintf(&b, "%v %s: %v %s at %s, local %v, agent %s %v", mark, entry.CrossRef, msg.Event, msg.Subject.Call,
			msg.Subject.Device.Number, msg.Local, msg.AgentID, msg.Agent)
		if !made {
			b.WriteString(", MADE")
		}
		b.WriteByte('\n')
	}
	var ref string
	for other, number := range report.Refs {
		if number == device {
			ref = other
		}
	}
	calls := make(map[string]bool)
	fmt.Fprintf(&b, "what the T-Server got of device %s:\n", device)
	got := report.Legs[len(report.Legs)-1]
	for i, entry := range got.Entries {
		for _, note := range got.Notes {
			if note.At == i && note.What != ledger.Normal || note.At == i && i > 0 && len(got.Notes) < 20 {
				fmt.Fprintf(&b, "-- noted %d\n", note.What)
			}
		}
		if entry.CrossRef == ref {
			draw(entry, func(msg *csta.Message) bool { calls[string(msg.Subject.Call)] = true; return true })
		}
	}
	const most = 6000
	got0 := b.String()
	b.Reset()
	b.WriteString("what the switch sent of its calls:\n")
	for _, entry := range sent.Entries() {
		draw(entry, func(msg *csta.Message) bool {
			return calls[string(msg.Subject.Call)] && strings.Contains(differences, string(msg.Subject.Call)) &&
				len(msg.Subject.Call) > 0
		})
	}
	return string(tail([]byte(got0), most)) + string(tail([]byte(b.String()), most))
}

// stream checks all legs that a T-Server's process had.
func (r *rig) stream(at place, sent *ledger.Ledger, report *TServerReport, lost bool) {
	r.t.Helper()
	codec := r.speaks.NewCodec()
	for i := range report.Legs {
		whole := i == len(report.Legs)-1
		got := report.Legs[i].ledger()
		covered, err := check.Covered(codec, sent, got, whole)
		if err != nil {
			r.t.Errorf("%v, leg %d of %d: %v", at, i+1, len(report.Legs), err)
			continue
		}
		r.t.Logf("%v, leg %d: %+v of %d sent", at, i+1, covered, sent.Count())
		if lost || !whole {
			continue
		}
		if _, err := check.Returned(codec, sent, got, report.Refs); err != nil {
			r.t.Errorf("%v, replay: %v", at, err)
		}
	}
}

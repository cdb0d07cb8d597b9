package demo

import (
	"context"
	"time"

	"haproxy/codec/csta"
	"haproxy/perf/check"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// chat is what both T-Servers ask while they play: queries and calls of their own.
var chat = tserversim.Requests{Rate: 25, Control: true}

// together lets calls run with both T-Servers joined.
func (s *stage) together(ctx context.Context) error {
	s.sw.With(func(core *switchsim.Switch) { core.SetLoad(s.load) })
	s.talk(chat)
	s.report.say("calls run: %d at once; both T-Servers send requests under equal invoke IDs",
		s.opts.Calls)
	if err := wait(ctx, s.opts.Act); err != nil {
		return err
	}
	return nil
}

// alone kills the backup amid its calls and lets the primary go on.
func (s *stage) alone(ctx context.Context) error {
	s.ts[1].Kill()
	s.report.say("T-Server 2 is killed amid %d calls", s.calls())
	return wait(ctx, s.opts.Act)
}

// reunion brings the backup back; nobody else asks the switch anything meanwhile.
func (s *stage) reunion(ctx context.Context) error {
	s.talk(tserversim.Requests{})
	if err := s.answered(ctx); err != nil {
		return err
	}
	before := s.requests()
	s.alive = s.calls()
	s.report.say("T-Server 2 returns to %d calls", s.alive)
	if err := s.join(ctx, 1); err != nil {
		return err
	}
	s.joining = s.requests()
	for service, n := range before {
		if s.joining[service] -= n; s.joining[service] == 0 {
			delete(s.joining, service)
		}
	}
	s.talk(chat)
	return wait(ctx, s.opts.Act)
}

// still lets the calls stand and what is under way arrive.
func (s *stage) still(ctx context.Context) error {
	s.talk(tserversim.Requests{})
	if err := s.answered(ctx); err != nil {
		return err
	}
	s.sw.With(func(core *switchsim.Switch) { core.SetLoad(switchsim.Load{Still: true}) })
	var seen [2]uint64
	for calm := 0; calm < 10; calm++ {
		if err := wait(ctx, 30*time.Millisecond); err != nil {
			return err
		}
		for i := range s.ts {
			s.ts[i].With(func(core *tserversim.TServer) {
				if frames := core.Stats().Frames; frames != seen[i] {
					seen[i], calm = frames, 0
				}
			})
		}
	}
	return nil
}

// verdict compares everything.
func (s *stage) verdict() error {
	s.sw.With(func(sw *switchsim.Switch) {
		s.ts[0].With(func(primary *tserversim.TServer) {
			s.ts[1].With(func(backup *tserversim.TServer) { s.judge(sw, primary, backup) })
		})
	})
	if s.report.finish() > 0 {
		return ErrFailed
	}
	return nil
}

// judge fills the report in.
func (s *stage) judge(sw *switchsim.Switch, primary, backup *tserversim.TServer) {
	r := s.report
	sent, p, b := sw.Stats(), primary.Stats(), backup.Stats()
	legs := backup.Ledgers()
	first, second := legs[0], legs[len(legs)-1]
	devices := len(s.plant.Numbers())
	r.table([]string{"", "switch", "T-Server 1", "T-Server 2"}, [][]string{
		{
			"events", number(sw.Ledger().Count()), number(primary.Ledger().Count()),
			number(first.Count()) + " + " + number(second.Count()),
		},
		{"requests", number(sent.RequestsAll), number(p.Requests), number(b.Requests)},
		{"errors answered", number(sent.ErrorsSent), number(p.ErrorsAll), number(b.ErrorsAll)},
		{
			"calls at the end", number(calls(sw.Truth(), primary.Model())),
			number(primary.Model().Calls()), number(backup.Model().Calls()),
		},
	})
	r.check(check.Began(first, primary.Ledger()),
		"until the kill both streams are identical: %d events, byte for byte", first.Count())
	r.check(check.Sent(sw.Ledger(), primary.Ledger(), primary.CrossRefs()),
		"T-Server 1 got every event of the switch, unharmed and in order")
	replay, err := check.Returned(s.opts.Protocol.NewCodec(), sw.Ledger(), second, backup.CrossRefs())
	r.check(err, "T-Server 2 returned to %d calls: %d events replayed, of open calls only,"+
		" then %d live ones without a gap", s.alive, replay.Replayed, replay.Live)
	r.checkText(backup.Model().Diff(primary.Model()), "the call models of both are equal")
	r.checkText(check.Truth(backup.Model(), sw.Truth()), "and they are what is so in the switch")
	r.checkThat(sent.Requests[csta.MonitorStart] == devices && sent.Second == 0,
		"%d devices cost the switch %d MonitorStart; it saw one link",
		devices, sent.Requests[csta.MonitorStart])
	r.checkThat(len(s.joining) == 0, "the return, in step after %s, cost the switch no request",
		round(s.sync))
	if len(s.joining) > 0 {
		r.note("%v", s.joining)
	}
	r.checkThat(p.Faults()+b.Faults() == 0 && sent.DuplicateInvokes == 0 && sent.Unencodable == 0,
		"%d requests of both: each answered once, to its asker, under its own ID",
		p.Requests+b.Requests)
	if p.Faults()+b.Faults() > 0 {
		r.note("T-Server 1: %+v", p)
		r.note("T-Server 2: %+v", b)
	}
}

// talk changes what the T-Servers ask.
func (s *stage) talk(requests tserversim.Requests) {
	for _, ts := range s.ts {
		ts.With(func(core *tserversim.TServer) { core.SetRequests(requests) })
	}
}

// answered waits until no request of a living T-Server is open.
func (s *stage) answered(ctx context.Context) error {
	for _, ts := range s.ts {
		select {
		case <-ts.Done():
			continue
		default:
		}
		if err := ts.Wait(ctx, func(core *tserversim.TServer) bool {
			return core.Outstanding() == 0
		}); err != nil {
			return err
		}
	}
	return nil
}

// requests returns how many requests the switch saw of each service, heartbeats apart.
func (s *stage) requests() map[csta.Service]int {
	stats := s.sw.Stats()
	delete(stats.Requests, csta.SystemStatus)
	return stats.Requests
}

// calls counts the calls at the devices that a model watches.
func calls(truth switchsim.Truth, model *tserversim.Model) int {
	ids := make(map[string]bool)
	for i := range truth.Devices {
		if model.View(truth.Devices[i].Number) == nil {
			continue
		}
		for _, c := range truth.Devices[i].Connections {
			ids[c.Call] = true
		}
	}
	return len(ids)
}

// calls returns how many calls are alive.
func (s *stage) calls() (n int) {
	s.sw.With(func(core *switchsim.Switch) { n = core.Calls() })
	return n
}

// close ends everybody, the proxy between its two sides.
func (s *stage) close() {
	for _, ts := range s.ts {
		if ts != nil {
			ts.Close()
		}
	}
	for _, stop := range s.report.atEnd {
		stop()
	}
	if s.sw != nil {
		s.sw.Close()
	}
}

// wait passes time.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

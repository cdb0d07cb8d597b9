package replay

import (
	"time"

	"haproxy/codec/csta"
	"haproxy/perf/capture"
)

// switchSide is the switch that the far side calls.
type switchSide struct {
	*director
	peer    *peer
	leg     *capture.Leg // that is played now
	asked   map[csta.InvokeID]question
	exact   exact
	pending map[string][]waiting
	owed    map[string][]*answer     // whose turn came before their request
	turns   map[string]int           // that the answers of each key had
	next    map[string]int           // of these answers, those that had their turn or were given before it
	active  map[string]bool          // monitors that the far side started
	given   map[string]bool          // of those that began before the capture, which it was given on this link
	opened  map[csta.Service]bool    // of what opens a link that began before the capture, the same
	stood   stood                    // what stood on it
	moved   map[string]csta.EventSet // what was told of its monitors since
	opening bool                     // that is brought about
	normal  bool                     // the far side no longer refuses all that it is asked meanwhile
	stands  bool                     // it was brought about, and the link's leg in the record has not come
	over    passedOver               // requests that the far side does not make
	again   bool                     // a round was played on this link: what the far side has asked it need not ask again
	begun   bool                     // this round has begun
	fresh   bool                     // the link began amid it
	heard   bool                     // the far side has said something, on any link
	silent  int                      // links in a row that it ended without a word
	quiet   time.Time                // when it ended the first of these
	garbled error                    // of what it said, that cannot be cut into frames
	status  csta.InvokeID            // of the last status that was told
	told    bool                     // and it was answered
}

// waiting is a request of the far side whose answer has not had its turn.
type waiting struct {
	invoke csta.InvokeID
	since  time.Time
}

func newSwitchSide(d *director) *switchSide {
	s := &switchSide{director: d, over: newPassedOver()}
	s.reset()
	return s
}

// reset forgets what a link had: its next one begins anew.
func (s *switchSide) reset() {
	s.pending, s.owed = make(map[string][]waiting), make(map[string][]*answer)
	s.asked, s.active = make(map[csta.InvokeID]question), make(map[string]bool)
	s.given, s.again, s.fresh = make(map[string]bool), false, s.begun
	s.opened = make(map[csta.Service]bool)
	s.stood, s.moved = newStood(&s.script.standing), make(map[string]csta.EventSet)
}

// rewind begins the capture anew. On a link that was there for a whole round the far side's monitors go on, so that no
// request is waited for: what it asks all the same is answered when it comes.
func (s *switchSide) rewind() {
	s.again = s.peer != nil && !s.fresh
	s.begun, s.fresh = false, false
	s.next, s.turns, s.leg = make(map[string]int), make(map[string]int), nil
	s.over = newPassedOver()
	s.asked, s.owed = make(map[csta.InvokeID]question), make(map[string][]*answer)
}

// play plays one message of the switch's leg.
func (s *switchSide) play(l *line) error {
	if l.end {
		if s.opts.Loop || s.leg != l.leg { // the link goes on with the next round
			return nil
		}
		return s.hangUp()
	}
	if err := s.begin(l); err != nil {
		return err
	}
	if err := s.peer.codec.Decode(&s.msg, l.frame); err != nil {
		return nil // the capture's reader could, before more was known of the leg
	}
	switch {
	case !l.fromSwitch && l.kind == csta.KindRequest:
		return s.due(l)
	case !l.fromSwitch, l.service == csta.SystemStatus && l.kind != csta.KindRequest:
	case l.kind == csta.KindEvent || l.kind == csta.KindRequest:
		return s.tell(l)
	case isAnswer(l.kind):
		q, known := s.asked[s.msg.Invoke]
		delete(s.asked, s.msg.Invoke)
		switch {
		case !known:
		case s.opts.Expect:
			s.answerExactly(q)
		default:
			return s.answer(q)
		}
	}
	return nil
}

// due notes what the far side asked in the capture. Where streams are compared it is waited for, so that what comes
// next finds the far side as it was.
func (s *switchSide) due(l *line) error {
	if l.service == csta.SystemStatus || !l.service.HasResponse() {
		return nil
	}
	q := question{key: keyOf(&s.msg), service: l.service, number: l.number}
	s.asked[s.msg.Invoke] = q
	if !s.opts.Expect || !s.over.expects(l.service) || endsLeg(l.service) { // a proxy ends its link when it stops
		return nil
	}
	came, err := s.await(func() bool { return s.exact.has(q) || s.peer == nil })
	s.over.note(l.service, came)
	return err
}

// begin waits for the far side, anew where the capture's link was lost.
func (s *switchSide) begin(l *line) error {
	if s.leg != l.leg && s.leg != nil || s.stands && !l.leg.Midway {
		if err := s.hangUp(); err != nil {
			return err
		}
	}
	s.leg, s.stands = l.leg, false
	defer func() { s.begun = true }()
	if s.peer != nil && s.peer.err == nil {
		return nil
	}
	if s.drain(); s.peer != nil { // what was said to it failed, and its end has not come yet
		s.ended(s.peer, nil)
	}
	if err := s.settleOn(l); err != nil {
		return err
	}
	s.began, s.round = time.Now().Add(-s.elapsed(l.at)), 0 // the pace goes on from here
	return nil
}

// arrive waits so long for the far side of a link, whose messages are those of a leg from a number on.
func (s *switchSide) arrive(leg, from int, most time.Duration) error {
	if s.reset(); s.opts.Expect {
		s.exact = newExact(s.script.index.link(leg), from)
	}
	return s.waiting(func() (err error) {
		s.peer, err = s.meet(most)
		return err
	})
}

// hangUp ends the link, and waits until the far side has noticed.
func (s *switchSide) hangUp() error {
	if s.leg = nil; s.peer == nil {
		return nil
	}
	s.peer.leave()
	_, err := s.await(func() bool { return s.peer == nil })
	s.peer.close()
	s.peer = nil
	return err
}

// tell sends an event or a request of the switch in its turn. Where streams are compared, so is what the proxy makes of
// an event that came before the answer to its MonitorStart, or that nobody waits for.
func (s *switchSide) tell(l *line) error {
	if len(s.msg.ServiceRef) > 0 && l.kind != csta.KindEvent && s.isSegment(l) {
		return nil // went with its answer
	}
	ref, invoke := string(s.msg.CrossRef), s.msg.Invoke // others are decoded meanwhile
	frame := s.named(l.frame, ref)
	if l.kind == csta.KindEvent && s.msg.Event < csta.EventCount && !s.opts.Expect {
		told := s.moved[ref]
		told.Add(s.msg.Event)
		s.moved[ref] = told
	}
	unwatched := func() bool {
		return l.kind == csta.KindEvent && ref != "" && !s.active[ref] && !s.opts.Expect
	}
	if s.opts.Rate == 0 || !unwatched() { // what is left out has its time, but none of an even rate
		if err := s.pace(l.at); err != nil || s.peer == nil { // who left meanwhile does not hear it
			return err
		}
	}
	if unwatched() {
		if !s.stood.goOn(ref, frame) {
			s.result.Unwatched++
		}
		return nil
	}
	s.peer.send(frame)
	s.result.Sent++
	if l.kind == csta.KindEvent {
		s.result.Events++
	}
	return s.sent(l, invoke)
}

// sent brings a message on its way. Where streams are compared, what the far side makes of a status is waited for,
// since it is told on no leg but by statuses, which are not compared.
func (s *switchSide) sent(l *line, invoke csta.InvokeID) error {
	if s.opts.TopSpeed && !s.opts.Expect {
		return nil
	}
	s.peer.flush()
	if !s.opts.Expect || l.service != csta.SystemStatus {
		return nil
	}
	return s.statusTaken(invoke)
}

// statusTaken waits until the far side has answered a status.
func (s *switchSide) statusTaken(invoke csta.InvokeID) error {
	s.status, s.told = invoke, false
	_, err := s.await(func() bool { return s.told || s.peer == nil })
	return err
}

// sendEvent sends an event of before the capture.
func (s *switchSide) sendEvent(frame []byte) {
	s.peer.send(frame)
	s.result.Sent++
	s.result.Events++
}

// isSegment reports whether a message carries a part of an answer.
func (s *switchSide) isSegment(l *line) bool {
	return l.service == csta.SnapshotDeviceData || l.service == csta.SnapshotCallData
}

// answer gives the next answer to a question, whose turn has come, to its request: at once, or when it comes.
func (s *switchSide) answer(q question) error {
	key, n := q.key, s.turns[q.key]
	if n >= len(s.script.index.answers[key]) {
		return nil // the index had no room for it
	}
	a := s.script.index.answers[key][n]
	s.turns[key]++
	if s.next[key] == n {
		if err := s.waitFor(q); err != nil {
			return err
		}
	}
	if s.next[key] > n {
		return nil // it was given before its turn, or meanwhile, as its request had waited for long
	}
	s.next[key]++ // only now: a request that comes meanwhile waits for it
	if len(s.pending[key]) == 0 || s.peer == nil {
		if !s.again {
			s.result.Unasked++
		}
		s.owed[key] = append(s.owed[key], a)
		return nil
	}
	all := s.pending[key]
	s.pending[key] = all[1:]
	s.give(all[0].invoke, a)
	if n+1 == len(s.script.index.answers[key]) { // it was the last: who asked meanwhile is told the same
		delete(s.pending, key)
		for _, w := range all[1:] {
			s.give(w.invoke, a)
		}
	}
	return nil
}

// give answers a request.
func (s *switchSide) give(invoke csta.InvokeID, a *answer) {
	for i, f := range a.frames {
		if i == 0 {
			s.peer.sendAs(f, invoke)
		} else {
			s.peer.send(f)
		}
		if s.peer.codec.Decode(&s.msg, f) == nil && len(s.msg.CrossRef) > 0 {
			s.active[string(s.msg.CrossRef)] = true
		}
		s.result.Sent++
	}
	s.result.Answered++
	s.peer.flush()
}

// take takes what the far side said.
func (s *switchSide) take(frame []byte, now time.Time) {
	p := s.peer
	p.heard, s.heard, s.over.quiet = true, true, 0
	if p.codec.Decode(&p.msg, frame) != nil {
		return
	}
	s.told = s.told || p.msg.Kind != csta.KindRequest && p.msg.Invoke == s.status
	if p.heartbeat(p.msg.Service) {
		s.result.Heartbeats++
		return
	}
	if p.msg.Kind != csta.KindRequest || !p.msg.Service.HasResponse() {
		return // an answer to the switch, or what needs none
	}
	if p.msg.Service == csta.MonitorStop {
		delete(s.active, string(p.msg.CrossRef))
	}
	if ref, named := s.stood.own[string(p.msg.CrossRef)]; named && s.opts.Expect {
		p.msg.CrossRef = ref
	}
	key, invoke := keyOf(&p.msg), p.msg.Invoke
	switch {
	case (s.opening || !s.opts.Expect) && s.giveStood(key, invoke):
	case s.opening, s.isOlder(&p.msg):
		s.improvise()
	case s.opts.Expect && (s.giveTold(key, invoke) || s.takeExactly(key, invoke) || s.giveStood(key, invoke)):
	default:
		s.answerInTurn(key, invoke, now)
	}
}

// answerInTurn answers a request by what the capture has for such, in its turn.
func (s *switchSide) answerInTurn(key string, invoke csta.InvokeID, now time.Time) {
	switch all := s.script.index.answers[key]; {
	case len(s.owed[key]) > 0:
		a := s.owed[key][0]
		s.owed[key] = s.owed[key][1:]
		if !s.again {
			s.result.Unasked--
		}
		s.give(invoke, a)
	case s.next[key] < len(all) && !s.opts.Expect:
		s.pending[key] = append(s.pending[key], waiting{invoke, now})
	case len(all) > 0: // asked more often than it was: it is told the last
		s.give(invoke, all[len(all)-1])
	default:
		s.improvise()
	}
}

// isMidway reports whether the link had begun before the capture, or nothing of it was played yet.
func (s *switchSide) isMidway() bool { return s.leg == nil || s.leg.Midway }

// isOlder reports whether a request is for what began before the capture, which has no answer to that: those that it
// has are for what came later. It is a monitor, or what opens a link.
func (s *switchSide) isOlder(msg *csta.Message) bool {
	if !s.isMidway() {
		return false
	}
	switch msg.Service {
	case csta.MonitorStart:
		ref, known := s.script.guessed[string(msg.Device.Number)]
		return known && !s.given[string(ref)]
	case csta.Associate, csta.StartApplicationSession, csta.SystemRegister:
		return s.leg != nil && !s.opened[msg.Service]
	default:
		return false
	}
}

// improvise answers what the capture has no answer for: the start of a monitor that had begun before the capture
// did, what opens a link, which is granted as it is asked for, and with an error all else.
func (s *switchSide) improvise() {
	asked := &s.peer.msg
	msg := csta.Message{Kind: csta.KindResponse, Service: asked.Service, Invoke: asked.Invoke}
	s.opened[asked.Service] = true
	ref, known := s.script.guessed[string(asked.Device.Number)]
	switch {
	case asked.Service == csta.MonitorStart && known && !s.active[string(ref)]:
		msg.CrossRef = ref
		s.active[string(ref)], s.given[string(ref)] = true, true
		s.result.Answered++
	case asked.Service == csta.MonitorStop:
	case asked.Service == csta.ChangeMonitorFilter:
		msg.HasFilter, msg.Filter = true, asked.Filter
	case asked.Service == csta.StartApplicationSession:
		msg.Session, msg.DurationSec = csta.SessionID("1"), asked.DurationSec
		msg.Versions = asked.Versions[:min(1, len(asked.Versions))]
	case asked.Service == csta.ResetApplicationSessionTimer:
		msg.Session, msg.DurationSec = asked.Session, asked.DurationSec
	case asked.Service == csta.SystemRegister:
		msg.Register = csta.RegisterID("1")
	case asked.Service == csta.Associate:
		msg.Association = asked.Association.Granted()
	default:
		msg.Kind, msg.Error = csta.KindError, csta.ErrGeneric
		s.result.Unmatched++
	}
	s.peer.say(&msg)
	s.peer.flush()
}

// overdue answers the requests that have waited for long, and whose answers' turn has not come.
func (s *switchSide) overdue(now time.Time, long time.Duration) {
	if s.peer == nil || s.opts.Expect {
		return
	}
	for key, all := range s.pending {
		for len(all) > 0 && now.Sub(all[0].since) > long && s.next[key] < len(s.script.index.answers[key]) {
			a := s.script.index.answers[key][s.next[key]]
			s.next[key]++
			s.give(all[0].invoke, a)
			all = all[1:]
		}
		s.pending[key] = all
	}
}

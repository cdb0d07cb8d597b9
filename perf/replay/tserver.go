package replay

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"slices"
	"time"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
	"haproxy/perf/capture"
)

// tserverSide is a T-Server that calls the proxy and does what one did in the capture.
type tserverSide struct {
	*director
	address  string
	codec    codec.Codec // reads what is compared
	peer     *peer
	leg      *capture.Leg // that is played now
	probe    csta.InvokeID
	probed   bool     // and it was answered
	got      [][]byte // that the capture has not come to
	late     []*line  // that did not come in time, and may yet
	failures failures
	requests map[csta.InvokeID]csta.InvokeID
	missed   int // messages in a row, in vain
	compared Compared

	opening bool // what stood before the record is brought about: nothing is compared
	asking  asking
	inVain  int                        // of what it asked then, one after the other
	stands  bool                       // that was done, and its leg in the record has not come
	query   question                   // that was played last, where the capture's proxy may have answered it itself
	said    map[csta.InvokeID]struct{} // what a leg asked that had begun before the record: all else was asked before
}

const (
	furtherMax = 64      // messages that are looked through for the one that is due
	lateMax    = 1 << 14 // that are waited for without patience; those before are missing
)

// play plays one message of the T-Server's leg.
func (t *tserverSide) play(l *line) error {
	if l.end {
		if t.leg != l.leg {
			return nil // of one that another has replaced
		}
		return t.hangUp()
	}
	if t.leg != l.leg {
		if err := t.begin(l); err != nil {
			return err
		}
	}
	switch {
	case l.service == csta.SystemStatus:
		return nil
	case l.fromSwitch && !t.opts.Expect:
		return nil
	case l.fromSwitch:
		return t.expect(l)
	case t.peer == nil:
		return nil // the proxy has closed the leg; what that leads to is seen
	}
	if err := t.peer.codec.Decode(&t.msg, l.frame); err != nil {
		return nil // not ours to judge
	}
	said := t.msg.Invoke // others are decoded meanwhile
	if l.kind == csta.KindRequest {
		if t.leg.Midway {
			t.said[said] = struct{}{}
		}
		t.askedFor(l, said)
		t.query = question{}
		if _, told := t.script.index.replies[l.number]; told {
			t.query = question{key: keyOf(&t.msg), number: l.number}
		}
	}
	if endsLeg(l.service) {
		if t.settle(); t.peer == nil {
			return nil
		}
	}
	if t.opts.Rate == 0 { // an even rate is that of the switch's messages
		if err := t.pace(l.at); err != nil || t.peer == nil {
			return err
		}
	}
	if invoke, known := t.requests[said]; known && l.kind != csta.KindRequest {
		t.peer.sendAs(l.frame, invoke)
	} else {
		t.peer.send(l.frame)
	}
	query := t.query // it may be answered meanwhile
	if err := t.sent(); err != nil || query.key == "" {
		return err
	}
	return t.queried()
}

// sent brings a message on its way. Where streams are compared, the proxy has to have taken it before anything else
// happens: a heartbeat behind it is answered then.
func (t *tserverSide) sent() error {
	t.probed = true
	if t.opts.Expect {
		_, t.probe = t.codec.InvokeIDs()
		ask := csta.Message{Kind: csta.KindRequest, Service: csta.SystemStatus, Invoke: t.probe}
		t.probed = !t.peer.say(&ask)
	}
	t.peer.flush()
	_, err := t.await(func() bool { return t.probed || t.peer == nil })
	return err
}

// hangUp ends the leg, and waits until the proxy has noticed.
func (t *tserverSide) hangUp() error {
	if t.leg = nil; t.peer == nil {
		return nil
	}
	if t.settle(); t.peer != nil {
		t.peer.leave()
	}
	_, err := t.await(func() bool { return t.peer == nil })
	t.end()
	return err
}

// begin opens the T-Server's leg, anew where it did so in the capture, unless it stands already.
func (t *tserverSide) begin(l *line) error {
	if t.stands && l.leg.Midway {
		t.stands, t.leg = false, l.leg
		return nil
	}
	t.opening = t.stands // what comes on it meanwhile is nobody's either
	t.drop()
	err := t.hangUp()
	if t.opening = false; err != nil {
		return err
	}
	if err := t.dial(); err != nil {
		return err
	}
	t.leg = l.leg
	return nil
}

// drop forgets what came on a leg that stood and said nothing in the record: it had ended, at its very beginning.
func (t *tserverSide) drop() {
	if t.stands {
		t.stands, t.got = false, nil
	}
}

// dial calls the proxy.
func (t *tserverSide) dial() error {
	t.endFailures()
	t.miss(len(t.late))
	t.got, t.requests = nil, make(map[csta.InvokeID]csta.InvokeID)
	t.said, t.query, t.probed = make(map[csta.InvokeID]struct{}), question{}, true
	var dialer net.Dialer
	ctx, cancel := context.WithTimeout(t.ctx, t.opts.Wait)
	defer cancel()
	socket, err := dialer.DialContext(ctx, "tcp", t.address)
	if err == nil {
		t.peer, err = newPeer(t.ctx, socket, t.script.speaks, frame.Computing, t.arrivals)
	}
	if at, ends := t.ctx.Deadline(); err != nil && ends && !time.Now().Before(at) {
		<-t.ctx.Done() // what is dialled may notice first
	}
	switch {
	case err == nil:
		return nil
	case t.ctx.Err() != nil:
		return context.Cause(t.ctx)
	default:
		return fmt.Errorf("%w: T-Server %s: %w", ErrNobody, t.compared.Name, err)
	}
}

// take takes what the proxy said.
func (t *tserverSide) take(f []byte) {
	p := t.peer
	if f == nil {
		p.close()
		t.peer, t.query = nil, question{}
		return
	}
	if p.codec.Decode(&p.msg, f) == nil {
		if !t.probed && p.msg.Kind != csta.KindRequest && p.msg.Kind != csta.KindEvent && p.msg.Invoke == t.probe {
			t.probed = true
			return
		}
		if p.heartbeat(p.msg.Service) {
			t.result.Heartbeats++
			return
		}
	}
	switch {
	case !t.opts.Expect:
	case t.opening:
		t.asking.take(&p.msg)
	case isFailure(&p.msg) && t.failed(f, p.msg.Invoke):
	default:
		t.got = append(t.got, f)
	}
}

// expect waits for what is due, and compares it. A request may come under another invoke ID of the proxy's.
func (t *tserverSide) expect(l *line) error {
	if isAnswer(l.kind) && t.codec.Decode(&t.msg, l.frame) == nil {
		if l.kind == csta.KindError && t.failure(l, t.msg.Invoke) || t.isOlder() {
			return nil
		}
	}
	came := func() bool {
		t.matchLate()
		return len(t.got) > 0
	}
	if !came() && t.missed < givingUp && t.peer != nil {
		if _, err := t.await(func() bool { return came() || t.peer == nil }); err != nil {
			return err
		}
	}
	if !came() {
		t.missed++
		if t.late = append(t.late, l); len(t.late) > lateMax {
			t.miss(1)
		}
		return nil
	}
	t.missed = 0
	t.compare(l)
	return nil
}

// matchLate takes what came of what is late.
func (t *tserverSide) matchLate() {
	for len(t.late) > 0 && len(t.got) > 0 {
		at := slices.IndexFunc(t.late[:min(len(t.late), furtherMax)], func(l *line) bool { return t.isSame(l, t.got[0]) })
		if at < 0 {
			return
		}
		t.miss(at)
		t.compared.Identical++
		t.compared.Delayed++
		t.late, t.got, t.missed = t.late[1:], t.got[1:], 0
	}
}

// miss counts the first of what is late as missing.
func (t *tserverSide) miss(n int) {
	for _, l := range t.late[:n] {
		t.compared.Missing++
		t.note(l, nil)
	}
	t.late = t.late[n:]
}

// compare compares what came with what is due.
func (t *tserverSide) compare(l *line) {
	for i, f := range t.got[:min(len(t.got), furtherMax)] {
		if !t.isSame(l, f) {
			continue
		}
		t.miss(len(t.late)) // what comes behind it has come
		if t.compared.Further += i; i > 0 {
			t.note(l, t.got[0])
		}
		t.compared.Identical++
		t.got = t.got[i+1:]
		return
	}
	t.compared.Different++
	t.note(l, t.got[0])
	t.got = t.got[1:]
}

// isOlder reports whether an answer is to what was asked before the record. t.msg is the answer.
func (t *tserverSide) isOlder() bool {
	if !t.leg.Midway {
		return false
	}
	_, said := t.said[t.msg.Invoke]
	delete(t.said, t.msg.Invoke)
	return !said
}

// isSame reports whether a frame is the one that is due.
func (t *tserverSide) isSame(l *line, f []byte) bool {
	if bytes.Equal(l.frame, f) {
		return true
	}
	if l.kind != csta.KindRequest || t.codec.Decode(&t.msg, l.frame) != nil {
		return false
	}
	due := t.msg.Invoke
	if t.codec.Decode(&t.msg, f) != nil {
		return false
	}
	renamed, err := t.codec.SetInvokeID(nil, f, due)
	if err != nil || !bytes.Equal(renamed, l.frame) {
		return false
	}
	t.requests[due] = t.msg.Invoke
	return true
}

// note keeps the first difference.
func (t *tserverSide) note(l *line, got []byte) {
	if t.compared.First != "" {
		return
	}
	t.compared.First = fmt.Sprintf("at %s: due %s, came %s", l.at.UTC().Format("15:04:05.000000"),
		t.describe(l.frame), t.describe(got))
	if got != nil {
		t.compared.First += "; " + divergence(l.frame, got)
	}
}

// divergence tells where two frames part, and how they go on from a little before.
func divergence(due, came []byte) string {
	const before, shown = 8, 32
	at := 0
	for at < min(len(due), len(came)) && due[at] == came[at] {
		at++
	}
	excerpt := func(f []byte) []byte {
		from := max(at-before, 0)
		return f[from:min(len(f), from+shown)]
	}
	return fmt.Sprintf("from byte %d on, due %q, came %q", at, excerpt(due), excerpt(came))
}

func (t *tserverSide) describe(f []byte) string {
	switch {
	case f == nil:
		return "nothing"
	case t.codec.Decode(&t.msg, f) != nil:
		return fmt.Sprintf("%d bytes", len(f))
	case t.msg.Kind == csta.KindEvent:
		return fmt.Sprintf("%v call=%q xref=%q, %d bytes", t.msg.Event, t.msg.Subject.Call, t.msg.CrossRef, len(f))
	default:
		return fmt.Sprintf("%v of kind %d, invoke ID %d, %d bytes", t.msg.Service, t.msg.Kind, t.msg.Invoke, len(f))
	}
}

// end takes the end of the capture.
func (t *tserverSide) end() {
	t.drop()
	t.matchLate()
	if t.ctx.Err() != nil { // nobody waited for it
		t.late = nil
	}
	t.miss(len(t.late))
	if len(t.got) > 0 && !t.cut { // else they are what was under way
		if t.compared.Further += len(t.got); t.compared.First == "" {
			t.compared.First = "difference is further: " + t.describe(t.got[0])
		}
	}
	t.got = nil
	t.endFailures()
	if t.peer != nil {
		t.peer.close()
		t.peer = nil
	}
}

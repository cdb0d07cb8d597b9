package hub

import (
	"testing"
	"time"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/codec/cstaber"
	"haproxy/codec/frame"
)

// acseBed is a hub on a link with an association, phase III in BER.
type acseBed struct {
	t     *testing.T
	hub   *Hub
	now   time.Time
	codec codec.Codec
	got   map[LegID][]csta.Message // since it was last asked for
	ended map[LegID]CloseReason
}

func newACSEBed(t *testing.T) *acseBed {
	t.Helper()
	newCodec := func() codec.Codec { return cstaber.New(cstaber.Phase3, frame.Length16) }
	b := &acseBed{
		t: t, now: time.Unix(1000, 0), codec: newCodec(),
		got: make(map[LegID][]csta.Message), ended: make(map[LegID]CloseReason),
	}
	b.hub = New(Config{
		NewCodec: newCodec, TServers: []TServer{{"primary", 1 << 20}, {"backup", 1 << 20}},
		ConnectTimeout: 2 * time.Second, RequestOutstanding: 30, RequestQueue: 100,
		RequestTimeout: 30 * time.Second, HeartbeatInterval: 3 * time.Second, HeartbeatMisses: 3,
		JournalMax: 1 << 20, Answer: AnswerSet{true, true, true},
		Session: Session{Kind: SessionACSE, Association: cstaber.AssociationPanasonic()},
	})
	return b
}

// take reads what the hub put out.
func (b *acseBed) take() {
	b.t.Helper()
	for _, out := range b.hub.Outputs() {
		splitter := frame.NewSplitter(frame.Length16, 65535)
		for _, run := range out.Runs {
			splitter.Feed(run)
			for {
				frm, err := splitter.Next()
				if err != nil {
					b.t.Fatal(err)
				}
				if frm == nil {
					break
				}
				var msg csta.Message
				if err := b.codec.Decode(&msg, append([]byte(nil), frm...)); err != nil {
					b.t.Fatal(err)
				}
				b.got[out.Leg] = append(b.got[out.Leg], msg)
			}
		}
		if out.Close != CloseNone {
			b.ended[out.Leg] = out.Close
		}
	}
	b.hub.Done()
}

func (b *acseBed) send(leg LegID, msg *csta.Message) {
	b.t.Helper()
	frm, err := b.codec.Append(nil, msg)
	if err != nil {
		b.t.Fatal(err)
	}
	if leg == Link {
		b.hub.FromLink(b.now, frm)
	} else {
		b.hub.FromLeg(b.now, leg, frm)
	}
	b.take()
}

func (b *acseBed) tick(d time.Duration) {
	b.t.Helper()
	b.now = b.now.Add(d)
	b.hub.Tick(b.now)
	b.take()
}

// expect checks the services of what a leg got, and forgets it.
func (b *acseBed) expect(leg LegID, kinds ...csta.Kind) []csta.Message {
	b.t.Helper()
	got := b.got[leg]
	delete(b.got, leg)
	if len(got) != len(kinds) {
		b.t.Fatalf("leg %d got %d messages, not %d: %+v", leg, len(got), len(kinds), got)
	}
	for i := range got {
		if got[i].Kind != kinds[i] {
			b.t.Fatalf("leg %d, message %d: kind %d %v, not %d", leg, i, got[i].Kind, got[i].Service, kinds[i])
		}
	}
	return got
}

func associateRequest(versions csta.Versions) *csta.Message {
	a := cstaber.AssociationPanasonic()
	a.Versions = versions
	return &csta.Message{Kind: csta.KindRequest, Service: csta.Associate, Association: a}
}

// up brings the link up and has its association granted.
func (b *acseBed) up() {
	b.t.Helper()
	b.hub.LinkUp(b.now)
	b.tick(25 * time.Millisecond)
	asked := b.expect(Link, csta.KindRequest)[0]
	if asked.Service != csta.Associate || asked.Association.Versions != csta.VersionECMA285Ed2 {
		b.t.Fatalf("the link asked for %+v", asked)
	}
	answer := associateRequest(csta.VersionECMA285Ed2)
	answer.Kind, answer.Association.Result = csta.KindResponse, csta.ResultAccepted
	b.send(Link, answer)
	register := b.expect(Link, csta.KindRequest)[0]
	b.send(Link, &csta.Message{Kind: csta.KindResponse, Service: csta.SystemRegister, Invoke: register.Invoke})
	if b.hub.State() != LinkNormal {
		b.t.Fatalf("the link is %v", b.hub.State())
	}
}

func TestAssociation(t *testing.T) {
	b := newACSEBed(t)
	b.up()
	b.hub.LegUp(b.now, 1, 0)
	b.tick(time.Second)
	b.expect(1) // nothing before it is associated
	b.send(1, associateRequest(csta.VersionECMA285Ed2))
	granted := b.expect(1, csta.KindResponse)[0]
	if granted.Association.Versions != csta.VersionECMA285Ed2 || granted.Association.Result != csta.ResultAccepted {
		t.Errorf("granted %+v", granted.Association)
	}
	b.send(1, &csta.Message{Kind: csta.KindRequest, Service: csta.Release})
	if released := b.expect(1, csta.KindResponse)[0]; released.Service != csta.Release {
		t.Errorf("a release is answered by %v", released.Service)
	}
	if b.ended[1] != CloseSession {
		t.Errorf("released: %v", b.ended[1])
	}
	b.hub.Stop(b.now)
	b.take()
	if stop := b.expect(Link, csta.KindRequest)[0]; stop.Service != csta.Release {
		t.Errorf("a stop says %v", stop.Service)
	}
}

func TestAssociationOfAnotherVersion(t *testing.T) {
	b := newACSEBed(t)
	b.up()
	b.hub.LegUp(b.now, 1, 0)
	b.send(1, associateRequest(csta.VersionISO18052))
	refused := b.expect(1, csta.KindError)[0]
	if refused.Association.Result != csta.ResultRejectedPermanent || b.ended[1] != CloseSession {
		t.Errorf("%+v, %v", refused.Association, b.ended[1])
	}
}

func TestAssociationWaitsForTheLink(t *testing.T) {
	b := newACSEBed(t)
	b.hub.LegUp(b.now, 1, 0)
	b.send(1, associateRequest(csta.VersionECMA285Ed2))
	b.expect(1)
	b.tick(time.Second)
	b.expect(1)
	b.up()
	b.expect(1, csta.KindResponse, csta.KindRequest, csta.KindRequest) // granted, disabled, normal

	b.hub.LinkDown(b.now)
	b.take()
	b.expect(1, csta.KindRequest) // disabled
	b.hub.LegUp(b.now, 2, 1)
	b.send(2, associateRequest(csta.VersionECMA285Ed2))
	b.tick(3 * time.Second)
	refused := b.expect(2, csta.KindError)[0]
	if refused.Association.Result != csta.ResultRejectedTransient || b.ended[2] != CloseSession {
		t.Errorf("%+v, %v", refused.Association, b.ended[2])
	}
}

func TestAssociationRefusedBySwitch(t *testing.T) {
	b := newACSEBed(t)
	b.hub.LinkUp(b.now)
	b.tick(25 * time.Millisecond)
	b.expect(Link, csta.KindRequest)
	b.send(Link, &csta.Message{
		Kind: csta.KindError, Service: csta.Associate,
		Association: csta.Association{
			Context: cstaber.AssociationPanasonic().Context, Result: csta.ResultRejectedPermanent,
		},
	})
	if b.ended[Link] != CloseStart {
		t.Errorf("%v", b.ended[Link])
	}
}

// ACSE in the midst of a stream costs that leg, and nobody else.
func TestAssociationInMidStream(t *testing.T) {
	b := newACSEBed(t)
	b.up()
	for leg := range LegID(2) {
		b.hub.LegUp(b.now, leg+1, int(leg))
		b.send(leg+1, associateRequest(csta.VersionECMA285Ed2))
		b.expect(leg+1, csta.KindResponse)
	}
	b.send(1, associateRequest(csta.VersionECMA285Ed2))
	if abort := b.expect(1, csta.KindRequest)[0]; abort.Service != csta.Abort || b.ended[1] != CloseUndecodable {
		t.Errorf("%v, %v", abort.Service, b.ended[1])
	}
	b.send(2, &csta.Message{Kind: csta.KindRequest, Service: csta.Abort})
	if b.ended[2] != CloseSession || b.ended[Link] != CloseNone || b.hub.State() != LinkNormal {
		t.Errorf("%v, %v, %v", b.ended[2], b.ended[Link], b.hub.State())
	}
	b.expect(Link)
}

package endtoend

import (
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
	"haproxy/perf/check"
	"haproxy/perf/ledger"
	"haproxy/perf/protocols"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// Whatever comes in on a T-Server's port costs that leg alone: it is answered with the right reject, or
// closed, with one line in the log and a counter; the other T-Server goes on without a byte's
// difference, and so does the link.
func TestHostileTServer(t *testing.T) { each(t, protocols.Tested(), hostileTServer) }

func hostileTServer(t *testing.T, p protocols.Protocol) {
	t.Helper()
	r := newRig(t, setup{speaks: p, sw: switchsim.Options{
		Seed: 5, Plant: plant, MonitorLimit: 1, Log: ledger.Full,
	}})
	opts := tserversim.Options{Devices: plant.Numbers(), Ask: tserversim.AskAll}
	primary := r.tserver("primary", 1, opts)
	r.join(primary, 0)
	r.sw.With(func(core *switchsim.Switch) { core.SetLoad(busy) })
	for _, s := range foreignStreams(p) {
		t.Run(s.name, func(t *testing.T) {
			o := r.dial(t)
			o.write(s.bytes)
			o.wantEnd()
		})
	}
	for _, bad := range badMessages(p) {
		t.Run(bad.name, func(t *testing.T) { r.tserverSends(t, &bad) })
	}
	t.Run("cut at every byte", func(t *testing.T) { r.tserverCutsShort(t) })
	t.Run("ACSE in mid-stream", func(t *testing.T) { r.tserverAssociates(t) })
	r.sleepEvents(500)
	r.quiet(primary)
	r.undisturbed(primary)
	if n := r.metric("link_losses_total"); n != 0 {
		t.Errorf("the CTI link was lost %v times", n)
	}
}

// tserverSends has a joined T-Server send one bad message.
func (r *rig) tserverSends(t *testing.T, bad *badMessage) {
	t.Helper()
	o := r.joined(t)
	lines, refused := r.log.count(), r.metric("tserver_undecodable_total")
	faults := r.metric("tserver_socket_framing_faults_total")
	frm := bad.frame(t, r.speaks)
	o.write(frm)
	switch cut(r.speaks, frm) {
	case streamBroken:
		o.wantEnd()
		faults++
	case streamWhole:
		o.wantRefused(bad)
		refused++
		o.exchange() // the leg lives
	default: // nobody can tell yet whether more comes
		return
	}
	r.eventually("counted, with a line", func() bool {
		return r.metric("tserver_undecodable_total") == refused &&
			r.metric("tserver_socket_framing_faults_total") == faults && r.log.count() == lines+1
	})
}

// tserverCutsShort has a T-Server send a request cut short at every byte, in a frame that is whole, with
// a good one after each.
func (r *rig) tserverCutsShort(t *testing.T) {
	t.Helper()
	o := r.joined(t)
	lines, refused := r.log.count(), r.metric("tserver_undecodable_total")
	number := csta.DeviceID{Form: csta.DeviceDialingNumber, Number: []byte("2001")}
	frm, err := o.codec.Append(nil, &csta.Message{
		Kind: csta.KindRequest, Service: csta.MakeCall, Invoke: 9, Device: number, Called: number,
	})
	if err != nil {
		t.Fatal(err)
	}
	whole := r.speaks.Framing.PDU(frm)
	if r.speaks.Framing == frame.BER {
		t.Skip("what is cut short is not yet a frame")
	}
	for n := 1; n < len(whole); n++ {
		bad := badMessage{pdu: whole[:n], problem: csta.ProblemBadlyStructured}
		if r.speaks.IsXML() {
			bad.invoke = 9 // it is in the header
		}
		o.write(bad.frame(t, r.speaks))
		o.wantRefused(&bad)
		o.exchange()
	}
	r.eventually("counted, with a line", func() bool {
		return r.metric("tserver_undecodable_total") == refused+float64(len(whole)-1) && r.log.count() == lines+1
	})
}

// tserverAssociates has a T-Server ask for an association in the midst of one.
func (r *rig) tserverAssociates(t *testing.T) {
	t.Helper()
	if r.speaks.IsXML() {
		t.Skip("XML has no ACSE")
	}
	o := r.joined(t)
	lines := r.log.count()
	a := r.speaks.Associated().Association
	o.send(&csta.Message{Kind: csta.KindRequest, Service: csta.Associate, Association: *a})
	o.send(&csta.Message{Kind: csta.KindRequest, Service: csta.Associate, Association: *a})
	o.await(func(msg *csta.Message) bool { return msg.Service == csta.Abort })
	o.wantEnd()
	r.eventually("a line", func() bool { return r.log.count() == lines+1 })
}

// What the switch sends and cannot be read is counted and passed on as it stands, in its place; bytes
// that are no frames cost the link, not the legs.
func TestHostileSwitch(t *testing.T) { each(t, protocols.Tested(), hostileSwitch) }

func hostileSwitch(t *testing.T, p protocols.Protocol) {
	t.Helper()
	r := newRig(t, setup{speaks: p, sw: switchsim.Options{
		Seed: 6, Plant: plant, MonitorLimit: 1, Log: ledger.Full,
	}})
	opts := tserversim.Options{Devices: plant.Numbers(), Ask: tserversim.AskAll}
	primary, backup := r.tserver("primary", 1, opts), r.tserver("backup", 2, opts)
	r.join(primary, 0)
	r.join(backup, 1)
	r.sw.With(func(core *switchsim.Switch) { core.SetLoad(busy) })
	refused := r.metric("switch_undecodable_total")
	for _, bad := range badMessages(p) {
		frm := bad.frame(t, p)
		if cut(p, frm) == streamWhole {
			r.sw.With(func(core *switchsim.Switch) { core.Inject(frm) })
			refused++
		}
		r.sleepEvents(10)
	}
	r.eventually("counted", func() bool { return r.metric("switch_undecodable_total") == refused })
	r.quiet(primary, backup)
	r.undisturbed(primary)
	r.undisturbed(backup)
	if n := r.metric("link_losses_total"); n != 0 {
		t.Errorf("the CTI link was lost %v times", n)
	}

	restored := r.metric("monitors_restored_total")
	r.sw.With(func(core *switchsim.Switch) { core.Garble([]byte{0, 0, 0, 0}) })
	r.eventually("monitors restored", func() bool {
		return r.metric("monitors_restored_total") == restored+float64(len(opts.Devices))
	})
	if n := r.metric("link_socket_framing_faults_total"); n != 1 {
		t.Errorf("%v framing faults of the switch, not 1", n)
	}
	for _, c := range []*tserversim.Client{primary, backup} {
		c.With(func(core *tserversim.TServer) {
			stats := core.Stats()
			if stats.Legs != 1 || stats.Disabled != 1 || stats.Faults() > 0 {
				t.Errorf("%+v", stats)
			}
		})
	}
}

// undisturbed checks that a T-Server got all that the switch sent on its monitors, and nothing else.
func (r *rig) undisturbed(c *tserversim.Client) {
	r.t.Helper()
	c.With(func(ts *tserversim.TServer) {
		r.sw.With(func(sw *switchsim.Switch) {
			if err := check.Sent(sw.Ledger(), ts.Ledger(), ts.CrossRefs()); err != nil {
				r.t.Error(err)
			}
			if d := check.Truth(ts.Model(), sw.Truth()); d != "" {
				r.t.Error(d)
			}
		})
		if stats := ts.Stats(); stats.Legs != 1 || stats.Faults() > 0 {
			r.t.Errorf("%+v", stats)
		}
	})
}

// offender is a T-Server by hand, at the backup's port.
type offender struct {
	t      *testing.T
	speaks protocols.Protocol
	socket net.Conn
	codec  codec.Codec
	split  *frame.Splitter
	read   []byte
}

// dial opens a socket that says nothing yet.
func (r *rig) dial(t *testing.T) *offender {
	t.Helper()
	socket, err := net.Dial("tcp", r.link.TServerAddr(1).String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	if err := socket.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return &offender{
		t: t, speaks: r.speaks, socket: socket, codec: r.speaks.NewCodec(),
		split: frame.NewSplitter(r.speaks.Framing, r.speaks.FrameMax()), read: make([]byte, 64<<10),
	}
}

// joined opens a socket and brings it past its first message.
func (r *rig) joined(t *testing.T) *offender {
	t.Helper()
	o := r.dial(t)
	say, expect := frame.Preamble(r.speaks.Framing, frame.Computing)
	o.split.Expect(expect)
	if len(say) > 0 {
		o.write(say)
	}
	if a := r.speaks.Association; a != nil {
		o.send(&csta.Message{Kind: csta.KindRequest, Service: csta.Associate, Association: *a})
		o.await(func(msg *csta.Message) bool { return msg.Service == csta.Associate })
	}
	o.exchange()
	return o
}

// exchange sends a request and waits for its answer.
func (o *offender) exchange() {
	o.t.Helper()
	o.send(&csta.Message{Kind: csta.KindRequest, Service: csta.SystemStatus, Invoke: 5, Status: csta.StatusNormal})
	o.await(func(msg *csta.Message) bool { return msg.Kind == csta.KindResponse && msg.Invoke == 5 })
}

// wantRefused waits for the reject, or in XML the error, of a bad message.
func (o *offender) wantRefused(bad *badMessage) {
	o.t.Helper()
	o.await(func(msg *csta.Message) bool {
		switch msg.Kind {
		case csta.KindError:
			return o.speaks.IsXML() && msg.Invoke == bad.invoke
		case csta.KindReject:
			if msg.Invoke != bad.invoke || msg.Problem != bad.problem {
				o.t.Errorf("rejected %d with %v, not %d with %v", msg.Invoke, msg.Problem, bad.invoke, bad.problem)
			}
			return true
		default:
			return false
		}
	})
}

func (o *offender) write(b []byte) {
	o.t.Helper()
	if _, err := o.socket.Write(b); err != nil && !errors.Is(err, net.ErrClosed) {
		o.t.Logf("the proxy closed while it was written to: %v", err)
	}
}

func (o *offender) send(msg *csta.Message) {
	o.t.Helper()
	frm, err := o.codec.Append(nil, msg)
	if err != nil {
		o.t.Fatal(err)
	}
	o.write(frm)
}

// await reads messages until one is what is waited for.
func (o *offender) await(is func(msg *csta.Message) bool) {
	o.t.Helper()
	var msg csta.Message
	for {
		frm, err := o.split.Next()
		if err != nil {
			o.t.Fatal(err)
		}
		if frm == nil {
			n, err := o.socket.Read(o.read)
			if err != nil {
				o.t.Fatal(fmt.Errorf("it did not come: %w", err))
			}
			o.split.Feed(o.read[:n])
			continue
		}
		if err := o.codec.Decode(&msg, frm); err != nil {
			o.t.Fatal(err)
		}
		if is(&msg) {
			return
		}
	}
}

// wantEnd reads until the proxy has closed the leg.
func (o *offender) wantEnd() {
	o.t.Helper()
	_, err := io.Copy(io.Discard, o.socket)
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		o.t.Error("the leg was not closed")
	}
}

package endtoend

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"haproxy/codec/frame"
	"haproxy/perf/ledger"
	"haproxy/perf/protocols"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// framed puts an ECMA-323 header before a body.
func framed(id int, body string) []byte {
	return append(fmt.Appendf(nil, "\x00\x00%c%c%04d", (len(body)+8)>>8, (len(body)+8)&0xFF, id), body...)
}

// hostile are byte streams that a scan, a wrong client or an attacker sends to a T-Server's port. answer
// says that the leg is answered with a CSTAErrorCode rather than closed at once.
var hostile = []struct {
	name   string
	bytes  []byte
	answer bool
}{
	{"HTTP", []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), false},
	{"TLS", []byte{0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01}, false},
	{"SOAP form", []byte{0x01, 0x00, 0x00, 0x10}, false},
	{"length below the header", []byte("\x00\x00\x00\x070001"), false},
	{"invoke ID of letters", []byte("\x00\x00\x00\x0cabcd<a/>"), false},
	{"unclosed XML", framed(1, "<MonitorStart><monitorObject>"), false},
	{"a document type", framed(1, `<!DOCTYPE a [<!ENTITY b "c">]><a/>`), false},
	{"too deep", framed(1, string(bytes.Repeat([]byte("<a>"), 10000))), false},
	{"invalid UTF-8", framed(1, "<a>\xff\xfe</a>"), false},
	{"no XML", framed(1, "hello"), false},
}

// Whatever comes in on a T-Server's port costs that leg alone: the T-Server that is joined there and the
// other one go on without a byte's difference.
func TestHostileBytes(t *testing.T) {
	r := newRig(t, setup{sw: switchsim.Options{
		Seed: 5, Plant: plant, MonitorLimit: 1, Log: ledger.Full,
	}})
	opts := tserversim.Options{Devices: plant.Numbers(), Ask: tserversim.AskAll}
	primary, backup := r.tserver("primary", 1, opts), r.tserver("backup", 2, opts)
	r.join(primary, 0)
	r.join(backup, 1)
	r.sw.With(func(core *switchsim.Switch) { core.SetLoad(busy) })
	for _, h := range hostile {
		t.Run(h.name, func(t *testing.T) {
			socket, err := net.Dial("tcp", r.link.TServerAddr(1).String())
			if err != nil {
				t.Fatal(err)
			}
			defer socket.Close()
			if _, err := socket.Write(h.bytes); err != nil {
				t.Fatal(err)
			}
			if err := socket.SetReadDeadline(time.Now().Add(patience)); err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, socket); isTimeout(err) {
				t.Error("the leg was not closed")
			}
		})
	}
	t.Run("joined T-Server is answered", func(t *testing.T) {
		before := r.metric("tserver_undecodable_total")
		if err := backup.Raw(framed(9000, "<MonitorStart><monitorObject>")); err != nil {
			t.Fatal(err)
		}
		r.eventually("the refusal", func() bool { return r.metric("tserver_undecodable_total") == before+1 })
	})
	r.sleepEvents(1000)
	r.quiet(primary, backup)
	backup.With(func(b *tserversim.TServer) {
		if stats := b.Stats(); stats.Legs != 1 || stats.Strays != 1 { // the refusal of what it never asked
			t.Errorf("the joined T-Server was disturbed: %+v", stats)
		}
		primary.With(func(p *tserversim.TServer) {
			if d := p.Model().Diff(b.Model()); d != "" {
				t.Error(d)
			}
		})
	})
	if n := r.metric("link_losses_total"); n != 0 {
		t.Errorf("the CTI link was lost %v times", n)
	}
}

func isTimeout(err error) bool {
	var netErr net.Error
	return errors.As(err, &netErr) && netErr.Timeout()
}

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

package cstaber_test

import (
	"errors"
	"testing"

	"haproxy/codec"
	"haproxy/codec/codectest"
	"haproxy/codec/csta"
	"haproxy/codec/cstaber"
	"haproxy/codec/frame"
)

// phases are the codecs under test, by the names of their protocols.
var phases = map[string]cstaber.Phase{
	"csta1-ber": cstaber.Phase1, "csta2-ber": cstaber.Phase2, "csta3-ber": cstaber.Phase3,
}

// TestTable: every message of the table that a phase can express comes back as it was, but for what
// losses_test.go lists.
func TestTable(t *testing.T) {
	for name, phase := range phases {
		t.Run(name, func(t *testing.T) {
			c := cstaber.New(phase, frame.Length16)
			for _, tc := range codectest.Messages() {
				t.Run(tc.Name, func(t *testing.T) {
					none := unsupported[phase][tc.Name] ||
						tc.Message.Service.Group() == csta.GroupSession // ECMA-354 is XML
					frm, err := c.Append([]byte("kept"), &tc.Message)
					if none != errors.Is(err, codec.ErrUnsupported) || !none && err != nil {
						t.Fatalf("%v, unsupported: %t", err, none)
					}
					if none {
						if string(frm) != "kept" {
							t.Fatalf("left % x", frm)
						}
						return
					}
					var got csta.Message
					if err := c.Decode(&got, frm[4:]); err != nil {
						t.Fatalf("%v\n% x", err, frm[4:])
					}
					want := tc.Message
					lose(phase, &want)
					if diff := codectest.Diff(&got, &want); diff != "" {
						t.Errorf("%s\n% x", diff, frm[4:])
					}
				})
			}
		})
	}
}

// TestFramings: the same PDU over every framing.
func TestFramings(t *testing.T) {
	m := csta.Message{Kind: csta.KindRequest, Service: csta.MonitorStart, Invoke: 7, Device: codectest.Number("2001")}
	var pdu []byte
	for _, f := range []frame.Framing{frame.BER, frame.Length16, frame.OXE, frame.HiPath26, frame.TPKT} {
		c := cstaber.New(cstaber.Phase3, f)
		frm, err := c.Append(nil, &m)
		if err != nil {
			t.Fatal(f, err)
		}
		var got csta.Message
		if err := c.Decode(&got, frm); err != nil || codectest.Diff(&got, &m) != "" {
			t.Errorf("%v: %v%s", f, err, codectest.Diff(&got, &m))
		}
		if pdu == nil {
			pdu = frm
		}
		if string(f.PDU(frm)) != string(pdu) {
			t.Errorf("%v: % x", f, frm)
		}
	}
}

func TestTooLong(t *testing.T) {
	m := csta.Message{Kind: csta.KindRequest, Service: csta.SnapshotDeviceData, Invoke: 7}
	for range 3000 {
		m.Connections = append(m.Connections, csta.ConnectionItem{New: codectest.Connection("c1", "2001")})
	}
	c := cstaber.New(cstaber.Phase3, frame.Length16)
	if dst, err := c.Append([]byte("kept"), &m); !errors.Is(err, codec.ErrTooLong) || string(dst) != "kept" {
		t.Errorf("%d bytes, %v", len(dst), err)
	}
	if _, err := cstaber.New(cstaber.Phase3, frame.BER).Append(nil, &m); err != nil {
		t.Error(err)
	}
}

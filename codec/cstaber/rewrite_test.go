package cstaber_test

import (
	"bytes"
	"errors"
	"testing"

	"haproxy/codec"
	"haproxy/codec/codectest"
	"haproxy/codec/csta"
	"haproxy/codec/cstaber"
	"haproxy/codec/frame"
)

// TestRewrite: an identifier is replaced in its place, the lengths around it follow, and the rest of
// the frame stays byte for byte.
func TestRewrite(t *testing.T) {
	c := cstaber.New(cstaber.Phase3, frame.Length16)
	for name, r := range map[string]struct {
		rewrite  func(frm []byte) ([]byte, error)
		from, to string
	}{
		"invoke ID": {
			func(frm []byte) ([]byte, error) { return c.SetInvokeID([]byte("kept"), frm, 300) },
			"0010 a10e 020109 020149 3006 550402030405", "0011 a10f 0202012c 020149 3006 550402030405",
		},
		"invoke ID of an indefinite length": {
			func(frm []byte) ([]byte, error) { return c.SetInvokeID([]byte("kept"), frm, 300) },
			"0014 a180 020109 020149 3080 550402030405 0000 0000",
			"0015 a180 0202012c 020149 3080 550402030405 0000 0000",
		},
		"invoke ID in long form": {
			func(frm []byte) ([]byte, error) { return c.SetInvokeID([]byte("kept"), frm, 1) },
			"0013 a18200 0f 02020109 020149 3006 550402030405",
			"0012 a18200 0e 020101 020149 3006 550402030405",
		},
		"cross reference": {
			func(frm []byte) ([]byte, error) {
				return c.SetCrossRef([]byte("kept"), frm, csta.CrossRefID("abcdef"))
			},
			"0010 a10e 020109 020149 3006 550402030405", "0012 a110 020109 020149 3008 5506616263646566",
		},
		"registration": {
			func(frm []byte) ([]byte, error) {
				return c.SetRegister([]byte("kept"), frm, csta.RegisterID("ab"))
			},
			"0012 a110 020109 020200d3 3007 040203040a0102", "0012 a110 020109 020200d3 3007 040261620a0102",
		},
		"registration within a tag": {
			func(frm []byte) ([]byte, error) {
				return c.SetRegister([]byte("kept"), frm, csta.RegisterID("abc"))
			},
			"0010 a10e 020109 0202016f 3005 a003040107", "0012 a110 020109 0202016f 3007 a0050403616263",
		},
	} {
		got, err := r.rewrite(octets(r.from))
		if want := append([]byte("kept"), octets(r.to)...); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %v\n got  %x\n want %x", name, err, got[4:], want[4:])
		}
	}
}

// TestNoField: what a frame does not have cannot be replaced, and dst stays as it was.
func TestNoField(t *testing.T) {
	c := cstaber.New(cstaber.Phase3, frame.Length16)
	frm, err := c.Append(nil, &csta.Message{
		Kind: csta.KindRequest, Service: csta.MakeCall, Invoke: 3, Calling: codectest.Number("2001"),
		Called: codectest.Number("2002"),
	})
	if err != nil {
		t.Fatal(err)
	}
	dst := []byte("kept")
	if out, err := c.SetCrossRef(dst, frm, csta.CrossRefID("1")); !errors.Is(err, codec.ErrNoField) || len(out) != 4 {
		t.Error(err)
	}
	if out, err := c.SetRegister(dst, frm, csta.RegisterID("1")); !errors.Is(err, codec.ErrNoField) || len(out) != 4 {
		t.Error(err)
	}
	reject := octets("0007 a4 05 05 00 80 01 00")
	if out, err := c.SetInvokeID(dst, reject, 1); !errors.Is(err, codec.ErrNoField) || len(out) != 4 {
		t.Error(err)
	}
}

// TestRewriteTooLong: a frame that grows beyond its framing is refused, never cut.
func TestRewriteTooLong(t *testing.T) {
	c := cstaber.New(cstaber.Phase3, frame.Length16)
	private := append([]byte{0xA1, 0x82, 0, 0}, make([]byte, 65500)...)
	private = append(private[:4], append([]byte{0x04, 0x82, 0, 0}, make([]byte, 65490)...)...)
	private[2], private[3] = byte((len(private)-4)>>8), byte(len(private)-4)
	private[6], private[7] = byte((len(private)-8)>>8), byte(len(private)-8)
	frm, err := c.Append(nil, &csta.Message{
		Kind: csta.KindRequest, Service: csta.MonitorStop, Invoke: 3,
		CrossRef: csta.CrossRefID("1"), Private: private,
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.SetCrossRef(nil, frm, csta.CrossRefID(bytes.Repeat([]byte("x"), 100)))
	if !errors.Is(err, codec.ErrTooLong) || len(out) != 0 {
		t.Errorf("%d bytes, %v", len(out), err)
	}
}

package cstaber_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"

	"haproxy/codec"
	"haproxy/codec/ber"
	"haproxy/codec/codectest"
	"haproxy/codec/csta"
	"haproxy/codec/cstaber"
	"haproxy/codec/frame"
)

// TestTruncated: a frame cut short at any byte is refused, and does not panic.
func TestTruncated(t *testing.T) {
	for name, phase := range phases {
		c := cstaber.New(phase, frame.Length16)
		var msg csta.Message
		for _, tc := range codectest.Messages() {
			frm, err := c.Append(nil, &tc.Message)
			if err != nil {
				continue
			}
			for cut := range frm {
				if err := c.Decode(&msg, frm[:cut]); !errors.Is(err, codec.ErrSyntax) {
					t.Fatalf("%s %s cut at %d: %v", name, tc.Name, cut, err)
				}
				if msg.Kind != csta.KindUnknown && (frm[2] != 0xA1 || msg.Kind != csta.KindRequest) || msg.CrossRef != nil {
					t.Fatalf("%s %s cut at %d: it is %v", name, tc.Name, cut, msg.Kind)
				}
				c.SetInvokeID(nil, frm[:cut], 1)
				c.SetCrossRef(nil, frm[:cut], csta.CrossRefID("1"))
			}
			if err := c.Decode(&msg, append(frm, 0)); !errors.Is(err, codec.ErrSyntax) {
				t.Fatalf("%s %s and one byte more: %v", name, tc.Name, err)
			}
		}
	}
}

// TestBad: what a hostile or broken peer sends is refused with the place of the fault, and with the
// invoke ID where it could be read, so that a reject can be sent
// with the right problem.
func TestBad(t *testing.T) {
	nested := bytes.Repeat([]byte{0x30, 0x80}, 1_000_000)
	million := append([]byte{0xA1, 0x80, 2, 1, 9, 2, 1, 71}, append(nested, make([]byte, len(nested)+2)...)...)
	for name, c := range map[string]struct {
		pdu     []byte
		invoke  csta.InvokeID
		problem csta.Problem
	}{
		"nothing":                        {nil, 0, csta.ProblemBadlyStructured},
		"no PDU of ROSE":                 {octets("a5 03 02 01 09"), 0, csta.ProblemUnrecognizedPDU},
		"a request of another class":     {octets("30 03 02 01 09"), 0, csta.ProblemUnrecognizedPDU},
		"a length of 4 GiB":              {octets("a1 84 ff ff ff ff 02 01 09"), 0, csta.ProblemBadlyStructured},
		"a length of nine octets":        {octets("a1 89 01 00 00 00 00 00 00 00 00"), 0, csta.ProblemBadlyStructured},
		"no end":                         {octets("a1 80 02 01 09 02 01 47"), 0, csta.ProblemBadlyStructured},
		"end-of-contents in a definite":  {octets("a1 0a 02 01 09 02 01 47 30 02 00 00"), 9, csta.ProblemBadlyStructured},
		"a million nested":               {million, 0, csta.ProblemBadlyStructured},
		"no invoke ID":                   {octets("a1 00"), 0, csta.ProblemMistypedPDU},
		"an invoke ID of another type":   {octets("a1 06 04 01 09 02 01 47"), 0, csta.ProblemMistypedPDU},
		"NULL for an invoke ID":          {octets("a1 05 05 00 02 01 47"), 0, csta.ProblemMistypedPDU},
		"an invoke ID of 10,000 octets":  {wrap(0xA1, ber.AppendBytes(nil, ber.Integer, make([]byte, 10000))), 0, csta.ProblemMistypedPDU},
		"a constructed invoke ID":        {octets("a1 08 22 03 02 01 09 02 01 47"), 0, csta.ProblemMistypedPDU},
		"no operation":                   {octets("a1 03 02 01 09"), 9, csta.ProblemMistypedPDU},
		"an operation of another type":   {octets("a1 06 02 01 09 04 01 47"), 9, csta.ProblemMistypedPDU},
		"an operation of 10,000 octets":  {wrap(0xA1, append(octets("02 01 09"), ber.AppendBytes(nil, ber.Integer, make([]byte, 10000))...)), 9, csta.ProblemMistypedPDU},
		"a primitive device":             {octets("a1 0e 02 01 09 02 01 47 30 06 10 04 32 30 30 31"), 9, csta.ProblemMistypedArgument},
		"a length beyond the parent":     {octets("a1 0c 02 01 09 02 01 47 30 04 30 06 80 04"), 9, csta.ProblemBadlyStructured},
		"a constructed enumeration":      {octets("a1 0f 02 01 09 02 02 00 d3 30 06 2a 04 0a 02 00 02"), 9, csta.ProblemMistypedArgument},
		"no event report":                {octets("a1 06 02 01 09 02 01 15"), 9, csta.ProblemMistypedArgument},
		"an event report of other type":  {octets("a1 08 02 01 09 02 01 15 04 00"), 9, csta.ProblemMistypedArgument},
		"an event without cross ref":     {octets("a1 08 02 01 09 02 01 15 30 00"), 9, csta.ProblemMistypedArgument},
		"a cross ref without event":      {octets("a1 0b 02 01 09 02 01 15 30 03 55 01 05"), 9, csta.ProblemMistypedArgument},
		"a reject without a problem":     {octets("a4 03 02 01 09"), 9, csta.ProblemMistypedPDU},
		"a reject of an unknown problem": {octets("a4 06 02 01 09 84 01 00"), 9, csta.ProblemMistypedPDU},
		"a result of another type":       {octets("a2 05 02 01 09 05 00"), 9, csta.ProblemMistypedPDU},
		"an empty result":                {octets("a2 05 02 01 09 30 00"), 9, csta.ProblemMistypedPDU},
		"a failure of nothing":           {octets("a3 08 02 01 09 02 01 01 a0 00"), 9, csta.ProblemMistypedParameter},
		"an association of nothing":      {octets("60 00"), 0, csta.ProblemMistypedPDU},
		"two PDUs":                       {octets("a2 03 02 01 09 a2 03 02 01 0a"), 0, csta.ProblemBadlyStructured},
	} {
		codec3 := cstaber.New(cstaber.Phase3, frame.BER)
		msg := csta.Message{Invoke: 77, CrossRef: csta.CrossRefID("old")}
		err := codec3.Decode(&msg, c.pdu)
		var syntax *codec.SyntaxError
		if !errors.As(err, &syntax) || !errors.Is(err, codec.ErrSyntax) {
			switch name {
			case "a primitive device", "a constructed enumeration":
				if err == nil && msg.Device.Known() {
					t.Errorf("%s: a device of nothing", name)
				}
			default:
				t.Errorf("%s: %v", name, err)
				continue
			}
		}
		kind := csta.KindUnknown
		if c.invoke > 0 && c.pdu[0] == 0xA1 { // a ROIV, as far as that can be read
			kind = csta.KindRequest
		}
		if err != nil && (msg.Kind != kind || msg.Invoke != c.invoke || msg.CrossRef != nil ||
			msg.Problem != c.problem) {
			t.Errorf("%s: left %s", name, codectest.Describe(&msg))
		}
		for cut := range min(len(c.pdu), 64) {
			codec3.Decode(&msg, c.pdu[:cut])
		}
	}
}

// TestLiberal: what BER and the standard's later editions allow is read.
func TestLiberal(t *testing.T) {
	want := csta.Message{
		Kind: csta.KindRequest, Service: csta.MonitorStart, Invoke: 9, Device: codectest.Number("2001"),
	}
	for name, pdu := range map[string]string{
		"as we write it":      "a1 10 02 01 09 02 01 47 30 08 30 06 80 04 32 30 30 31",
		"long forms":          "a1 84 00 00 00 14 02 81 01 09 02 01 47 30 81 0a 30 82 00 06 80 04 32 30 30 31",
		"indefinite":          "a1 80 02 01 09 02 01 47 30 80 30 80 80 04 32 30 30 31 00 00 00 00 00 00",
		"in pieces":           "a1 14 02 01 09 02 01 47 30 0c 30 0a a0 08 04 02 32 30 04 02 30 31",
		"linked":              "a1 13 02 01 09 80 01 05 02 01 47 30 08 30 06 80 04 32 30 30 31",
		"four octets":         "a1 13 02 04 00 00 00 09 02 01 47 30 08 30 06 80 04 32 30 30 31",
		"unknown behind":      "a1 14 02 01 09 02 01 47 30 0c 30 06 80 04 32 30 30 31 9f 1f 01 00",
		"behind the argument": "a1 13 02 01 09 02 01 47 30 08 30 06 80 04 32 30 30 31 85 01 00",
	} {
		var msg csta.Message
		err := cstaber.New(cstaber.Phase3, frame.BER).Decode(&msg, octets(pdu))
		if diff := codectest.Diff(&msg, &want); err != nil || diff != "" {
			t.Errorf("%s: %v%s", name, err, diff)
		}
	}
}

// TestUnknown: operations and events that no table has keep what can be told of them.
func TestUnknown(t *testing.T) {
	for name, c := range map[string]struct {
		pdu  string
		want csta.Message
	}{
		"operation": {"a1 0b 02 01 09 02 02 01 f0 30 02 05 00", csta.Message{Kind: csta.KindRequest, Invoke: 9}},
		"beyond":    {"a1 0b 02 01 09 02 02 7f f0 30 02 05 00", csta.Message{Kind: csta.KindRequest, Invoke: 9}},
		"negative":  {"a1 0a 02 01 ff 02 01 ff 30 02 05 00", csta.Message{Kind: csta.KindRequest, Invoke: -1}},
		"global":    {"a1 0b 02 01 09 06 02 2b 0c 30 02 05 00", csta.Message{Kind: csta.KindRequest, Invoke: 9}},
		"event":     {"a1 12 02 01 09 02 01 15 30 0a 55 02 31 37 a4 04 bf 1f 01 00", csta.Message{}},
		"group": {"a1 11 02 01 09 02 01 15 30 09 55 02 31 37 ae 03 a1 01 00", csta.Message{
			Kind: csta.KindEvent, Invoke: 9, CrossRef: csta.CrossRefID("17"),
		}},
		"number": {"a1 10 02 01 09 02 01 15 30 08 55 02 31 37 a4 02 af 00", csta.Message{
			Kind: csta.KindEvent, Invoke: 9, CrossRef: csta.CrossRefID("17"),
		}},
		"failure": {"a3 09 02 01 09 02 01 01 a8 01 00", csta.Message{
			Kind: csta.KindError, Invoke: 9, Error: csta.ErrorCode{Category: csta.ErrorUnspecified},
		}},
	} {
		var msg csta.Message
		err := cstaber.New(cstaber.Phase3, frame.BER).Decode(&msg, octets(c.pdu))
		if c.want.Kind == csta.KindUnknown {
			if err == nil {
				t.Errorf("%s passed", name)
			}
			continue
		}
		if diff := codectest.Diff(&msg, &c.want); err != nil || diff != "" {
			t.Errorf("%s: %v%s", name, err, diff)
		}
	}
}

func octets(text string) []byte {
	b, err := hex.DecodeString(string(bytes.ReplaceAll([]byte(text), []byte(" "), nil)))
	if err != nil {
		panic(text)
	}
	return b
}

func wrap(tag ber.Tag, content []byte) []byte { return ber.AppendBytes(nil, tag, content) }

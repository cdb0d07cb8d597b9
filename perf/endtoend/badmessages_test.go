package endtoend

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"haproxy/codec/ber"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
	"haproxy/perf/protocols"
)

// badMessage is a message that cannot be read, without its framing header: what is to be said of it, and
// the invoke ID that can be read all the same.
type badMessage struct {
	name    string
	pdu     []byte
	invoke  csta.InvokeID
	problem csta.Problem
}

// frame puts the header before it.
func (bad *badMessage) frame(t *testing.T, p protocols.Protocol) []byte {
	t.Helper()
	if p.IsXML() {
		return framed(int(bad.invoke), string(bad.pdu))
	}
	frm := append(p.Framing.Begin(nil), bad.pdu...)
	if err := p.Framing.Finish(frm, 0); err != nil {
		t.Fatal(err)
	}
	return frm
}

// framed puts an ECMA-323 header before a body.
func framed(id int, body string) []byte {
	b := append(frame.ECMA323.Begin(nil), body...)
	frame.PutECMA323(b, len(b), csta.InvokeID(id))
	return b
}

// streamEnd is what a stream is after some bytes.
type streamEnd uint8

const (
	streamOpen   streamEnd = iota // a frame is not whole yet, or there are several
	streamWhole                   // one whole frame
	streamBroken                  // it cannot be cut into frames
)

// cut tells what bytes are in a framing: that with no header cuts by what it is to carry.
func cut(p protocols.Protocol, b []byte) streamEnd {
	s := frame.NewSplitter(p.Framing, p.FrameMax())
	s.Feed(b)
	frm, err := s.Next()
	switch {
	case err != nil:
		return streamBroken
	case bytes.Equal(frm, b):
		return streamWhole
	default:
		return streamOpen
	}
}

// foreignStream is what other protocols, or a wrong client, send first.
type foreignStream struct {
	name  string
	bytes []byte
}

func foreignStreams(p protocols.Protocol) []foreignStream {
	streams := []foreignStream{
		{"HTTP", []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")},
		{"TLS", []byte{0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01}},
	}
	switch p.Framing {
	case frame.ECMA323:
		return append(
			streams,
			foreignStream{"SOAP form", []byte{0x01, 0x00, 0x00, 0x10}},
			foreignStream{"length below the header", []byte("\x00\x00\x00\x070001")},
			foreignStream{"invoke ID of letters", []byte("\x00\x00\x00\x0cabcd<a/>")},
			foreignStream{"before anything else", framed(1, "<MonitorStart><monitorObject>")},
		)
	case frame.OXE:
		return append(
			streams,
			foreignStream{"the switch's preamble", []byte("P")},
			foreignStream{"no preamble", []byte{0x00, 0x05, 0xA1}},
			foreignStream{"a second preamble", []byte("BBB")},
		)
	case frame.Length16:
		return append(streams, foreignStream{"XML", []byte("\x00\x00\x00\x0c0001<a/>")})
	case frame.HiPath26:
		return append(streams, foreignStream{"another class", []byte{0x27, 0x80, 0x05}})
	case frame.TPKT:
		return append(streams, foreignStream{"length below the header", []byte{0x03, 0x00, 0x00, 0x03}})
	default:
		return append(streams, foreignStream{"no PDU", []byte{0x30, 0x03, 0x02, 0x01, 0x09}})
	}
}

// badMessages are the bad input of a protocol.
func badMessages(p protocols.Protocol) []badMessage {
	if p.IsXML() {
		return badXML()
	}
	return badBER(p.FrameMax())
}

func badXML() []badMessage {
	var all []badMessage
	for name, text := range map[string]string{
		"unclosed XML":    "<MonitorStart><monitorObject>",
		"a document type": `<!DOCTYPE a [<!ENTITY b "c">]><a/>`,
		"too deep":        strings.Repeat("<a>", 10_000),
		"invalid UTF-8":   "<a>\xff\xfe</a>",
		"no XML":          "hello",
	} {
		all = append(all, badMessage{name: name, pdu: []byte(text), invoke: 9})
	}
	return all
}

// badBER are PDUs of at most longest bytes. The first invoke ID, where there is one, is 9; 0 is one that
// cannot be read.
func badBER(longest int) []badMessage {
	huge := ber.AppendBytes(nil, ber.Integer, make([]byte, 10_000))
	deep := min(1_000_000, (longest-16)/4)
	nested := append(octets("a1 80 02 01 09 02 01 47"), bytes.Repeat([]byte{0x30, 0x80}, deep)...)
	nested = append(nested, make([]byte, 2*deep+2)...)
	return []badMessage{
		{"no PDU of ROSE", octets("a5 03 02 01 09"), 0, csta.ProblemUnrecognizedPDU},
		{"a tag of another class", octets("30 03 02 01 09"), 0, csta.ProblemUnrecognizedPDU},
		{"a length of 4 GiB", octets("a1 84 ff ff ff ff 02 01 09"), 0, csta.ProblemBadlyStructured},
		{"a length of nine octets", octets("a1 89 01 00 00 00 00 00 00 00 00"), 0, csta.ProblemBadlyStructured},
		{"a length beyond the frame", octets("a1 10 02 01 09 02 01 47"), 0, csta.ProblemBadlyStructured},
		{
			"a length beyond the parent", octets("a1 0c 02 01 09 02 01 47 30 04 30 06 80 04"), 9,
			csta.ProblemBadlyStructured,
		},
		{"indefinite without end", octets("a1 80 02 01 09 02 01 47"), 0, csta.ProblemBadlyStructured},
		{
			"end-of-contents in a definite value", octets("a1 0a 02 01 09 02 01 47 30 02 00 00"), 9,
			csta.ProblemBadlyStructured,
		},
		{"as many nested tags as a frame holds", nested, 0, csta.ProblemBadlyStructured},
		{"ROSE without invoke ID", octets("a1 00"), 0, csta.ProblemMistypedPDU},
		{"NULL for an invoke ID", octets("a1 05 05 00 02 01 47"), 0, csta.ProblemMistypedPDU},
		{"a constructed invoke ID", octets("a1 08 22 03 02 01 09 02 01 47"), 0, csta.ProblemMistypedPDU},
		{"an invoke ID of 10,000 octets", ber.AppendBytes(nil, 0xA1, huge), 0, csta.ProblemMistypedPDU},
		{"no operation", octets("a1 03 02 01 09"), 9, csta.ProblemMistypedPDU},
		{
			"an operation of 10,000 octets", ber.AppendBytes(nil, 0xA1, append(octets("02 01 09"), huge...)), 9,
			csta.ProblemMistypedPDU,
		},
		{"a constructed operation", octets("a1 08 02 01 09 22 03 02 01 47"), 9, csta.ProblemMistypedPDU},
		{"no event report", octets("a1 06 02 01 09 02 01 15"), 9, csta.ProblemMistypedArgument},
		{"a result of another type", octets("a2 05 02 01 09 05 00"), 9, csta.ProblemMistypedPDU},
		{"a failure of nothing", octets("a3 08 02 01 09 02 01 01 a0 00"), 9, csta.ProblemMistypedParameter},
	}
}

func octets(text string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		panic(text)
	}
	return b
}

package hub

import (
	"bytes"
	"strings"

	"haproxy/codec"
	"haproxy/codec/ber"
	"haproxy/codec/csta"
	"haproxy/codec/cstaber"
	"haproxy/codec/cstaxml"
	"haproxy/codec/frame"
)

// speech is a protocol that tests are run in.
type speech struct {
	name    string
	framing frame.Framing
	codec   func() codec.Codec
}

// speeches are the protocols, the one that scripts are recorded in first.
var speeches = []speech{
	{"csta3-xml", frame.ECMA323, func() codec.Codec { return cstaxml.New() }},
	{"csta3-ber", frame.Length16, numberedAlike(cstaber.Phase3)},
	{"csta2-ber", frame.Length16, numberedAlike(cstaber.Phase2)},
	{"csta1-ber", frame.Length16, numberedAlike(cstaber.Phase1)},
}

// alike is a codec in ASN.1 that numbers messages as the one in XML does, so that the recordings are
// the same.
type alike struct{ *cstaber.Codec }

func numberedAlike(phase cstaber.Phase) func() codec.Codec {
	return func() codec.Codec { return alike{cstaber.New(phase, frame.Length16)} }
}

func (alike) InvokeIDs() (first, last csta.InvokeID) { return cstaxml.New().InvokeIDs() }

func (alike) EventInvokeID() (id csta.InvokeID, fixed bool) { return cstaxml.New().EventInvokeID() }

// isXML reports whether documents can be sent in it.
func (s *speech) isXML() bool { return s.framing == frame.ECMA323 }

// size is that of an event as switches send them, in bytes.
func (s *speech) size() int {
	if s.isXML() {
		return 600
	}
	return 120
}

// private is private data that makes a message so much longer, or a little more.
func (s *speech) private(more int) []byte {
	if s.isXML() {
		return []byte("<p>" + strings.Repeat("x", more) + "</p>")
	}
	content := bytes.Repeat([]byte{'x'}, max(more-4, 0))
	if s.name == "csta1-ber" { // it names who defined it
		return ber.AppendBytes([]byte{0x06, 2, 0x2B, 12}, ber.OctetString, content)
	}
	return ber.AppendBytes(nil, ber.OctetString, content)
}

// body returns a frame without its invoke ID, to tell a renumbered one.
func (s *speech) body(frm []byte) string {
	bare, err := s.codec().SetInvokeID(nil, frm, 0)
	if err != nil {
		return string(s.framing.PDU(frm))
	}
	return string(bare)
}

// frames cuts what was put out into frames.
func (s *speech) frames(run []byte) [][]byte {
	var all [][]byte
	splitter := frame.NewSplitter(s.framing, s.framing.MaxPDU())
	splitter.Feed(run)
	for {
		frm, err := splitter.Next()
		if err != nil {
			panic(err)
		}
		if frm == nil {
			return all
		}
		all = append(all, frm)
	}
}

// first is the service that a dialogue begins with: phases I and II have no SystemRegister.
func (s *speech) first() csta.Service {
	msg := csta.Message{Kind: csta.KindRequest, Service: csta.SystemRegister}
	if _, err := s.codec().Append(nil, &msg); err != nil {
		return csta.SystemStatus
	}
	return csta.SystemRegister
}

// inXML returns what a message says after its way through XML, which the recordings are drawn from; an
// empty message where XML cannot say it.
func inXML(msg *csta.Message) csta.Message {
	var said csta.Message
	c := cstaxml.New()
	if frm, err := c.Append(nil, msg); err == nil {
		_ = c.Decode(&said, frm) // or it stays empty
	}
	return said
}

// associate fills in what an association says.
func associate(msg *csta.Message) {
	if msg.Service != csta.Associate {
		return
	}
	msg.Association = cstaber.AssociationPanasonic()
	if msg.Kind == csta.KindResponse {
		msg.Association.Result = csta.ResultAccepted
	}
}

// complete gives an error of the proxy's the name that the recordings have for it: phases I and II
// have one error for cross references of any kind.
func (s *speech) complete(msg *csta.Message) {
	if s.first() == csta.SystemStatus && msg.Error == csta.ErrInvalidCrossRef {
		msg.Error = csta.ErrInvalidMonitorCrossRef
	}
}

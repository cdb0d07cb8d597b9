package stamp

import (
	"bytes"
	"strconv"

	"haproxy/codec/ber"
)

// Ask marks one request of one simulated T-Server, so that the switch can tell whether it has had it
// before.
type Ask struct {
	Name  string // of the T-Server
	Leg   int    // how many legs it had
	Count int    // requests before it and itself, over all legs
}

// The text is ask:NAME:LEG:COUNT; as it stands.
const askPrefix = "ask:"

// AppendText appends the mark's text to dst.
func (a Ask) AppendText(dst []byte) []byte {
	dst = append(dst, askPrefix...)
	dst = append(dst, a.Name...)
	dst = append(dst, ':')
	dst = strconv.AppendInt(dst, int64(a.Leg), 10)
	dst = append(dst, ':')
	return append(strconv.AppendInt(dst, int64(a.Count), 10), end)
}

// IsAsk reports whether b, which may be a whole frame, has a mark of a request.
func IsAsk(b []byte) bool { return bytes.Contains(b, []byte(askPrefix)) }

// AskXML appends the content of an extensions element that carries the mark.
func AskXML(dst []byte, a Ask) []byte {
	dst = append(dst, `<privateData><private><sim xmlns="urn:haproxy:sim">`...)
	return append(a.AppendText(dst), `</sim></private></privateData>`...)
}

// AskBER appends the content of an extensions element in ASN.1 that carries the mark:
//
//	A1 { 04 text }
func AskBER(dst []byte, a Ask) []byte {
	dst, list := ber.Begin(dst, 0xA1)
	return ber.End(ber.AppendBytes(dst, ber.OctetString, a.AppendText(nil)), list)
}

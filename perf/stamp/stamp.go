package stamp

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"strconv"

	"haproxy/codec/ber"
	"haproxy/codec/csta"
)

// Stamp identifies one event of one simulated switch.
type Stamp struct {
	Process uint64 // of the switch: one that was started later has a greater one; 0 is the only one
	Link    uint32 // how many times the link had come up when the event was sent
	Count   uint64 // events that the process sent before it and itself, over all links and monitors
	Sum     uint32 // what Sum gave for the message
}

// After reports whether the event was sent after another one of the same switch.
func (s Stamp) After(other Stamp) bool {
	return s.Process > other.Process || s.Process == other.Process && s.Count > other.Count
}

// The text is stamp:LINK:COUNT:SUM; with SUM in hexadecimal, and PROCESS. before LINK where it is not 0.
const (
	prefix = "stamp:"
	end    = ';'
	most   = 64 // bytes after the prefix
)

// AppendText appends the stamp's text to dst.
func (s Stamp) AppendText(dst []byte) []byte {
	dst = append(dst, prefix...)
	if s.Process != 0 {
		dst = append(strconv.AppendUint(dst, s.Process, 10), '.')
	}
	dst = strconv.AppendUint(dst, uint64(s.Link), 10)
	dst = append(dst, ':')
	dst = strconv.AppendUint(dst, s.Count, 10)
	dst = append(dst, ':')
	return append(fmt.Appendf(dst, "%08x", s.Sum), end)
}

// String returns the stamp's text.
func (s Stamp) String() string { return string(s.AppendText(nil)) }

// Find reads the first stamp in b, which may be a whole frame; ok is false where there is none.
func Find(b []byte) (s Stamp, ok bool) {
	_, rest, found := bytes.Cut(b, []byte(prefix))
	if !found {
		return Stamp{}, false
	}
	text, _, found := bytes.Cut(rest[:min(len(rest), most)], []byte{end})
	if !found {
		return Stamp{}, false
	}
	parts := bytes.Split(text, []byte{':'})
	if len(parts) != 3 {
		return Stamp{}, false
	}
	if process, rest, found := bytes.Cut(parts[0], []byte{'.'}); found {
		var err error
		if s.Process, err = strconv.ParseUint(string(process), 10, 64); err != nil {
			return Stamp{}, false
		}
		parts[0] = rest
	}
	link, linkErr := strconv.ParseUint(string(parts[0]), 10, 32)
	count, countErr := strconv.ParseUint(string(parts[1]), 10, 64)
	sum, sumErr := strconv.ParseUint(string(parts[2]), 16, 32)
	if linkErr != nil || countErr != nil || sumErr != nil {
		return Stamp{}, false
	}
	s.Link, s.Count, s.Sum = uint32(link), count, uint32(sum)
	return s, true
}

// Sum returns the checksum of what an event says. The cross reference ID is left out, since a proxy
// may give a monitor another one after a link loss.
func Sum(msg *csta.Message) uint32 {
	table := crc32.IEEETable
	sum := crc32.Update(0, table, []byte{byte(msg.Event), byte(msg.Local), byte(msg.Cause)})
	for _, part := range [][]byte{
		msg.Subject.Call, msg.Subject.Device.Number, msg.Device.Number,
		msg.Secondary.Call, msg.AgentID,
	} {
		sum = crc32.Update(sum, table, part)
		sum = crc32.Update(sum, table, []byte{0})
	}
	for i := range msg.Connections {
		item := &msg.Connections[i]
		sum = crc32.Update(sum, table, item.New.Call)
		sum = crc32.Update(sum, table, item.New.Device.Number)
	}
	return sum
}

// XML appends the content of an extensions element that carries the stamp and, where pad is
// positive, so many further bytes.
func XML(dst []byte, s Stamp, pad int) []byte {
	dst = append(dst, `<privateData><private><sim xmlns="urn:haproxy:sim">`...)
	dst = s.AppendText(dst)
	for range pad {
		dst = append(dst, '.')
	}
	return append(dst, `</sim></private></privateData>`...)
}

// sumLen is the length of a stamp's checksum, as text.
const sumLen = 8

// Seal writes a checksum into the stamp of a frame that was made with another one. It is of use
// where an encoding leaves out what it has no element for: the sum is then of what the frame says.
func Seal(frame []byte, sum uint32) {
	_, rest, found := bytes.Cut(frame, []byte(prefix))
	if !found {
		return
	}
	if at := bytes.IndexByte(rest, end); at >= sumLen {
		copy(rest[at-sumLen:at], fmt.Appendf(nil, "%08x", sum))
	}
}

// BER appends the content of an extensions element in ASN.1 that carries the stamp and, where pad is
// positive, so many further bytes at least:
//
//	A1 { 04 text }
func BER(dst []byte, s Stamp, pad int) []byte {
	dst, list := ber.Begin(dst, 0xA1)
	dst, text := ber.Begin(dst, ber.OctetString)
	dst = s.AppendText(dst)
	for range pad {
		dst = append(dst, '.')
	}
	return ber.End(ber.End(dst, text), list)
}

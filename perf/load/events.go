package load

import (
	"bytes"
	"fmt"
	"strings"

	"haproxy/codec/csta"
	"haproxy/perf/protocols"
	"haproxy/perf/stamp"
	"haproxy/perf/switchsim"
	"haproxy/state"
)

// events are the frames of the load: each device has one call after the other, of five events, and the devices take
// turns. They are encoded once; an event is one of them with its number and its time written into its private data.
type events struct {
	devices int
	calls   int // devices that have calls, the first
	frames  [][]byte
	marks   []int // where the mark is in each frame
	kept    bool  // the journal has room for the calls that are under way

	before [][]byte // what a broker wants before each, and after
	after  []byte
}

// steps are the events of a call.
var steps = []struct {
	event csta.Event
	local csta.ConnectionState
	cause csta.Cause
}{
	{csta.EventDelivered, csta.ConnectionAlerting, csta.CauseNewCall},
	{csta.EventEstablished, csta.ConnectionConnected, csta.CauseNormal},
	{csta.EventHeld, csta.ConnectionHold, csta.CauseNormal},
	{csta.EventRetrieved, csta.ConnectionConnected, csta.CauseNormal},
	{csta.EventConnectionCleared, csta.ConnectionNull, csta.CauseNormalClearing},
}

const (
	markLen  = 32 // a number and a time, 16 digits each
	digits   = "0123456789abcdef"
	caller   = "8001"
	leastPad = markLen
)

// journalCell is what a frame takes in the journal beyond its bytes, at most.
const journalCell = 256

// DevicesMax is how many devices there are numbers for.
const DevicesMax = 100_000

func deviceNumber(i int) string { return fmt.Sprintf("5%05d", i) }

func device(i int) csta.DeviceID { return dialing(deviceNumber(i)) }

// dialing is a number as the least bytes say it: XML needs no type for it.
func dialing(number string) csta.DeviceID {
	return csta.DeviceID{Form: csta.DeviceDialingNumber, Number: []byte(number)}
}

func crossRef(i int) string { return fmt.Sprintf("%08d", i+1) }

// newEvents encodes the events, each of size bytes at least.
// Calls are at the first of the devices, so many of them; 0 is all.
func newEvents(p protocols.Protocol, devices, calls, size int) (*events, error) {
	codec, private := p.NewCodec(), p.Switch(switchsim.Options{}).Private
	if private == nil {
		private = stamp.XML
	}
	invoke, _ := codec.EventInvokeID()
	if calls == 0 {
		calls = devices
	}
	e := &events{devices: devices, calls: calls}
	for _, step := range steps {
		for i := range calls {
			device := device(i)
			msg := csta.Message{
				Kind: csta.KindEvent, Event: step.event, Invoke: invoke, CrossRef: csta.CrossRefID(crossRef(i)),
				Subject: csta.ConnectionID{Call: csta.CallID(fmt.Sprintf("L%05d", i)), Device: device},
				Device:  device, Called: device, Local: step.local, Cause: step.cause,
				Calling: dialing(caller),
			}
			var frame []byte
			var err error
			for pad := leastPad; ; pad += size - len(frame) {
				msg.Private = private(nil, stamp.Stamp{}, pad)
				if frame, err = codec.Append(nil, &msg); err != nil {
					return nil, err
				}
				if len(frame) >= size {
					break
				}
			}
			mark := bytes.Index(frame, []byte(strings.Repeat(".", markLen)))
			if mark < 0 {
				return nil, fmt.Errorf("an event of %v has no room for its mark", p)
			}
			e.frames, e.marks = append(e.frames, frame), append(e.marks, mark)
		}
	}
	e.kept = len(e.frames)*(e.size()+journalCell) <= state.DefaultJournalMax
	return e, nil
}

// EventSize returns how many bytes the events of a load have, on average.
func EventSize(o *Options) (int, error) {
	e, err := newEvents(o.Protocol, o.Devices, o.Calls, o.Size)
	if err != nil {
		return 0, err
	}
	return e.size(), nil
}

// size returns how many bytes an event has, on average: some have no room for fewer than they have.
func (e *events) size() int {
	bytes := 0
	for _, f := range e.frames {
		bytes += len(f)
	}
	return bytes / len(e.frames)
}

// append appends the event of a number, which was to be sent at a time, in nanoseconds.
func (e *events) append(dst []byte, number uint64, at int64) []byte {
	i := int(number % uint64(len(e.frames)))
	if e.before != nil {
		dst = append(dst, e.before[i]...)
	}
	start := len(dst)
	dst = append(dst, e.frames[i]...)
	mark := dst[start+e.marks[i]:][:markLen]
	putHex(mark[:16], number)
	putHex(mark[16:], uint64(at))
	return append(dst, e.after...)
}

// read reads the number and the time of an event, and whether all its bytes are those that were sent. The number is
// guessed to be next.
func (e *events) read(frame []byte, next uint64) (number uint64, at int64, ok bool) {
	i := int(next % uint64(len(e.frames)))
	if number, at, ok = e.readAs(i, frame); ok {
		return number, at, int(number%uint64(len(e.frames))) == i
	}
	_, rest, _ := bytes.Cut(frame, []byte("stamp:"))
	for skip := 0; skip+markLen <= len(rest); skip++ { // the mark is not where it is in the next one
		if n, ok := getHex(rest[skip:][:16]); ok {
			number, at, ok = e.readAs(int(n%uint64(len(e.frames))), frame)
			if ok {
				return number, at, number == n
			}
		}
	}
	return 0, 0, false
}

// readAs reads an event that is a certain frame but for its mark.
func (e *events) readAs(i int, frame []byte) (number uint64, at int64, ok bool) {
	of, mark := e.frames[i], e.marks[i]
	if len(frame) != len(of) || !bytes.Equal(frame[:mark], of[:mark]) ||
		!bytes.Equal(frame[mark+markLen:], of[mark+markLen:]) {
		return 0, 0, false
	}
	number, ok = getHex(frame[mark:][:16])
	t, timed := getHex(frame[mark+16:][:16])
	return number, int64(t), ok && timed
}

func putHex(dst []byte, n uint64) {
	for i := range 16 {
		dst[15-i] = digits[n&0xF]
		n >>= 4
	}
}

func getHex(b []byte) (n uint64, ok bool) {
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9':
			n = n<<4 | uint64(c-'0')
		case c >= 'a' && c <= 'f':
			n = n<<4 | uint64(c-'a'+10)
		default:
			return 0, false
		}
	}
	return n, true
}

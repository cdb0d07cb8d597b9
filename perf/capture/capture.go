package capture

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"time"

	"haproxy/codec/csta"
)

// Options says what is known of a capture. The zero value has all of it found by trying.
type Options struct {
	Protocol string // as the configuration names it; "" finds it by trying
	Framing  string // likewise
	Port     uint16 // only TCP streams with this port on either side are read; 0 is any
	FrameMax int    // of a PDU, in bytes; 0 is the longest that the framing can carry
	// Ended is told when the capture has the end of a leg's connection, behind its last message; may be nil.
	Ended func(leg *Leg, at time.Time)
}

// Message is one message of a leg.
type Message struct {
	Time       time.Time // when its last byte was captured; zero in a plain stream
	Leg        *Leg
	FromSwitch bool
	Frame      []byte        // with its framing header
	Body       *csta.Message // what was decoded; of responses with the service that was asked for
	Err        error         // why Frame could not be decoded; a *codec.SyntaxError
}

// Leg is one CTI leg of a capture.
type Leg struct {
	Name              string // its interface's name in a record, which has one for each leg, else "leg N"
	Protocol, Framing string
	Switch, Computing string // addresses; empty in a plain stream
	Midway            bool   // it had begun before the capture did, as a plain stream may have
	Number            int    // of its stream in all captures, the same in each reading
	Standing          string // the name of the leg of which it tells what stood on it before the capture, in a record
	Record            string // what a record says of itself: another with each process that wrote it; "" elsewhere
}

// Summary is what a capture had. Counters are of everything read.
type Summary struct {
	Packets  uint64
	Streams  int // TCP streams with payload
	Legs     []*Leg
	Messages uint64
	Faulty   uint64 // messages that could not be decoded
	Gaps     uint64 // places where a leg lacks bytes
	Missing  uint64 // bytes that those lack, as far as known
	GapOf    *Leg   // the leg of the first, and when it was noticed
	GapAt    time.Time
	Skipped  uint64 // bytes passed over before the next message, after a gap or what cannot be framed
	Cut      uint64 // packets of legs of which but a beginning was captured
	Ignored  uint64 // packets whose headers make no sense, or fragments of what is not whole
	TooMany  uint64 // legs that were not read to their end, as so many others were open
	Amid     uint64 // legs that go on where the captures end, and lack the rest of a message there
	Back     uint64 // packets that are a second older than one before them, or than the files before theirs
}

// The faults of a capture: the operator's, who named the wrong file or the wrong protocol.
var (
	// ErrEmpty is a file without a byte.
	ErrEmpty = errors.New("the file is empty")
	// ErrCompressed is a file that has to be unpacked first.
	ErrCompressed = errors.New("the file is compressed: unpack it first")
	// ErrTruncated is a capture that ends amid a packet. What came before was read.
	ErrTruncated = errors.New("the capture is cut off")
	// ErrMalformed is a capture whose blocks make no sense. What came before was read.
	ErrMalformed = errors.New("the capture is malformed")
	// ErrNoLegs is a capture in which nothing was recognized.
	ErrNoLegs = errors.New("no CTI leg was found")
)

// Read reads a capture, or a plain stream of frames, and calls each with every message: those of a leg and
// direction in their order, those of different legs as they were captured, unless it takes longer than a second to
// find the protocol of one. The message is valid during the call only. An error of each ends it and is returned.
func Read(in io.Reader, opts Options, each func(*Message) error) (*Summary, error) {
	r, err := NewReader(opts, each)
	if err != nil {
		return nil, err
	}
	err = r.Read(in)
	sum, closeErr := r.Close()
	if err == nil {
		err = closeErr
	}
	return sum, err
}

// Reader reads captures that follow one another, as the files of a record do: a leg goes on from one to the next.
type Reader struct {
	opts        Options
	candidates  []candidate
	file        *file // whose packet is looked at
	each        func(*Message) error
	sum         Summary
	connections *connections
	fragments   fragments
	stopped     error     // of each
	created     int       // connections, in all
	flushing    bool      // streams are given up, in no order
	undecided   int       // those with bytes whose protocol is not known
	unknown     time.Time // when the last such stream began
	held        int       // bytes that wait for that
	order       order
	cut         int                  // packets of all streams of which but a beginning was captured
	spoke       map[interfaceOf]bool // those with packets of their legs' lives
	at          time.Time            // of the last packet
	ended       bool                 // there is no more
}

// NewReader returns a Reader that calls each with every message, as Read does. An error is one of opts.
func NewReader(opts Options, each func(*Message) error) (*Reader, error) {
	candidates, err := candidatesFor(opts)
	if err != nil {
		return nil, err
	}
	return &Reader{
		opts: opts, candidates: candidates, each: each, connections: newConnections(), fragments: newFragments(),
		file: new(file), spoke: make(map[interfaceOf]bool),
	}, nil
}

// Read reads the next capture to its end. What came before an error was read, and further captures may follow.
func (r *Reader) Read(in io.Reader) error {
	f, err := r.begin(in, r.file.newest)
	for err == nil {
		r.hear(f)
		err = r.goOn(f)
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// begin reads the first packet of the next capture, which goes on from others whose newest packet is given; all of it
// where it is a plain stream. The error is io.EOF where there is no packet.
func (r *Reader) begin(in io.Reader, newest time.Time) (*file, error) {
	buffered := bufio.NewReaderSize(in, 1<<16)
	magic, err := buffered.Peek(4)
	switch {
	case len(magic) == 0 && errors.Is(err, io.EOF):
		return nil, ErrEmpty
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	case isCompressed(magic):
		return nil, ErrCompressed
	case !isCapture(magic):
		return nil, r.plain(buffered)
	}
	f, err := open(buffered, magic, newest)
	if err != nil {
		return nil, err
	}
	return f, f.next()
}

// hear takes the packet that a capture is at.
func (r *Reader) hear(f *file) {
	r.file, r.at = f, f.at
	r.sum.Packets++
	f.packets++
	if f.back {
		r.sum.Back++
	}
	r.packet(f.data, f.link(), f.at, f.nameOf(f.info.InterfaceIndex))
	r.giveUpLost(r.at)
	r.release()
}

// goOn reads the next packet of a capture. The error is io.EOF behind the last.
func (r *Reader) goOn(f *file) error {
	if r.stopped != nil {
		return r.stopped
	}
	err := f.next()
	if errors.Is(err, io.EOF) && f.streams > 0 && f.undecided == 0 && !f.spoke {
		return r.noLegs(f.packets, f.streams)
	}
	return err
}

// Close ends the streams that go on, and gives away what was kept back of them. ErrNoLegs is for all captures
// together.
func (r *Reader) Close() (*Summary, error) {
	r.ended = true
	if r.stopped == nil {
		r.flush(r.closeAll)
	}
	r.release()
	r.sum.Ignored += r.fragments.giveUp()
	switch {
	case r.stopped != nil:
		return &r.sum, r.stopped
	case len(r.sum.Legs) == 0:
		return &r.sum, r.noLegs(r.sum.Packets, r.sum.Streams)
	}
	return &r.sum, nil
}

func (r *Reader) noLegs(packets uint64, streams int) error {
	none := fmt.Errorf("%w in %d packets, %d TCP streams", ErrNoLegs, packets, streams)
	switch {
	case r.cut > 0:
		return fmt.Errorf("%w: %d packets were captured in part, capture them whole", none, r.cut)
	case r.sum.Ignored > 0:
		return fmt.Errorf("%w: %d packets made no sense, or were fragments of what is not whole", none, r.sum.Ignored)
	default:
		return none
	}
}

// deliver gives one message away.
func (r *Reader) deliver(m *Message) {
	if r.stopped != nil {
		return
	}
	r.sum.Messages++
	if m.Err != nil {
		r.sum.Faulty++
	}
	r.stopped = r.each(m)
}

// plain reads frames without packets around them: one direction of one leg, the switch's. The error is io.EOF behind
// the last.
func (r *Reader) plain(in io.Reader) error {
	f := r.newFlow(r.created, "", r.candidates, [2]string{})
	r.created++
	f.switchSide = 0
	chunk := make([]byte, 1<<15)
	for r.stopped == nil {
		n, err := in.Read(chunk)
		if n > 0 {
			f.bytes(0, chunk[:n], time.Time{})
		}
		r.release()
		if f.dead {
			return fmt.Errorf("%w: neither a capture nor frames of a known protocol and framing", ErrNoLegs)
		}
		if err != nil {
			f.end()
			if errors.Is(err, io.EOF) && f.partial() > 0 && !f.dead {
				err = fmt.Errorf("%w: its last message lacks bytes", ErrTruncated)
			}
			return cmp.Or(r.stopped, err)
		}
	}
	return r.stopped
}

package replay

import (
	"bufio"
	"context"
	"errors"
	"net"
	"slices"
	"time"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
	"haproxy/perf/protocols"
	"haproxy/perf/wire"
)

// peer is a socket on which one side of the capture is played.
type peer struct {
	ctx    context.Context // of the replay
	socket net.Conn
	out    *bufio.Writer
	codec  codec.Codec
	msg    csta.Message
	room   []byte
	err    error // of the socket; what is written then is lost
	heard  bool  // it has said something
	left   bool  // we ended what we say
	// unhurried ends that the end of the replay hurries what is written.
	unhurried func() bool
}

// arrival is one frame that came from the far side, or the end of a socket.
type arrival struct {
	from  *peer
	frame []byte // owned; nil is the end
	fault error  // of what it said, where that is the end
}

const (
	arrivalsMax  = 4096
	writeTimeout = 30 * time.Second
	endTimeout   = time.Second // once the replay is to end
)

// newPeer begins to play on a socket, once it was greeted. What comes goes into arrivals until ctx ends, and then
// nobody is waited for any more who does not read.
func newPeer(ctx context.Context, socket net.Conn, p protocols.Protocol, role frame.Role,
	arrivals chan<- arrival,
) (*peer, error) {
	if err := wire.Greet(ctx, socket, p.Framing, role); err != nil {
		return nil, errors.Join(err, socket.Close())
	}
	of := &peer{ctx: ctx, socket: socket, out: bufio.NewWriterSize(socket, 1<<16), codec: p.NewCodec()}
	of.unhurried = context.AfterFunc(ctx, func() { _ = socket.SetWriteDeadline(time.Now().Add(endTimeout)) })
	go of.read(ctx, frame.NewSplitter(p.Framing, p.FrameMax()), arrivals)
	return of, nil
}

// read gives away what comes.
func (p *peer) read(ctx context.Context, splitter *frame.Splitter, arrivals chan<- arrival) {
	give := func(f []byte, fault error) bool {
		select {
		case arrivals <- arrival{p, f, fault}:
			return true
		case <-ctx.Done():
			return false
		}
	}
	chunk := make([]byte, 1<<16)
	for {
		n, err := p.socket.Read(chunk)
		splitter.Feed(chunk[:n])
		for {
			f, frameErr := splitter.Next()
			if frameErr != nil {
				give(nil, frameErr)
				return
			}
			if f == nil {
				break
			}
			if !give(slices.Clone(f), nil) {
				return
			}
		}
		if err != nil {
			give(nil, nil)
			return
		}
	}
}

// send puts a frame out. It is written with flush, or when much is to be written.
func (p *peer) send(f []byte) {
	if p.err == nil {
		p.err = p.socket.SetWriteDeadline(time.Now().Add(writeTimeout))
	}
	if p.err == nil && p.ctx.Err() != nil { // only now: it may have ended meanwhile, whose deadline that was
		p.err = p.socket.SetWriteDeadline(time.Now().Add(endTimeout))
	}
	if p.err == nil {
		_, p.err = p.out.Write(f)
	}
}

// flush writes what was sent.
func (p *peer) flush() {
	if p.err == nil && p.out.Buffered() > 0 {
		p.err = p.out.Flush()
	}
}

// sendAs puts a frame out under another invoke ID. One that cannot have it goes as it is.
func (p *peer) sendAs(f []byte, id csta.InvokeID) {
	renamed, err := p.codec.SetInvokeID(p.room[:0], f, id)
	if err != nil {
		p.send(f)
		return
	}
	p.room = renamed
	p.send(renamed)
}

// say puts a message of ours out. It reports whether the protocol has one.
func (p *peer) say(msg *csta.Message) bool {
	f, err := p.codec.Append(p.room[:0], msg)
	if err != nil {
		return false
	}
	p.room = f
	p.send(f)
	return true
}

// heartbeat answers a SystemStatus of the far side, and passes its answers over. It reports whether the message
// is either.
func (p *peer) heartbeat(service csta.Service) bool {
	if service != csta.SystemStatus {
		return false
	}
	if p.msg.Kind == csta.KindRequest {
		p.say(&csta.Message{Kind: csta.KindResponse, Service: csta.SystemStatus, Invoke: p.msg.Invoke})
		p.flush()
	}
	return true
}

// leave ends what is said, and has the far side notice: the end of what it says is to come.
func (p *peer) leave() {
	p.flush()
	p.left = true
	if tcp, ok := p.socket.(*net.TCPConn); ok && p.err == nil {
		p.err = tcp.CloseWrite()
	}
}

func (p *peer) close() {
	if p != nil {
		p.flush()
		p.unhurried()
		_ = p.socket.Close() // what the far side got is told by what it does
	}
}

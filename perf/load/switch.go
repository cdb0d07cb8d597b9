package load

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
	"haproxy/perf/protocols"
	"haproxy/perf/wire"
)

// exchange is the switch of the load: it answers the proxy, and tells events when it is told to.
type exchange struct {
	events  *events
	speaks  protocols.Protocol
	socket  net.Conn
	codec   codec.Codec
	msg     csta.Message
	room    []byte
	writing sync.Mutex
	began   time.Time     // that times are counted from
	sent    atomic.Uint64 // events
	offered atomic.Uint64 // the same, with those that are being written
	telling atomic.Pointer[telling]
	asked   atomic.Uint64 // requests of the proxy, but for heartbeats and those that a T-Server was told to make
	failed  atomic.Pointer[error]
}

// accept waits for the proxy's link and serves it until it ends.
func (x *exchange) accept(ctx context.Context, listener net.Listener) error {
	stop := context.AfterFunc(ctx, func() { _ = listener.Close() }) // an Accept then ends
	defer stop()
	socket, err := listener.Accept()
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("the proxy did not call the switch within %v", startMax)
	case err != nil:
		return err
	}
	context.AfterFunc(ctx, func() { _ = socket.Close() }) // nothing waits for it then
	if err = wire.Greet(ctx, socket, x.speaks.Framing, frame.Switching); err != nil {
		return errors.Join(err, socket.Close())
	}
	x.socket, x.codec = socket, x.speaks.NewCodec()
	if x.speaks.Association == nil { // else once it is associated
		err = x.greet()
	}
	go x.read()
	return err
}

// greet says that the switch is there.
func (x *exchange) greet() error {
	return x.say(&csta.Message{Kind: csta.KindRequest, Service: csta.SystemStatus, Status: csta.StatusNormal})
}

// read answers what the proxy asks.
func (x *exchange) read() {
	splitter, chunk := frame.NewSplitter(x.speaks.Framing, x.speaks.FrameMax()), make([]byte, 1<<16)
	for {
		n, err := x.socket.Read(chunk)
		splitter.Feed(chunk[:n])
		for err == nil {
			var f []byte
			if f, err = splitter.Next(); f == nil {
				break
			}
			err = x.take(f)
		}
		if err != nil {
			x.failed.CompareAndSwap(nil, &err)
			return
		}
	}
}

func (x *exchange) take(f []byte) error {
	if err := x.codec.Decode(&x.msg, f); err != nil || x.msg.Kind != csta.KindRequest || !x.msg.Service.HasResponse() {
		return err
	}
	resp := csta.Message{Kind: csta.KindResponse, Service: x.msg.Service, Invoke: x.msg.Invoke}
	switch x.msg.Service {
	case csta.SystemStatus:
	case csta.Associate:
		resp.Association = x.msg.Association.Granted()
		return errors.Join(x.say(&resp), x.greet())
	case csta.SystemRegister:
		resp.Register = csta.RegisterID("1")
	case csta.RequestSystemStatus:
		resp.Status = csta.StatusNormal
	case csta.MonitorStart:
		i, err := strconv.Atoi(string(x.msg.Device.Number))
		if i -= 500_000; err != nil || i < 0 || i >= x.events.devices {
			resp.Kind, resp.Error = csta.KindError, csta.ErrGeneric
			break
		}
		resp.CrossRef = csta.CrossRefID(crossRef(i))
	case csta.HoldCall:
	default:
		resp.Kind, resp.Error = csta.KindError, csta.ErrGeneric
	}
	if x.msg.Service != csta.SystemStatus && x.msg.Service != csta.HoldCall {
		x.asked.Add(1)
	}
	return x.say(&resp)
}

func (x *exchange) say(msg *csta.Message) error {
	x.writing.Lock()
	defer x.writing.Unlock()
	var err error
	if x.room, err = x.codec.Append(x.room[:0], msg); err != nil {
		return err
	}
	_, err = x.socket.Write(x.room)
	return err
}

const (
	batchMax = 256 << 10              // bytes of one write
	roomWait = 200 * time.Microsecond // until there is room again; looking more often takes what is measured its time
)

// tell tells events at an even rate until ctx ends, each when its time has come, and then those whose time had come by
// then. At rate 0 it tells as many as room allows, which says how many more may be told now.
func (x *exchange) tell(ctx context.Context, of *telling, room func() int) error {
	runtime.LockOSThread() // for a timer that is exact
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0); err != nil {
		return err
	}
	first, start, rate := of.first, of.start, of.rate
	last := ^uint64(0)
	var batch []byte
	for x.sent.Load() < last {
		number, now := x.sent.Load(), time.Since(x.began)
		if ctx.Err() != nil && last == ^uint64(0) { // what was due by then is told yet
			last = x.due(x.began.Add(now))
		}
		batch = batch[:0]
		if rate > 0 {
			due := min(first+uint64((now-start).Seconds()*rate), last)
			for ; number < due && len(batch) < batchMax; number++ {
				intended := start + time.Duration(float64(number+1-first)/rate*float64(time.Second))
				batch = x.events.append(batch, number, int64(intended))
			}
		} else {
			for n := room(); n > 0 && len(batch) < batchMax && number < last; n-- {
				batch = x.events.append(batch, number, int64(now))
				number++
			}
		}
		if len(batch) == 0 {
			x.rest(rate, first, number, start)
			continue
		}
		x.offered.Store(number)
		x.writing.Lock()
		_, err := x.socket.Write(batch)
		x.writing.Unlock()
		if err != nil {
			return err
		}
		x.sent.Store(number)
	}
	return nil
}

// telling is at which rate events are told, counted from an event and a time.
type telling struct {
	first uint64
	start time.Duration
	rate  float64
}

// begin counts events from now on.
func (x *exchange) begin(rate float64) *telling {
	t := &telling{x.sent.Load(), time.Since(x.began), rate}
	x.telling.Store(t)
	return t
}

// due returns the number of the first event that is due later than a time, whether or not those before it were told.
func (x *exchange) due(at time.Time) uint64 {
	t := x.telling.Load()
	if t.rate == 0 {
		return x.sent.Load()
	}
	return t.first + uint64(max(at.Sub(x.began)-t.start, 0).Seconds()*t.rate)
}

// rest sleeps until the next event is due. The runtime's timers are too coarse for that.
func (x *exchange) rest(rate float64, first, number uint64, start time.Duration) {
	wait := roomWait
	if rate > 0 {
		next := start + time.Duration(float64(number+1-first)/rate*float64(time.Second))
		wait = max(next-time.Since(x.began), time.Microsecond)
	}
	spec := unix.NsecToTimespec(int64(min(wait, 10*time.Millisecond)))
	_ = unix.Nanosleep(&spec, nil) // a signal that wakes it early does no harm
}

package fanout

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/panjf2000/gnet/v2"
	"github.com/rs/zerolog"

	"haproxy/fanout/hub"
)

// ErrStopped says that the proxy no longer runs.
var ErrStopped = errors.New("the proxy has stopped")

// Link is one CTI link that the proxy runs. Its methods may be called from any goroutine.
type Link struct {
	cfg     LinkConfig
	limits  limits
	log     zerolog.Logger
	newCore func() core

	listeners map[int]*listener // by T-Server index or switchSide
	client    *gnet.Client
	loop      *loop          // for tasks that run on it only
	bridge    gnet.EventLoop // takes tasks, legs or none
	farEnd    net.Conn       // of the bridge

	cancel  context.CancelFunc // ends what makes sockets
	makers  sync.WaitGroup     // the goroutines that make sockets
	quit    chan struct{}      // ends the clock
	clock   sync.WaitGroup
	crashed func(error)   // called once, if the event loop ends by itself
	dead    chan struct{} // closed then

	seed     uint64 // of the pauses
	lastLeg  atomic.Uint64
	perSide  []atomic.Int32 // sockets of each T-Server, and of the switch
	refusals refusals
	garbled  refusals // lines about sockets that never sent a whole frame
	beside   beside

	normal   atomic.Bool   // the link has been normal since it was last looked at
	draining atomic.Bool   // new sockets are sent away
	stopping atomic.Bool   // the loop is being ended
	soon     atomic.Bool   // the clock is to tick fast
	hurry    chan struct{} // wakes the clock for that
	ticking  atomic.Bool   // a tick waits for the loop
}

func newLink(cfg *LinkConfig, log zerolog.Logger, lim limits) *Link {
	k := &Link{
		cfg:       *cfg,
		limits:    lim,
		log:       log.With().Str("link", cfg.Name).Logger(),
		listeners: make(map[int]*listener),
		perSide:   make([]atomic.Int32, len(cfg.TServers)+1),
		refusals:  refusals{gap: lim.refusalGap},
		garbled:   refusals{gap: lim.refusalGap},
		quit:      make(chan struct{}),
		dead:      make(chan struct{}),
		hurry:     make(chan struct{}, 1),
	}
	k.newCore = func() core { return hub.New(k.cfg.Hub) }
	k.seed = uint64(time.Now().UnixNano())
	k.log.Debug().Uint64("seed", k.seed).Msg("pauses between dials are drawn from this seed")
	return k
}

// Name returns the link's name.
func (k *Link) Name() string { return k.cfg.Name }

// TServerAddr returns the address on which the T-Server of that index is served.
func (k *Link) TServerAddr(i int) net.Addr { return k.listeners[i].socket.Addr() }

// LinkAddr returns the address that the switch calls, nil where the proxy dials.
func (k *Link) LinkAddr() net.Addr {
	if l := k.listeners[switchSide]; l != nil {
		return l.socket.Addr()
	}
	return nil
}

// run starts the event loop, one of so many of the process, the clock and the goroutines that make sockets. The
// addresses are bound.
func (k *Link) run(loops int, crashed func(error)) error {
	k.crashed = crashed
	k.loop = newLoop(k)
	k.loop.loops, k.loop.writes = loops, k.cfg.Tap != nil
	client, err := gnet.NewClient(k.loop, gnet.WithNumEventLoop(1),
		gnet.WithReadBufferCap(readBuffer), gnet.WithLogger(libraryLog{k.log}))
	if err != nil {
		return fmt.Errorf("link %q: cannot make an event loop: %w", k.cfg.Name, err)
	}
	if err := client.Start(); err != nil {
		return fmt.Errorf("link %q: cannot start an event loop: %w", k.cfg.Name, err)
	}
	k.client = client
	if err := k.openBridge(); err != nil {
		k.stopping.Store(true)
		return errors.Join(fmt.Errorf("link %q: %w", k.cfg.Name, err), client.Stop())
	}
	k.clock.Go(k.keepTime)
	ctx, cancel := context.WithCancel(context.Background())
	k.cancel = cancel
	started := make(map[*listener]bool)
	for _, l := range k.listeners {
		if !started[l] {
			started[l] = true
			k.log.Info().Stringer("listen", l.socket.Addr()).Strs("for", k.names(l.sides)).
				Msg("listening")
			k.makers.Go(func() { k.accept(ctx, l) })
		}
	}
	if len(k.cfg.Dial) > 0 {
		k.makers.Go(func() { k.dialSwitch(ctx) })
	}
	return nil
}

// names returns who is served on a listener.
func (k *Link) names(sides []int) []string {
	names := make([]string, len(sides))
	for i, side := range sides {
		names[i] = "the switch"
		if side != switchSide {
			names[i] = k.cfg.TServers[side].Name
		}
	}
	return names
}

// openBridge enrols one end of a socket pair. Tasks can be given to a loop only by one of its
// sockets, and this one is always there.
func (k *Link) openBridge() error {
	near, far, err := socketPair()
	if err != nil {
		return err
	}
	k.farEnd = far
	if _, err := k.client.EnrollContext(near, nil); err != nil {
		return errors.Join(err, far.Close())
	}
	if k.bridge == nil {
		return errors.Join(errors.New("the event loop did not take its bridge"), far.Close())
	}
	return nil
}

// bridged runs on the loop, when the bridge is open and nothing else is.
func (k *Link) bridged(c gnet.Conn) {
	k.bridge = c.EventLoop()
	if err := k.loop.lingersOn(c.Fd()); err != nil {
		k.log.Debug().Err(err).Msg("the event library waits, where the loop would do it for less processor time")
	}
}

// unbridged runs on the loop, when it ends.
func (k *Link) unbridged() {
	k.loop.lingersOff()
	if !k.stopping.Load() {
		close(k.dead)
		go k.crashed(fmt.Errorf("link %q: the event loop ended by itself", k.cfg.Name))
	}
}

// post gives the loop a task.
func (k *Link) post(task func()) error {
	return k.bridge.Execute(context.Background(), gnet.RunnableFunc(func(context.Context) error {
		task()
		return nil
	}))
}

// ask gives the loop a task and waits until it has run.
func (k *Link) ask(ctx context.Context, task func()) error {
	if k.stopping.Load() {
		return ErrStopped
	}
	done := make(chan struct{})
	if err := k.post(func() { task(); close(done) }); err != nil {
		return ErrStopped
	}
	select {
	case <-done:
		return nil
	case <-k.quit:
		return ErrStopped
	case <-k.dead:
		return ErrStopped
	case <-ctx.Done():
		return fmt.Errorf("link %q: no answer from its event loop: %w", k.cfg.Name, ctx.Err())
	}
}

// keepTime ticks the loop. A tick that the loop has not taken is not followed by another.
func (k *Link) keepTime() {
	task := func() {
		k.ticking.Store(false)
		k.loop.tick()
	}
	timer := time.NewTimer(k.limits.tick)
	defer timer.Stop()
	due := time.Now().Add(k.limits.tick)
	for {
		select {
		case <-k.quit:
			return
		case <-k.hurry:
			if early := time.Now().Add(k.limits.soon); early.Before(due) {
				timer.Reset(k.limits.soon)
				due = early
			}
			continue
		case <-timer.C:
		}
		if k.ticking.CompareAndSwap(false, true) {
			if err := k.post(task); err != nil {
				return // the loop has ended
			}
		}
		next := k.limits.tick
		if k.soon.Load() {
			next = k.limits.soon
		}
		timer.Reset(next)
		due = time.Now().Add(next)
	}
}

// pace tells the clock whether something waits for a backlog to shrink.
func (k *Link) pace(soon bool) {
	if soon == k.soon.Load() {
		return
	}
	k.soon.Store(soon)
	if !soon {
		return
	}
	select {
	case k.hurry <- struct{}{}:
	default:
	}
}

// silence returns for how long a socket of the switch is silent before another may take over.
func (k *Link) silence() time.Duration {
	if d := k.cfg.Hub.HeartbeatInterval; d > 0 {
		return d
	}
	return switchTimeout
}

// nextLeg returns an ID that no leg of the link had.
func (k *Link) nextLeg() hub.LegID { return hub.LegID(k.lastLeg.Add(1)) }

// sockets returns the count of a side's sockets.
func (k *Link) sockets(side int) *atomic.Int32 {
	if side == switchSide {
		return &k.perSide[len(k.perSide)-1]
	}
	return &k.perSide[side]
}

// release runs on the loop when a socket has closed.
func (k *Link) release(g *leg) {
	if g.tserver != switchSide || len(k.cfg.Dial) == 0 {
		k.sockets(g.tserver).Add(-1)
	}
	close(g.gone)
}

package fanout

import (
	"context"
	"math/rand/v2"
	"net"
	"time"

	"github.com/rs/zerolog"
)

// dialSwitch keeps the link to the switch: it dials the addresses in turn and waits for the end of
// the socket it got. A link that was normal is dialled again at once, where it was; else every
// round of all addresses is followed by a pause that doubles, so that a switch that accepts and
// refuses is not flooded.
func (k *Link) dialSwitch(ctx context.Context) {
	dialer := net.Dialer{Timeout: k.cfg.ConnectTimeout, KeepAliveConfig: keepAlive}
	pause := k.newBackoff(k.limits.backoffMin, k.limits.backoffMax)
	said := repeats{gap: k.limits.refusalGap}
	failed := 0
	for at := 0; ctx.Err() == nil; {
		address := k.cfg.Dial[at]
		k.beside.dials.Add(1)
		socket, err := dialer.DialContext(ctx, "tcp", address)
		if err == nil {
			err = k.hold(ctx, socket)
		}
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			k.beside.dialsFailed.Add(1)
			said.log(k.log.Warn().Str("address", address).Err(err), address+err.Error(),
				"the switch cannot be reached")
		}
		if err == nil && k.normal.Swap(false) {
			failed = 0
			pause.reset()
			continue
		}
		at = (at + 1) % len(k.cfg.Dial)
		if failed++; failed%len(k.cfg.Dial) == 0 {
			wait(ctx, pause.next())
		}
	}
}

// hold gives a dialled socket to the loop and returns when it has closed.
func (k *Link) hold(ctx context.Context, socket net.Conn) error {
	g := k.newLeg(socket, switchSide)
	if err := k.enroll(socket, g); err != nil {
		return err
	}
	select {
	case <-g.gone:
	case <-ctx.Done():
	}
	return nil
}

// backoff yields pauses that double from min to max, each between half and the whole of its length,
// so that the links of many proxies do not dial in step.
type backoff struct {
	min, max time.Duration
	last     time.Duration
	chance   *rand.Rand
}

func (k *Link) newBackoff(shortest, longest time.Duration) backoff {
	return backoff{min: shortest, max: longest, chance: rand.New(rand.NewPCG(k.seed, 0))}
}

func (b *backoff) next() time.Duration {
	b.last = min(max(2*b.last, b.min), b.max)
	return b.last/2 + time.Duration(b.chance.Int64N(int64(b.last/2)+1))
}

func (b *backoff) reset() { b.last = 0 }

// wait sleeps until the time or the context is over.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// repeats keeps a line that would come again and again to one a gap, as long as it says the same.
type repeats struct {
	gap  time.Duration
	last map[string]time.Time
}

// repeatsMax bounds the different lines remembered.
const repeatsMax = 64

func (r *repeats) log(e *zerolog.Event, key, text string) {
	now := time.Now()
	if last, ok := r.last[key]; ok && now.Sub(last) < r.gap {
		return
	}
	if r.last == nil || len(r.last) >= repeatsMax {
		r.last = make(map[string]time.Time)
	}
	r.last[key] = now
	e.Msg(text)
}

package fanout

import (
	"net/netip"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"haproxy/fanout/hub"
)

// logLeg begins a line about a leg.
func (l *loop) logLeg(g *leg, level zerolog.Level) *zerolog.Event {
	e := l.link.log.WithLevel(level)
	if g.tserver != switchSide {
		e.Str("tserver", l.link.cfg.TServers[g.tserver].Name)
	}
	return e.Stringer("peer", g.peer)
}

// logGarbled begins a line about a leg that is closed for its bytes. A socket that never sent a whole
// frame is a scan or a wrong client, unless it is the switch's: its peer's lines are kept few, and nil,
// which writes nothing, stands for the others.
func (l *loop) logGarbled(now time.Time, g *leg) *zerolog.Event {
	if g.framed || g.tserver == switchSide {
		return l.logLeg(g, zerolog.WarnLevel)
	}
	unlogged, due := l.link.garbled.due(now, g.peer.Addr())
	if !due {
		return nil
	}
	return l.logLeg(g, zerolog.WarnLevel).Int("unlogged", unlogged)
}

// logNotices writes the hub's lines, with the cause where a socket is gone.
func (l *loop) logNotices() {
	for _, notice := range l.hub.Notices() {
		level := zerolog.InfoLevel
		switch notice.Level {
		case hub.NoticeWarn:
			level = zerolog.WarnLevel
		case hub.NoticeError:
			level = zerolog.ErrorLevel
		case hub.NoticeInfo:
		}
		g := l.leg(notice.Leg)
		if g == nil {
			l.link.log.WithLevel(level).Msg(notice.Text)
			continue
		}
		e := l.logLeg(g, level)
		if g.conn == nil && g.cause != nil {
			e.AnErr("cause", g.cause)
		}
		e.Msg(notice.Text)
	}
}

// refusals keeps the lines about refused peers few: one a peer and gap, with how often it came
// since.
type refusals struct {
	mu    sync.Mutex
	peers map[netip.Addr]refusal
	gap   time.Duration
}

type refusal struct {
	logged time.Time
	since  int // refused without a line
}

// refusedPeersMax bounds the peers remembered; with more, those logged longest ago are forgotten.
const refusedPeersMax = 256

// due reports whether a line about the peer is due, and how many refusals went without one.
func (r *refusals) due(now time.Time, peer netip.Addr) (unlogged int, due bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	last, known := r.peers[peer]
	if known && now.Sub(last.logged) < r.gap {
		last.since++
		r.peers[peer] = last
		return 0, false
	}
	if !known && len(r.peers) >= refusedPeersMax {
		r.forgetOldest()
	}
	if r.peers == nil {
		r.peers = make(map[netip.Addr]refusal)
	}
	r.peers[peer] = refusal{logged: now}
	return last.since, true
}

func (r *refusals) forgetOldest() {
	var oldest netip.Addr
	var when time.Time
	for peer, last := range r.peers {
		if when.IsZero() || last.logged.Before(when) {
			oldest, when = peer, last.logged
		}
	}
	delete(r.peers, oldest)
}

// libraryLog passes the event library's own lines on: its errors as they are, the rest for
// debugging.
type libraryLog struct{ log zerolog.Logger }

func (l libraryLog) Debugf(format string, args ...any) { l.log.Trace().Msgf(format, args...) }
func (l libraryLog) Infof(format string, args ...any)  { l.log.Trace().Msgf(format, args...) }
func (l libraryLog) Warnf(format string, args ...any)  { l.log.Debug().Msgf(format, args...) }
func (l libraryLog) Errorf(format string, args ...any) { l.log.Error().Msgf(format, args...) }

// Fatalf does not end the process: the library calls it nowhere, and one link must not stop others.
func (l libraryLog) Fatalf(format string, args ...any) { l.log.Error().Msgf(format, args...) }

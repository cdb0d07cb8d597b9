package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/codec/cstaber"
	"haproxy/codec/cstaxml"
	"haproxy/codec/frame"
	"haproxy/fanout"
	"haproxy/fanout/hub"
	"haproxy/fanout/record"
)

// drainTime is how long T-Servers are given to take what was written to them before the proxy ends.
const drainTime = 5 * time.Second

// fanoutProxy is the proxy proper.
type fanoutProxy struct {
	running *fanout.Proxy
	links   []linkSource
	records []*record.Recorder
	log     zerolog.Logger
}

// openProxy binds every address and starts the links.
func openProxy(cfg *Config, log zerolog.Logger) (proxy, error) {
	p := &fanoutProxy{log: log}
	links := make([]fanout.LinkConfig, len(cfg.Links))
	taps := make([]*record.Recorder, len(cfg.Links))
	for i := range cfg.Links {
		links[i] = linkConfig(&cfg.Links[i])
		if cfg.Links[i].Record == "" {
			continue
		}
		r, err := record.Start(recordConfig(&cfg.Links[i]), log)
		if err != nil {
			return nil, errors.Join(err, p.stopRecords())
		}
		p.records = append(p.records, r)
		links[i].Tap, taps[i] = r, r
	}
	running, err := fanout.Start(context.Background(), fanout.Config{Links: links, Log: log})
	if err != nil {
		return nil, errors.Join(err, p.stopRecords())
	}
	p.running = running
	for i, link := range running.Links() {
		p.links = append(p.links, liveLink{link, taps[i]})
	}
	return p, nil
}

// Serve runs until ctx ends, then drains, or until a loop fails.
func (p *fanoutProxy) Serve(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		drain, cancel := context.WithTimeout(context.Background(), drainTime)
		defer cancel()
		_ = p.running.Shutdown(drain) // Wait tells the error
	})
	defer stop()
	err := failures(p.running.Wait(), p.log)
	return errors.Join(err, p.stopRecords())
}

// stopRecords ends the records, once no loop writes to them any more.
func (p *fanoutProxy) stopRecords() error {
	var failed error
	for _, r := range p.records {
		failed = errors.Join(failed, r.Stop())
	}
	return failed
}

// failures gives what went wrong with us. A T-Server that does not read to the end is logged: the
// fault is its own, and a service that is stopped has not failed for it.
func failures(err error, log zerolog.Logger) error {
	joined, ok := err.(interface{ Unwrap() []error }) // errors.As would drop what wraps it
	if !ok {
		if !errors.Is(err, fanout.ErrUndrained) {
			return err
		}
		log.Warn().Err(err).Msg("a T-Server did not read to the end")
		return nil
	}
	var rest []error
	for _, one := range joined.Unwrap() {
		rest = append(rest, failures(one, log))
	}
	return errors.Join(rest...)
}

// Links gives the links to ask for their state.
func (p *fanoutProxy) Links() []linkSource { return p.links }

// liveLink asks a running link for the operator.
type liveLink struct {
	link   *fanout.Link
	record *record.Recorder // nil where nothing is recorded
}

// Name returns the link's name.
func (l liveLink) Name() string { return l.link.Name() }

// Snapshot asks the link's loop for a copy of its state.
func (l liveLink) Snapshot(ctx context.Context) (LinkSnapshot, error) {
	copied, err := l.link.Snapshot(ctx)
	if err != nil {
		return LinkSnapshot{}, err
	}
	snapshot := LinkSnapshot{Normal: copied.Status != csta.StatusDisabled, State: copied.State.String()}
	if copied.State == hub.LinkNormal && copied.Status != csta.StatusNormal {
		snapshot.State = "the switch says " + copied.Status.String()
	}
	for _, m := range copied.Metrics {
		metric := Metric{Name: m.Name, Help: m.Help, Kind: Counter, Value: m.Value}
		if m.Gauge {
			metric.Kind = Gauge
		}
		if m.Label != "" {
			metric.Labels = []Label{{Name: m.Label, Value: m.LabelValue}}
		}
		snapshot.Metrics = append(snapshot.Metrics, metric)
	}
	if l.record != nil {
		snapshot.Metrics = append(snapshot.Metrics, recordMetrics(l.record.Stats())...)
	}
	return snapshot, nil
}

// linkConfig translates one link of the file for the packages that run it.
func linkConfig(l *Link) fanout.LinkConfig {
	framing := framingOf(l)
	link := fanout.LinkConfig{
		Name: l.Name, Framing: framing, FrameMax: l.FrameMax, Dial: l.Dial, Listen: l.Listen,
		ConnectTimeout: l.ConnectTimeout,
		Hub: hub.Config{
			NewCodec:           newCodec(l, framing),
			ConnectTimeout:     l.ConnectTimeout,
			RequestRate:        l.RequestRate,
			RequestOutstanding: l.RequestOutstanding,
			RequestQueue:       l.RequestQueue,
			RequestTimeout:     l.RequestTimeout,
			HeartbeatInterval:  l.HeartbeatInterval,
			HeartbeatMisses:    l.HeartbeatMisses,
			MonitorLinger:      l.MonitorLinger,
			RouteTimeout:       l.RouteTimeout,
			CallAudit:          l.CallAudit,
			JournalMax:         l.JournalMax,
			MonitorsMax:        l.MonitorsMax,
			MonitorMemory:      l.MonitorMemory,
			Replay:             replayMode(l.Replay),
			Answer:             hub.AnswerSet(l.Answer),
			Seed:               l.Seed,
			CloseOnLinkLoss:    l.OnLinkLoss == LinkLossClose,
			Session:            hubSession(&l.Session),
		},
	}
	for _, t := range l.TServers {
		link.TServers = append(link.TServers,
			fanout.TServerConfig{Name: t.Name, Listen: t.Listen, Allow: t.Allow})
		link.Hub.TServers = append(link.Hub.TServers,
			hub.TServer{Name: t.Name, BacklogMax: int(t.BacklogMax)})
	}
	return link
}

// framingOf gives the framing of a link; the configuration has checked its name.
func framingOf(l *Link) frame.Framing {
	framing, known := frame.ParseFraming(l.Framing)
	if !known {
		panic(fmt.Sprintf("framing %q passed the check of the configuration", l.Framing))
	}
	return framing
}

// newCodec makes the codecs of a link's legs. Until an XML peer has spoken, and so shown its own,
// they write the edition that the session asks for.
func newCodec(l *Link, framing frame.Framing) func() codec.Codec {
	switch l.Protocol {
	case "csta1-ber":
		return func() codec.Codec { return cstaber.New(cstaber.Phase1, framing) }
	case "csta2-ber":
		return func() codec.Codec { return cstaber.New(cstaber.Phase2, framing) }
	case "csta3-ber":
		return func() codec.Codec { return cstaber.New(cstaber.Phase3, framing) }
	}
	if l.Session.Kind == SessionECMA354 && len(l.Session.Versions) > 0 {
		namespace := l.Session.Versions[0]
		return func() codec.Codec { return cstaxml.NewEdition(namespace) }
	}
	return func() codec.Codec { return cstaxml.New() }
}

func replayMode(r Replay) hub.ReplayMode {
	switch r {
	case ReplaySnapshot:
		return hub.ReplaySnapshot
	case ReplayOff:
		return hub.ReplayOff
	default:
		return hub.ReplayEvents
	}
}

// sessionLogin is the login of a session: ECMA-354 leaves its form to the vendor, and this one is
// Avaya's. Others pass it over.
func sessionLogin(s *Session) []byte {
	if s.User == "" {
		return nil
	}
	var info bytes.Buffer
	info.WriteString(`<SessionLoginInfo xmlns="http://www.avaya.com/csta"><userName>`)
	_ = xml.EscapeText(&info, []byte(s.User)) // a buffer does not fail
	info.WriteString("</userName><password>")
	_ = xml.EscapeText(&info, []byte(s.Password))
	info.WriteString("</password></SessionLoginInfo>")
	return info.Bytes()
}

func hubSession(s *Session) hub.Session {
	session := hub.Session{
		Application: s.ApplicationID, Info: sessionLogin(s), Versions: s.Versions, Duration: s.Duration,
	}
	switch s.Kind {
	case SessionECMA354:
		session.Kind = hub.SessionECMA354
	case SessionACSE:
		session.Kind, session.Association = hub.SessionACSE, s.Association
	case SessionNone:
	}
	return session
}

package faults

import (
	"context"

	"haproxy/perf/ledger"
	"haproxy/perf/protocols"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// The roles of peers.
const (
	roleSwitch  = "switch"
	roleTServer = "tserver"
)

// None is no argument and no answer.
type None struct{}

// PeerSetup is what a peer is made from.
type PeerSetup struct {
	Protocol int // of protocols.Tested
	Host     string
	Seed     uint64
	Name     string
	Log      ledger.Mode
	Plant    switchsim.Plant
}

func (s *PeerSetup) protocol() protocols.Protocol { return protocols.Tested()[s.Protocol] }

// Stream is a ledger on its way from process to process.
type Stream struct {
	Entries []ledger.Entry
	Notes   []ledger.Note
}

func streamOf(l *ledger.Ledger) Stream { return Stream{l.Entries(), l.Notes()} }

// ledger makes the ledger of a stream again.
func (s *Stream) ledger() *ledger.Ledger {
	l := ledger.New(ledger.Full, 0)
	notes := s.Notes
	for i, entry := range s.Entries {
		for ; len(notes) > 0 && notes[0].At <= i; notes = notes[1:] {
			l.Note(notes[0].What)
		}
		l.Add(entry.CrossRef, entry.Frame)
	}
	for _, note := range notes {
		l.Note(note.What)
	}
	return l
}

// SwitchPeer is the simulated switch.
type SwitchPeer struct{ server *switchsim.Server }

// Start listens and returns the address.
func (p *SwitchPeer) Start(s PeerSetup, addr *string) (err error) {
	speaks := s.protocol()
	core := switchsim.New(speaks.Switch(switchsim.Options{
		Seed: s.Seed, Plant: s.Plant, MonitorLimit: 1, Log: s.Log,
		Link:  switchsim.LinkOptions{Heartbeat: switchBeat, LatencyMax: slowest},
		Trace: s.Log == ledger.Full,
	}))
	if p.server, err = switchsim.Listen(context.Background(), s.Host+":0", core, speaks.Wire()); err == nil {
		*addr = p.server.Addr()
	}
	return err
}

// Load changes how busy the switch is.
func (p *SwitchPeer) Load(load switchsim.Load, _ *None) error {
	p.server.With(func(core *switchsim.Switch) { core.SetLoad(load) })
	return nil
}

// SwitchState is a switch at one moment.
type SwitchState struct {
	Stats    switchsim.Stats
	Monitors int
	Open     int // requests unanswered
}

// State returns how the switch is now.
func (p *SwitchPeer) State(_ None, state *SwitchState) error {
	p.server.With(func(core *switchsim.Switch) {
		*state = SwitchState{core.Stats(), core.Monitors(), core.Open()}
		state.Stats.LastError = nil // an error does not travel
	})
	return nil
}

// SwitchReport is what the switch knows at the end.
type SwitchReport struct {
	Sent    Stream
	Truth   switchsim.Truth
	Reached []switchsim.Reached
}

// Report returns what the switch sent and what is so.
func (p *SwitchPeer) Report(_ None, report *SwitchReport) error {
	p.server.With(func(core *switchsim.Switch) {
		*report = SwitchReport{streamOf(core.Ledger()), core.Truth(), core.Reached()}
	})
	return nil
}

// TServerPeer is a simulated T-Server.
type TServerPeer struct{ client *tserversim.Client }

// Start makes the T-Server; it has no leg yet.
func (p *TServerPeer) Start(s PeerSetup, _ *None) error {
	speaks := s.protocol()
	p.client = tserversim.NewClient(tserversim.New(speaks.TServer(tserversim.Options{
		Name: s.Name, Seed: s.Seed, Devices: s.Plant.Numbers(), Ask: tserversim.AskAll, Log: s.Log,
		Timeout: answerWithin, Trace: s.Log == ledger.Full,
	})), speaks.Wire())
	return nil
}

// Connect opens the leg.
func (p *TServerPeer) Connect(addr string, _ *None) error {
	return p.client.Connect(context.Background(), addr)
}

// Reset ends the leg by RST.
func (p *TServerPeer) Reset(None, *None) error {
	p.client.Kill()
	return nil
}

// Talk changes what the T-Server asks.
func (p *TServerPeer) Talk(requests tserversim.Requests, _ *None) error {
	p.client.With(func(core *tserversim.TServer) { core.SetRequests(requests) })
	return nil
}

// TServerState is a T-Server at one moment.
type TServerState struct {
	Stats       tserversim.Stats
	Down        bool
	InStep      bool
	Outstanding int
	LastStamp   uint64
}

// State returns how the T-Server is now.
func (p *TServerPeer) State(_ None, state *TServerState) error {
	down := false
	select {
	case <-p.client.Done():
		down = true
	default:
	}
	p.client.With(func(core *tserversim.TServer) {
		*state = TServerState{core.Stats(), down, core.InStep(), core.Outstanding(), core.LastStamp()}
		state.Stats.LastError = nil // an error does not travel
	})
	return nil
}

// TServerReport is what a T-Server knows at the end.
type TServerReport struct {
	Legs  []Stream
	Refs  map[string]string
	Views []tserversim.View
	Asked []tserversim.Asked
}

// Report returns what the T-Server got and what it believes.
func (p *TServerPeer) Report(_ None, report *TServerReport) error {
	p.client.With(func(core *tserversim.TServer) {
		for _, leg := range core.Ledgers() {
			report.Legs = append(report.Legs, streamOf(leg))
		}
		report.Refs, report.Asked = core.CrossRefs(), core.Asked()
		model := core.Model()
		for _, device := range model.Devices() {
			report.Views = append(report.Views, *model.View(device))
		}
	})
	return nil
}

// model makes the T-Server's model again.
func (r *TServerReport) model() *tserversim.Model {
	m := tserversim.NewModel()
	for i := range r.Views {
		*m.Watch(r.Views[i].Device) = r.Views[i]
	}
	return m
}

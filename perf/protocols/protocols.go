package protocols

import (
	"fmt"
	"slices"
	"strings"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/codec/cstaber"
	"haproxy/codec/cstaxml"
	"haproxy/codec/frame"
	"haproxy/perf/stamp"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
	"haproxy/perf/wire"
)

// Protocol is a protocol over a framing.
type Protocol struct {
	Name    string // as the configuration has it
	Framing frame.Framing
	// Association is what is asked for before anything else; nil is none.
	Association *csta.Association

	phase cstaber.Phase // 0 is XML
}

// The protocols, the default first.
const (
	XML    = "csta3-xml"
	Phase3 = "csta3-ber"
	Phase2 = "csta2-ber"
	Phase1 = "csta1-ber"
)

var phases = map[string]cstaber.Phase{
	XML: 0, Phase3: cstaber.Phase3, Phase2: cstaber.Phase2, Phase1: cstaber.Phase1,
}

// Names returns the names of the protocols, the default first.
func Names() []string { return []string{XML, Phase3, Phase2, Phase1} }

// berFramings are the framings of the protocols in ASN.1, the default first.
var berFramings = []frame.Framing{
	frame.Length16, frame.OXE, frame.HiPath26, frame.TPKT, frame.BER,
}

// Framings returns the names of the framings, that of the default protocol first.
func Framings() []string {
	names := []string{frame.ECMA323.String()}
	for _, f := range berFramings {
		names = append(names, f.String())
	}
	return names
}

// Find returns a protocol over a framing by their names; no framing is the protocol's default one.
func Find(name, framing string) (Protocol, error) {
	phase, known := phases[name]
	if !known {
		return Protocol{}, fmt.Errorf("protocol %q is not simulated: write one of %s", name,
			strings.Join(Names(), ", "))
	}
	framings := berFramings
	if phase == 0 {
		framings = []frame.Framing{frame.ECMA323}
	}
	if framing == "" {
		return Protocol{Name: name, Framing: framings[0], phase: phase}, nil
	}
	f, _ := frame.ParseFraming(framing)
	if !slices.Contains(framings, f) {
		return Protocol{}, fmt.Errorf("framing %q is not for %s: write one of %s", framing, name,
			joined(framings))
	}
	return Protocol{Name: name, Framing: f, phase: phase}, nil
}

func joined(framings []frame.Framing) string {
	names := make([]string, len(framings))
	for i, f := range framings {
		names[i] = f.String()
	}
	return strings.Join(names, ", ")
}

// Tested returns the protocols that tests go through: XML, each phase of ASN.1, and each of the other
// framings once, two of them with the association that their switches want.
func Tested() []Protocol {
	oxe, hipath := cstaber.AssociationOXE(), cstaber.AssociationHiPath()
	hipath.User, hipath.Password = []byte("user"), csta.Secret("password")
	return []Protocol{
		{Name: XML, Framing: frame.ECMA323},
		{Name: Phase3, Framing: frame.Length16, phase: cstaber.Phase3},
		{Name: Phase2, Framing: frame.Length16, phase: cstaber.Phase2},
		{Name: Phase1, Framing: frame.Length16, phase: cstaber.Phase1},
		{Name: Phase2, Framing: frame.OXE, Association: &oxe, phase: cstaber.Phase2},
		{Name: Phase3, Framing: frame.HiPath26, Association: &hipath, phase: cstaber.Phase3},
		{Name: Phase1, Framing: frame.TPKT, phase: cstaber.Phase1},
		{Name: Phase3, Framing: frame.BER, phase: cstaber.Phase3},
	}
}

// Phases returns the first of Tested: every protocol once.
func Phases() []Protocol { return Tested()[:len(phases)] }

// Associated returns the protocol with the association that is usual for it; XML has none.
func (p Protocol) Associated() Protocol {
	var a csta.Association
	switch p.phase {
	case cstaber.Phase1:
		a = cstaber.AssociationPhase1()
	case cstaber.Phase2:
		a = cstaber.AssociationOXE()
	case cstaber.Phase3:
		a = cstaber.AssociationPanasonic()
	default:
		return p
	}
	p.Association = &a
	return p
}

// String returns the names of the protocol and its framing.
func (p Protocol) String() string { return p.Name + " over " + p.Framing.String() }

// IsXML reports whether the protocol is the one in XML.
func (p Protocol) IsXML() bool { return p.phase == 0 }

// HasRouteing reports whether the protocol has routeing services.
func (p Protocol) HasRouteing() bool { return p.phase != cstaber.Phase1 }

// FrameMax bounds one PDU without its header, in bytes.
func (p Protocol) FrameMax() int {
	if p.IsXML() {
		return frame.ECMA323Max
	}
	return min(p.Framing.MaxPDU(), frame.Length16.MaxPDU())
}

// NewCodec returns the codec of one leg.
func (p Protocol) NewCodec() codec.Codec {
	if p.IsXML() {
		return cstaxml.New()
	}
	return cstaber.New(p.phase, p.Framing)
}

// Wire returns how a socket of the protocol is treated.
func (p Protocol) Wire() wire.Options {
	return wire.Options{Framing: p.Framing, FrameMax: p.FrameMax()}
}

// Switch returns the options of a switch that speaks the protocol.
func (p Protocol) Switch(opts switchsim.Options) switchsim.Options {
	opts.Codec = p.NewCodec()
	opts.Link.Associate = p.Association != nil
	if !p.IsXML() {
		opts.Private, opts.Odd, opts.Reread = stamp.BER, p.odd, p.NewCodec()
	}
	return opts
}

// unstamped are the events that have no private data in phase I.
var unstamped = csta.EventsOf(
	csta.EventDoNotDisturb, csta.EventForwarding, csta.EventMessageWaiting,
	csta.EventAgentLoggedOn, csta.EventAgentLoggedOff, csta.EventAgentNotReady,
	csta.EventAgentReady, csta.EventAgentWorkingAfterCall, csta.EventBackInService,
	csta.EventOutOfService,
)

// TServer returns the options of a T-Server that speaks the protocol. It does not ask for what the
// protocol's answer would not tell: in phases I and II that is whose an agent state is.
func (p Protocol) TServer(opts tserversim.Options) tserversim.Options {
	opts.Codec = p.NewCodec()
	opts.Association = p.Association
	opts.Mark = stamp.AskBER
	if p.IsXML() {
		opts.Mark = stamp.AskXML
	}
	if p.phase == cstaber.Phase1 {
		opts.Unstamped = unstamped
	}
	if p.phase == cstaber.Phase1 || p.phase == cstaber.Phase2 {
		opts.Ask.Agent = false
	}
	return opts
}

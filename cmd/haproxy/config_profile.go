package main

import (
	"slices"
	"time"

	"haproxy/codec/csta"
	"haproxy/codec/cstaber"
)

// A profile is what is known of a kind of switch: defaults for keys that the file leaves out.
type profile struct {
	protocol, framing string // "" leaves protocol to the file
	session           SessionKind
	association       func() csta.Association // of session acse; nil is the protocol's
	heartbeatInterval time.Duration
	heartbeatMisses   int
}

// profileNames are the values of profile, in the order of README.md, which says what is confirmed.
var profileNames = []string{
	"", "generic", "oxe", "panasonic", "hipath4000", "md110", "openscape-voice",
}

// profileOf gives the profile of a name; an unknown one is generic.
func profileOf(name string) profile {
	p := profile{session: SessionNone, heartbeatInterval: 3 * time.Second, heartbeatMisses: 3}
	switch name {
	case "oxe":
		p.protocol, p.framing = "csta2-ber", "oxe"
		p.session, p.association = SessionACSE, cstaber.AssociationOXE
		p.heartbeatInterval = 10 * time.Second // it sends one of its own every 30 s
	case "panasonic":
		p.protocol, p.framing = "csta3-ber", "length16"
		p.session, p.association = SessionACSE, cstaber.AssociationPanasonic
		p.heartbeatInterval = 10 * time.Second // small ones take two requests a second
	case "hipath4000":
		p.protocol, p.framing = "csta3-ber", "hipath26"
		p.session, p.association = SessionACSE, cstaber.AssociationHiPath
	case "md110":
		p.protocol, p.framing = "csta1-ber", "length16"
	case "openscape-voice":
		p.protocol, p.framing = "csta3-xml", "ecma323"
	}
	return p
}

// framingFor gives the framing that a protocol has by default: the profile's where it makes sense.
func (p *profile) framingFor(protocol string) string {
	if slices.Contains(protocols[protocol], p.framing) {
		return p.framing
	}
	return protocols[protocol][0]
}

// sessionFor gives the kind of session that a protocol has by default: the profile's where it makes
// sense.
func (p *profile) sessionFor(protocol string) SessionKind {
	if (p.session == SessionACSE) == (protocol == protocolXML) {
		return SessionNone
	}
	return p.session
}

// associationFor gives what is asked of the switch unless the file says otherwise.
func (p *profile) associationFor(protocol string) csta.Association {
	switch {
	case p.association != nil && p.protocol == protocol:
		return p.association()
	case protocol == "csta1-ber":
		return cstaber.AssociationPhase1()
	case protocol == "csta2-ber":
		return cstaber.AssociationOXE()
	default:
		return cstaber.AssociationPanasonic()
	}
}

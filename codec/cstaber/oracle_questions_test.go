package cstaber_test

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"haproxy/codec/codectest"
	"haproxy/codec/csta"
	"haproxy/codec/cstaber"
	"haproxy/codec/frame"
)

// ask makes the question of a message, whose content is what within finds in the frame.
func ask(t *testing.T, c *cstaber.Codec, what string, m *csta.Message, within func([]byte) []byte, names ...string) question {
	t.Helper()
	frm, err := c.Append(nil, m)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	return question{line: what + " " + hex.EncodeToString(within(frm)), names: names}
}

func whole(frm []byte) []byte { return frm }

// pdus returns the table's messages of a phase as whole PDUs, and a reject of every problem.
func pdus(t *testing.T, phase cstaber.Phase, what string) []question {
	t.Helper()
	var asked []question
	c := cstaber.New(phase, frame.BER)
	for _, tc := range codectest.Messages() {
		if _, err := c.Append(nil, &tc.Message); err == nil {
			kind := [...]string{"", "invoke", "returnResult", "returnError", "", "invoke"}[tc.Message.Kind]
			asked = append(asked, ask(t, c, what, &tc.Message, whole, kind))
		}
	}
	for kind, name := range []string{"general", "invoke", "returnResult", "returnError"} {
		m := csta.Message{Kind: csta.KindReject, Invoke: 12, Problem: csta.Problem{
			Kind: csta.ProblemKind(kind) + csta.ProblemGeneral, Value: 2,
		}}
		asked = append(asked, ask(t, c, what, &m, whole, "reject", name))
	}
	return asked
}

// causes returns an event with each cause that phase III has.
func causes(t *testing.T) []question {
	t.Helper()
	var asked []question
	c := cstaber.New(cstaber.Phase3, frame.BER)
	for cause := csta.CauseNone + 1; cause <= csta.CauseLawfulInterception; cause++ {
		name := cause.String()
		if cause == csta.CauseVoiceUnitInitiator {
			name = "normal"
		}
		m := csta.Message{
			Kind: csta.KindEvent, Event: csta.EventHeld, CrossRef: csta.CrossRefID("1"),
			Subject: codectest.Connection("1", "2"), Device: codectest.Number("2"), Cause: cause,
		}
		asked = append(asked, ask(t, c, "CSTA3-events CSTAEventReportArgument", &m, last, name))
	}
	return asked
}

// failures returns every error that phase III has, and of each category one without a number.
func failures(t *testing.T) []question {
	t.Helper()
	var asked []question
	c := cstaber.New(cstaber.Phase3, frame.BER)
	add := func(code csta.ErrorCode, name string) {
		m := csta.Message{Kind: csta.KindError, Invoke: 12, Error: code}
		asked = append(asked, ask(t, c, "CSTA3-types UniversalFailure", &m, last, name))
	}
	for category := csta.ErrorOperation; category <= csta.ErrorPrivateData; category++ {
		for value, name := range category.Names() {
			if name != "" {
				add(csta.ErrorCode{Category: category, Value: uint16(value)}, name)
			}
		}
		name := "generic"
		if category == csta.ErrorPrivateData {
			name = "cSTAPrivateDataInfoError" // it has no other
		}
		add(csta.ErrorCode{Category: category, Value: csta.ErrorValueUnknown}, name)
	}
	add(csta.ErrorCode{Category: csta.ErrorUnspecified}, "unspecified")
	return asked
}

// filters returns a MonitorStart that filters each event by itself.
func filters(t *testing.T) []question {
	t.Helper()
	var asked []question
	c := cstaber.New(cstaber.Phase3, frame.BER)
	for event := csta.EventUnknown + 1; event < csta.EventCount; event++ {
		m := csta.Message{
			Kind: csta.KindRequest, Service: csta.MonitorStart, Device: codectest.Number("2"),
			HasFilter: true, Filter: csta.EventsOf(event),
		}
		name := spelled(event)
		if bit := bitNames[event]; bit != "" {
			name = bit
		}
		asked = append(asked, ask(t, c, "CSTA3-services MonitorStartArgument", &m, last, name))
	}
	return asked
}

// associations returns what we write of ACSE, for every vendor that is known.
func associations(t *testing.T) []question {
	t.Helper()
	var asked []question
	c := cstaber.New(cstaber.Phase3, frame.BER)
	add := func(kind csta.Kind, service csta.Service, a csta.Association, names ...string) {
		m := csta.Message{Kind: kind, Service: service, Association: a}
		asked = append(asked, ask(t, c, "ACSE-1 ACSE-apdu", &m, whole, names...))
	}
	hipath := cstaber.AssociationHiPath()
	hipath.User, hipath.Password = []byte("u"), csta.Secret("p")
	for _, a := range []csta.Association{
		cstaber.AssociationPhase1(), cstaber.AssociationOXE(), cstaber.AssociationPanasonic(), hipath,
	} {
		add(csta.KindRequest, csta.Associate, a, "aarq")
		if a.Form != csta.UserInfoNone {
			m := csta.Message{Kind: csta.KindRequest, Service: csta.Associate, Association: a}
			q := ask(t, c, "CSTA3-app-context ACSEUserInformationForCSTA", &m, userInformation, versionNames(a.Versions)...)
			q.zeros = true
			asked = append(asked, q)
		}
		a.User, a.Password = nil, nil
		add(csta.KindResponse, csta.Associate, a, "aare", "accepted")
		add(csta.KindError, csta.Associate, csta.Association{
			Context: a.Context, Result: csta.ResultRejectedTransient, Source: csta.SourceUser,
			Diagnostic: csta.DiagnosticNoReason,
		}, "aare", "rejected-transient", "no-reason-given", "acse-service-user")
	}
	add(csta.KindRequest, csta.Release, csta.Association{}, "rlrq")
	add(csta.KindResponse, csta.Release, csta.Association{}, "rlre")
	add(csta.KindRequest, csta.Abort, csta.Association{Source: csta.SourceUser}, "abrt", "acse-service-user")
	add(csta.KindRequest, csta.Abort, csta.Association{Source: csta.SourceProvider}, "abrt", "acse-service-provider")
	return asked
}

// userInformation returns the form in an EXTERNAL, the last element of an AARQ.
func userInformation(frm []byte) []byte { return last(last(last(last(frm)))) }

func versionNames(versions csta.Versions) []string {
	var names []string
	for version, name := range map[csta.Versions]string{
		csta.VersionECMA180: "versionOne", csta.VersionECMA218: "versionTwo", csta.VersionISO18052: "versionFour",
		csta.VersionECMA285Ed2: "versionFive",
	} {
		if versions&version != 0 {
			names = append(names, name)
		}
	}
	return names
}

// namesIn returns the names of a message that a module has too. That of phase II has numbers but for
// the events.
func namesIn(phase cstaber.Phase, m *csta.Message) []string {
	var names []string
	if m.Kind == csta.KindEvent {
		names = append(names, spelled(m.Event))
	}
	if phase == cstaber.Phase2 {
		return names
	}
	names = append(names, m.Cause.String(), m.Local.String(), m.Status.String(), m.RequestAgent.String(),
		m.Forwarding.String())
	for i := range m.Agents {
		names = append(names, m.Agents[i].State.String(), m.Agents[i].Pending.String())
	}
	for i := range m.Forwards {
		names = append(names, m.Forwards[i].Type.String())
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

// spelled returns the name of an event as the modules spell it.
func spelled(event csta.Event) string {
	switch event {
	case csta.EventDeviceCapsChanged:
		return "deviceCapabilityChanged"
	case csta.EventPrivate:
		return "privateEvent"
	case csta.EventRouteing:
		return "routeingMode"
	case csta.EventVoiceAttributeChanged:
		return "voiceAttributesChange"
	case csta.EventVoiceErrorOccurred:
		return "voiceErrorOccured"
	}
	name := event.String()
	return strings.ToLower(name[:1]) + name[1:]
}

// bitNames are the bits of filters that the module calls otherwise than their events.
var bitNames = map[csta.Event]string{
	csta.EventDigitsGenerated:         "dTMFDigitsDetected",
	csta.EventTelephonyTonesGenerated: "telephonyTonesDetected",
}

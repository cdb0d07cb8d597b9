package cstaxml

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"haproxy/codec/codectest"
	"haproxy/codec/csta"
)

// roundTrip appends a message and decodes it again.
func roundTrip(t *testing.T, c *Codec, m *csta.Message) {
	t.Helper()
	frm, err := c.Append([]byte("before"), m)
	if err != nil {
		t.Fatalf("%v %v: %v", m.Service, m.Event, err)
	}
	if string(frm[:6]) != "before" {
		t.Fatal("dst was overwritten")
	}
	var got csta.Message
	if err := c.Decode(&got, frm[6:]); err != nil {
		t.Fatalf("%v\n%s", err, frm)
	}
	if diff := codectest.Diff(&got, m); diff != "" {
		t.Fatalf("%s%s", frm, diff)
	}
}

func TestTableRoundTrip(t *testing.T) {
	for _, c := range codectest.Messages() {
		t.Run(c.Name, func(t *testing.T) { roundTrip(t, New(), &c.Message) })
	}
}

// TestEveryMessageRoundTrip fills every element of every layout from a seed.
func TestEveryMessageRoundTrip(t *testing.T) {
	for seed := range uint64(20) {
		g := &generator{rand.New(rand.NewPCG(seed, 354))}
		c := New()
		for _, r := range allRoots() {
			m := g.message(r)
			roundTrip(t, c, &m)
		}
	}
}

// FuzzRoundTrip is TestEveryMessageRoundTrip for seeds to come.
func FuzzRoundTrip(f *testing.F) {
	all := allRoots()
	f.Add(uint64(1), uint16(1))
	f.Fuzz(func(t *testing.T, seed uint64, which uint16) {
		g := &generator{rand.New(rand.NewPCG(seed, 269))}
		m := g.message(all[int(which)%len(all)])
		roundTrip(t, New(), &m)
	})
}

// allRoots returns every message that can be written.
func allRoots() []*root {
	var all []*root
	for _, table := range [][]*root{events[1:], requests[1:], responses[1:], failures[:]} {
		for _, r := range table {
			if r != nil {
				all = append(all, r)
			}
		}
	}
	return all
}

// generator makes messages from a seed.
type generator struct{ *rand.Rand }

// message fills some of the elements that a message can have, in the form that decoding gives it.
func (g *generator) message(r *root) csta.Message {
	m := csta.Message{Kind: r.kind, Service: r.service, Event: r.event, Invoke: csta.InvokeID(g.IntN(9999))}
	if m.Kind == csta.KindError {
		m.Error = csta.ErrorCode{Category: csta.ErrorOperation, Value: 1 + uint16(g.IntN(3))}
		if r.session() {
			m.Error.Category = csta.ErrorSession
		}
	}
	for i := range r.layout {
		if g.IntN(4) > 0 {
			g.fill(&m, &r.layout[i])
		}
	}
	if m.ActsOnCalling() && m.Calling.Form == csta.DeviceAbsent {
		m.Calling = m.Device
	}
	d := decoder{msg: &m}
	d.finish() // what decoding derives
	if m.Event == csta.EventMessageWaiting {
		m.Device, m.Destination = g.device(), csta.DeviceID{}
	}
	return m
}

func (g *generator) fill(m *csta.Message, p *part) {
	switch p.form {
	case asText, asShortState:
		g.text(m, p)
	case asConnection, asPrimary, asSecondary:
		if conn := connectionIn(m, p.rule.field); conn != nil {
			*conn = g.connection()
		} else if p.form == asSecondary {
			m.Secondary = g.connection()
		} else {
			m.Subject = g.connection()
		}
	case asDevice, asDeviceList:
		*deviceIn(m, p.rule.field) = g.device()
	case asWrapped:
		*deviceIn(m, p.rule.field) = g.deviceOr(csta.DeviceNotKnown, csta.DeviceRestricted)
	case asRedirection:
		*deviceIn(m, p.rule.field) = g.deviceOr(csta.DeviceNotRequired, csta.DeviceNotSpecified)
	case asConnList:
		m.Connections = []csta.ConnectionItem{
			{New: g.connection(), Old: g.connection(), Endpoint: g.deviceOr(csta.DeviceNotKnown, csta.DeviceRestricted)},
			{New: g.connection()},
		}
	case asDeviceData, asDeviceInfo:
		m.Connections = []csta.ConnectionItem{{
			New: g.connection(), Endpoint: g.device(), State: csta.ConnectionState(1 + g.IntN(7)),
			Far: []csta.ConnectionState{csta.ConnectionState(1 + g.IntN(7))},
		}}
	case asCallData, asCallInfo:
		m.Connections = []csta.ConnectionItem{{New: g.connection(), State: csta.ConnectionState(1 + g.IntN(7))}}
	case asRefChoice, asIORef:
		m.ServiceRef = g.id()
	case asFilter:
		m.HasFilter = true
		for range g.IntN(6) {
			m.Filter.Add(csta.Event(1 + g.IntN(int(csta.EventCount)-1)))
		}
	case asMedia:
		m.Media = csta.MediaClass(g.IntN(1 << 12))
	case asAgents:
		m.Agents = []csta.AgentItem{{AgentID: g.id(), LoggedOn: csta.SwitchOn, Group: g.device(), State: csta.AgentReady}}
	case asForwards:
		m.Forwards = []csta.ForwardItem{{Type: csta.ForwardDND, On: csta.SwitchOff, To: g.device()}}
	case asObject, asCallOrDev:
		m.Device = g.device()
	case asVersions:
		m.Versions = [][]byte{g.id(), g.id()}
	case asApplication:
		m.Application, m.SessionInfo = g.id(), []byte("<x>1</x>")
	}
}

func (g *generator) text(m *csta.Message, p *part) {
	switch p.rule.do {
	case doPrivate:
		m.Private = []byte("<privateData><string>3039</string></privateData>")
	case doLastSegment:
		m.LastSegment = g.IntN(2) == 0
	case doOn, doExisting:
		d := decoder{msg: m}
		d.apply(p.rule, numberForm{}, []byte([]string{"true", "false"}[g.IntN(2)]))
	case doPending:
		m.Pending = csta.AgentState(1 + g.IntN(5))
	case doCause:
		m.Cause = csta.Cause(1 + g.IntN(int(csta.CauseLawfulInterception)))
	case doLocal:
		m.Local = csta.ConnectionState(1 + g.IntN(7))
	case doStatus:
		m.Status = csta.Status(1 + g.IntN(9))
	case doRequestAgent:
		m.RequestAgent = csta.RequestedAgentState(1 + g.IntN(5))
	case doForwardingType:
		m.Forwarding = csta.ForwardingType(1 + g.IntN(12))
	case doMonitorType:
		m.MonitorType = csta.MonitorType(1 + g.IntN(2))
	case doDuration:
		m.DurationSec = g.Uint32()
	default:
		d := decoder{msg: m}
		if p.rule.do != doVersion || len(m.Versions) == 0 {
			d.apply(p.rule, numberForm{}, g.id())
		}
	}
}

// id is a value with whatever an identifier may hold, but white space around it.
func (g *generator) id() []byte {
	pieces := []string{"7", "A", "<", ">", "&", `"`, "'", "é", "]]>", "\U0001F4DE", "x y", "\r", "0", ";"}
	id := fmt.Sprintf("%d", g.IntN(1e9))
	for range g.IntN(4) {
		id += pieces[g.IntN(len(pieces))]
	}
	return []byte(id + "z")
}

func (g *generator) device() csta.DeviceID {
	forms := []csta.DeviceForm{
		csta.DeviceDialingNumber, csta.DeviceNumber, csta.DeviceImplicitPublic,
		csta.DeviceExplicitPublic, csta.DeviceImplicitPrivate, csta.DeviceExplicitPrivate,
		csta.DeviceOther,
	}
	d := csta.DeviceID{Form: forms[g.IntN(len(forms))], Number: g.id()}
	if d.Form == csta.DeviceExplicitPublic || d.Form == csta.DeviceExplicitPrivate {
		d.Type = csta.NumberType(g.IntN(6))
	}
	return d
}

func (g *generator) deviceOr(forms ...csta.DeviceForm) csta.DeviceID {
	if i := g.IntN(4); i < len(forms) {
		return csta.DeviceID{Form: forms[i]}
	}
	return g.device()
}

func (g *generator) connection() csta.ConnectionID {
	c := csta.ConnectionID{Call: g.id(), Device: g.device()}
	if g.IntN(3) == 0 {
		c.Device.Form, c.Device.Type = csta.DeviceDynamic, 0
	}
	return c
}

package main

import (
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"haproxy/codec/csta"
	"haproxy/perf/capture"
)

// textPrinter prints a line a message, and one for each leg when it is first heard of.
type textPrinter struct {
	out  io.Writer
	legs map[*capture.Leg]struct{}
	line strings.Builder
}

func (p *textPrinter) write(m *capture.Message) error {
	if _, known := p.legs[m.Leg]; !known {
		if p.legs == nil {
			p.legs = make(map[*capture.Leg]struct{})
		}
		p.legs[m.Leg] = struct{}{}
		fmt.Fprintf(p.out, "# %s: %s over %s", m.Leg.Name, m.Leg.Protocol, m.Leg.Framing)
		if m.Leg.Switch != "" {
			fmt.Fprintf(p.out, ", switch %s, computing function %s", m.Leg.Switch, m.Leg.Computing)
		}
		fmt.Fprintln(p.out)
	}
	at := "-"
	if !m.Time.IsZero() {
		at = m.Time.UTC().Format("2006-01-02T15:04:05.000000Z")
	}
	arrow := "->"
	if m.FromSwitch {
		arrow = "<-"
	}
	p.line.Reset()
	fmt.Fprintf(&p.line, "%s %s %s %d ", at, m.Leg.Name, arrow, m.Body.Invoke)
	p.describe(m)
	_, err := fmt.Fprintln(p.out, strings.TrimRight(p.line.String(), " "))
	return err
}

// describe says what a message is and what it is about.
func (p *textPrinter) describe(m *capture.Message) {
	msg := m.Body
	if m.Err != nil {
		fmt.Fprintf(&p.line, "malformed, %d bytes: %v", len(m.Frame), m.Err)
		return
	}
	p.line.WriteString(messageKind(msg) + " " + messageName(msg) + " ")
	p.field("xref", idText(msg.CrossRef))
	p.connection("call", &msg.Subject)
	p.connection("second", &msg.Secondary)
	p.field("device", idText(msg.Device.Number))
	p.field("calling", idText(msg.Calling.Number))
	p.field("called", idText(msg.Called.Number))
	p.field("to", idText(msg.Destination.Number))
	p.field("agent", idText(msg.AgentID))
	if msg.Agent != csta.AgentNone {
		p.field("agent-state", msg.Agent.String())
	}
	if msg.Status != csta.StatusNone {
		p.field("status", msg.Status.String())
	}
	if msg.Local != csta.ConnectionNone {
		p.field("local", msg.Local.String())
	}
	if msg.Cause != csta.CauseNone {
		p.field("cause", msg.Cause.String())
	}
	for i := range msg.Connections {
		item := &msg.Connections[i]
		state := ""
		if item.State != csta.ConnectionNone {
			state = ":" + item.State.String()
		}
		p.field("connection", connectionText(&item.New)+state)
	}
	if msg.Kind == csta.KindError {
		p.field("error", msg.Error.Name())
	}
}

// field writes one value, if there is one.
func (p *textPrinter) field(name, value string) {
	if value != "" {
		p.line.WriteString(name + "=" + value + " ")
	}
}

// idText returns an identifier as decode prints and takes it: as it is where it is plain text, else as 0x and its
// bytes in hexadecimal, as several switches give binary ones. Nothing that a peer sent reaches a terminal otherwise.
func idText(id []byte) string {
	for _, b := range id {
		if b <= ' ' || b > '~' {
			return "0x" + hex.EncodeToString(id)
		}
	}
	return string(id)
}

func (p *textPrinter) connection(name string, c *csta.ConnectionID) {
	if c.Present() {
		p.field(name, connectionText(c))
	}
}

func connectionText(c *csta.ConnectionID) string {
	if len(c.Device.Number) == 0 {
		return idText(c.Call)
	}
	return idText(c.Call) + "@" + idText(c.Device.Number)
}

// messageKind returns what a message is in its dialogue.
func messageKind(msg *csta.Message) string {
	switch msg.Kind {
	case csta.KindRequest:
		return "request"
	case csta.KindResponse:
		return "response"
	case csta.KindError:
		return "error"
	case csta.KindReject:
		return "reject"
	case csta.KindEvent:
		return "event"
	default:
		return "message"
	}
}

// messageName returns the service or event of a message; of what is not known the name that it came with.
func messageName(msg *csta.Message) string {
	switch {
	case msg.Kind == csta.KindEvent && msg.Event != csta.EventUnknown:
		return msg.Event.String()
	case msg.Kind != csta.KindEvent && msg.Service != csta.ServiceUnknown:
		return msg.Service.String()
	case len(msg.Name) > 0:
		return fmt.Sprintf("%q", msg.Name)
	default:
		return "Unknown"
	}
}

package main

import (
	"encoding/json"
	"io"
	"time"

	"haproxy/codec/csta"
	"haproxy/perf/capture"
)

// jsonMessage is one message as -o json prints it; scripts rely on the names.
type jsonMessage struct {
	Time        *time.Time       `json:"time,omitempty"`
	Leg         string           `json:"leg"`
	Protocol    string           `json:"protocol"`
	From        string           `json:"from"` // switch or computing
	Invoke      csta.InvokeID    `json:"invoke"`
	Kind        string           `json:"kind"`
	Service     string           `json:"service,omitempty"`
	Event       string           `json:"event,omitempty"`
	Monitor     string           `json:"monitor,omitempty"`
	Connection  *jsonConnection  `json:"connection,omitempty"`
	Second      *jsonConnection  `json:"second,omitempty"`
	Device      string           `json:"device,omitempty"`
	Calling     string           `json:"calling,omitempty"`
	Called      string           `json:"called,omitempty"`
	Destination string           `json:"destination,omitempty"`
	Agent       string           `json:"agent,omitempty"`
	AgentState  string           `json:"agent_state,omitempty"`
	Status      string           `json:"status,omitempty"`
	Local       string           `json:"local,omitempty"`
	Cause       string           `json:"cause,omitempty"`
	Connections []jsonConnection `json:"connections,omitempty"`
	Error       string           `json:"error,omitempty"`
	Malformed   string           `json:"malformed,omitempty"`
	Bytes       int              `json:"bytes"` // of the frame
}

type jsonConnection struct {
	Call   string `json:"call,omitempty"`
	Device string `json:"device,omitempty"`
	State  string `json:"state,omitempty"`
}

type jsonPrinter struct{ to *json.Encoder }

func newJSONPrinter(out io.Writer) *jsonPrinter {
	to := json.NewEncoder(out)
	to.SetEscapeHTML(false)
	return &jsonPrinter{to}
}

func (p *jsonPrinter) write(m *capture.Message) error {
	msg := m.Body
	j := jsonMessage{
		Leg: m.Leg.Name, Protocol: m.Leg.Protocol, From: "computing", Invoke: msg.Invoke, Kind: messageKind(msg),
		Bytes: len(m.Frame),
	}
	if !m.Time.IsZero() {
		at := m.Time.UTC()
		j.Time = &at
	}
	if m.FromSwitch {
		j.From = "switch"
	}
	if m.Err != nil {
		j.Malformed = m.Err.Error()
		return p.to.Encode(&j)
	}
	if msg.Kind == csta.KindEvent {
		j.Event = messageName(msg)
	} else {
		j.Service = messageName(msg)
	}
	j.Monitor, j.Device, j.Agent = idText(msg.CrossRef), idText(msg.Device.Number), idText(msg.AgentID)
	j.Calling, j.Called = idText(msg.Calling.Number), idText(msg.Called.Number)
	j.Destination = idText(msg.Destination.Number)
	j.Connection, j.Second = jsonConnectionOf(&msg.Subject), jsonConnectionOf(&msg.Secondary)
	j.states(msg)
	return p.to.Encode(&j)
}

// states fills in what a message tells of states, causes and errors.
func (j *jsonMessage) states(msg *csta.Message) {
	if msg.Agent != csta.AgentNone {
		j.AgentState = msg.Agent.String()
	}
	if msg.Status != csta.StatusNone {
		j.Status = msg.Status.String()
	}
	if msg.Local != csta.ConnectionNone {
		j.Local = msg.Local.String()
	}
	if msg.Cause != csta.CauseNone {
		j.Cause = msg.Cause.String()
	}
	if msg.Kind == csta.KindError {
		j.Error = msg.Error.Name()
	}
	for i := range msg.Connections {
		item := &msg.Connections[i]
		c := jsonConnection{Call: idText(item.New.Call), Device: idText(item.New.Device.Number)}
		if item.State != csta.ConnectionNone {
			c.State = item.State.String()
		}
		j.Connections = append(j.Connections, c)
	}
}

func jsonConnectionOf(c *csta.ConnectionID) *jsonConnection {
	if !c.Present() {
		return nil
	}
	return &jsonConnection{Call: idText(c.Call), Device: idText(c.Device.Number)}
}

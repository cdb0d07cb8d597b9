package codectest

import (
	"fmt"
	"strings"

	"haproxy/codec/csta"
)

// Diff returns the fields in which two messages differ, one a line, and an empty string where they
// mean the same. Left out are what an encoding decides by itself: the invoke ID of events, the
// local name, and Scratch.
func Diff(got, want *csta.Message) string {
	g, w := fields(got), fields(want)
	var diff strings.Builder
	for i := range g {
		if g[i] != w[i] {
			fmt.Fprintf(&diff, "\n got  %s\n want %s", g[i], w[i])
		}
	}
	return diff.String()
}

// Describe renders the fields that a message has, one a line.
func Describe(m *csta.Message) string {
	var out strings.Builder
	blank := fields(&csta.Message{})
	for i, field := range fields(m) {
		if field != blank[i] {
			fmt.Fprintln(&out, field)
		}
	}
	return out.String()
}

// fields renders a message field by field; equal fields render alike, nil and empty slices too.
func fields(m *csta.Message) []string {
	invoke := m.Invoke
	if m.Kind == csta.KindEvent {
		invoke = 0
	}
	return []string{
		fmt.Sprintf("Kind %d Service %v Event %v Invoke %d", m.Kind, m.Service, m.Event, invoke),
		fmt.Sprintf("CrossRef %q", m.CrossRef),
		fmt.Sprintf("Subject %s", connection(m.Subject)),
		fmt.Sprintf("Secondary %s", connection(m.Secondary)),
		fmt.Sprintf("Device %s", device(m.Device)),
		fmt.Sprintf("Calling %s", device(m.Calling)),
		fmt.Sprintf("Called %s", device(m.Called)),
		fmt.Sprintf("LastRedirection %s", device(m.LastRedirection)),
		fmt.Sprintf("Destination %s", device(m.Destination)),
		fmt.Sprintf("Local %v Cause %v", m.Local, m.Cause),
		"Connections " + each(m.Connections, item),
		fmt.Sprintf("AgentID %q Group %s", m.AgentID, device(m.Group)),
		fmt.Sprintf("Agent %v Pending %v RequestAgent %v", m.Agent, m.Pending, m.RequestAgent),
		"Agents " + each(m.Agents, agent),
		fmt.Sprintf("On %d Forwarding %v ForwardTo %s", m.On, m.Forwarding, device(m.ForwardTo)),
		"Forwards " + each(m.Forwards, forward),
		fmt.Sprintf("Item %q", m.Item),
		fmt.Sprintf("MonitorType %d Filter %x HasFilter %t", m.MonitorType, m.Filter, m.HasFilter),
		fmt.Sprintf("Media %b CallObject %t Existing %d", m.Media, m.CallObject, m.Existing),
		fmt.Sprintf("Private %q", m.Private),
		fmt.Sprintf("Status %v Register %q", m.Status, m.Register),
		fmt.Sprintf("ServiceRef %q LastSegment %t", m.ServiceRef, m.LastSegment),
		fmt.Sprintf("Error %d Problem %d", m.Error, m.Problem),
		fmt.Sprintf("Session %q Application %q Versions %q", m.Session, m.Application, m.Versions),
		fmt.Sprintf("DurationSec %d SessionInfo %q", m.DurationSec, m.SessionInfo),
		"Association " + association(&m.Association),
	}
}

func association(a *csta.Association) string {
	return fmt.Sprintf("context %x result %v %v %d reason %v form %d of %x versions %v (%d) "+
		"required %x supplied %x private %x user %q password %x answer %x version1 %t",
		a.Context, a.Result, a.Source, a.Diagnostic, a.Reason, a.Form, a.Reference, a.Versions,
		a.VersionBits, a.Required, a.Supplied, a.Private, a.User, []byte(a.Password), a.Answer,
		a.ProtocolVersion)
}

func device(id csta.DeviceID) string { return fmt.Sprintf("%d:%d:%q", id.Form, id.Type, id.Number) }

func connection(c csta.ConnectionID) string {
	return fmt.Sprintf("%q@%s", c.Call, device(c.Device))
}

func item(i csta.ConnectionItem) string {
	return fmt.Sprintf("{%s %s %s %v %v}",
		connection(i.New), connection(i.Old), device(i.Endpoint), i.State, i.Far)
}

func agent(a csta.AgentItem) string {
	return fmt.Sprintf("{%q %d %s %v %v}",
		a.AgentID, a.LoggedOn, device(a.Group), a.State, a.Pending)
}

func forward(f csta.ForwardItem) string {
	return fmt.Sprintf("{%v %d %s}", f.Type, f.On, device(f.To))
}

func each[T any](items []T, render func(T) string) string {
	out := make([]string, len(items))
	for i := range items {
		out[i] = render(items[i])
	}
	return strings.Join(out, " ")
}

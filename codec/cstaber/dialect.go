package cstaber

import (
	"strconv"
	"strings"

	"haproxy/codec/ber"
	"haproxy/codec/csta"
)

// dialect is all that differs between the phases.
type dialect struct {
	phase    Phase
	explicit bool // events have an explicit tag and a SEQUENCE
	numbered bool // events have a number instead of two tags
	wrapped  bool // a DeviceID is a SEQUENCE around the CHOICE

	operations [operationMax]*serviceEntry
	services   [csta.ServiceCount]*serviceEntry
	events     [eventGroups][eventsOfGroup]*eventEntry // of phase I: by hundreds, and the number in it
	eventsBy   [csta.EventCount]*eventEntry
	filter     []filterPart
}

const (
	operationMax  = 576
	eventGroups   = 8
	eventsOfGroup = 32
)

// serviceEntry is one service: its operation code, argument and result.
type serviceEntry struct {
	operation int32
	service   csta.Service
	argument  *layout // nil: the proxy never writes it and reads nothing of it
	result    *layout
	choice    *operationChoice // of an operation that is several services; their entries say the rest
}

// operationChoice tells the services of one operation apart.
type operationChoice struct {
	find   func(argument ber.Cursor) *serviceEntry
	answer func(result ber.Cursor) *serviceEntry
}

// eventEntry is one event and its place in the numbering.
type eventEntry struct {
	event         csta.Event
	group, number int32
	info          *layout
	pending       csta.AgentState // phase I: what workNotReady and workReady say besides
}

// standardGroup is what a group of the standard adds to a dialect, as tables.
type standardGroup struct {
	services string // see addServices
	events   string // see addEvents
}

// dialects are the three phases.
var dialects = [...]*dialect{
	Phase1: newDialect(dialect{phase: Phase1, numbered: true, filter: phase1Filter}, []standardGroup{
		callControl1, monitor1, snapshot1, features1, system1, escape1,
	}),
	Phase2: newDialect(dialect{phase: Phase2, explicit: true, filter: phase2Filter}, []standardGroup{
		callControl2, monitor1, snapshot1, features2, system1, escape2, routeing2, otherServices2,
		voiceEvents2,
	}),
	Phase3: newDialect(dialect{phase: Phase3, wrapped: true, filter: phase3Filter}, []standardGroup{
		callControl3, callAssociated3, media3, monitor3, snapshot3, capability3, system3, routeing3,
		physical3, logical3, maintenance3, io3, dataCollection3, voice3, cdr3, escape3, location3,
	}),
}

func newDialect(d dialect, groups []standardGroup) *dialect {
	for _, g := range groups {
		d.addServices(g.services)
		d.addEvents(g.events)
	}
	d.addFeatures()
	return &d
}

// ack is the result of most services: no data, or extensions.
var ack = parseLayout("= 7E:private 05:ack")

// addServices reads a table of services, one a line:
//
//	operation Name argument / result
//
// Without a result it is an acknowledgement, where the service has an answer. A line of the name
// alone is an operation of which only the name is known. A line that is indented goes on with the
// one before it.
func (d *dialect) addServices(table string) {
	for _, line := range joinedLines(table) {
		code, rest, _ := strings.Cut(line, " ")
		name, layouts, drawn := strings.Cut(rest, " ")
		n, err := strconv.Atoi(code)
		service := serviceNames[name]
		if err != nil || n >= operationMax || service == csta.ServiceUnknown {
			panic("a table of services has " + line)
		}
		entry := &serviceEntry{operation: int32(n), service: service}
		argument, result, answered := strings.Cut(layouts, "/")
		if drawn {
			entry.argument = parseLayout(argument)
		}
		switch {
		case answered:
			entry.result = parseLayout(result)
		case service.HasResponse():
			entry.result = ack
		}
		d.operations[n], d.services[service] = entry, entry
	}
}

// addEvents reads a table of events, one a line:
//
//	group.number Name fields
//
// In phase I the group is the hundreds of the number, and a name may say the pending state that its
// number stands for: Name+agentReady.
func (d *dialect) addEvents(table string) {
	for _, line := range joinedLines(table) {
		place, rest, _ := strings.Cut(line, " ")
		name, fields, _ := strings.Cut(rest, " ")
		g, n, _ := strings.Cut(place, ".")
		group, err := strconv.Atoi(g)
		number, err2 := strconv.Atoi(n)
		name, pending, _ := strings.Cut(name, "+")
		event := eventNames[name]
		if err != nil || err2 != nil || group >= eventGroups || number >= eventsOfGroup ||
			event == csta.EventUnknown {
			panic("a table of events has " + line)
		}
		entry := &eventEntry{
			event: event, group: int32(group), number: int32(number), info: parseLayout(fields),
			pending: agentStateNames[pending],
		}
		d.events[group][number] = entry
		if d.numbered {
			entry.number += 100 * entry.group
		}
		if d.eventsBy[event] == nil {
			d.eventsBy[event] = entry
		}
	}
}

// joinedLines returns the lines of a table that have something in them.
func joinedLines(table string) (lines []string) {
	for line := range strings.Lines(table) {
		text := strings.TrimSpace(line)
		switch {
		case text == "":
		case strings.HasPrefix(line, "\t"):
			lines[len(lines)-1] += " " + text
		default:
			lines = append(lines, text)
		}
	}
	return lines
}

var (
	serviceNames = func() map[string]csta.Service {
		names := make(map[string]csta.Service)
		for s := csta.ServiceUnknown + 1; s < csta.ServiceCount; s++ {
			names[s.String()] = s
		}
		return names
	}()
	agentStateNames = func() map[string]csta.AgentState {
		names := make(map[string]csta.AgentState)
		for s := csta.AgentNone; s <= csta.AgentWorkingAfterCall; s++ {
			names[s.String()] = s
		}
		return names
	}()
	eventNames = func() map[string]csta.Event {
		names := make(map[string]csta.Event)
		for e := csta.EventUnknown + 1; e < csta.EventCount; e++ {
			names[e.String()] = e
		}
		return names
	}()
)

// entry returns the service of an operation, nil for one that is not known.
func (d *dialect) entry(operation int32) *serviceEntry {
	if operation < 0 || operation >= operationMax {
		return nil
	}
	return d.operations[operation]
}

// service returns how a service is written, nil where the phase does not have it.
func (d *dialect) service(s csta.Service) *serviceEntry {
	if s >= csta.ServiceCount {
		return nil
	}
	return d.services[s]
}

// event returns the event of a place in the numbering, nil for one that is not known.
func (d *dialect) event(group, number int32) *eventEntry {
	if d.numbered {
		group, number = number/100, number%100
	}
	if group < 0 || group >= eventGroups || number < 0 || number >= eventsOfGroup {
		return nil
	}
	return d.events[group][number]
}

// eventOf returns how the event of a message is written, nil where the phase does not have it.
func (d *dialect) eventOf(m *csta.Message) *eventEntry {
	if m.Event >= csta.EventCount {
		return nil
	}
	entry := d.eventsBy[m.Event]
	if entry != nil && entry.pending != csta.AgentNone && m.Pending != entry.pending {
		for _, other := range d.events[entry.group] {
			if other != nil && other.event == m.Event && other.pending == m.Pending {
				return other
			}
		}
	}
	return entry
}

package hub

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"haproxy/codec/csta"
)

// field is a field of a message as scripts write it.
type field struct {
	key string
	set func(m *csta.Message, value string) error
	get func(m *csta.Message) string
}

// fields are the fields of a message in the order they are drawn. call and device are the subject
// connection and the subject device of an event; at is the connection's device where it is another.
var fields = []field{
	bytesField("xref", func(m *csta.Message) *[]byte { return (*[]byte)(&m.CrossRef) }),
	bytesField("call", func(m *csta.Message) *[]byte { return (*[]byte)(&m.Subject.Call) }),
	deviceField("at", func(m *csta.Message) *csta.DeviceID { return &m.Subject.Device }),
	deviceField("device", func(m *csta.Message) *csta.DeviceID { return &m.Device }),
	bytesField("old", func(m *csta.Message) *[]byte { return (*[]byte)(&m.Secondary.Call) }),
	deviceField("calling", func(m *csta.Message) *csta.DeviceID { return &m.Calling }),
	deviceField("called", func(m *csta.Message) *csta.DeviceID { return &m.Called }),
	deviceField("to", func(m *csta.Message) *csta.DeviceID { return &m.Destination }),
	{
		"local",
		func(m *csta.Message, v string) (err error) {
			m.Local, err = valueOf[csta.ConnectionState](v)
			return err
		},
		func(m *csta.Message) string { return m.Local.String() },
	},
	bytesField("agent", func(m *csta.Message) *[]byte { return &m.AgentID }),
	deviceField("group", func(m *csta.Message) *csta.DeviceID { return &m.Group }),
	{
		"agents",
		func(m *csta.Message, v string) error { return parseAgents(m, v) },
		func(m *csta.Message) string {
			var all []string
			for _, a := range m.Agents {
				all = append(all, string(a.AgentID)+":"+a.State.String())
			}
			return strings.Join(all, ",")
		},
	},
	{
		"on",
		func(m *csta.Message, v string) error { m.On = csta.SwitchOf(v == "true"); return nil },
		func(m *csta.Message) string { return [...]string{"", "false", "true"}[m.On] },
	},
	{
		"connections",
		func(m *csta.Message, v string) error { return parseConnections(m, v) },
		func(m *csta.Message) string {
			var all []string
			for _, c := range m.Connections {
				all = append(all, fmt.Sprintf("%s@%s:%v", c.New.Call, c.New.Device.Number, c.State))
			}
			return strings.Join(all, ",")
		},
	},
	{
		"filter",
		func(m *csta.Message, v string) error { m.HasFilter = true; return parseFilter(&m.Filter, v) },
		func(m *csta.Message) string {
			if !m.HasFilter {
				return ""
			}
			var all []string
			for e := csta.EventUnknown + 1; e < csta.EventCount; e++ {
				if m.Filter.Has(e) {
					all = append(all, e.String())
				}
			}
			return "[" + strings.Join(all, ",") + "]"
		},
	},
	{
		"object",
		func(m *csta.Message, v string) error {
			m.CallObject, m.Subject.Call = true, []byte(v)
			return nil
		},
		func(m *csta.Message) string { return map[bool]string{true: "call"}[m.CallObject] },
	},
	{
		"type",
		func(m *csta.Message, v string) error {
			m.MonitorType = map[string]csta.MonitorType{
				"call": csta.MonitorTypeCall, "device": csta.MonitorTypeDevice,
			}[v]
			return nil
		},
		func(m *csta.Message) string { return [...]string{"", "call", "device"}[m.MonitorType] },
	},
	{
		"status",
		func(m *csta.Message, v string) (err error) {
			m.Status, err = valueOf[csta.Status](v)
			return err
		},
		func(m *csta.Message) string { return m.Status.String() },
	},
	bytesField("register", func(m *csta.Message) *[]byte { return (*[]byte)(&m.Register) }),
	bytesField("ref", func(m *csta.Message) *[]byte { return (*[]byte)(&m.ServiceRef) }),
	{
		"last",
		func(m *csta.Message, v string) error { m.LastSegment = v == "true"; return nil },
		func(m *csta.Message) string { return map[bool]string{true: "true"}[m.LastSegment] },
	},
	bytesField("session", func(m *csta.Message) *[]byte { return (*[]byte)(&m.Session) }),
	bytesField("application", func(m *csta.Message) *[]byte { return &m.Application }),
	{
		"versions",
		func(m *csta.Message, v string) error {
			for _, version := range strings.Split(v, ",") {
				m.Versions = append(m.Versions, []byte(version))
			}
			return nil
		},
		func(m *csta.Message) string {
			var all []string
			for _, version := range m.Versions {
				all = append(all, string(version))
			}
			return strings.Join(all, ",")
		},
	},
	{
		"duration",
		func(m *csta.Message, v string) error {
			n, err := strconv.ParseUint(v, 10, 32)
			m.DurationSec = uint32(n)
			return err
		},
		func(m *csta.Message) string {
			if m.DurationSec == 0 {
				return ""
			}
			return strconv.FormatUint(uint64(m.DurationSec), 10)
		},
	},
	{
		"code",
		func(m *csta.Message, v string) error { return parseError(m, v) },
		func(m *csta.Message) string {
			if m.Error.Category == csta.ErrorNone {
				return ""
			}
			return categories[m.Error.Category] + "/" + m.Error.Name()
		},
	},
	bytesField("private", func(m *csta.Message) *[]byte { return &m.Private }),
}

func bytesField(key string, at func(m *csta.Message) *[]byte) field {
	return field{
		key,
		func(m *csta.Message, v string) error { *at(m) = []byte(v); return nil },
		func(m *csta.Message) string { return string(*at(m)) },
	}
}

func deviceField(key string, at func(m *csta.Message) *csta.DeviceID) field {
	return field{
		key,
		func(m *csta.Message, v string) error { *at(m) = dialled(v); return nil },
		func(m *csta.Message) string { return string(at(m).Number) },
	}
}

func dialled(number string) csta.DeviceID {
	return csta.DeviceID{Form: csta.DeviceDialingNumber, Number: []byte(number)}
}

// valueOf finds the value of a small enumeration by its name.
func valueOf[T interface {
	~uint8
	String() string
}](name string) (T, error) {
	for v := range 255 {
		if T(v).String() == name {
			return T(v), nil
		}
	}
	return 0, fmt.Errorf("no such name: %s", name)
}

var kinds = [...]string{"unknown", "request", "response", "error", "reject", "event"}

// parseMessage reads a message as scripts write it: kind, name, fields.
func parseMessage(words []string) (*csta.Message, error) {
	m := &csta.Message{}
	var err error
	rest := words[1:]
	switch words[0] {
	case "event":
		m.Kind = csta.KindEvent
		m.Event, err = valueOf[csta.Event](words[1])
		rest = words[2:]
	case "request", "response":
		m.Kind = csta.Kind(slices.Index(kinds[:], words[0]))
		m.Service, err = valueOf[csta.Service](words[1])
		rest = words[2:]
	case "error":
		m.Kind = csta.KindError
		if !strings.Contains(words[1], "=") { // the session services have errors of their own
			m.Service, err = valueOf[csta.Service](words[1])
			rest = words[2:]
		}
	default:
		err = fmt.Errorf("no such kind: %s", words[0])
	}
	if err != nil {
		return nil, err
	}
	for _, word := range rest {
		if err := setField(m, word); err != nil {
			return nil, err
		}
	}
	if m.Kind == csta.KindEvent && len(m.Subject.Call) > 0 && !m.Subject.Device.Known() {
		m.Subject.Device = m.Device
	}
	if m.Kind != csta.KindEvent && m.Invoke == 0 && !m.Service.HasResponse() {
		m.Invoke = 9999
	}
	return m, nil
}

func setField(m *csta.Message, word string) error {
	key, value, ok := strings.Cut(word, "=")
	if key == "invoke" {
		n, err := strconv.Atoi(value)
		m.Invoke = csta.InvokeID(n)
		return err
	}
	for _, f := range fields {
		if ok && f.key == key {
			return f.set(m, value)
		}
	}
	return fmt.Errorf("no such field: %s", word)
}

// drawMessage writes a message as parseMessage reads it.
func drawMessage(m *csta.Message) string {
	var out strings.Builder
	out.WriteString(kinds[m.Kind])
	switch {
	case m.Kind == csta.KindEvent && m.Event != csta.EventUnknown:
		out.WriteString(" " + m.Event.String())
	case m.Kind != csta.KindEvent && m.Service != csta.ServiceUnknown:
		out.WriteString(" " + m.Service.String())
	case m.Kind != csta.KindError:
		out.WriteString(" " + string(m.Name))
	}
	if m.Kind != csta.KindEvent {
		fmt.Fprintf(&out, " invoke=%d", m.Invoke)
	}
	for _, f := range fields {
		value := f.get(m)
		if value == "" || f.key == "at" && string(m.Device.Number) == value {
			continue
		}
		out.WriteString(" " + f.key + "=" + value)
	}
	return out.String()
}

// parseFilter reads the events that are not wanted, "[Held,Retrieved]" or without the brackets.
func parseFilter(set *csta.EventSet, v string) error {
	v = strings.Trim(v, "[]")
	if v == "" {
		return nil
	}
	for _, name := range strings.Split(v, ",") {
		e, err := valueOf[csta.Event](name)
		if err != nil {
			return err
		}
		set.Add(e)
	}
	return nil
}

// parseConnections reads "CALL@DEVICE:STATE,…".
func parseConnections(m *csta.Message, v string) error {
	for _, item := range strings.Split(v, ",") {
		id, state, _ := strings.Cut(item, ":")
		call, device, _ := strings.Cut(id, "@")
		s, err := valueOf[csta.ConnectionState](state)
		if err != nil {
			return err
		}
		m.Connections = append(m.Connections, csta.ConnectionItem{
			New:      csta.ConnectionID{Call: []byte(call), Device: dialled(device)},
			Endpoint: dialled(device), State: s,
		})
	}
	return nil
}

// parseAgents reads "AGENT:STATE,…".
func parseAgents(m *csta.Message, v string) error {
	for _, item := range strings.Split(v, ",") {
		id, name, _ := strings.Cut(item, ":")
		s, err := valueOf[csta.AgentState](name)
		if err != nil {
			return err
		}
		m.Agents = append(m.Agents, csta.AgentItem{
			AgentID: []byte(id), LoggedOn: csta.SwitchOf(s != csta.AgentNull), State: s,
		})
	}
	return nil
}

var categories = [...]string{
	"", "operation", "security", "state", "system", "subscribed", "performance", "private",
	"unspecified", "vendor", "session",
}

// parseError finds an error by its category and the name of its value.
func parseError(m *csta.Message, v string) error {
	category, v, _ := strings.Cut(v, "/")
	for c := csta.ErrorOperation; c <= csta.ErrorSession; c++ {
		if categories[c] != category {
			continue
		}
		for value, name := range c.Names() {
			if name == v {
				m.Error = csta.ErrorCode{Category: c, Value: uint16(value)}
				return nil
			}
		}
	}
	return fmt.Errorf("no such error: %s", v)
}

package cstaxml

import (
	"bytes"

	"haproxy/codec/csta"
)

// list writes an element that holds others.
func (w *writer) list(m *csta.Message, p *part) {
	switch p.form {
	case asConnList:
		w.connections(p.name, m.Connections)
	case asDeviceData:
		w.refOrData(p.name, m, true)
	case asCallData:
		w.refOrData(p.name, m, false)
	case asRefChoice:
		w.within(p.name, "serviceCrossRefID", m.ServiceRef)
	case asDeviceInfo:
		w.open(p.name)
		for i := range m.Connections {
			w.deviceInfo(&m.Connections[i])
		}
		w.close(p.name)
	case asCallInfo:
		for i := range m.Connections {
			w.callInfo(&m.Connections[i])
		}
	case asFilter:
		if m.HasFilter {
			w.filter(p.name, m.Filter)
		}
	case asMedia:
		w.media(p.name, m.Media)
	case asAgents:
		w.agents(p.name, m.Agents)
	case asForwards:
		w.forwards(p.name, m.Forwards)
	case asObject:
		w.object(p.name, "callObject", "deviceObject", m)
	case asCallOrDev:
		w.object(p.name, "call", "device", m)
	case asPrimary:
		if m.Subject.Present() || m.Device.Known() {
			w.open(p.name)
			w.device("deviceID", &m.Device)
			w.connection("connectionID", &m.Subject)
			w.close(p.name)
		}
	case asSecondary:
		if m.Secondary.Present() {
			w.open(p.name)
			w.connection("connectionID", &m.Secondary)
			w.close(p.name)
		}
	default: // the forms of one value
	}
}

// connections writes the connection list of a transfer or conference.
func (w *writer) connections(name string, items []csta.ConnectionItem) {
	if len(items) == 0 {
		return
	}
	w.open(name)
	for i := range items {
		w.open("connectionListItem")
		w.connection("newConnection", &items[i].New)
		w.connection("oldConnection", &items[i].Old)
		w.wrapped("endpoint", "deviceID", &items[i].Endpoint)
		w.close("connectionListItem")
	}
	w.close(name)
}

// refOrData writes the answer to a snapshot: a reference to the segments to come, or the data,
// which may be empty, of a device or else of a call.
func (w *writer) refOrData(name string, m *csta.Message, ofDevice bool) {
	w.open(name)
	if len(m.ServiceRef) > 0 {
		w.leaf("serviceCrossRefID", m.ServiceRef)
	} else {
		w.open("snapshotData")
		for i := range m.Connections {
			if ofDevice {
				w.deviceInfo(&m.Connections[i])
			} else {
				w.callInfo(&m.Connections[i])
			}
		}
		w.close("snapshotData")
	}
	w.close(name)
}

// deviceInfo writes one connection of a device snapshot.
func (w *writer) deviceInfo(item *csta.ConnectionItem) {
	w.open("snapshotDeviceResponseInfo")
	w.connection("connectionIdentifier", &item.New)
	w.wrapped("endpointDevice", "deviceIdentifier", &item.Endpoint)
	w.open("localCallState")
	if item.State == csta.ConnectionNone {
		w.empty("unknown")
	} else {
		w.open("compoundCallState")
		w.token("localConnectionState", item.State.String())
		for _, s := range item.Far {
			w.token("localConnectionState", s.String())
		}
		w.close("compoundCallState")
	}
	w.close("localCallState")
	w.close("snapshotDeviceResponseInfo")
}

// callInfo writes one connection of a call snapshot.
func (w *writer) callInfo(item *csta.ConnectionItem) {
	w.open("snapshotCallResponseInfo")
	w.wrapped("deviceOnCall", "deviceIdentifier", &item.Endpoint)
	w.connection("callIdentifier", &item.New)
	w.token("localConnectionInfo", item.State.String())
	w.close("snapshotCallResponseInfo")
}

// filter writes the events that a filter holds, by category.
func (w *writer) filter(name string, filter csta.EventSet) {
	w.open(name)
	for _, c := range filterCategories {
		if c.name == "callControl" {
			continue // the other spelling of callcontrol
		}
		opened := false
		for e := csta.EventUnknown + 1; e < csta.EventCount; e++ {
			if e.Category() != c.category || !filter.Has(e) {
				continue
			}
			if !opened {
				w.open(c.name)
				opened = true
			}
			w.token(filterNames[e], "true")
		}
		if opened {
			w.close(c.name)
		}
	}
	w.close(name)
}

// filterNames spells the events as monitor filters do.
var filterNames = func() (names [csta.EventCount]string) {
	for e := csta.EventUnknown + 1; e < csta.EventCount; e++ {
		names[e] = filterName(e)
	}
	return names
}()

func (w *writer) media(name string, media csta.MediaClass) {
	if media == 0 {
		return
	}
	w.open(name)
	for bit, class := range mediaNames {
		if media&(1<<bit) != 0 {
			w.token(class, "true")
		}
	}
	w.close(name)
}

// agents writes the entries of a GetAgentState answer. The groups of one agent that follow each
// other share an entry.
func (w *writer) agents(name string, items []csta.AgentItem) {
	w.open(name)
	for i := 0; i < len(items); {
		first := &items[i]
		w.open("agentStateEntry")
		w.leaf("agentID", first.AgentID)
		w.flag("loggedOnState", first.LoggedOn)
		if !hasInfo(first) {
			i++
		} else {
			w.open("agentInfo")
			for ; i < len(items) && sameEntry(first, &items[i]); i++ {
				w.open("agentInfoItem")
				w.device("acdGroup", &items[i].Group)
				w.token("agentState", items[i].State.String())
				w.token("pendingAgentState", items[i].Pending.String())
				w.close("agentInfoItem")
			}
			w.close("agentInfo")
		}
		w.close("agentStateEntry")
	}
	w.close(name)
}

func hasInfo(a *csta.AgentItem) bool {
	return a.Group.Known() || a.State != csta.AgentNone || a.Pending != csta.AgentNone
}

func sameEntry(a, b *csta.AgentItem) bool {
	return hasInfo(b) && a.LoggedOn == b.LoggedOn && bytes.Equal(a.AgentID, b.AgentID)
}

// forwards writes the entries of a GetForwarding answer.
func (w *writer) forwards(name string, items []csta.ForwardItem) {
	w.open(name)
	for i := range items {
		w.open("forwardListItem")
		w.token("forwardingType", items[i].Type.String())
		w.flag("forwardStatus", items[i].On)
		w.device("forwardDN", &items[i].To)
		w.close("forwardListItem")
	}
	w.close(name)
}

// object writes what a request is about: a call or a device.
func (w *writer) object(name, call, device string, m *csta.Message) {
	w.open(name)
	if m.CallObject {
		w.connection(call, &m.Subject)
	} else {
		w.device(device, &m.Device)
	}
	w.close(name)
}

// errorValue writes the category and value of an error, within an element if it is named.
func (w *writer) errorValue(name string, e csta.ErrorCode) {
	if int(e.Category) >= len(xmlCategories) || name != "" && e.Category == csta.ErrorNone {
		return
	}
	if e.Category == csta.ErrorPrivate && e.Value == csta.ErrorValueUnknown {
		e.Category = csta.ErrorUnspecified // a vendor's code that is no number of ours
	}
	category := xmlCategories[e.Category]
	if name != "" {
		w.open(name)
	}
	switch names := e.Category.Names(); {
	case e.Category == csta.ErrorNone || e.Category == csta.ErrorUnspecified:
		w.empty(category)
	case e.Category == csta.ErrorPrivate:
		w.open(category)
		w.decimal(uint32(e.Value))
		w.close(category)
	case e.Name() != "":
		w.token(category, e.Name())
	case names[0] != "": // a value that the schema does not know is generic
		w.token(category, names[0])
	default:
		w.token(category, names[1])
	}
	if name != "" {
		w.close(name)
	}
}

// sessionError writes the reason of a negative answer of ECMA-354.
func (w *writer) sessionError(name string, e csta.ErrorCode) {
	if e.Category == csta.ErrorSession && e.Name() != "" {
		w.within(name, "definedError", []byte(e.Name()))
		return
	}
	w.within(name, "applError", []byte("unspecified"))
}

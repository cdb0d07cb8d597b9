package state

import (
	"cmp"
	"iter"
	"slices"

	"haproxy/codec/csta"
)

// CallView is a call of the model. Its slices are borrowed until the next change of the state;
// Connections until the iteration goes on.
type CallView struct {
	ID              csta.CallID
	Calling, Called csta.DeviceID
	Connections     []ConnectionView
}

// ConnectionView is one connection of a call and its state.
type ConnectionView struct {
	// Device is the device part of the connection ID, absent where only Party is known.
	Device csta.DeviceID
	// Party is the static device, where told.
	Party csta.DeviceID
	State csta.ConnectionState
}

// AgentView is one agent at a device, in a group or in none.
type AgentView struct {
	Device, Group csta.DeviceID
	AgentID       []byte
	LoggedOn      csta.Switch
	State         csta.AgentState
	Pending       csta.AgentState
}

// DeviceView is what is known of a device beyond its calls and agents.
type DeviceView struct {
	Device csta.DeviceID
	// DoNotDisturb and MessageWaiting are SwitchNone until told; of several message indicators one
	// that is lit counts.
	DoNotDisturb, MessageWaiting csta.Switch
	// InService is the latest maintenance event of the device: SwitchNone until told, SwitchOff for
	// out of service, SwitchOn for back in service or partially in service.
	InService csta.Switch
	// Forwards are the forwardings told, in the order of their types. The slice is borrowed until
	// the iteration goes on.
	Forwards []csta.ForwardItem
}

// MonitorView is one monitor.
type MonitorView struct {
	Object  Object
	Chains  int   // call chains open
	Entries int   // frames in its journal
	Bytes   int64 // bytes of those frames
}

// Calls yields the calls of the model in no certain order. The state must not change meanwhile.
func (s *State) Calls() iter.Seq[CallView] {
	return func(yield func(CallView) bool) {
		var conns []ConnectionView
		for i := uint32(1); i <= s.calls.top; i++ {
			c := s.calls.at(i)
			if c.watches == 0 {
				continue // released
			}
			conns = conns[:0]
			for k := c.conns; k != 0; k = s.conns.at(k).next {
				rec := s.conns.at(k)
				conns = append(conns, ConnectionView{
					s.names.device(rec.dev),
					s.names.device(rec.party), rec.state,
				})
			}
			if !yield(CallView{
				s.names.bytes(c.id), s.names.device(c.calling),
				s.names.device(c.called), conns,
			}) {
				return
			}
		}
	}
}

// Agents yields the agents of the model in no certain order. The state must not change meanwhile.
func (s *State) Agents() iter.Seq[AgentView] {
	return func(yield func(AgentView) bool) {
		for it := range s.model() {
			if it.event != csta.EventAgentLoggedOn {
				continue
			}
			if !yield(AgentView{
				Device: s.names.device(it.device), Group: s.names.device(it.group),
				AgentID: s.names.bytes(it.who), LoggedOn: it.on, State: it.agent,
				Pending: it.pending,
			}) {
				return
			}
		}
	}
}

// model yields the lasting states of the link.
func (s *State) model() iter.Seq[*item] {
	return func(yield func(*item) bool) {
		for i := uint32(1); i <= s.items.top; i++ {
			it := s.items.at(i)
			if it.kind == itemModel && !yield(it) {
				return
			}
		}
	}
}

// Devices yields the devices that a feature is known of, in no certain order. The state must not
// change meanwhile.
func (s *State) Devices() iter.Seq[DeviceView] {
	return func(yield func(DeviceView) bool) {
		var forwards []csta.ForwardItem
		for i := uint32(1); i <= s.names.records.top; i++ {
			rec := s.names.records.at(i)
			if rec.refs == 0 || rec.kind != nameDevice || rec.items == 0 {
				continue
			}
			view := DeviceView{Device: s.names.device(i), Forwards: forwards[:0]}
			told := s.viewFeatures(rec.items, &view)
			forwards = view.Forwards
			if told && !yield(view) {
				return
			}
		}
	}
}

// viewFeatures fills a view from the items of a device, and reports whether there are any.
func (s *State) viewFeatures(items uint32, view *DeviceView) bool {
	told := false
	for i := items; i != 0; {
		it := s.items.at(i)
		i = it.devNext
		if it.kind != itemModel || it.event == csta.EventAgentLoggedOn {
			continue
		}
		told = true
		switch it.event {
		case csta.EventDoNotDisturb:
			view.DoNotDisturb = it.on
		case csta.EventMessageWaiting:
			view.MessageWaiting = max(view.MessageWaiting, it.on)
		case csta.EventForwarding:
			view.Forwards = append(view.Forwards, csta.ForwardItem{
				Type: it.forwarding, On: it.on, To: s.names.device(it.to),
			})
		default:
			view.InService = it.on
		}
	}
	slices.SortFunc(view.Forwards, func(a, b csta.ForwardItem) int {
		return cmp.Compare(a.Type, b.Type)
	})
	return told
}

// Monitor returns one monitor; ok is false where the handle is not open. Its identifiers are
// borrowed until the monitor is closed.
func (s *State) Monitor(id MonitorID) (view MonitorView, ok bool) {
	if !s.isOpen(uint32(id)) {
		return MonitorView{}, false
	}
	m := s.monitors.at(uint32(id))
	view = MonitorView{
		Object: Object{CallObject: m.callObject, Type: m.asked, Filter: m.filter},
		Chains: int(m.chains), Entries: int(m.entries), Bytes: m.bytes,
	}
	if m.callObject {
		view.Object.Call = csta.ConnectionID{
			Call:   s.names.bytes(m.call),
			Device: s.objectDevice(m),
		}
	} else {
		view.Object.Device = s.objectDevice(m)
	}
	return view, true
}

package state

import (
	"slices"
	"strings"
	"time"

	"haproxy/codec/csta"
)

// DifferUnheard publishes on a monitor that connections cleared whose end its own stream never told:
// another monitor of the call was told it just before the link was lost, so that the model and the
// switch have no such connection, and no answer shows the difference. What the stream told is read from
// its journal; decode reads one of its frames.
func (s *State) DifferUnheard(id MonitorID, now time.Time, decode func(msg *csta.Message, frame []byte) error,
	publish Publish,
) {
	monitor := uint32(id)
	if !s.isOpen(monitor) || s.monitors.at(monitor).watches == 0 {
		return
	}
	s.now = now.UnixNano()
	told := make(map[string]party)
	var frame []byte
	var msg csta.Message
	for i := s.monitors.at(monitor).first; i != 0; i = s.entries.at(i).next {
		e := s.entries.at(i)
		frame = s.cells.get(frame[:0], e.cell, e.size)
		if TellsCall(e.event) && decode(&msg, frame) == nil {
			noteParties(told, &msg)
		}
	}
	keys := make([]string, 0, len(told))
	for key := range told {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	d := differing{State: s, publish: publish, kept: s.kept, hearers: s.hearers}
	for _, key := range keys {
		p := told[key]
		call := s.findCall(p.call)
		w := s.findWatch(monitor, call)
		if w == 0 || s.findConn(call, p.device, p.static) != 0 ||
			s.isOwn(s.monitors.at(monitor), p.device) || s.isOwn(s.monitors.at(monitor), p.static) {
			continue
		}
		d.sayFar(monitor, csta.EventConnectionCleared, &p)
	}
	s.kept, s.hearers = d.kept[:0], d.hearers[:0]
}

// noteParties notes the connections that are up after an event of a monitor's stream.
func noteParties(told map[string]party, msg *csta.Message) {
	if rules[msg.Event].keep == keepJoin {
		forgetCall(told, msg.Subject.Call)
		forgetCall(told, msg.Secondary.Call)
		for i := range msg.Connections {
			item := &msg.Connections[i]
			noteParty(told, &item.New, item.Endpoint)
		}
		return
	}
	switch {
	case msg.Event == csta.EventCallCleared:
		forgetCall(told, msg.Subject.Call)
	case rules[msg.Event].to == csta.ConnectionNull:
		delete(told, partyKey(&msg.Subject, partyIn(msg)))
	default:
		noteParty(told, &msg.Subject, partyIn(msg))
	}
}

func noteParty(told map[string]party, conn *csta.ConnectionID, static csta.DeviceID) {
	if len(conn.Call) == 0 || !conn.Device.Known() && !static.Known() {
		return
	}
	p := party{call: slices.Clone(conn.Call), device: conn.Device, static: static}
	p.device.Number, p.static.Number = slices.Clone(p.device.Number), slices.Clone(p.static.Number)
	if !p.static.Known() && p.device.Form != csta.DeviceDynamic {
		p.static = p.device
	}
	told[partyKey(conn, static)] = p
}

func partyKey(conn *csta.ConnectionID, static csta.DeviceID) string {
	device := conn.Device
	if !device.Known() {
		device = static
	}
	return string(conn.Call) + "\x00" + string(device.Number)
}

func forgetCall(told map[string]party, call csta.CallID) {
	for key := range told {
		if strings.HasPrefix(key, string(call)+"\x00") {
			delete(told, key)
		}
	}
}

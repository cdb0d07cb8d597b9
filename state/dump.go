package state

import (
	"fmt"
	"slices"
	"strings"

	"haproxy/codec/csta"
)

// String draws the calls, agents and devices as a table, sorted, for tests and status pages.
func (s *State) String() string {
	var lines []string
	for c := range s.Calls() {
		lines = append(lines, drawCall(c))
	}
	for a := range s.Agents() {
		line := fmt.Sprintf("agent %s at %s", quoted(a.AgentID), drawDevice(a.Device))
		if a.Group.Known() {
			line += " in " + drawDevice(a.Group)
		}
		line += fmt.Sprintf(": %s %s", drawSwitch(a.LoggedOn, "logged on", "logged off"), a.State)
		if a.Pending != csta.AgentNone {
			line += " then " + a.Pending.String()
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
	for d := range s.Devices() {
		lines = append(lines, drawFeatures(d))
	}
	slices.Sort(lines)
	if len(lines) == 0 {
		return "empty\n"
	}
	return strings.Join(lines, "\n") + "\n"
}

// drawCall draws one call: its connections with their states, in the order of the devices.
func drawCall(c CallView) string {
	conns := make([]string, 0, len(c.Connections))
	for _, conn := range c.Connections {
		device := conn.Device
		if !device.Known() {
			device = conn.Party
		}
		conns = append(conns, drawDevice(device)+" "+conn.State.String())
	}
	slices.Sort(conns)
	line := "call " + string(quoted(c.ID))
	if len(conns) > 0 {
		line += ": " + strings.Join(conns, ", ")
	}
	if c.Calling.Known() {
		line += " calling " + drawDevice(c.Calling)
	}
	if c.Called.Known() {
		line += " called " + drawDevice(c.Called)
	}
	return line
}

// drawFeatures draws what is known of a device.
func drawFeatures(d DeviceView) string {
	line := "device " + drawDevice(d.Device) + ":"
	for _, f := range []struct {
		on      csta.Switch
		yes, no string
	}{
		{d.DoNotDisturb, "do not disturb", "disturb"},
		{d.MessageWaiting, "message waiting", "no message"},
		{d.InService, "in service", "out of service"},
	} {
		if f.on != csta.SwitchNone {
			line += " [" + drawSwitch(f.on, f.yes, f.no) + "]"
		}
	}
	for _, f := range d.Forwards {
		line += " [" + f.Type.String() + " " + drawSwitch(f.On, "on", "off")
		if f.To.Known() {
			line += " to " + drawDevice(f.To)
		}
		line += "]"
	}
	return line
}

func drawSwitch(on csta.Switch, yes, no string) string {
	switch on {
	case csta.SwitchOn:
		return yes
	case csta.SwitchOff:
		return no
	default:
		return "unknown"
	}
}

// drawDevice draws a device identifier, a dynamic one with a mark.
func drawDevice(d csta.DeviceID) string {
	if d.Form == csta.DeviceDynamic {
		return "~" + string(quoted(d.Number))
	}
	return string(quoted(d.Number))
}

// quoted returns an identifier as it is where it can be printed, else in hexadecimal.
func quoted(b []byte) []byte {
	for _, c := range b {
		if c <= ' ' || c > '~' {
			return fmt.Appendf(nil, "0x%x", b)
		}
	}
	return b
}

package capture

import (
	"maps"
	"slices"

	"haproxy/codec/csta"
)

// Older finds what devices the monitors of a leg are for whose start a capture lacks. The zero value is ready.
type Older struct {
	monitors map[string]*olderMonitor
	counts   int
}

// olderMonitor is what a monitor tells of.
type olderMonitor struct {
	devices map[string]int // events, by a device in them
	begun   bool           // it began in the capture, and goes on under an ID that an older one may have had
}

const (
	countsMax   = 1 << 20 // monitors, and devices of each; further ones are not counted
	olderKeyMax = 256     // octets of a cross reference ID or a number that is kept
)

// Note takes a message of the switch: the devices that an event tells of, or the start of a monitor.
func (o *Older) Note(msg *csta.Message) {
	begins := msg.Kind == csta.KindResponse && msg.Service == csta.MonitorStart
	if !begins && msg.Kind != csta.KindEvent || len(msg.CrossRef) == 0 || len(msg.CrossRef) > olderKeyMax {
		return
	}
	of := o.monitors[string(msg.CrossRef)]
	if of == nil {
		if o.counts >= countsMax {
			return
		}
		if o.monitors == nil {
			o.monitors = make(map[string]*olderMonitor)
		}
		of = &olderMonitor{devices: make(map[string]int)}
		o.monitors[string(msg.CrossRef)] = of
		o.counts++
	}
	if of.begun = of.begun || begins; !of.begun {
		o.count(of, msg)
	}
}

// count counts the devices of an event, each once.
func (o *Older) count(of *olderMonitor, msg *csta.Message) {
	named := [...][]byte{msg.Subject.Device.Number, msg.Device.Number, msg.Calling.Number, msg.Called.Number}
	for i, d := range named {
		again := slices.ContainsFunc(named[:i], func(other []byte) bool { return string(other) == string(d) })
		if len(d) == 0 || len(d) > olderKeyMax || again {
			continue
		}
		if _, known := of.devices[string(d)]; !known {
			if o.counts >= countsMax {
				continue
			}
			o.counts++
		}
		of.devices[string(d)]++
	}
}

// Monitors returns the monitor of each device that is likely to have one: the first whose events tell of that device
// more than of any other.
func (o *Older) Monitors() map[string]csta.CrossRefID {
	found := make(map[string]csta.CrossRefID)
	for _, ref := range slices.Sorted(maps.Keys(o.monitors)) {
		best, most := "", 0
		for device, n := range o.monitors[ref].devices {
			if n > most || n == most && device < best {
				best, most = device, n
			}
		}
		if _, taken := found[best]; !taken && best != "" {
			found[best] = csta.CrossRefID(ref)
		}
	}
	return found
}

package capture

import (
	"maps"
	"slices"

	"haproxy/codec/csta"
)

// Older finds what devices the monitors of a leg are for whose start a capture lacks. The zero value is ready.
type Older struct {
	seen  map[string]map[string]int // events by monitor and by device in them; nil for one that began in the capture
	pairs int
}

const pairsMax = 1 << 20 // of a monitor and a device; further ones are not counted

// Note takes a message of the switch: the devices that an event tells of, or the start of a monitor.
func (o *Older) Note(msg *csta.Message) {
	begins := msg.Kind == csta.KindResponse && msg.Service == csta.MonitorStart
	if !begins && msg.Kind != csta.KindEvent || len(msg.CrossRef) == 0 {
		return
	}
	if o.seen == nil {
		o.seen = make(map[string]map[string]int)
	}
	all, known := o.seen[string(msg.CrossRef)]
	switch {
	case known && (begins || all == nil), o.pairs >= pairsMax:
		return
	case begins:
		o.seen[string(msg.CrossRef)] = nil
		o.pairs++
		return
	case !known:
		all = make(map[string]int)
		o.seen[string(msg.CrossRef)] = all
	}
	named := [...][]byte{msg.Subject.Device.Number, msg.Device.Number, msg.Calling.Number, msg.Called.Number}
	for i, d := range named {
		again := slices.ContainsFunc(named[:i], func(other []byte) bool { return string(other) == string(d) })
		if _, known := all[string(d)]; len(d) == 0 || again || !known && o.pairs >= pairsMax {
			continue
		} else if !known {
			o.pairs++
		}
		all[string(d)]++
	}
}

// Monitors returns the monitor of each device that is likely to have one: the first whose events tell of that device
// more than of any other.
func (o *Older) Monitors() map[string]csta.CrossRefID {
	found := make(map[string]csta.CrossRefID)
	for _, ref := range slices.Sorted(maps.Keys(o.seen)) {
		best, most := "", 0
		for device, n := range o.seen[ref] {
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

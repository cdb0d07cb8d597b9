package cstaber

import (
	"haproxy/codec/ber"
	"haproxy/codec/csta"
)

// SnapshotDevice, SnapshotCall and the segments of their answers. The items:
//
//	I, II   76 { 30 { 63 device | 6B connection | [4E state] } … }
//	III     76 { 30 { 6B connection | [A3 { endpoint }] | call state | … } … }     of a device
//	        77 { 30 { 63 device | [6B connection] | [4E state] | … } … }           of a call
//
//	call state: A0 { 4E … } compound | 81 simple | 82 unknown
var snapshot3 = standardGroup{services: `
74 SnapshotDevice 30:device! 7E:private / 04:ref 76:snapshot 7E:private
75 SnapshotCall 6B:subject! 7E:private / 80:ref 77:callSnapshot 61:calling 62:called 7E:private
76 SnapshotCallData 04:ref! 01:last! 77:callSnapshot 7E:private
77 SnapshotDeviceData 04:ref! 01:last! 76:snapshot 7E:private
`}

// snapshot1 is that of phases I and II; SnapshotCall is from memory.
var snapshot1 = standardGroup{services: `
74 SnapshotDevice = 8x:device! 7E:private / = 76:snapshot 7E:private
75 SnapshotCall = 6B:subject! 7E:private / = 77:callSnapshot 7E:private
`}

// snapshot reads the items of a snapshot of a device or call.
func (d *decoder) snapshot(e *ber.Element) error {
	if !e.Tag.Constructed() {
		return e.Fault("a snapshot is constructed")
	}
	var item ber.Element
	for c := e.Content(); c.More(); {
		if err := c.Next(&item); err != nil {
			return err
		}
		if item.Tag != ber.Sequence {
			continue
		}
		d.msg.Connections = append(d.msg.Connections, csta.ConnectionItem{})
		if err := d.snapshotItem(&item); err != nil {
			return err
		}
	}
	return nil
}

// snapshotItem reads one item, in the form of any phase, into the last of the connections.
func (d *decoder) snapshotItem(e *ber.Element) error {
	item := &d.msg.Connections[len(d.msg.Connections)-1]
	var inner ber.Element
	for c := e.Content(); c.More(); {
		err := c.Next(&inner)
		if err != nil {
			return err
		}
		switch inner.Tag {
		case tagConnection:
			err = d.connection(&inner, &item.New)
		case tagSubject, 0xA3:
			err = d.role(&inner, &item.Endpoint, false)
		case 0x4E:
			item.State, err = d.state(&inner)
		case 0xA0:
			if item.State == csta.ConnectionNone && item.Far == nil {
				err = d.compoundState(&inner, item)
			}
		case 0x81:
			var n int32
			n, err = inner.Int()
			simpleState(item, n)
		default: // not in a Message
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) state(e *ber.Element) (csta.ConnectionState, error) {
	n, err := e.Int()
	return localState(n), err
}

// compoundState reads the states of a call: the device's own first, whether it is known or not.
func (d *decoder) compoundState(e *ber.Element, item *csta.ConnectionItem) error {
	var inner ber.Element
	own := true
	for c := e.Content(); c.More(); own = false {
		if err := c.Next(&inner); err != nil {
			return err
		}
		if inner.Tag != 0x4E {
			return nil // servicesPermitted has the same tag
		}
		s, err := d.state(&inner)
		if err != nil {
			return err
		}
		if own {
			item.State = s
		} else {
			item.Far = csta.AppendFar(item.Far, s)
		}
	}
	return nil
}

// simpleState reads a simple call state: the device's own state is in the low four bits, that of the
// other party in the high ones, where there is one. callDelivered 35 is connected here and alerting
// there; callNull 0, callPending 1 and callOriginated 3 are of one party.
func simpleState(item *csta.ConnectionItem, n int32) {
	own, other := localState(n&15), localState(n>>4)
	if own == csta.ConnectionNone || other == csta.ConnectionNone {
		return
	}
	item.State = own
	if n >= 16 {
		item.Far = csta.AppendFar(item.Far, other)
	}
}

// snapshotPart writes the items of a snapshot, but for an answer that refers to segments to come,
// which phases I and II do not have.
func (w *writer) snapshotPart(m *csta.Message, p *part, tag ber.Tag) {
	switch {
	case len(m.ServiceRef) == 0 || m.Kind != csta.KindResponse:
		w.snapshot(tag, m.Connections, p.do == doCallSnapshot)
	case !w.dialect.wrapped:
		w.inexpressible = true
	}
}

// snapshot writes the items of a snapshot.
func (w *writer) snapshot(tag ber.Tag, items []csta.ConnectionItem, ofCall bool) {
	outer := w.begin(tag)
	for i := range items {
		item := w.begin(ber.Sequence)
		if ofCall || !w.dialect.wrapped {
			w.callItem(&items[i])
		} else {
			w.deviceItem(&items[i])
		}
		w.end(item)
	}
	w.end(outer)
}

// callItem writes an item of a call, which is that of a device too in phases I and II. They have no
// form for the states of the other parties.
func (w *writer) callItem(item *csta.ConnectionItem) {
	w.endpoint(tagSubject, &item.Endpoint, true)
	if item.New.Present() {
		w.connection(tagConnection, &item.New)
	}
	if item.State != csta.ConnectionNone {
		w.int(0x4E, int64(item.State)-1)
	}
}

func (w *writer) deviceItem(item *csta.ConnectionItem) {
	w.connection(tagConnection, &item.New)
	w.endpoint(0xA3, &item.Endpoint, false)
	if item.State == csta.ConnectionNone {
		w.null(0x82)
		return
	}
	states := w.begin(0xA0)
	w.int(0x4E, int64(item.State)-1)
	for _, s := range item.Far {
		w.int(0x4E, max(int64(s)-1, 0))
	}
	w.end(states)
}

// endpoint writes the device of an item; one that has to be there is notKnown.
func (w *writer) endpoint(tag ber.Tag, id *csta.DeviceID, must bool) {
	switch {
	case id.Form != csta.DeviceAbsent:
		w.role(tag, id)
	case must:
		w.role(tag, &csta.DeviceID{Form: csta.DeviceNotKnown})
	}
}

package cstaber

import (
	"bytes"

	"haproxy/codec/ber"
	"haproxy/codec/csta"
)

// The connection list of a transfer or conference:
//
//	I    6C { 6B connection … }
//	II   30 { A3 { 30 { 6B connection | [8n endpoint] } } … }              as traced
//	III  30 { 30 { [A0 { 6B new }] | [A1 { 6B old }] | [A2 { endpoint }] | … } … }
//	     endpoint: 30 DeviceID | 05 notKnown | A1 { 05 } restricted

// connections reads a connection list of any phase, whatever its tag.
func (d *decoder) connections(e *ber.Element) error {
	if !e.Tag.Constructed() {
		return e.Fault("a connection list is constructed")
	}
	var inner ber.Element
	for c := e.Content(); c.More(); {
		if err := c.Next(&inner); err != nil {
			return err
		}
		d.msg.Connections = append(d.msg.Connections, csta.ConnectionItem{})
		item := &d.msg.Connections[len(d.msg.Connections)-1]
		var err error
		switch {
		case inner.Tag == tagConnection:
			err = d.connection(&inner, &item.New)
		case inner.Tag == ber.Sequence && d.dialect.wrapped:
			err = d.listItem(&inner, item)
		case inner.Tag.Constructed():
			err = d.choiceItem(&inner, item)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// listItem reads an item of phase III.
func (d *decoder) listItem(e *ber.Element, item *csta.ConnectionItem) error {
	var outer, inner ber.Element
	for c := e.Content(); c.More(); {
		if err := c.Next(&outer); err != nil {
			return err
		}
		if outer.Tag < 0xA0 || outer.Tag > 0xA2 {
			continue
		}
		content := outer.Content()
		err := next(&content, &inner, &outer, "an item of nothing")
		switch {
		case err != nil:
		case outer.Tag == 0xA0 && inner.Tag == tagConnection:
			err = d.connection(&inner, &item.New)
		case outer.Tag == 0xA1 && inner.Tag == tagConnection:
			err = d.connection(&inner, &item.Old)
		case outer.Tag == 0xA2:
			err = d.itemEndpoint(&inner, &item.Endpoint)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) itemEndpoint(e *ber.Element, id *csta.DeviceID) error {
	switch e.Tag {
	case ber.Sequence:
		return d.device(e, id)
	case ber.Null:
		id.Form = csta.DeviceNotKnown
	case 0xA1, 0x81:
		id.Form = csta.DeviceRestricted
	default: // not known
	}
	return nil
}

// choiceItem reads an item of phase II: the connection and the static device at its end.
func (d *decoder) choiceItem(e *ber.Element, item *csta.ConnectionItem) error {
	var inner ber.Element
	for c := e.Content(); c.More(); {
		err := c.Next(&inner)
		switch {
		case err != nil:
		case inner.Tag == ber.Sequence:
			c = inner.Content()
		case inner.Tag == tagConnection:
			err = d.connection(&inner, &item.New)
		case isChoice(inner.Tag):
			err = d.choice(&inner, &item.Endpoint, false)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// connections writes a connection list. Phases I and II say what a party's connection is now, not
// what it was.
func (w *writer) connections(tag ber.Tag, items []csta.ConnectionItem) {
	list := w.begin(tag)
	for i := range items {
		item := &items[i]
		switch w.dialect.phase {
		case Phase1:
			w.connection(tagConnection, &item.New)
		case Phase2:
			both := w.begin(0xA3)
			seq := w.begin(ber.Sequence)
			w.connection(tagConnection, &item.New)
			if item.Endpoint.Known() {
				w.choice(&item.Endpoint, false)
			}
			w.end(seq)
			w.end(both)
		default:
			w.listItem(item)
		}
	}
	w.end(list)
}

func (w *writer) listItem(item *csta.ConnectionItem) {
	seq := w.begin(ber.Sequence)
	for i, conn := range []*csta.ConnectionID{&item.New, &item.Old} {
		if conn.Present() {
			outer := w.begin(0xA0 + ber.Tag(i))
			w.connection(tagConnection, conn)
			w.end(outer)
		}
	}
	if item.Endpoint.Form != csta.DeviceAbsent {
		outer := w.begin(0xA2)
		switch {
		case item.Endpoint.Known():
			w.deviceID(ber.Sequence, &item.Endpoint)
		case item.Endpoint.Form == csta.DeviceRestricted:
			restricted := w.begin(0xA1)
			w.null(ber.Null)
			w.end(restricted)
		default:
			w.null(ber.Null)
		}
		w.end(outer)
	}
	w.end(seq)
}

// The agents of a GetAgentState answer, phase III:
//
//	30 { 30 { [04 agentID] | 01 loggedOn | [30 { 30 { [30 acdGroup] | 0A state | [80 pending] | [81] } … }] } … }

// agents reads the entries: one item a group, with the agent of the entry that it is in.
func (d *decoder) agents(e *ber.Element) error {
	var entry ber.Element
	for c := e.Content(); c.More(); {
		if err := c.Next(&entry); err != nil {
			return err
		}
		if entry.Tag != ber.Sequence {
			continue
		}
		d.msg.Agents = append(d.msg.Agents, csta.AgentItem{})
		if err := d.agentEntry(&entry); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) agentEntry(e *ber.Element) error {
	var inner ber.Element
	for c := e.Content(); c.More(); {
		err := c.Next(&inner)
		last := &d.msg.Agents[len(d.msg.Agents)-1]
		switch {
		case err != nil:
		case inner.Tag&^0x20 == ber.OctetString:
			last.AgentID, err = d.octets(&inner)
		case inner.Tag == ber.Boolean:
			var on bool
			on, err = inner.Bool()
			last.LoggedOn = csta.SwitchOf(on)
		case inner.Tag == ber.Sequence:
			err = d.agentGroups(&inner)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// agentGroups reads what an agent is in its groups; the first goes into the item of the entry.
func (d *decoder) agentGroups(e *ber.Element) error {
	var info ber.Element
	first := true
	for c := e.Content(); c.More(); {
		if err := c.Next(&info); err != nil {
			return err
		}
		if info.Tag != ber.Sequence {
			continue
		}
		if !first {
			last := d.msg.Agents[len(d.msg.Agents)-1]
			d.msg.Agents = append(d.msg.Agents,
				csta.AgentItem{AgentID: last.AgentID, LoggedOn: last.LoggedOn})
		}
		first = false
		if err := d.agentInfo(&info, &d.msg.Agents[len(d.msg.Agents)-1]); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) agentInfo(e *ber.Element, item *csta.AgentItem) error {
	var inner ber.Element
	var n int32
	for c := e.Content(); c.More(); {
		err := c.Next(&inner)
		switch {
		case err != nil:
		case inner.Tag == ber.Sequence:
			err = d.device(&inner, &item.Group)
		case inner.Tag == ber.Enumerated:
			n, err = inner.Int()
			item.State = oneMore(n, csta.AgentWorkingAfterCall)
		case inner.Tag == 0x80:
			n, err = inner.Int()
			item.Pending = pick(pendingStates[:], n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// agents writes the entries. The groups of one agent that follow each other share an entry.
func (w *writer) agents(tag ber.Tag, items []csta.AgentItem) {
	list := w.begin(tag)
	for i := 0; i < len(items); {
		first := &items[i]
		entry := w.begin(ber.Sequence)
		if len(first.AgentID) > 0 {
			w.bytes(ber.OctetString, first.AgentID)
		}
		w.bool(ber.Boolean, first.LoggedOn == csta.SwitchOn)
		if !hasInfo(first) {
			i++
		} else {
			infos := w.begin(ber.Sequence)
			for ; i < len(items) && sameEntry(first, &items[i]); i++ {
				w.agentInfo(&items[i])
			}
			w.end(infos)
		}
		w.end(entry)
	}
	w.end(list)
}

func (w *writer) agentInfo(item *csta.AgentItem) {
	info := w.begin(ber.Sequence)
	if item.Group.Known() {
		w.deviceID(ber.Sequence, &item.Group)
	}
	w.int(ber.Enumerated, max(int64(item.State)-1, 0))
	if n := numberIn(pendingStates[:], item.Pending); n >= 0 {
		w.int(0x80, n)
	}
	w.end(info)
}

func hasInfo(a *csta.AgentItem) bool {
	return a.Group.Known() || a.State != csta.AgentNone || a.Pending != csta.AgentNone
}

func sameEntry(a, b *csta.AgentItem) bool {
	return hasInfo(b) && a.LoggedOn == b.LoggedOn && bytes.Equal(a.AgentID, b.AgentID)
}

// The forwardings of a GetForwarding answer, phase III:
//
//	30 { 30 { [0A type] | 01 status | [30 DN] | … } … }

func (d *decoder) forwards(e *ber.Element) error {
	var inner, value ber.Element
	for c := e.Content(); c.More(); {
		if err := c.Next(&inner); err != nil {
			return err
		}
		if inner.Tag != ber.Sequence {
			continue
		}
		d.msg.Forwards = append(d.msg.Forwards, csta.ForwardItem{})
		item := &d.msg.Forwards[len(d.msg.Forwards)-1]
		for fields := inner.Content(); fields.More(); {
			err := fields.Next(&value)
			switch {
			case err != nil:
			case value.Tag == ber.Enumerated && item.On == csta.SwitchNone: // the other is forwardDefault
				var n int32
				n, err = value.Int()
				item.Type = pick(forwardingTypes[:], n)
			case value.Tag == ber.Boolean:
				var on bool
				on, err = value.Bool()
				item.On = csta.SwitchOf(on)
			case value.Tag == ber.Sequence:
				err = d.device(&value, &item.To)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *writer) forwards(tag ber.Tag, items []csta.ForwardItem) {
	list := w.begin(tag)
	for i := range items {
		entry := w.begin(ber.Sequence)
		if n := numberIn(forwardingTypes[:], items[i].Type); n >= 0 {
			w.int(ber.Enumerated, n)
		}
		w.bool(ber.Boolean, items[i].On == csta.SwitchOn)
		if items[i].To.Known() {
			w.deviceID(ber.Sequence, &items[i].To)
		}
		w.end(entry)
	}
	w.end(list)
}

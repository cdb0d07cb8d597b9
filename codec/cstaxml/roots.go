package cstaxml

import (
	"bytes"
	"cmp"

	"haproxy/codec/csta"
	"haproxy/codec/frame"
)

// root is what the name of a message says of it.
type root struct {
	name    string
	kind    csta.Kind
	service csta.Service
	event   csta.Event
	content place
	layout  layout
}

// session reports whether the message is one of ECMA-354.
func (r *root) session() bool { return r.service.Group() == csta.GroupSession }

// strict reports whether what is no XML in its texts is refused. A request is, since it may go on to the switch, whose
// link all T-Servers share. Events and answers pass as they are whatever is said of them: what is odd in a name that a
// vendor put into its private data is no reason to know nothing of the call.
func (r *root) strict() bool { return r.kind == csta.KindRequest }

// errorName is the negative answer to every CSTA service.
const errorName = "CSTAErrorCode"

// roots holds every message by its name, and the other tables the same by what they are for Append.
var (
	roots     = make(map[string]*root)
	events    = eventRoots()
	requests  = requestRoots()
	responses = responseRoots()
	failures  = failureRoots()
)

func register(r *root) *root {
	roots[r.name] = r
	return r
}

// eventRoots names the events. ECMA-323 writes TransferedEvent; both spellings are read.
func eventRoots() (table [csta.EventCount]*root) {
	for e := csta.EventUnknown + 1; e < csta.EventCount; e++ {
		r := root{name: e.String() + "Event", kind: csta.KindEvent, event: e, content: inRoot}
		if e == csta.EventTransferred {
			r.layout = parseLayout(eventLayouts["TransferedEvent"])
			register(&r)
			spelled := r
			spelled.name = "TransferedEvent"
			table[e] = register(&spelled)
			continue
		}
		r.layout = parseLayout(eventLayouts[r.name])
		table[e] = register(&r)
	}
	return table
}

// asn1Only reports whether a service is one of ACSE, which XML has no messages for.
func asn1Only(s csta.Service) bool { return s >= csta.Associate && s <= csta.Abort }

func requestRoots() (table [csta.ServiceCount]*root) {
	for s := csta.ServiceUnknown + 1; s < csta.ServiceCount; s++ {
		if asn1Only(s) {
			continue
		}
		table[s] = register(&root{
			name: s.String(), kind: csta.KindRequest, service: s, content: inRoot,
			layout: parseLayout(requestLayouts[s.String()] + sessionLayouts[s.String()]),
		})
	}
	return table
}

func responseRoots() (table [csta.ServiceCount]*root) {
	for s := csta.ServiceUnknown + 1; s < csta.ServiceCount; s++ {
		if !s.HasResponse() || asn1Only(s) {
			continue
		}
		name := s.String() + "Response"
		if s.Group() == csta.GroupSession {
			name = s.String() + "PosResponse"
		}
		text := cmp.Or(responseLayouts[name], sessionLayouts[name], "extensions")
		table[s] = register(&root{
			name: name, kind: csta.KindResponse, service: s, content: inRoot,
			layout: parseLayout(text),
		})
	}
	return table
}

// failureRoots names the negative answers: ECMA-354 has one a service, CSTA one for all, which is
// that of ServiceUnknown.
func failureRoots() (table [csta.ServiceCount]*root) {
	plain := register(&root{
		name: errorName, kind: csta.KindError, content: inError,
		layout: parseLayout(":E extensions"),
	})
	for s := range csta.ServiceCount {
		table[s] = plain
		if s.Group() == csta.GroupSession && s.HasResponse() && !asn1Only(s) {
			table[s] = register(&root{
				name: s.String() + "NegResponse", kind: csta.KindError, service: s, content: inRoot,
				layout: parseLayout("errorCode:N extensions"),
			})
		}
	}
	return table
}

// unknownKind tells what a message is whose name no table has: by its invoke ID, then by its name.
func unknownKind(name []byte, invoke csta.InvokeID) csta.Kind {
	switch {
	case invoke == frame.ECMA323EventID, bytes.HasSuffix(name, []byte("Event")):
		return csta.KindEvent
	case bytes.HasSuffix(name, []byte("NegResponse")):
		return csta.KindError
	case bytes.HasSuffix(name, []byte("Response")):
		return csta.KindResponse
	default:
		return csta.KindRequest
	}
}

// outline returns how a message is written, nil where ECMA-323 has no such message.
func outline(msg *csta.Message) *root {
	switch {
	case msg.Kind == csta.KindEvent && msg.Event > csta.EventUnknown && msg.Event < csta.EventCount:
		return events[msg.Event]
	case msg.Service >= csta.ServiceCount:
		return nil
	case msg.Kind == csta.KindRequest:
		return requests[msg.Service]
	case msg.Kind == csta.KindResponse:
		return responses[msg.Service]
	case msg.Kind == csta.KindError:
		return failures[msg.Service]
	default:
		return nil
	}
}

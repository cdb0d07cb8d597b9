package cstaxml

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"haproxy/codec/codectest"
	"haproxy/codec/csta"
)

// sample says what a real message is to be decoded as: what it is, and which field holds the text
// of which element. The messages themselves stay where they are.
type sample struct {
	file    string
	kind    csta.Kind
	service csta.Service
	event   csta.Event
	fields  map[string]func(*csta.Message) string // by the path of the element below the root
}

var (
	crossRef    = func(m *csta.Message) string { return string(m.CrossRef) }
	call        = func(m *csta.Message) string { return string(m.Subject.Call) }
	callDevice  = func(m *csta.Message) string { return string(m.Subject.Device.Number) }
	theDeviceID = func(m *csta.Message) string { return string(m.Device.Number) }
	callingID   = func(m *csta.Message) string { return string(m.Calling.Number) }
	calledID    = func(m *csta.Message) string { return string(m.Called.Number) }
	local       = func(m *csta.Message) string { return m.Local.String() }
	cause       = func(m *csta.Message) string { return xmlCause(m.Cause) }
	session     = func(m *csta.Message) string { return string(m.Session) }
	version     = func(m *csta.Message) string { return string(m.Versions[0]) }
	private     = func(m *csta.Message) string { return innerText(string(m.Private)) }
	duration    = func(m *csta.Message) string { w := writer{}; w.decimal(m.DurationSec); return string(w.buf) }
	application = func(m *csta.Message) string { return string(m.Application) }
	status      = func(m *csta.Message) string { return m.Status.String() }
	monitorType = func(m *csta.Message) string { return []string{"", "call", "device"}[m.MonitorType] }
)

var samples = []sample{
	{"02-ServiceInitiatedEvent", csta.KindEvent, 0, csta.EventServiceInitiated, map[string]func(*csta.Message) string{
		"monitorCrossRefID": crossRef, "initiatedConnection/callID": call,
		"initiatedConnection/deviceID": callDevice, "initiatingDevice/deviceIdentifier": theDeviceID,
		"localConnectionInfo": local, "cause": cause,
	}},
	{"03-OriginatedEvent", csta.KindEvent, 0, csta.EventOriginated, map[string]func(*csta.Message) string{
		"monitorCrossRefID": crossRef, "originatedConnection/callID": call,
		"originatedConnection/deviceID": callDevice, "callingDevice/deviceIdentifier": callingID,
		"calledDevice/deviceIdentifier": calledID, "localConnectionInfo": local, "cause": cause,
	}},
	{"05-StartApplicationSessionPosResponse", csta.KindResponse, csta.StartApplicationSession, 0, map[string]func(*csta.Message) string{
		"sessionID": session, "actualProtocolVersion": version, "actualSessionDuration": duration,
		"extensions/actualHBT": private,
	}},
	{"06-MonitorStart", csta.KindRequest, csta.MonitorStart, 0, map[string]func(*csta.Message) string{
		"monitorObject/deviceObject": theDeviceID, "monitorType": monitorType,
		"extensions/privateData/private/staticOndDN": private,
	}},
	{"08-MonitorStartResponse", csta.KindResponse, csta.MonitorStart, 0, map[string]func(*csta.Message) string{
		"monitorCrossRefID": crossRef,
	}},
	{"09-StartApplicationSession", csta.KindRequest, csta.StartApplicationSession, 0, map[string]func(*csta.Message) string{
		"applicationInfo/applicationID": application, "requestedSessionDuration": duration,
		"requestedProtocolVersions/protocolVersion": version,
	}},
	{"10-SystemStatus", csta.KindRequest, csta.SystemStatus, 0, map[string]func(*csta.Message) string{
		"systemStatus": status,
	}},
	{"12-MonitorStart", csta.KindRequest, csta.MonitorStart, 0, map[string]func(*csta.Message) string{
		"monitorObject/deviceObject": theDeviceID,
	}},
}

// TestSamples decodes the real messages that HAPROXY_SAMPLES names, field by field.
func TestSamples(t *testing.T) {
	dir := codectest.Samples(t)
	for _, s := range samples {
		t.Run(s.file, func(t *testing.T) {
			document, err := os.ReadFile(filepath.Join(dir, "xml", "openscape-ed4", s.file+".xml"))
			if err != nil {
				t.Fatal(err)
			}
			texts := elementTexts(t, string(document))
			c := New()
			for range 3 { // by the scan, learning, and by its shape
				var msg csta.Message
				if err := c.Decode(&msg, framed(7, string(document))); err != nil {
					t.Fatal(err)
				}
				if msg.Kind != s.kind || msg.Service != s.service || msg.Event != s.event || msg.Invoke != 7 {
					t.Errorf("kind %d, %v, %v, %d", msg.Kind, msg.Service, msg.Event, msg.Invoke)
				}
				for path, field := range s.fields {
					if want := texts[path]; want == "" || field(&msg) != want {
						t.Errorf("%s: %q, want %q", path, field(&msg), want)
					}
				}
			}
			newPair().feed(t, framed(7, string(document)))
		})
	}
}

// elementTexts returns the text of every element by its path below the root, as encoding/xml reads
// it.
func elementTexts(t *testing.T, document string) map[string]string {
	t.Helper()
	texts := make(map[string]string)
	var path []string
	d := xml.NewDecoder(strings.NewReader(document))
	for {
		token, err := d.Token()
		if err != nil {
			break
		}
		switch token := token.(type) {
		case xml.StartElement:
			path = append(path, token.Name.Local)
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			if len(path) > 1 {
				texts[strings.Join(path[1:], "/")] += strings.TrimSpace(string(token))
			}
		}
	}
	return texts
}

// innerText returns the text of a piece of XML without its tags.
func innerText(piece string) string {
	var text strings.Builder
	for _, part := range strings.Split(piece, "<") {
		_, after, _ := strings.Cut(part, ">")
		text.WriteString(after)
	}
	return strings.TrimSpace(text.String())
}

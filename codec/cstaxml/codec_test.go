package cstaxml

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"haproxy/codec"
	"haproxy/codec/codectest"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
)

func TestStyleIsThePeers(t *testing.T) {
	status := csta.Message{Kind: csta.KindRequest, Service: csta.SystemStatus, Invoke: 3, Status: csta.StatusNormal}
	stop := csta.Message{Kind: csta.KindResponse, Service: csta.StopApplicationSession, Invoke: 3}
	for _, c := range []struct{ name, seen, status, stop string }{
		{
			"nothing seen", "",
			`<?xml version="1.0" encoding="UTF-8"?><SystemStatus xmlns="` + Edition4 + `"><systemStatus>normal</systemStatus></SystemStatus>`,
			`<?xml version="1.0" encoding="UTF-8"?><StopApplicationSessionPosResponse xmlns="` + SessionNamespace + `"></StopApplicationSessionPosResponse>`,
		},
		{
			"default namespace", `<SystemStatusResponse xmlns='urn:a&amp;b'/>`,
			`<SystemStatus xmlns="urn:a&amp;b"><systemStatus>normal</systemStatus></SystemStatus>`, "",
		},
		{
			"prefix", `<?xml version="1.0"?><p:MonitorStop xmlns="urn:other" xmlns:p="urn:a"/>`,
			`<?xml version="1.0" encoding="UTF-8"?><p:SystemStatus xmlns:p="urn:a"><p:systemStatus>normal</p:systemStatus></p:SystemStatus>`, "",
		},
		{
			"none", `<SystemStatus xmlns:unused="urn:b"/>`,
			`<SystemStatus><systemStatus>normal</systemStatus></SystemStatus>`, "",
		},
		{
			"a session of its own", `<s:StopApplicationSession xmlns:s="urn:s"/>`, "",
			`<s:StopApplicationSessionPosResponse xmlns:s="urn:s"></s:StopApplicationSessionPosResponse>`,
		},
		{"an undeclared prefix teaches nothing", `<p:MonitorStop/>`, `<?xml version="1.0" encoding="UTF-8"?><SystemStatus xmlns="` + Edition4 + `"><systemStatus>normal</systemStatus></SystemStatus>`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			cdc := New()
			if c.seen != "" {
				var msg csta.Message
				if err := cdc.Decode(&msg, framed(1, c.seen)); err != nil {
					t.Fatal(err)
				}
			}
			for want, m := range map[string]*csta.Message{c.status: &status, c.stop: &stop} {
				if want == "" {
					continue
				}
				if got, err := cdc.Append(nil, m); err != nil || string(got) != string(framed(3, want)) {
					t.Errorf("got  %s\nwant %s, %v", got, want, err)
				}
			}
		})
	}
	cdc := NewEdition("urn:x")
	cdc.SetNamespace(Edition5)
	if got, _ := cdc.Append(nil, &status); !bytes.Contains(got, []byte(`"`+Edition5+`"`)) {
		t.Errorf("%s", got)
	}
}

func TestKinds(t *testing.T) {
	for _, c := range []struct {
		document string
		invoke   csta.InvokeID
		kind     csta.Kind
		service  csta.Service
		event    csta.Event
	}{
		{`<DeliveredEvent/>`, 9999, csta.KindEvent, 0, csta.EventDelivered},
		{`<DeliveredEvent/>`, 1, csta.KindEvent, 0, csta.EventDelivered},
		{`<TransferedEvent/>`, 9999, csta.KindEvent, 0, csta.EventTransferred},
		{`<TransferredEvent/>`, 9999, csta.KindEvent, 0, csta.EventTransferred},
		{`<x:MonitorStart/>`, 1, csta.KindRequest, csta.MonitorStart, 0},
		{`<RouteRequest/>`, 9999, csta.KindRequest, csta.RouteRequest, 0},
		{`<MonitorStartResponse/>`, 1, csta.KindResponse, csta.MonitorStart, 0},
		{`<CSTAErrorCode/>`, 1, csta.KindError, 0, 0},
		{`<StopApplicationSessionNegResponse/>`, 1, csta.KindError, csta.StopApplicationSession, 0},
		{`<NewThing/>`, 9999, csta.KindEvent, 0, 0},
		{`<NewThing/>`, 5, csta.KindRequest, 0, 0},
		{`<NewThingEvent/>`, 5, csta.KindEvent, 0, 0},
		{`<NewThingResponse/>`, 5, csta.KindResponse, 0, 0},
		{`<NewThingPosResponse/>`, 5, csta.KindResponse, 0, 0},
		{`<NewThingNegResponse/>`, 5, csta.KindError, 0, 0},
	} {
		var m csta.Message
		err := New().Decode(&m, framed(c.invoke, c.document))
		if err != nil || m.Kind != c.kind || m.Service != c.service || m.Event != c.event || m.Invoke != c.invoke {
			t.Errorf("%s: kind %d, %v, %v, %v", c.document, m.Kind, m.Service, m.Event, err)
		}
	}
	var m csta.Message
	if err := New().Decode(&m, framed(9999, `<NewThingEvent><monitorCrossRefID>5</monitorCrossRefID></NewThingEvent>`)); err != nil ||
		string(m.CrossRef) != "5" || string(m.Name) != "NewThingEvent" {
		t.Errorf("%s %s %v", m.CrossRef, m.Name, err)
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name  string
		frame []byte
		want  error
		known bool // the invoke ID could be read
	}{
		{"cut header", []byte("\x00\x00\x00\x0800"), codec.ErrSyntax, false},
		{"length beyond the frame", []byte("\x00\x00\x00\x200004<A/>"), codec.ErrSyntax, true},
		{"length within the frame", []byte("\x00\x00\x00\x080004<A/>"), codec.ErrSyntax, true},
		{"letters for an invoke ID", []byte("\x00\x00\x00\x0cabcd<A/>"), codec.ErrSyntax, false},
		{"unclosed", framed(4, "<A><B></A>"), codec.ErrSyntax, true},
		{"too deep", framed(4, strings.Repeat("<a>", 5000)), codec.ErrDepth, true},
		{"document type", framed(4, "<!DOCTYPE A><A/>"), codec.ErrDTD, true},
		{"invalid UTF-8", framed(4, "<A>\xc3(</A>"), codec.ErrUTF8, true},
		{"another encoding", framed(4, `<?xml version="1.0" encoding="ISO-8859-1"?><A>é</A>`), codec.ErrUTF8, true},
		{"empty", framed(4, ""), codec.ErrSyntax, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := csta.Message{Kind: csta.KindEvent, Name: []byte("old")}
			err := New().Decode(&m, c.frame)
			var syntax *codec.SyntaxError
			if !errors.Is(err, c.want) || !errors.Is(err, codec.ErrSyntax) || !errors.As(err, &syntax) {
				t.Fatal(err)
			}
			if m.Kind != csta.KindUnknown || len(m.Name) > 0 || c.known != (m.Invoke == 4) {
				t.Fatalf("%+v", m)
			}
			if len(err.Error()) > 200 {
				t.Fatalf("a log line of %d bytes", len(err.Error()))
			}
		})
	}
}

// TestDeclaredEncodings: a document of ASCII is read whatever encoding it declares, also where messages like it were read
// before; a request of more is read as UTF-8 alone.
func TestDeclaredEncodings(t *testing.T) {
	for _, name := range []string{"UTF-8", "utf-8", "UTF8", "US-ASCII", "ISO-8859-1", "windows-1252"} {
		c := New()
		for i, call := range []string{"c1", "c2", "c3", "c4", "c5", "c6", "é"} {
			var m csta.Message
			err := c.Decode(&m, framed(3, `<?xml version="1.0" encoding="`+name+`"?><ClearCall><callToBeCleared><callID>`+call+
				`</callID></callToBeCleared></ClearCall>`))
			switch wide := i == 6 && !strings.EqualFold(name, "UTF-8"); {
			case wide && !errors.Is(err, codec.ErrUTF8):
				t.Errorf("%s, %s: %v", name, call, err)
			case !wide && (err != nil || string(m.Subject.Call) != call):
				t.Errorf("%s, %s: call %q, %v", name, call, m.Subject.Call, err)
			}
		}
	}
}

// TestOddTexts: what is no XML in a text of an event or answer costs nothing of the rest, and stays as it is; in a request
// it is refused, and in a name it always is.
func TestOddTexts(t *testing.T) {
	for _, odd := range []string{"M\xfcller", "a\x1ab", "\x00", "\xc3", "\uFFFE", "\uFFFF", "\xe9\xe9\xe9\xe9\xe9\xe9\xe9\xe9\xe9"} {
		event, answer, request := New(), New(), New()
		for range lessons {
			var m csta.Message
			err := event.Decode(&m, framed(9999, `<?xml version="1.0" encoding="ISO-8859-1"?><HeldEvent xmlns="urn:a">`+
				`<monitorCrossRefID>7</monitorCrossRefID><heldConnection><callID>c1</callID><deviceID>`+odd+`</deviceID></heldConnection>`+
				`<x a="`+odd+`"><![CDATA[`+odd+`]]></x><extensions>`+odd+`</extensions></HeldEvent>`))
			if err != nil || m.Event != csta.EventHeld || string(m.CrossRef) != "7" || string(m.Subject.Call) != "c1" ||
				string(m.Subject.Device.Number) != odd || string(m.Private) != odd {
				t.Errorf("%q: %v, %s", odd, err, codectest.Describe(&m))
			}
			if err := answer.Decode(&m, framed(1, `<MonitorStopResponse><extensions>`+odd+`</extensions></MonitorStopResponse>`)); err != nil {
				t.Errorf("%q: %v", odd, err)
			}
			for _, document := range []string{
				`<MonitorStop><monitorCrossRefID>7</monitorCrossRefID><x>` + odd + `</x></MonitorStop>`,
				`<NobodysEvent><x>` + odd + `</x></NobodysEvent>`, `<HeldEvent><x` + odd + `/></HeldEvent>`,
			} {
				if err := request.Decode(&m, framed(1, document)); !errors.Is(err, codec.ErrSyntax) {
					t.Errorf("%q: %v", document, err)
				}
			}
		}
	}
	var m csta.Message // where messages like it were read before
	c := New()
	for i, text := range []string{"1", "2", "3", "4", "\xff", "\x01", "\uFFFE"} {
		err := c.Decode(&m, framed(1, `<MonitorStop><monitorCrossRefID>7</monitorCrossRefID><x>`+text+`</x></MonitorStop>`))
		if (err == nil) != (i < 4) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestOddTextsWritten: what the proxy writes is XML whatever it read: a device has something else in the place of what is
// none, private data are left out, and other identifiers cannot be written.
func TestOddTextsWritten(t *testing.T) {
	for _, odd := range []string{"2001\xfc", "2001\x01", "2001\uFFFE"} {
		c := New()
		var m csta.Message
		if err := c.Decode(&m, framed(9999, `<HeldEvent xmlns="urn:`+odd+`"><monitorCrossRefID>7</monitorCrossRefID><holdingDevice><deviceIdentifier>`+
			odd+`</deviceIdentifier></holdingDevice><extensions><privateData><string>`+odd+`</string></privateData></extensions></HeldEvent>`)); err != nil {
			t.Fatal(err)
		}
		got, err := c.Append(nil, &m)
		want := "<HeldEvent xmlns=\"urn:2001\uFFFD\"><monitorCrossRefID>7</monitorCrossRefID><holdingDevice><deviceIdentifier>" +
			"2001\uFFFD</deviceIdentifier></holdingDevice></HeldEvent>"
		if err != nil || string(got) != string(framed(9999, want)) {
			t.Errorf("%q: %s, %v", odd, got, err)
		}
		m.CrossRef = csta.CrossRefID(odd)
		if _, err := c.Append(nil, &m); !errors.Is(err, codec.ErrUnsupported) {
			t.Errorf("%q: %v", odd, err)
		}
	}
}

// TestUnknownErrors: an error whose value no table has is written again as the generic one of its category, never as
// another one.
func TestUnknownErrors(t *testing.T) {
	for given, want := range map[string]string{
		"<operation>aNewReason</operation>":                       "<operation>generic</operation>",
		"<security>aNewReason</security>":                         "<security>generic</security>",
		"<stateIncompatibility>aNewReason</stateIncompatibility>": "<stateIncompatibility>generic</stateIncompatibility>",
		"<privateData>aNewReason</privateData>":                   "<privateData>cSTAPrivateDataInfoError</privateData>",
		"<privateErrorCode>E-42</privateErrorCode>":               "<unspecified/>",
		"<privateErrorCode>70000</privateErrorCode>":              "<unspecified/>",
		"<privateErrorCode>42</privateErrorCode>":                 "<privateErrorCode>42</privateErrorCode>",
		"<performanceManagement>generic</performanceManagement>":  "<performanceManagement>generic</performanceManagement>",
		"<security>sequenceNumberViolated</security>":             "<security>sequenceNumberViolated</security>",
	} {
		var m csta.Message
		c := New()
		if err := c.Decode(&m, framed(5, "<CSTAErrorCode>"+given+"</CSTAErrorCode>")); err != nil {
			t.Fatal(err)
		}
		got, err := c.Append(nil, &m)
		if err != nil || string(got) != string(framed(5, "<CSTAErrorCode>"+want+"</CSTAErrorCode>")) {
			t.Errorf("%s is written %s, %v", given, got, err)
		}
	}
}

func TestRewrites(t *testing.T) {
	c := New()
	event := framed(9999, `<?xml version="1.0"?><a:HeldEvent><a:monitorCrossRefID> 12 </a:monitorCrossRefID><x><monitorCrossRefID>9</monitorCrossRefID></x></a:HeldEvent>`)
	got, err := c.SetCrossRef([]byte("dst"), event, csta.CrossRefID("4<5"))
	want := "dst" + string(framed(9999, `<?xml version="1.0"?><a:HeldEvent><a:monitorCrossRefID>4&lt;5</a:monitorCrossRefID><x><monitorCrossRefID>9</monitorCrossRefID></x></a:HeldEvent>`))
	if err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
	if _, err = c.SetRegister(nil, event, csta.RegisterID("1")); !errors.Is(err, codec.ErrNoField) {
		t.Error(err)
	}
	abort := framed(7, `<RouteRegisterAbort><routeRegisterReqID>1</routeRegisterReqID></RouteRegisterAbort>`)
	got, err = c.SetRegister(nil, abort, csta.RegisterID("22"))
	if err != nil || string(got) != string(framed(7, `<RouteRegisterAbort><routeRegisterReqID>22</routeRegisterReqID></RouteRegisterAbort>`)) {
		t.Errorf("%s, %v", got, err)
	}
	got, err = c.SetInvokeID([]byte("dst"), abort, 9998)
	if err != nil || string(got[3:]) != string(framed(9998, string(abort[8:]))) {
		t.Errorf("%s, %v", got, err)
	}
	if got, err := c.SetInvokeID([]byte("dst"), abort, 10000); !errors.Is(err, codec.ErrUnsupported) || string(got) != "dst" {
		t.Errorf("%s, %v", got, err)
	}
	long := csta.CrossRefID(strings.Repeat("9", frame.ECMA323Max))
	if got, err := c.SetCrossRef([]byte("dst"), event, long); !errors.Is(err, codec.ErrTooLong) || string(got) != "dst" {
		t.Error(len(got), err)
	}
}

func TestAppendRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		msg  csta.Message
		want error
	}{
		{"no kind", csta.Message{}, codec.ErrUnsupported},
		{"reject", csta.Message{Kind: csta.KindReject}, codec.ErrUnsupported},
		{"unknown event", csta.Message{Kind: csta.KindEvent}, codec.ErrUnsupported},
		{"unknown service", csta.Message{Kind: csta.KindRequest}, codec.ErrUnsupported},
		{"a response that does not exist", csta.Message{Kind: csta.KindResponse, Service: csta.RouteEnd}, codec.ErrUnsupported},
		{"invoke ID", csta.Message{Kind: csta.KindRequest, Service: csta.MonitorStop, Invoke: 10000}, codec.ErrUnsupported},
		{"a byte that XML cannot carry", csta.Message{
			Kind: csta.KindRequest, Service: csta.MonitorStop, CrossRef: csta.CrossRefID{1},
		}, codec.ErrUnsupported},
		{"too long", csta.Message{
			Kind: csta.KindRequest, Service: csta.MonitorStop, CrossRef: bytes.Repeat([]byte("1"), 65500),
		}, codec.ErrTooLong},
	} {
		if got, err := New().Append([]byte("dst"), &c.msg); !errors.Is(err, c.want) || string(got) != "dst" {
			t.Errorf("%s: %d bytes, %v", c.name, len(got), err)
		}
	}
}

// TestScratchGrows: a value that was unescaped early survives the growth that later ones cause.
func TestScratchGrows(t *testing.T) {
	versions := strings.Repeat("<protocolVersion>&lt;"+strings.Repeat("v", 100)+"</protocolVersion>", 50)
	document := `<StartApplicationSession><applicationInfo><applicationID>&amp;first</applicationID></applicationInfo>` +
		`<requestedProtocolVersions>` + versions + `</requestedProtocolVersions></StartApplicationSession>`
	var m csta.Message
	if err := New().Decode(&m, framed(1, document)); err != nil {
		t.Fatal(err)
	}
	if string(m.Application) != "&first" || len(m.Versions) != 50 || string(m.Versions[0]) != "<"+strings.Repeat("v", 100) {
		t.Fatalf("%q %d", m.Application, len(m.Versions))
	}
}

// TestSteadyPathAllocates: nothing, in either direction.
func TestSteadyPathAllocates(t *testing.T) {
	for _, m := range codectest.Messages() {
		c := New()
		var frm []byte
		var got csta.Message
		n := testing.AllocsPerRun(50, func() {
			var err error
			if frm, err = c.Append(frm[:0], &m.Message); err != nil {
				t.Fatal(err)
			}
			if err := c.Decode(&got, frm); err != nil {
				t.Fatal(err)
			}
		})
		if n > 0 && m.Name != "SnapshotDevice answer" && m.Name != "SnapshotDeviceData" { // three states or more
			t.Errorf("%s: %v allocations", m.Name, n)
		}
	}
}

package cstaber_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"haproxy/codec/ber"
	"haproxy/codec/codectest"
	"haproxy/codec/csta"
	"haproxy/codec/cstaber"
	"haproxy/codec/frame"
)

// samples opens a file of real frames, which are others' data and stay where they are.
func samples(t *testing.T, name string) []string {
	t.Helper()
	file, err := os.Open(filepath.Join(codectest.Samples(t), "hex", name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var lines []string
	in := bufio.NewScanner(file)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		lines = append(lines, strings.TrimSpace(in.Text()))
	}
	return lines
}

// hexLine returns the octets of a line that is nothing but hexadecimal.
func hexLine(line string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(line, " ", ""))
	if err != nil || len(b) < 4 {
		return nil
	}
	return b
}

// TestOXEEvents: the real events of a switch of phase II agree with the decodes that stand beside
// them: invoke ID, operation and cross reference.
func TestOXEEvents(t *testing.T) {
	names := map[string]csta.Event{
		"connectionCleared": csta.EventConnectionCleared, "delivered": csta.EventDelivered,
		"established": csta.EventEstablished, "held": csta.EventHeld,
		"serviceInitiated": csta.EventServiceInitiated, "transferred": csta.EventTransferred,
	}
	c := cstaber.New(cstaber.Phase2, frame.OXE)
	count := 0
	lines := samples(t, "oxe-phase2-events.txt")
	for i, line := range lines {
		words := strings.Fields(line)
		if len(words) != 4 || !strings.HasPrefix(words[1], "invoke=") {
			continue
		}
		count++
		frm := hexLine(lines[i+1])
		var m csta.Message
		if err := c.Decode(&m, frm); err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if m.Event != names[words[0]] || "invoke="+itoa(m.Invoke) != words[1] ||
			"xref="+hex.EncodeToString(m.CrossRef) != words[3] {
			t.Errorf("%s: %s", line, codectest.Describe(&m))
		}
		if len(m.Subject.Call) != 2 || m.Subject.Device.Form != csta.DeviceDynamic ||
			m.Local == csta.ConnectionNone || len(m.Private) < 0x27 {
			t.Errorf("%s: %s", line, codectest.Describe(&m))
		}
		if m.Event != csta.EventServiceInitiated && !m.Device.Known() {
			t.Errorf("%s: no device", line)
		}
		if m.Event == csta.EventTransferred {
			transferred(t, &m)
		}
		again(t, c, &m, frm)
	}
	if count != 7 {
		t.Errorf("%d events", count)
	}
}

// transferred checks the connection list as it was traced: the party that stays and the outside one.
func transferred(t *testing.T, m *csta.Message) {
	t.Helper()
	if len(m.Connections) != 2 || !m.Destination.Known() {
		t.Fatalf("%s", codectest.Describe(m))
	}
	for _, item := range m.Connections {
		if len(item.New.Call) != 2 || !item.Endpoint.Known() ||
			item.New.Device.Form != csta.DeviceDynamic {
			t.Errorf("%s", codectest.Describe(m))
		}
	}
}

func itoa(id csta.InvokeID) string { return strconv.Itoa(int(id)) }

// again checks that what was decoded of a frame is written as the same PDU, and that a rewrite to
// what it has changes nothing.
func again(t *testing.T, c *cstaber.Codec, m *csta.Message, frm []byte) {
	t.Helper()
	got, err := c.Append(nil, m)
	if err != nil || !bytes.Equal(got, frm) {
		t.Errorf("%v\n got  %x\n want %x", err, got, frm)
	}
	same(t, c, m, frm)
}

// same checks the rewrites alone: of vendors' forms we write others.
func same(t *testing.T, c *cstaber.Codec, m *csta.Message, frm []byte) {
	t.Helper()
	if m.Kind == csta.KindUnknown || m.Problem.Kind == csta.ProblemGeneral {
		return
	}
	other, err := c.SetInvokeID(nil, frm, m.Invoke^1)
	if err != nil {
		t.Error(err)
		return
	}
	back, err := c.SetInvokeID(nil, other, m.Invoke)
	if err != nil || !bytes.Equal(back, frm) {
		t.Errorf("%v\n got  %x\n want %x", err, back, frm)
	}
	if len(m.CrossRef) == 0 {
		return
	}
	other, err = c.SetCrossRef(nil, frm, bytes.Repeat([]byte("x"), len(m.CrossRef)))
	if err != nil {
		t.Error(err)
		return
	}
	back, err = c.SetCrossRef(nil, other, m.CrossRef)
	if err != nil || !bytes.Equal(back, frm) {
		t.Errorf("%v\n got  %x\n want %x", err, back, frm)
	}
}

// TestRealFrames: every other real frame by its name line, with what it has to be.
func TestRealFrames(t *testing.T) {
	for _, r := range realFrames {
		t.Run(r.file+", "+r.name, func(t *testing.T) {
			lines := samples(t, r.file)
			for i, line := range lines {
				if !strings.HasPrefix(line, r.name) || i+1 == len(lines) {
					continue
				}
				c := cstaber.New(r.phase, r.framing)
				var m csta.Message
				frm := hexLine(lines[i+1])
				if err := c.Decode(&m, frm); err != nil {
					t.Fatal(err)
				}
				described := codectest.Describe(&m)
				for _, want := range strings.Split(r.want, "; ") {
					if !strings.Contains(described, want) {
						t.Errorf("no %s in\n%s", want, described)
					}
				}
				if r.other {
					same(t, c, &m, frm)
				} else {
					again(t, c, &m, frm)
				}
				return
			}
			t.Fatal("no such frame")
		})
	}
}

// realFrame is what a real frame has to be decoded as. Its line is the one after that of its name.
type realFrame struct {
	file, name string
	phase      cstaber.Phase
	framing    frame.Framing
	want       string // of codectest.Describe
	other      bool   // what we write is in another form, or less
}

const (
	oxe       = "oxe-phase2-other.txt"
	panasonic = "aarq-aare-and-framing.txt"
	hipath    = "siemens-hipath-phase3-client-frames.txt"
	phase1    = "phase1-encoded.txt"
	phase3    = "phase3-encoded.txt"
)

var realFrames = []realFrame{
	{oxe, "app>sw MonitorStart device 29707", 2, frame.OXE, `Kind 1 Service MonitorStart; Device 1:0:"29707"`, false},
	{oxe, "app>sw SnapshotDevice 29707", 2, frame.OXE, `Kind 1 Service SnapshotDevice; Device 1:0:"29707"`, false},
	{oxe, "app>sw MonitorStart device 3001", 2, frame.BER, `Service MonitorStart; Device 1:0:"3001"`, false},
	{oxe, "sw>app MonitorStart result", 2, frame.BER, `Kind 2 Service MonitorStart; "\x01B\xf9\x00"; HasFilter true`, true},
	{oxe, "sw>app SystemStatus (heartbeat)", 2, frame.BER, `Kind 1 Service SystemStatus; Status normal`, false},
	{oxe, "app>sw SystemStatus result", 2, frame.BER, `Kind 2 Service SystemStatus`, false},
	{oxe, "app>sw MonitorStop", 2, frame.BER, `Kind 1 Service MonitorStop; CrossRef "\x01B\xf9\x00"`, false},
	{oxe, "sw>app MonitorStop result", 2, frame.BER, `Kind 2 Service MonitorStop`, false},
	{oxe, "sw>app reject", 2, frame.BER, `Kind 4; Problem {1 0}`, false},
	{oxe, "sw>app delivered", 2, frame.BER, `Event Delivered; Device 5:0:"3001"; Calling 5:0:"3331"; Called 5:0:"3001"; alerting`, false},
	{oxe, "sw>app established", 2, frame.BER, `Event Established; connected Cause newCall`, false},
	{oxe, "sw>app connection cleared", 2, frame.BER, `Event ConnectionCleared; Local null Cause normalClearing`, false},
	{oxe, "app>sw private start IP recording", 2, frame.BER, `Service Escape; Private "\xa1\x1f`, true},
	{oxe, "C escape 51", 2, frame.BER, `Service Escape; Private "\xa1h}f`, false},
	{oxe, "C SystemStatus result, invoke 1000", 2, frame.BER, `Kind 2 Service SystemStatus; Private "\x06\x06+`, true},
	{panasonic, "panasonic pbx>app SystemStatus", 3, frame.BER, `Kind 1 Service SystemStatus; Status normal`, false},
	{panasonic, "panasonic app>pbx SystemStatus result", 3, frame.BER, `Kind 2 Service SystemStatus`, false},
	{panasonic, "panasonic app>pbx escape 51, kme GetSystemData deviceList category station", 3, frame.BER, `Service Escape; Invoke 1538; Private "\xa4\v\xa0`, false},
	{panasonic, "panasonic app>pbx escape 51, kme GetSystemData deviceList category network", 3, frame.BER, `Service Escape; Private "\xa4\v\xa0`, true},
	{panasonic, "panasonic app>pbx MonitorStart", 3, frame.BER, `Service MonitorStart; Device 1:0:"101"; HasFilter true`, true},
	{hipath, "app>pbx MakeCall", 3, frame.HiPath26, `Service MakeCall; Calling 1:0:"2001"; Called 1:0:"2002"`, false},
	{hipath, "app>pbx SystemStatus result", 3, frame.HiPath26, `Kind 2 Service SystemStatus`, false},
	{phase1, "Phase I MonitorStart 2001", 1, frame.BER, `Service MonitorStart; Device 1:0:"2001"; HasFilter true`, true},
	{phase1, "Phase I MonitorStart 2001, no filter", 1, frame.BER, `Service MonitorStart; Device 1:0:"2001"`, false},
	{phase1, "Phase I MakeCall", 1, frame.BER, `Service MakeCall; Calling 1:0:"2001"; Called 1:0:"5551234"`, true},
	{phase1, "Phase I MonitorStart result", 1, frame.BER, `Kind 2 Service MonitorStart; CrossRef "\x00\x05"`, false},
	{phase1, "Phase I Delivered event", 1, frame.BER, `Event Delivered; Subject "\x124"@1:0:"2001"; newCall`, false},
	{phase1, "Phase I error", 1, frame.BER, `Kind 3; Error {1 12}`, false},
	{phase1, "Phase I SystemStatus", 1, frame.BER, `Service SystemStatus; Status normal`, false},
	{phase1, "Phase I reject", 1, frame.BER, `Kind 4; Problem {2 1}`, false},
	{phase3, "MonitorStart device 2001", 3, frame.BER, `Service MonitorStart; MonitorType 2`, false},
	{phase3, "MonitorStart result", 3, frame.BER, `Kind 2; CrossRef "\x00\x00\x00\x05"`, false},
	{phase3, "MonitorStart error", 3, frame.BER, `Kind 3; Error {1 12}`, false},
	{phase3, "DeliveredEvent", 3, frame.BER, `Event Delivered; Subject "\x124"@1:0:"2001"; alerting Cause newCall`, false},
	{phase3, "TransferredEvent", 3, frame.BER, `Event Transferred; Secondary "\x01\x02"@1:0:"2001"; "\x01\x03"@1:0:"2003"; Local null Cause transfer`, false},
	{phase3, "ConnectionClearedEvent", 3, frame.BER, `Event ConnectionCleared; Local null Cause normalClearing`, false},
	{phase3, "AgentNotReadyEvent", 3, frame.BER, `Event AgentNotReady; AgentID "4711" Group 1:0:"3000"; Agent agentNotReady`, false},
	{phase3, "SnapshotDevice 2001", 3, frame.BER, `Service SnapshotDevice; Device 1:0:"2001"`, false},
	{phase3, "SnapshotDevice result", 3, frame.BER, `"\x124"@1:0:"2001"; alerting [connected]`, false},
	{phase3, "SystemStatus normal", 3, frame.BER, `Status normal`, false},
	{phase3, "SystemStatus result", 3, frame.BER, `Kind 2 Service SystemStatus`, false},
	{phase3, "MakeCall 2001", 3, frame.BER, `Called 1:0:"5551234"`, false},
}

// operations are the codes of the arguments and results of phase3-random.txt.
var operations = map[string]int64{
	"AnswerCallArgument": 2, "ClearConnectionArgument": 5, "ConferenceCallResult": 6,
	"ConsultationCallArgument": 7, "ConsultationCallResult": 7, "MakeCallArgument": 10,
	"MakeCallResult": 10, "CSTAEventReportArgument": 21, "RouteRequestArgument": 31,
	"RouteSelectRequestArgument": 33, "SingleStepTransArgument": 50, "EscapeArgument": 51,
	"MonitorStartResult": 71, "ChangeMonitorFilterArgument": 72, "SnapshotDeviceResult": 74,
	"SnapshotCallArgument": 75, "SnapshotCallResult": 75, "SystemRegisterArgument": 207,
	"SystemRegisterResult": 207, "RequestSysStatRes": 210, "SystemStatusArg": 211,
	"DeflectCallArgument": 218, "GenerateDigitsArgument": 232, "GetAgentStateResult": 304,
	"GetForwardingResult": 309, "SetAgentStateArgument": 312,
}

// TestRandom: every argument and result of the random ones, put into a PDU of ROSE, is read, and what
// is read of it is what the module says stands there.
func TestRandom(t *testing.T) {
	c := cstaber.New(cstaber.Phase3, frame.BER)
	count := 0
	for _, line := range samples(t, "phase3-random.txt") {
		words := strings.Fields(line)
		if len(words) != 3 || strings.HasPrefix(line, "#") {
			continue
		}
		count++
		code, known := operations[words[0]]
		if !known {
			t.Errorf("no code for %s", words[0])
			continue
		}
		content := hexLine(words[2])
		frm := wrapped(code, content, strings.HasSuffix(words[0], "Result") || strings.HasSuffix(words[0], "Res"))
		var m csta.Message
		if err := c.Decode(&m, frm); err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		checkRandom(t, line, words, &m, content)
		same(t, c, &m, frm)
	}
	if count < 100 {
		t.Errorf("%d of them", count)
	}
}

// wrapped puts an argument or result under ROSE.
func wrapped(code int64, content []byte, result bool) []byte {
	operation := append(ber.AppendInt(nil, ber.Integer, code), content...)
	head := ber.AppendInt(nil, ber.Integer, 4711)
	if result {
		return ber.AppendBytes(nil, 0xA2, append(head, ber.AppendBytes(nil, ber.Sequence, operation)...))
	}
	return ber.AppendBytes(nil, 0xA1, append(head, operation...))
}

// checkRandom compares what was decoded with a walk over the elements by their paths, which knows
// nothing of our tables.
func checkRandom(t *testing.T, line string, words []string, m *csta.Message, content []byte) {
	t.Helper()
	event, isEvent := strings.CutSuffix(words[1], "Event")
	switch {
	case isEvent && m.Event.String() != event:
		t.Errorf("%s: is %v", line, m.Event)
		return
	case !isEvent && m.Service == csta.ServiceUnknown:
		t.Errorf("%s: no service", line)
		return
	}
	for _, check := range []struct {
		name string
		tag  ber.Tag
		got  []byte
	}{
		{"cross reference", 0x55, m.CrossRef},
		{"routeing cross reference", 0x58, m.ServiceRef},
	} {
		if e, found := within(content, check.tag); found != (len(check.got) > 0) && e != nil && len(e) > 0 ||
			found && !bytes.Equal(e, check.got) {
			t.Errorf("%s: %s is % x, not % x", line, check.name, check.got, e)
		}
	}
	if isEvent {
		checkRandomEvent(t, line, m, content)
	}
}

// checkRandomEvent checks the fields of an event by the tags of their elements in the event itself.
func checkRandomEvent(t *testing.T, line string, m *csta.Message, content []byte) {
	t.Helper()
	fields := eventFields(content)
	if len(fields) < 2 {
		t.Errorf("%s: %d fields", line, len(fields))
	}
	seen := map[ber.Tag]int{}
	for _, e := range fields {
		seen[e.Tag]++
		first := seen[e.Tag] == 1
		switch {
		case e.Tag == 0x6B && first:
			checkConnection(t, line, m.Subject, e.Bytes())
		case e.Tag == 0x4E:
			if int(m.Local) != int(e.Bytes()[0])+1 {
				t.Errorf("%s: local %v, not %x", line, m.Local, e.Bytes())
			}
		case e.Tag == 0x0A && m.Event.Category() == csta.CategoryCallControl:
			if int(m.Cause) != int(e.Bytes()[0]) {
				t.Errorf("%s: cause %v, not %x", line, m.Cause, e.Bytes())
			}
		case e.Tag == 0x61:
			checkDevice(t, line, m.Calling, e.Bytes(), false)
		case e.Tag == 0x62:
			checkDevice(t, line, m.Called, e.Bytes(), false)
		case e.Tag == 0x63 && first && m.Event != csta.EventOriginated:
			checkDevice(t, line, m.Device, e.Bytes(), false)
		case e.Tag == 0x63 && first:
			checkDevice(t, line, m.Calling, e.Bytes(), false)
		case e.Tag == 0x63:
			checkDevice(t, line, m.Destination, e.Bytes(), false)
		case e.Tag == 0x64:
			checkDevice(t, line, m.LastRedirection, e.Bytes(), true)
		case e.Tag == 0x7E:
			if !bytes.Equal(m.Private, e.Bytes()) {
				t.Errorf("%s: private % x", line, m.Private)
			}
		case e.Tag == 0x04 && m.Agent != csta.AgentNone, e.Tag == 0x82 && (m.Event == csta.EventAgentLoggedOn ||
			m.Event == csta.EventAgentLoggedOff):
			if !bytes.Equal(m.AgentID, e.Bytes()) {
				t.Errorf("%s: agent %q", line, m.AgentID)
			}
		case e.Tag == ber.Boolean:
			if on := e.Bytes()[0] != 0; m.On != csta.SwitchOf(on) {
				t.Errorf("%s: on %v", line, m.On)
			}
		}
	}
}

// checkDevice compares a device with the content of the element of its role.
func checkDevice(t *testing.T, line string, id csta.DeviceID, content []byte, redirection bool) {
	t.Helper()
	tag, number := content[0], content[2:]
	if tag == 0x30 { // DeviceID
		length := 2
		if content[1]&0x80 != 0 {
			length += int(content[1] & 0x7F)
		}
		tag, number = content[length], content[length+2:length+2+int(content[length+1])]
	}
	forms := map[byte]csta.DeviceForm{
		0x80: csta.DeviceDialingNumber, 0x81: csta.DeviceNumber, 0x82: csta.DeviceImplicitPublic,
		0xA3: csta.DeviceExplicitPublic, 0x84: csta.DeviceImplicitPrivate,
		0xA5: csta.DeviceExplicitPrivate, 0x86: csta.DeviceOther, 0x87: csta.DeviceNotKnown,
		0x88: csta.DeviceRestricted, 0x89: csta.DeviceNotSpecified, 0x8A: csta.DeviceRestricted,
	}
	want := forms[tag]
	if redirection && tag == 0x88 {
		want = csta.DeviceNotRequired
	}
	switch {
	case id.Form != want:
		t.Errorf("%s: a device of the form %d, not %d", line, id.Form, want)
	case tag == 0xA3 || tag == 0xA5:
		if !bytes.Equal(id.Number, number[2:]) || id.Type != csta.NumberType(number[0]&0x1F) {
			t.Errorf("%s: a device %q, not % x", line, id.Number, number)
		}
	case tag != 0x81 && !bytes.Equal(id.Number, number):
		t.Errorf("%s: a device %q, not % x", line, id.Number, number)
	}
}

// checkConnection compares a connection with the content of its element.
func checkConnection(t *testing.T, line string, conn csta.ConnectionID, content []byte) {
	t.Helper()
	if call, found := within(content, 0x80); found && !bytes.Equal(call, conn.Call) &&
		content[0] != 0xA1 {
		t.Errorf("%s: call % x, not % x", line, conn.Call, call)
	}
	if dynamic, found := within(content, 0x83); found &&
		(conn.Device.Form != csta.DeviceDynamic || !bytes.Equal(dynamic, conn.Device.Number)) &&
		conn.Device.Form == csta.DeviceDynamic {
		t.Errorf("%s: a device %q, not % x", line, conn.Device.Number, dynamic)
	}
}

// within returns the content of the first element of a tag, depth first.
func within(content []byte, tag ber.Tag) ([]byte, bool) {
	var e ber.Element
	for c := ber.Read(content, 0); c.More(); {
		if c.Next(&e) != nil {
			return nil, false
		}
		if e.Tag == tag {
			return e.Bytes(), true
		}
		if e.Tag.Constructed() {
			if found, ok := within(e.Bytes(), tag); ok {
				return found, true
			}
		}
	}
	return nil, false
}

// eventFields returns the elements of the event in the argument of an event report.
func eventFields(content []byte) []ber.Element {
	var e ber.Element
	c := ber.Read(content, 0)
	for range 2 { // the argument, the group and the event are the last of what is around them
		c.Next(&e)
		for c = e.Content(); c.More(); {
			c.Next(&e)
		}
	}
	var fields []ber.Element
	for c = e.Content(); c.More(); {
		c.Next(&e)
		fields = append(fields, e)
	}
	return fields
}

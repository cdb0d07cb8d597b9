package cstaxml

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"haproxy/codec/codectest"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
)

// What is in a filter and in a set of media classes, in the order of the schema.
const (
	filterOrder = `callcontrol bridged callCleared conferenced connectionCleared delivered digitsDialed diverted
		established failed held networkCapabilitiesChanged networkReached offered originated queued retrieved
		serviceInitiated transferred
	callAssociated callInformation charging digitsGenerated telephonyTonesGenerated serviceCompletionFailure
	mediaAttachment mediaAttached mediaDetached
	physicalDeviceFeature buttonInformation buttonPress displayUpdated hookswitch lampMode messageWaiting
		microphoneGain microphoneMute ringerStatus speakerMute speakerVolume
	logicalDeviceFeature agentBusy agentLoggedOn agentLoggedOff agentNotReady agentReady agentWorkingAfterCall
		autoAnswer autoWorkMode callBack callBackMessage callerIDStatus doNotDisturb forwarding presenceState
		routeingMode
	maintenance backInService deviceCapabilityChanged outOfService partiallyInService
	voice bookmarkReached completed dtmfDetected emptied interruptionDetected notRecognized play recognized
		record review started silenceTimeoutExpired speechDetected stop suspendPlay suspendRecord
		voiceAttributesChanged voiceErrorOccurred
	private private`
	mediaOrder = "voice data image audio other notKnown chat email message im sms mms"
)

// TestOrder: what is written of a filter and of media classes stands in the order of the schema.
func TestOrder(t *testing.T) {
	m := csta.Message{Kind: csta.KindRequest, Service: csta.MonitorStart, Device: codectest.Number("2001"), HasFilter: true}
	for e := csta.EventUnknown + 1; e < csta.EventCount; e++ {
		m.Filter.Add(e)
	}
	m.Media = csta.MediaVoice | csta.MediaData | csta.MediaImage | csta.MediaAudio | csta.MediaOther |
		csta.MediaNotKnown | csta.MediaChat | csta.MediaEmail | csta.MediaMessage | csta.MediaIM | csta.MediaSMS |
		csta.MediaMMS
	frm, err := New().Append(nil, &m)
	if err != nil {
		t.Fatal(err)
	}
	want := "MonitorStart monitorObject deviceObject requestedMonitorFilter " + filterOrder +
		" requestedMonitorMediaClass " + mediaOrder
	if got := elementNames(t, string(frm[frame.ECMA323HeaderLen:])); !slices.Equal(got, strings.Fields(want)) {
		t.Errorf("%s", strings.Join(got, " "))
	}
}

// elementNames returns the names of a document's elements in their order.
func elementNames(t *testing.T, document string) (names []string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(document))
	for {
		token, err := d.Token()
		switch start, ok := token.(xml.StartElement); {
		case errors.Is(err, io.EOF):
			return names
		case err != nil:
			t.Fatal(err)
		case ok:
			names = append(names, start.Name.Local)
		}
	}
}

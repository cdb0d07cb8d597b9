package cstaber

import (
	"haproxy/codec/ber"
	"haproxy/codec/csta"
)

// A monitor filter. A set bit keeps the event from being sent; each string may be absent, which is
// none:
//
//	I, II  { 80 call | 81 feature | 82 agent | 83 maintenance | [85 voice, II] | 84 private BOOLEAN }
//	III    { 80 callControl | 86 callAssociated | 87 mediaAttachment | 88 physical | 89 logical
//	       | 83 maintenance | 85 voiceUnit | 84 private }
//
// The bits are not numbered as the events are.
type filterPart struct {
	tag    ber.Tag
	events []csta.Event // by bit
	whole  bool         // a BOOLEAN for the one event
}

var phase3Filter = []filterPart{
	{tag: 0x80, events: []csta.Event{
		csta.EventCallCleared, csta.EventConferenced, csta.EventConnectionCleared,
		csta.EventDelivered, csta.EventDiverted, csta.EventEstablished, csta.EventFailed,
		csta.EventHeld, csta.EventNetworkReached, csta.EventOriginated, csta.EventQueued,
		csta.EventRetrieved, csta.EventServiceInitiated, csta.EventTransferred,
		csta.EventDigitsDialed, csta.EventBridged, csta.EventNetworkCapabilitiesChanged,
		csta.EventOffered,
	}},
	{tag: 0x86, events: []csta.Event{
		csta.EventCallInformation, csta.EventCharging, csta.EventDigitsGenerated,
		csta.EventTelephonyTonesGenerated, csta.EventServiceCompletionFailure,
	}},
	{tag: 0x87, events: []csta.Event{csta.EventMediaAttached, csta.EventMediaDetached}},
	{tag: 0x88, events: []csta.Event{
		csta.EventButtonInformation, csta.EventButtonPress, csta.EventDisplayUpdated,
		csta.EventHookswitch, csta.EventLampMode, csta.EventMessageWaiting,
		csta.EventMicrophoneGain, csta.EventMicrophoneMute, csta.EventRingerStatus,
		csta.EventSpeakerMute, csta.EventSpeakerVolume,
	}},
	{tag: 0x89, events: []csta.Event{
		csta.EventAgentBusy, csta.EventAgentLoggedOn, csta.EventAgentLoggedOff,
		csta.EventAgentNotReady, csta.EventAgentReady, csta.EventAgentWorkingAfterCall,
		csta.EventAutoAnswer, csta.EventAutoWorkMode, csta.EventCallBack,
		csta.EventCallBackMessage, csta.EventCallerIDStatus, csta.EventDoNotDisturb,
		csta.EventForwarding, csta.EventRouteing, csta.EventPresenceState,
	}},
	{tag: 0x83, events: []csta.Event{
		csta.EventBackInService, csta.EventOutOfService, csta.EventDeviceCapsChanged,
		csta.EventPartiallyInService,
	}},
	{tag: 0x85, events: []csta.Event{
		csta.EventStop, csta.EventPlay, csta.EventSuspendPlay, csta.EventRecord,
		csta.EventSuspendRecord, csta.EventReview, csta.EventVoiceAttributeChanged,
		csta.EventBookmarkReached, csta.EventCompleted, csta.EventDtmfDetected,
		csta.EventEmptied, csta.EventInterruptionDetected, csta.EventNotRecognized,
		csta.EventRecognized, csta.EventStarted, csta.EventSilenceTimeoutExpired,
		csta.EventSpeechDetected, csta.EventVoiceErrorOccurred,
	}},
	{tag: 0x84, events: []csta.Event{csta.EventPrivate}},
}

// phase2Filter: the bits of the calls are those of phase I; the others are from memory. Two bits for
// one event are the two work states, of which a filter may name one: it is kept from nobody then.
var phase2Filter = []filterPart{
	{tag: 0x80, events: phase3Filter[0].events[:14]},
	{tag: 0x81, events: []csta.Event{
		csta.EventCallInformation, csta.EventDoNotDisturb, csta.EventForwarding,
		csta.EventMessageWaiting, csta.EventAutoAnswer, csta.EventMicrophoneMute,
		csta.EventSpeakerMute, csta.EventSpeakerVolume,
	}},
	{tag: 0x82, events: []csta.Event{
		csta.EventAgentLoggedOn, csta.EventAgentLoggedOff, csta.EventAgentNotReady,
		csta.EventAgentReady, csta.EventAgentWorkingAfterCall, csta.EventAgentWorkingAfterCall,
		csta.EventAgentBusy,
	}},
	{tag: 0x83, events: phase3Filter[5].events[:2]},
	{tag: 0x85, events: phase3Filter[6].events[:7]},
	{tag: 0x84, events: phase3Filter[7].events, whole: true},
}

var phase1Filter = []filterPart{
	phase2Filter[0],
	{tag: 0x81, events: phase2Filter[1].events[:4]},
	{tag: 0x82, events: phase2Filter[2].events[:6]},
	phase2Filter[3],
	phase2Filter[5],
}

// filter reads a monitor filter.
func (d *decoder) filter(e *ber.Element) error {
	if !e.Tag.Constructed() {
		return e.Fault("a filter is constructed")
	}
	d.msg.HasFilter = true
	var inner ber.Element
	for c := e.Content(); c.More(); {
		if err := c.Next(&inner); err != nil {
			return err
		}
		part := d.dialect.filterPart(inner.Tag &^ 0x20)
		if part == nil {
			continue
		}
		bits, err := filterBits(&inner, part)
		if err != nil {
			return err
		}
		addFiltered(&d.msg.Filter, part, bits)
	}
	return nil
}

// addFiltered puts the events of a part whose bits are set into a filter: of one that has two bits, both.
func addFiltered(filter *csta.EventSet, part *filterPart, bits uint64) {
	var sent csta.EventSet
	for bit, event := range part.events {
		if bits&(1<<bit) == 0 {
			sent.Add(event)
		}
	}
	for _, event := range part.events {
		if !sent.Has(event) {
			filter.Add(event)
		}
	}
}

func filterBits(e *ber.Element, part *filterPart) (uint64, error) {
	if !part.whole {
		return e.Bits()
	}
	on, err := e.Bool()
	if on {
		return 1, err
	}
	return 0, err
}

func (d *dialect) filterPart(tag ber.Tag) *filterPart {
	for i := range d.filter {
		if d.filter[i].tag == tag {
			return &d.filter[i]
		}
	}
	return nil
}

// filter writes a monitor filter. Phases I and II have all of its elements, phase III those that are
// not empty.
func (w *writer) filter(tag ber.Tag, filter csta.EventSet) {
	outer := w.begin(tag)
	for i := range w.dialect.filter {
		part := &w.dialect.filter[i]
		bits := uint64(0)
		for bit, event := range part.events {
			if filter.Has(event) {
				bits |= 1 << bit
			}
		}
		switch {
		case part.whole:
			w.bool(part.tag, bits != 0)
		case bits != 0 || !w.dialect.wrapped:
			w.bits(part.tag, bits)
		}
	}
	w.end(outer)
}

// mediaBits are the media classes by their bits in ECMA-285.
var mediaBits = [...]csta.MediaClass{
	csta.MediaVoice, csta.MediaData, csta.MediaImage, csta.MediaOther, csta.MediaAudio,
	csta.MediaNotKnown, csta.MediaChat, csta.MediaEmail, csta.MediaMessage, csta.MediaIM, csta.MediaSMS, csta.MediaMMS,
}

func (d *decoder) media(e *ber.Element) error {
	bits, err := e.Bits()
	for i, class := range mediaBits {
		if bits&(1<<i) != 0 {
			d.msg.Media |= class
		}
	}
	return err
}

func (w *writer) media(tag ber.Tag, media csta.MediaClass) {
	bits := uint64(0)
	for i, class := range mediaBits {
		if media&class != 0 {
			bits |= 1 << i
		}
	}
	if bits != 0 {
		w.bits(tag, bits)
	}
}

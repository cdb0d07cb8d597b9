package tserversim

import (
	"maps"
	"slices"
	"time"

	"haproxy/codec/csta"
)

// chat sends random requests at the rate asked for, once in step.
func (t *TServer) chat() {
	if t.opts.Requests.Rate <= 0 || t.phase != PhaseInStep || len(t.opts.Devices) == 0 {
		return
	}
	for !t.nextRequest.After(t.now) {
		gap := t.rnd.ExpFloat64() / t.opts.Requests.Rate
		t.nextRequest = t.nextRequest.Add(time.Duration(gap * float64(time.Second)))
		if len(t.requests) >= min(t.opts.Requests.Max, t.invokeIDs()/2) {
			t.stats.Throttled++
			continue
		}
		t.ask(t.random(), nil)
	}
}

// invokeIDs is how many invoke IDs there are: heartbeats and the start need some too.
func (t *TServer) invokeIDs() int {
	first, last := t.opts.Codec.InvokeIDs()
	return int(last-first) + 1
}

// SetRequests changes how many requests are sent.
func (t *TServer) SetRequests(requests Requests) {
	if requests.Max == 0 {
		requests.Max = t.opts.Requests.Max
	}
	t.opts.Requests = requests
	t.nextRequest, t.nextStop = t.now, t.now
}

// random returns a request that makes sense at a random device.
func (t *TServer) random() *csta.Message {
	device := t.opts.Devices[t.rnd.IntN(len(t.opts.Devices))]
	v := t.model.views[device]
	if t.rnd.Float64() < t.opts.Requests.Wrong {
		return &csta.Message{Service: csta.SnapshotDevice, Device: dialing("0" + device)}
	}
	if t.opts.Requests.Control && v != nil && t.rnd.IntN(3) > 0 {
		if len(v.Calls) == 0 {
			return t.idleRequest(device, v)
		}
		return t.callRequest(v)
	}
	queries := t.opts.Ask.services()
	if len(queries) == 0 {
		queries = []csta.Service{csta.SnapshotDevice}
	}
	return &csta.Message{
		Service: queries[t.rnd.IntN(len(queries))], Device: dialing(device),
	}
}

// idleRequest controls a device without calls.
func (t *TServer) idleRequest(device string, v *View) *csta.Message {
	other := dialing(t.opts.Devices[t.rnd.IntN(len(t.opts.Devices))])
	own := dialing(device)
	switch t.rnd.IntN(8) {
	case 0:
		return &csta.Message{
			Service: csta.SetDoNotDisturb, Device: own, On: csta.SwitchOf(!v.DoNotDisturb),
		}
	case 1:
		return &csta.Message{
			Service: csta.SetMessageWaitingIndicator, Device: own,
			On: csta.SwitchOf(!v.MessageWaiting),
		}
	case 2:
		on := len(v.Forwards) == 0 && t.rnd.IntN(2) == 0
		return &csta.Message{
			Service: csta.SetForwarding, Device: own, Forwarding: csta.ForwardImmediate,
			On: csta.SwitchOf(on), ForwardTo: other,
		}
	case 3:
		return t.agentRequest(v, own)
	default:
		return &csta.Message{Service: csta.MakeCall, Device: own, Calling: own, Called: other}
	}
}

// agentRequest has the device's agent change its state, where there is one.
func (t *TServer) agentRequest(v *View, own csta.DeviceID) *csta.Message {
	keys := slices.SortedFunc(maps.Keys(v.Agents), func(a, b AgentKey) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	if len(keys) == 0 {
		return &csta.Message{Service: csta.GetAgentState, Device: own}
	}
	want := csta.RequestReady
	if v.Agents[keys[0]] == csta.AgentReady {
		want = csta.RequestNotReady
	}
	return &csta.Message{
		Service: csta.SetAgentState, Device: own, AgentID: []byte(keys[0].ID),
		Group: dialing(keys[0].Group), RequestAgent: want,
	}
}

// callRequest controls a call of the device.
func (t *TServer) callRequest(v *View) *csta.Message {
	ids := slices.Sorted(maps.Keys(v.Calls))
	id := ids[t.rnd.IntN(len(ids))]
	msg := csta.Message{Subject: connection(id, v.Device)}
	dice := t.rnd.IntN(10)
	other := dialing(t.opts.Devices[t.rnd.IntN(len(t.opts.Devices))])
	switch v.Calls[id].Own {
	case csta.ConnectionAlerting:
		msg.Service = csta.AnswerCall
		if dice == 0 {
			msg.Service, msg.Destination = csta.DeflectCall, other
		}
	case csta.ConnectionHold:
		msg.Service = csta.RetrieveCall
		for _, active := range ids {
			if v.Calls[active].Own == csta.ConnectionConnected {
				msg.Service = pairServices[dice%len(pairServices)]
				msg.Subject = connection(active, v.Device)
				msg.Secondary = connection(id, v.Device)
			}
		}
	case csta.ConnectionConnected:
		msg.Service = csta.ClearConnection
		switch {
		case dice < 2:
			msg.Service = csta.HoldCall
		case dice < 5 && len(ids) == 1:
			msg.Service, msg.Destination, msg.Called = csta.ConsultationCall, other, other
		case dice < 6:
			msg.Service, msg.Destination = csta.SingleStepTransferCall, other
		}
	default:
		msg.Service = csta.ClearConnection
	}
	return &msg
}

// pairServices act on a held and an active call of one device.
var pairServices = []csta.Service{
	csta.TransferCall, csta.ConferenceCall, csta.AlternateCall, csta.ReconnectCall,
}

// connection returns a connection identifier.
func connection(call, device string) csta.ConnectionID {
	return csta.ConnectionID{Call: csta.CallID(call), Device: dialing(device)}
}

package cstaber

// Call control services and events of phase III (ECMA-285). A cause is mandatory in its events. What
// an element between the drawn ones is, as correlator data or user data, no field holds; none of them
// has the tag of a drawn one that follows it.
//
// Two events have traps: conferenced has its extensions at [5], and transferred its secondary call at
// [0] and its connections at [1].
var callControl3 = standardGroup{
	services: `
1 AlternateCall 6B:secondary! 6B:subject! 7E:private
2 AnswerCall 6B:subject! 7E:private
4 ClearCall 6B:subject! 0A:cause 7E:private
5 ClearConnection 6B:subject! 0A:cause 7E:private
6 ConferenceCall 6B:secondary! 6B:subject! 7E:private / 6B:subject! A0:connections 7E:private
7 ConsultationCall A0:subject! A1.30:destination! 7E:private / 6B:subject! 7E:private
9 HoldCall 6B:subject! 7E:private
10 MakeCall 30:calling! 30:called! 88:cause 7E:private / 6B:subject! 7E:private
11 MakePredictiveCall 30:calling! 30:called! 7E:private / 6B:subject! 7E:private
13 ReconnectCall 6B:subject! 6B:secondary! 7E:private
14 RetrieveCall 6B:subject! 7E:private
16 TransferCall 6B:secondary! 6B:subject! 7E:private / 6B:subject! A0:connections 7E:private
18 ParkCall 6B:subject! 30:destination! 7E:private / 6B:subject 7E:private
20 SingleStepConferenceCall 6B:subject! 30:destination! 7E:private / 6B:subject! 7E:private
50 SingleStepTransferCall 6B:subject! 30:destination! 86:cause 7E:private
	/ 6B:subject! A0:connections 7E:private
214 AcceptCall 6B:subject! 7E:private
215 CallBack 6B:subject! 7E:private / 30:destination 7E:private
216 CallBackMessage 6B:subject! 7E:private / 30:destination 7E:private
217 CamponCall 6B:subject! 7E:private
218 DeflectCall 6B:subject! 30:destination! 83:cause 7E:private
219 DialDigits 6B:subject! 30:skip 7E:private
220 DirectedPickupCall 6B:subject! 30:device! 7E:private / 6B:subject 7E:private
221 GroupPickupCall 30:destination 30:group 7E:private / 6B:subject 7E:private
222 IntrudeCall 6B:subject! 7E:private / 6B:subject 7E:private
223 JoinCall 6B:subject! 30:device! 7E:private / 6B:subject! 7E:private
375 MakeConnection 30:device! 7E:private / 6B:subject! 7E:private
`,
	events: `
0.0 Bridged 6B:subject! 63:device! 4E:local 0A:cause! 7E:private
0.1 CallCleared 6B:subject! 0A:cause! 7E:private
0.2 Conferenced 6B:subject! 6B:secondary 63:device! 63:destination! 30:connections! 4E:local
	0A:cause! A5:private
0.3 ConnectionCleared 6B:subject! 63:device! 4E:local 0A:cause! 7E:private
0.4 Delivered 6B:subject! 63:device! 61:calling! 62:called! 64:redirection! 4E:local 0A:cause!
	7E:private
0.5 DigitsDialed 6B:subject! 63:device! 30=8000 4E:local 0A:cause! 7E:private
0.6 Diverted 6B:subject! 63:device! 63:destination! 61:calling 62:called 64:redirection! 4E:local
	0A:cause! 7E:private
0.7 Established 6B:subject! 63:device! 61:calling! 62:called! 64:redirection! 4E:local 0A:cause!
	7E:private
0.8 Failed 6B:subject! 63:device! 61:calling! 62:called! 64:redirection! 4E:local 0A:cause!
	7E:private
0.9 Held 6B:subject! 63:device! 4E:local 0A:cause! 7E:private
0.10 NetworkCapabilitiesChanged 6B:subject! 63:device! 62:called! 30=0A01000A0100 4E:local
	0A:cause! 7E:private
0.11 NetworkReached 6B:subject! 63:device! 61:calling! 62:called! 64:redirection! 4E:local
	0A:cause! 7E:private
0.12 Offered 6B:subject! 63:device! 61:calling! 62:called! 64:redirection! 4E:local 0A:cause!
	7E:private
0.13 Originated 6B:subject! 63:calling! 62:called! 30:origin 4E:local 0A:cause! 7E:private
0.14 Queued 6B:subject! 63:device! 61:calling! 62:called! 64:redirection! 4E:local 0A:cause!
	7E:private
0.15 Retrieved 6B:subject! 63:device! 4E:local 0A:cause! 7E:private
0.16 ServiceInitiated 6B:subject! 63:device! 62:called 4E:local 0A:cause! 7E:private
0.17 Transferred 6B:subject! A0:secondary 63:device! 63:destination! A1:connections! 4E:local
	0A:cause! 7E:private
`,
}

// Call associated and media attachment services and events of phase III.
var (
	callAssociated3 = standardGroup{
		services: `
230 AssociateData 6B:subject! 7E:private
231 CancelTelephonyTones 6B:subject! 7E:private
232 GenerateDigits 6B:subject! 16= 7E:private
233 GenerateTelephonyTones 6B:subject! 0A=00 7E:private
234 SendUserInformation 6B:subject! 7D=0400 7E:private
377 ChangeConnectionInformation 6B:subject! 30:skip 7E:private
`,
		events: `
1.0 CallInformation 6B:subject! 63:device! 61:calling 7E:private
1.1 Charging 6B:subject! 30:device! 30=A002300002010A0A0100 0A:cause 7E:private
1.2 DigitsGenerated 6B:subject! 16= 7E:private
1.3 TelephonyTonesGenerated 6B:subject! 0A=00 7E:private
1.4 ServiceCompletionFailure 30:primaryCall A0:secondaryCall 0A:cause! 7E:private
`,
	}
	media3 = standardGroup{
		services: `
244 AttachMediaService 6B:subject! 0A=00 0A=00 7E:private / 6B:subject A0:device 7E:private
245 DetachMediaService 6B:subject! 0A=00 7E:private
`,
		events: `
2.0 MediaAttached 6B:subject! 63:device! 0A=00 4E:local 7E:private
2.1 MediaDetached 6B:subject! 63:device! 0A=00 4E:local 7E:private
`,
	}
)

// The calls of serviceCompletionFailure. The state that each has to have is in no field.
var (
	primaryCall   = parseLayout("30:device! 6B:subject! 4E=03")
	secondaryCall = parseLayout("30:device! 6B:secondary! 4E=04")
)

func oneCall(do effect) *layout {
	if do == doPrimaryCall {
		return primaryCall
	}
	return secondaryCall
}

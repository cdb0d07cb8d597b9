package cstaber

// Call control services and events of phases I and II. Phase I is that of ECMA-180 as one switch has
// it; of phase II the events were traced, and the services follow phase I. heldCall and activeCall are
// a CHOICE of their own in those that have both:
//
//	A0 { held } | A1 { active } | A2 { 6B held | 6B active }
//
// What follows a result of one connection is that connection alone.
var callControl1 = standardGroup{
	services: callServices + `
6 ConferenceCall = **:details / 6B:subject! 6C:connections
16 TransferCall = **:details / 6B:subject 6C:connections
`,
	events: `
0.1 CallCleared 6B:subject! 0A:cause 7D:private
0.2 Conferenced 6B:subject! 6B:secondary 63:device! 63:destination! 6C:connections 4E:local
	0A:cause 7D:private
0.3 ConnectionCleared 6B:subject! 63:device! 4E:local 0A:cause 7D:private
0.4 Delivered 6B:subject! 63:device! 61:calling! 62:called! 64:redirection! 4E:local 0A:cause
	7D:private
0.5 Diverted 6B:subject 63:device! 62:destination! 4E:local 0A:cause 7D:private
0.6 Established 6B:subject! 63:device! 61:calling! 62:called! 64:redirection! 4E:local 0A:cause
	7D:private
0.7 Failed 6B:subject! 63:device! 62:called! 4E:local 0A:cause 7D:private
0.8 Held 6B:subject! 63:device! 4E:local 0A:cause 7D:private
0.9 NetworkReached 6B:subject! 63:device! 62:called! 4E:local 0A:cause 7D:private
0.10 Originated 6B:subject! 63:calling! 62:called! 4E:local 0A:cause 7D:private
0.11 Queued 6B:subject! 63:device! 61:calling! 62:called! 64:redirection! 02:skip 4E:local
	0A:cause 7D:private
0.12 Retrieved 6B:subject! 63:device! 4E:local 0A:cause 7D:private
0.13 ServiceInitiated 6B:subject! 4E:local 0A:cause 7D:private
0.14 Transferred 6B:subject! 6B:secondary 63:device! 63:destination! 6C:connections 4E:local
	0A:cause 7D:private
`,
}

// callServices are those that both phases have in one form.
const callServices = `
1 AlternateCall = **:details
2 AnswerCall = 6B:subject!
4 ClearCall = 6B:subject!
5 ClearConnection = 6B:subject!
7 ConsultationCall 6B:subject! 62:destination! / = 6B:subject!
8 DeflectCall (A0) 6B:subject! 62:destination!
9 HoldCall 6B:subject! 01=00
10 MakeCall 8x:calling! 62:called! / = 6B:subject!
11 MakePredictiveCall 8x:calling! 62:called! / = 6B:subject!
13 ReconnectCall = **:details
14 RetrieveCall = 6B:subject!
`

var callControl2 = standardGroup{
	services: callServices + `
6 ConferenceCall = **:details / 6B:subject! 30:connections
16 TransferCall = **:details / 6B:subject 30:connections
18 ParkCall 6B:subject! 8x:destination!
20 SingleStepConferenceCall 6B:subject! 8x:destination! / = 6B:subject!
50 SingleStepTransferCall 6B:subject! 62:destination! / = 6B:subject!
`,
	events: `
0.0 CallCleared 6B:subject! 0A:cause
0.1 Conferenced 6B:subject! 6B:secondary 63:device! 63:destination! 30:connections 4E:local
	0A:cause
0.2 ConnectionCleared 6B:subject! 63:device! 4E:local 0A:cause
0.3 Delivered 6B:subject! 63:device! 61:calling! 62:called! 64:redirection! 4E:local 0A:cause
0.4 Diverted 6B:subject 63:device! 63:destination! 62:destination? 4E:local 0A:cause
0.5 Established 6B:subject! 63:device! 61:calling! 62:called! 64:redirection! 4E:local 0A:cause
0.6 Failed 6B:subject! 63:device! 62:called! 4E:local 0A:cause
0.7 Held 6B:subject! 63:device! 4E:local 0A:cause
0.8 NetworkReached 6B:subject! 63:device! 62:called! 4E:local 0A:cause
0.9 Originated 6B:subject! 63:calling? 61:calling! 62:called! 4E:local 0A:cause
0.10 Queued 6B:subject! 63:device! 61:calling! 62:called! 64:redirection! 02:skip 4E:local 0A:cause
0.11 Retrieved 6B:subject! 63:device! 4E:local 0A:cause
0.12 ServiceInitiated 6B:subject! 4E:local 0A:cause
0.13 Transferred 6B:subject! 6B:secondary 63:device! 63:destination! 30:connections 4E:local
	0A:cause
`,
}

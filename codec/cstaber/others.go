package cstaber

// I/O, data collection, voice unit, call detail and location services and events. Of the calls' data they
// carry, a Message has the references that tie them together. An I/O reference is [0] or [1] around
// octets: who gave it.
var (
	io3 = standardGroup{services: `
110 StartDataPath 04:register 30:objectDevice 6B:object 04:item 7E:private
	/ A0.04:ref A1.04:ref 7E:private
111 StopDataPath A0.04:ref A1.04:ref? 04:register 7E:private
112 SendData A0.04:ref A1.04:ref? 80:register 30:skip 04= 7E:private
113 SendMulticastData
114 SendBroadcastData
115 SuspendDataPath A0.04:ref A1.04:ref? 04:register 7E:private
116 DataPathSuspended A0.04:ref A1.04:ref? 04:register 7E:private
117 ResumeDataPath A0.04:ref A1.04:ref? 04:register 7E:private
118 DataPathResumed A0.04:ref A1.04:ref? 04:register 7E:private
119 FastData 04:register 30:objectDevice 6B:object 04= 7E:private
340 IORegister 30:device 7E:private / 04:register! 7E:private
341 IORegisterAbort 04:register! 7E:private
342 IORegisterCancel 04:register! 7E:private
`}
	dataCollection3 = standardGroup{services: `
343 DataCollected 04:ref! 7E:private
344 DataCollectionResumed 04:ref! 7E:private
345 DataCollectionSuspended 04:ref! 7E:private
346 ResumeDataCollection 04:ref! 7E:private
347 StartDataCollection 30:objectDevice 6B:object 7E:private / 04:ref! 7E:private
348 StopDataCollection 04:ref! 7E:private
349 SuspendDataCollection 04:ref! 7E:private
`}
	cdr3 = standardGroup{services: `
360 CDRNotification 04:ref! 0A=02 7E:private
361 CDRReport 04:ref! 02=01 30= 01:skip 7E:private
362 SendStoredCDR 04:ref 7E:private
363 StartCDRTransmission 0A=00 7E:private / 04:ref! 7E:private
364 StopCDRTransmission 04:ref! 7E:private
`}
	// location3 has the two that tell of sessions, which a switch may answer in segments.
	location3 = standardGroup{services: `
540 GetLocationTrackingSessions 7E:private / 04:ref 30:skip 7E:private
541 LocationSessionInfo 04:ref 01:last! 30:skip 7E:private
`}
	voice3 = standardGroup{services: voiceServices + "376 SendMessage\n", events: `
6.0 Play 6B:subject! 0A:cause 7E:private
6.1 Record 6B:subject! 0A:cause 7E:private
6.2 Review 6B:subject! 0A:cause 7E:private
6.3 Stop 6B:subject! 0A:cause 7E:private
6.4 SuspendPlay 6B:subject! 0A:cause 7E:private
6.5 SuspendRecord 6B:subject! 0A:cause 7E:private
6.6 VoiceAttributeChanged 6B:subject! 0A:cause 7E:private
6.7 BookmarkReached 6B:subject! 0A:cause 7E:private
6.8 Completed 6B:subject! 0A:cause 7E:private
6.9 DtmfDetected 6B:subject! 0A:cause 7E:private
6.10 Emptied 6B:subject! 0A:cause 7E:private
6.11 InterruptionDetected 6B:subject! 0A:cause 7E:private
6.12 NotRecognized 6B:subject! 0A:cause 7E:private
6.13 Recognized 6B:subject! 0A:cause 7E:private
6.14 SilenceTimeoutExpired 6B:subject! 0A:cause 7E:private
6.15 SpeechDetected 6B:subject! 0A:cause 7E:private
6.16 Started 6B:subject! 0A:cause 7E:private
6.17 VoiceErrorOccurred 6B:subject! 0A:cause 7E:private
`}
	// otherServices2 are known by their codes alone, from memory.
	otherServices2 = standardGroup{services: `
17 AssociateData
19 GenerateDigits
110 StartDataPath
111 StopDataPath
112 SendData
113 SendMulticastData
114 SendBroadcastData
115 SuspendDataPath
116 DataPathSuspended
117 ResumeDataPath
118 DataPathResumed
119 FastData
` + voiceServices}
	// voiceEvents2 is from memory, as the voice unit is.
	voiceEvents2 = standardGroup{events: `
5.0 Stop 6B:subject! 0A:cause
5.1 Play 6B:subject! 0A:cause
5.2 SuspendPlay 6B:subject! 0A:cause
5.3 Record 6B:subject! 0A:cause
5.4 SuspendRecord 6B:subject! 0A:cause
5.5 Review 6B:subject! 0A:cause
5.6 VoiceAttributeChanged 6B:subject! 0A:cause
`}
)

const voiceServices = `
500 ConcatenateMessage
501 DeleteMessage
502 PlayMessage
503 QueryVoiceAttribute
504 RecordMessage
505 Reposition
506 Resume
507 Review
508 SetVoiceAttribute
509 Stop
510 Suspend
511 SynthesizeMessage
`

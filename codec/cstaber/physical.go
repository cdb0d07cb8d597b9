package cstaber

// Physical device feature services and events of phase III.
var physical3 = standardGroup{
	services: `
260 ButtonPress 30:device! 04:item! 7E:private
261 GetAuditoryApparatusInformation 30:device! 04:item 7E:private
262 GetButtonInformation 30:device! 04:item 7E:private
263 GetDisplay 30:device! 04:item 7E:private
264 GetHookswitchStatus 30:device! 04:item 7E:private
265 GetLampInformation 30:device! 04:item 7E:private
266 GetLampMode 30:device! 04:item 7E:private / 30= 04:item 7E:private
267 GetMessageWaitingIndicator 30:device! 7E:private / 01:on! 30:itemDevice 01:skip 7E:private
268 GetMicrophoneGain 30:device! 04:item 7E:private
269 GetMicrophoneMute 30:device! 04:item 7E:private
270 GetRingerStatus 30:device! 04:item 7E:private
271 GetSpeakerMute 30:device! 04:item 7E:private
272 GetSpeakerVolume 30:device! 04:item 7E:private
273 SetButtonInformation 30:device! 04:item! 7E:private
274 SetDisplay 30:device! 04:item 7E:private
275 SetHookswitchStatus 30:device! 04:item! 01:on! 7E:private
276 SetLampMode 30:device! 04:item! 02=02 7E:private
277 SetMessageWaitingIndicator 30:device! 01:on! 30:itemDevice 7E:private
278 SetMicrophoneGain 30:device! 04:item! 7E:private
279 SetMicrophoneMute 30:device! 04:item! 01:on! 7E:private
280 SetRingerStatus 30:device! 04:item! 7E:private
281 SetSpeakerMute 30:device! 04:item! 01:on! 7E:private
282 SetSpeakerVolume 30:device! 04:item! 7E:private
`,
	events: `
3.0 ButtonInformation 63:device! 04:item! 7E:private
3.1 ButtonPress 63:device! 04:item! 7E:private
3.2 DisplayUpdated 63:device! 04:item 02=00 02=00 16= 7E:private
3.3 Hookswitch 63:device! 04:item! 01:on! 7E:private
3.4 LampMode 63:device! 04:item! 02=02 7E:private
3.5 MessageWaiting 63:device! 30:itemDevice 01:on! 7E:private
3.6 MicrophoneGain 63:device! 04:item! 7E:private
3.7 MicrophoneMute 63:device! 04:item! 01:on! 7E:private
3.8 RingerStatus 63:device! 04:item! 7E:private
3.9 SpeakerMute 63:device! 04:item! 01:on! 7E:private
3.10 SpeakerVolume 63:device! 04:item! 7E:private
`,
}

// Device maintenance events of phase III.
var maintenance3 = standardGroup{events: `
5.0 BackInService 63:device! 0A:cause 7E:private
5.1 DeviceCapsChanged 63:device! 0A:cause 7E:private
5.2 OutOfService 63:device! 0A:cause 7E:private
5.3 PartiallyInService 63:device! 0A:cause 7E:private
`}

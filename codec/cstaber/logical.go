package cstaber

// Logical device feature services and events of phase III. The ID of an agent is [2] in agentLoggedOn
// and agentLoggedOff, and the pending state of agentWorkingAfterCall has numbers of its own. The device
// of callerIDStatus is a plain one, not a subject device as that of its siblings, which is read too.
var logical3 = standardGroup{
	services: `
300 CallBackNonCallRelated 30:device! 30:destination! 7E:private
301 CallBackMessageNonCallRelated 30:device! 30:destination! 7E:private
302 CancelCallBack 30:device 30:destination 7E:private
303 CancelCallBackMessage 30:device 30:destination 7E:private
304 GetAgentState 30:device! 30:group 7E:private / 30:agents! 7E:private
305 GetAutoAnswer 30:device! 7E:private / 01:on! 7E:private
306 GetAutoWorkMode 30:device! 7E:private / 01:on! 7E:private
307 GetCallerIDStatus 30:device! 7E:private / 01:on! 7E:private
308 GetDoNotDisturb 30:device! 7E:private / 01:on! 7E:private
309 GetForwarding 30:device! 7E:private / 30:forwards! 7E:private
310 GetLastNumberDialed 30:device! 7E:private / 30:called 7E:private
311 GetRouteingMode 30:device! 7E:private / 01:on! 7E:private
312 SetAgentState 30:device! 0A:requestAgent! 82:agentID 83:skip 30:group 7E:private
	/ 0A:pending 7E:private
313 SetAutoAnswer 30:device! 01:on! 7E:private
314 SetAutoWorkMode 30:device! 01:on! 7E:private
315 SetCallerIDStatus 30:device! 01:on! 7E:private
316 SetDoNotDisturb 30:device! 01:on! 7E:private
317 SetForwarding 30:device! 0A:forwarding 01:on! 30:forwardTo 7E:private
318 SetRouteingMode 30:device! 01:on! 7E:private
378 GetCallBack 30:device! 7E:private
`,
	events: `
4.0 AgentBusy 63:device! 04:agentID 30:group 82:pending 83:cause 7E:private
4.1 AgentLoggedOn 63:device! 82:agentID 30:group 83:skip 0A:cause 7E:private
4.2 AgentLoggedOff 63:device! 82:agentID 30:group 83:skip 0A:cause 7E:private
4.3 AgentNotReady 63:device! 04:agentID 30:group 0A:cause 7E:private
4.4 AgentReady 63:device! 04:agentID 30:group 0A:cause 7E:private
4.5 AgentWorkingAfterCall 63:device! 04:agentID 30:group 82:pendingWork 83:cause 7E:private
4.6 AutoAnswer 63:device! 01:on! 7E:private
4.7 AutoWorkMode 63:device! 01:on! 7E:private
4.8 CallBack 63:device! 63:destination! 01:on! 7E:private
4.9 CallBackMessage 63:device! 63:destination! 01:on! 7E:private
4.10 CallerIDStatus 30:device! 63:device? 01:on! 7E:private
4.11 DoNotDisturb 63:device! 01:on! 7E:private
4.12 Forwarding 63:device! 0A:forwarding 01:on! 30:forwardTo 7E:private
4.13 Routeing 63:device! 01:on! 7E:private
4.14 PresenceState 63:device! 7E:private
`,
}

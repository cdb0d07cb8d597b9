package cstaber

// System services, and the exchange of capabilities. A registration asks for system status, or for
// what it says in the frame.
var (
	system3 = standardGroup{services: `
206 ChangeSysStatFilter 04:register! 0A:skip 7E:private / 0A:skip 7E:private
207 SystemRegister 03=0780 7E:private / 04:register! 03:skip 7E:private
208 SystemRegisterAbort 04:register! 7E:private
209 SystemRegisterCancel 04:register! 7E:private
210 RequestSystemStatus 04:register 7E:private / 0A:status! 7E:private
211 SystemStatus 04:register 0A:status! 7E:private
212 SwFunctionCapsChanged 04:register 7E:private
213 SwFunctionDevicesChanged 04:register 7E:private
371 GetRegistrations 30:skip 7E:private / 04:ref 30:skip 7E:private
372 RegistrationInfo 04:ref! 01:last! 30:skip 7E:private
`}
	capability3 = standardGroup{services: `
200 GetCSTAFeatures
201 GetLogicalDeviceInformation 30:device! 7E:private
202 GetPhysicalDeviceInformation 30:device! 7E:private
203 GetSwitchingFunctionCaps 7E:private
204 GetSwitchingFunctionDevices 30:device 0A:skip 7E:private / 04:ref! 7E:private
205 SwitchingFunctionDevices 04:ref! 02:skip 01:last! 30:skip 7E:private
`}
	// system1 is that of phases I and II: the status alone. One switch answers with private data.
	system1 = standardGroup{services: `
52 SystemStatus = 0A:status! / = 7D:private? 7E:private 05:ack
`}
)

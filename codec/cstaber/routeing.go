package cstaber

// Routeing services. They have no response but for the registrations.
var (
	routeing3 = standardGroup{services: `
31 RouteRequest 58:ref! 80:register 62:called! 61:calling 63:device 6B:subject 7E:private
32 ReRoute 58:ref! 80:register 7E:private
33 RouteSelect 58:ref! 80:register A1.30:destination! 7E:private
34 RouteUsed 58:ref! 80:register 62:destination! 61:calling 7E:private
35 RouteEnd 58:ref! 80:register A1:error 7E:private
36 RouteReject 58:ref! 80:register 7E:private
248 RouteRegister 30:device 03:media 7E:private / 04:register! 03:media 7E:private
249 RouteRegisterAbort 04:register! 7E:private
250 RouteRegisterCancel 04:register! 7E:private
`}
	// routeing2 is from memory: there is nothing to register.
	routeing2 = standardGroup{services: `
31 RouteRequest 58:ref! 62:called! 61:calling 63:device 6B:subject 7E:private
32 ReRoute 58:ref! 7E:private
33 RouteSelect 58:ref! 62:destination 7E:private
34 RouteUsed 58:ref! 62:destination! 61:calling 7E:private
35 RouteEnd 58:ref! A1:error 7E:private
`}
)

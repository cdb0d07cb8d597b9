package cstaber

// Monitoring. The object of a monitor is a device or a call; the filters are in filter.go.
var monitor3 = standardGroup{services: `
71 MonitorStart 30:objectDevice 6B:object A0:filter 0A:monitorType 81:media 7E:private
	/ 55:crossRef! A0:filter 81:media 01:existing 7E:private
72 ChangeMonitorFilter 55:crossRef! 30:filter! 7E:private / 30:filter 7E:private
73 MonitorStop 55:crossRef! 7E:private
373 GetMonitors 7E:private / 04:ref 30:skip 7E:private
374 MonitorInfo 04:ref! 01:last! 30:skip 7E:private
`}

// monitor1 is that of phases I and II. The filter of a changed monitor is [0] in its answer.
var monitor1 = standardGroup{services: `
71 MonitorStart 8x:objectDevice 6B:object 30:filter 0A:monitorType 7E:private
	/ 55:crossRef! 30:filter 7E:private
72 ChangeMonitorFilter 55:crossRef! 30:filter! 7E:private / = A0:filter 7E:private
73 MonitorStop = 55:crossRef! 7E:private
`}

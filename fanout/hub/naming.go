package hub

import (
	"haproxy/codec/csta"
	"haproxy/state"
)

// monitorKey names what a MonitorStart asks for, whatever its bytes: object, type, media, private
// data. The filter is not part of it, since members may want different events.
func monitorKey(msg *csta.Message) string {
	key := make([]byte, 0, 96)
	kind := byte('d')
	if msg.CallObject {
		kind = 'c'
	}
	key = append(key, kind, byte(effectiveType(msg)), byte(msg.Media), byte(msg.Media>>8))
	device := msg.Device
	if msg.CallObject {
		key = appendPart(key, msg.Subject.Call)
		device = msg.Subject.Device
	}
	key = append(key, byte(effectiveForm(device.Form)), byte(device.Type))
	key = appendPart(key, device.Number)
	return string(appendPart(key, msg.Private))
}

// appendPart appends one part of a key so that no two keys of different parts are equal.
func appendPart(key, part []byte) []byte {
	n := len(part)
	key = append(key, byte(n), byte(n>>8), byte(n>>16))
	return append(key, part...)
}

// effectiveType is the monitor type a MonitorStart means when it says none.
func effectiveType(msg *csta.Message) csta.MonitorType {
	switch {
	case msg.MonitorType != csta.MonitorTypeNone:
		return msg.MonitorType
	case msg.CallObject:
		return csta.MonitorTypeCall
	default:
		return csta.MonitorTypeDevice
	}
}

// effectiveForm is the form of a device ID that says none: a dialling number.
func effectiveForm(f csta.DeviceForm) csta.DeviceForm {
	if f == csta.DeviceAbsent {
		return csta.DeviceDialingNumber
	}
	return f
}

// freshRef returns ref, or where that is taken another ID of the same length and alphabet.
func freshRef(ref string, taken func(string) bool) string {
	id := []byte(ref)
	for first := ref; taken(string(id)); {
		for i := len(id) - 1; i >= 0 && !step(&id[i]); i-- {
		}
		if string(id) == first { // all of this length are taken
			id = append(id, '0')
			first = string(id)
		}
	}
	return string(id)
}

// step moves one character on within its own alphabet and reports whether it did not wrap.
func step(c *byte) bool {
	switch *c {
	case '9':
		*c = '0'
	case 'z':
		*c = 'a'
	case 'Z':
		*c = 'A'
	case 0xFF:
		*c = 0
	default:
		*c++
		return true
	}
	return false
}

// ownObject copies what a MonitorStart is about.
func ownObject(msg *csta.Message) state.Object {
	o := state.Object{
		CallObject: msg.CallObject, Type: effectiveType(msg), Device: msg.Device, Call: msg.Subject,
	}
	o.Device.Number = append([]byte(nil), msg.Device.Number...)
	o.Call.Call = append(csta.CallID(nil), msg.Subject.Call...)
	o.Call.Device.Number = append([]byte(nil), msg.Subject.Device.Number...)
	return o
}
